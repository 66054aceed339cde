//! The room that speaks the raw Lua C API. No other part of the crate does.
//!
//! Every function that Lua can call is a safe Rust function, a *verb*, wrapped by the one [`trampoline`]. A call goes
//! through three steps, and the order is what makes it sound on every Lua:
//!
//! 1. [`arguments`] reads what the caller gave. It may raise; nothing that needs dropping is alive.
//! 2. The verb runs inside `catch_unwind` and touches no Lua at all.
//! 3. [`results`] pushes what came back. What owns something is pushed from inside a protected call.

mod arguments;
mod audit;
mod caller;
mod module;
mod open_objects;
mod registry;
mod results;
mod shape;
mod space;
mod stack;
mod state;
#[cfg(feature = "lua55")]
mod thread;
mod trampoline;
mod userdata;

pub(crate) use arguments::{
    BufferKey, Bytes, Descriptors, FamilyArgument, Flags, Format, Formats, Gather, HookArgument, Internet, Leading,
    Maybe, OpenFile, OptionNames, OptionValue, OptionsTable, Port, Rest, Scatter, Seconds, Size, TimeoutOption,
};
pub(crate) use audit::Finalizer;
pub(crate) use caller::{Caller, SIGNALS_RESTART_CALLS};
pub use module::luaopen_bsdsocket;
pub(crate) use module::{is_open, open_host, open_state};
pub(crate) use open_objects::OpenObjects;
pub(crate) use results::{
    Either, Failures, Nothing, ReadValue, Reading, Received, Record, SelfResult, Sequence, Table, UpdatedSocket,
};
pub(crate) use trampoline::{Context, Function, function, method};
pub(crate) use userdata::{Anchored, Lines, Member, Memory, NewBuffer, NewStream, View};
