//! The library in a Rust program that embeds Lua: limits for scripts, and passing sockets between Rust and Lua.

mod builder;
mod event;
mod exchange;
mod limits;

pub use builder::Builder;
pub use event::Event;
pub use exchange::{give, take};

pub use limits::stats;

pub use crate::limits::{Stats, Switch};
