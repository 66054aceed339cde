//! What a Rust program that embeds Lua may say about the library in its Lua states.

mod builder;
mod event;
mod exchange;

pub use builder::Builder;
pub use event::Event;
pub use exchange::{give, take};

use crate::lua::{Function, function};
use crate::{audit, socket};

/// What the host of a Lua state can call and scripts cannot.
pub(crate) static HOST: &[Function] = &[
    function("addaudithook", audit::addaudithook),
    function("ending", audit::ending),
    function("refuse_descriptors", audit::refuse_descriptors),
    function("setdefaulttimeout", socket::setdefaulttimeout),
    function("give", socket::give),
    function("take", socket::take),
];
