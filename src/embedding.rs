//! What a Rust program that embeds Lua may say about the library in its Lua states.

mod builder;
mod event;
mod exchange;

pub use builder::Builder;
pub use event::Event;
pub use exchange::{give, take};
