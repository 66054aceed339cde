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
mod coroutine;
mod held;
mod host;
mod module;
#[cfg(feature = "luajit")]
mod probe;
mod results;
mod selectors;
mod shape;
mod space;
mod stack;
mod state;
mod tasks;
#[cfg(feature = "lua55")]
mod thread;
mod trampoline;
mod userdata;

pub(crate) use arguments::{
    Awaited, BufferKey, Bytes, Content, ControlMessages, Descriptors, Events, FamilyArgument, Flags, Format, Formats,
    Gather, HookArgument, Internet, Leading, Limit, Maybe, Numbers, OpenFile, OptionNames, OptionValue, OptionsTable,
    Owner, Port, Rest, Scatter, Seconds, Size, TimeoutOption, Watched,
};
pub(crate) use audit::Finalizer;
pub(crate) use caller::{Caller, SIGNALS_RESTART_CALLS};
pub(crate) use coroutine::{Resumed, Thread};
pub(crate) use held::Held;
pub(crate) use host::{is_open, open_host, open_selectors, open_state, open_tasks};
pub use module::luaopen_bsdsocket;
pub(crate) use results::{
    Either, Failures, Nothing, ReadValue, Reading, Received, Record, SelfResult, Sequence, Table, UpdatedSocket,
};
pub use selectors::luaopen_bsdsocket_selectors;
pub(crate) use selectors::{Batch, Emptied, KeyMap, Lost, NewKey, NewSelector, NextEvent, OldKey};
pub use tasks::luaopen_bsdsocket_tasks;
pub(crate) use tasks::{All, Body, Handler, Joined, NewTask, Object, Switch, Trace, Values};
pub(crate) use trampoline::{Context, Function, function, method};
pub(crate) use userdata::{Anchored, Block, Lines, LinesState, Member, Memory, NewStream, View};
