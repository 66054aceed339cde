//! The library in a Rust program that embeds Lua: limits for scripts, and passing sockets between Rust and Lua.

mod builder;
mod event;
mod exchange;

pub use builder::Builder;
pub use event::Event;
pub use exchange::{give, take};

use crate::lua::{Function, function};
use crate::{audit, socket};

/// Functions that only the host of a Lua state can call.
pub(crate) static HOST: &[Function] = &[
    function("addaudithook", audit::addaudithook),
    function("finalizer", audit::finalizer),
    function("refuse_descriptors", audit::refuse_descriptors),
    function("setdefaulttimeout", socket::setdefaulttimeout),
    function("give", socket::give),
    function("take", socket::take),
];
