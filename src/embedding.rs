//! The library in a Rust program that embeds Lua: limits for scripts, and passing sockets between Rust and Lua.

mod builder;
mod event;
mod exchange;
mod limits;
mod stats;
mod trace;

pub use builder::Builder;
pub use event::Event;
pub use exchange::{give, take};

pub use stats::{SocketStats, sockets, stats};
pub use trace::Outcome;

pub use crate::limits::{Stats, Switch};
