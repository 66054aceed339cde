//! The bindings to Lua: the only module that uses the C API of Lua.
//!
//! Every function that Lua can call is a safe Rust function, a *native function*, behind the generic [`trampoline`]. A
//! call takes three steps, which keep Lua errors away from values that need dropping:
//!
//! 1. [`arguments`] reads the arguments. This may raise a Lua error; nothing that needs dropping is alive.
//! 2. The native function runs inside `catch_unwind`. It calls no function of Lua.
//! 3. [`results`] pushes the results; those that own something, inside a protected call.

mod arguments;
mod audit;
mod c_exchange;
mod c_host;
mod c_open;
mod c_stats;
mod c_switch;
mod c_trace;
mod caller;
mod coroutine;
mod host;
mod limited;
mod luasocket;
mod module;
mod open_objects;
#[cfg(all(unix, feature = "testkit"))]
mod program;
mod records;
mod registry;
mod results;
mod selectors;
mod shape;
mod space;
mod stack;
mod state;
mod tasks;
#[cfg(feature = "testkit")]
mod testkit;
#[cfg(feature = "lua55")]
mod thread;
mod trace;
mod trampoline;
mod userdata;

pub(crate) use arguments::{Body, FamilyArgument, Format, Given, Of, OptionsTable, Pattern, Rest, Watched, options};
pub(crate) use audit::{add_hook, finalizer};
pub use c_exchange::{bsdsocket_give, bsdsocket_take};
pub use c_host::{bsdsocket_fd, bsdsocket_poll, bsdsocket_timeout};
pub use c_open::bsdsocket_open;
pub use c_stats::{bsdsocket_sockets, bsdsocket_stats};
pub use c_switch::{bsdsocket_cancel, bsdsocket_close_all, bsdsocket_switch_free, bsdsocket_switch_new};
pub(crate) use caller::{Caller, SIGNALS_RESTART_CALLS};
pub(crate) use coroutine::{Resumed, Thread};
#[cfg(feature = "testkit")]
pub(crate) use host::open_test;
pub(crate) use host::{
    DESCRIPTOR_FUNCTIONS, allows_tasks, is_open, limit, open_host, open_luasocket, open_selectors, open_state,
    open_tasks, stats,
};
pub use luasocket::{bsdsocket_luasocket, luaopen_bsdsocket_luasocket};
pub use module::luaopen_bsdsocket;
pub(crate) use open_objects::OpenObjects;
#[cfg(all(unix, feature = "testkit"))]
pub(crate) use program::new_program;
pub(crate) use results::{
    Either, Reading, Received, Reply, Results, Words, dns, failures, interface, interned, itself, linger, new_object,
    new_stream, no_values, packing as packing_results, reclassed, selected, selector as selector_results, sequence,
    stats as stats_results, task as task_results, updated,
};
pub use selectors::luaopen_bsdsocket_selectors;
pub use tasks::luaopen_bsdsocket_tasks;
#[cfg(feature = "testkit")]
pub use testkit::luaopen_bsdsocket_test;
pub(crate) use trace::set_trace;
pub(crate) use trampoline::{Context, NativeFunction, function, method};
pub(crate) use userdata::{Anchored, Memory, buffer_method, lines, new_buffer, view};
