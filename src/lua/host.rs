//! The library in a Lua state that mlua holds.

use std::ffi::c_int;

use mlua::ffi::lua_State;

use super::module::{luaopen_bsdsocket, push_host, state_of};
use super::registry::RegistryKey;
use super::selectors::luaopen_bsdsocket_selectors;
use super::stack::Stack;
use super::tasks::luaopen_bsdsocket_tasks;
use crate::limits::{LimitSettings, Stats};

/// The module of a Lua state that mlua holds.
pub(crate) fn open_state(lua: &mlua::Lua) -> mlua::Result<mlua::Table> {
    open(lua, luaopen_bsdsocket)
}

/// `bsdsocket.selectors` of a Lua state that mlua holds.
pub(crate) fn open_selectors(lua: &mlua::Lua) -> mlua::Result<mlua::Table> {
    open(lua, luaopen_bsdsocket_selectors)
}

/// LuaSocket's core, as a Lua state that mlua holds gets it; SIGPIPE stays as it is.
pub(crate) fn open_luasocket(lua: &mlua::Lua) -> mlua::Result<mlua::Table> {
    open(lua, super::luasocket::bsdsocket_luasocket)
}

/// The module table of the tasks.
pub(crate) fn open_tasks(lua: &mlua::Lua) -> mlua::Result<mlua::Table> {
    open(lua, luaopen_bsdsocket_tasks)
}

/// The module table of the protocol tests.
#[cfg(feature = "testkit")]
pub(crate) fn open_test(lua: &mlua::Lua) -> mlua::Result<mlua::Table> {
    open(lua, super::testkit::luaopen_bsdsocket_test)
}

fn open(lua: &mlua::Lua, opener: unsafe extern "C-unwind" fn(*mut lua_State) -> c_int) -> mlua::Result<mlua::Table> {
    // SAFETY: mlua passes its state inside a protected call.
    unsafe {
        lua.exec_raw((), |state| {
            opener(state);
        })
    }
}

/// The functions and methods that take or give descriptors as numbers.
pub(crate) const DESCRIPTOR_FUNCTIONS: &[&str] =
    &["close", "dup", "fromfd", "send_fds", "recv_fds", "SocketType.detach", "SocketType.setfd"];

/// Sets the limits of a Lua state in which the library was just opened.
pub(crate) fn limit(lua: &mlua::Lua, settings: &LimitSettings) -> mlua::Result<()> {
    let mut outcome = Ok(());
    // SAFETY: mlua passes its state inside a protected call, in which nothing raises once there is an outcome.
    unsafe {
        lua.exec_raw((), |state| {
            outcome = state_of(Stack::new(state).raising()).limit(settings);
        })
    }
    .and_then(|()| outcome.map_err(|errno| mlua::Error::runtime(errno.to_string())))
}

/// What the sockets of a Lua state have done.
pub(crate) fn stats(lua: &mlua::Lua) -> mlua::Result<Stats> {
    open_state(lua)?;
    let mut counted = Stats::default();
    // SAFETY: mlua passes its state inside a protected call.
    unsafe {
        lua.exec_raw::<()>((), |state| {
            counted = state_of(Stack::new(state).raising()).stats();
        })
    }?;
    Ok(counted)
}

/// Whether the library is open in a Lua state.
pub(crate) fn is_open(lua: &mlua::Lua) -> mlua::Result<bool> {
    let registered: mlua::Value = push_registered(lua, RegistryKey::Module)?;
    Ok(!registered.is_nil())
}

/// The table of the functions that only the host of a Lua state may call.
pub(crate) fn open_host(lua: &mlua::Lua) -> mlua::Result<mlua::Table> {
    open_state(lua)?;
    // SAFETY: mlua passes its state inside a protected call.
    unsafe { lua.exec_raw((), |state| push_host(Stack::new(state).raising())) }
}

/// Whether scripts of a Lua state may have tasks.
pub(crate) fn allows_tasks(lua: &mlua::Lua) -> mlua::Result<bool> {
    if is_open(lua)? { open_host(lua)?.get::<mlua::Function>("allows_tasks")?.call(()) } else { Ok(true) }
}

fn push_registered<T: mlua::FromLuaMulti>(lua: &mlua::Lua, key: RegistryKey) -> mlua::Result<T> {
    // SAFETY: mlua passes its state inside a protected call, with space for a value.
    unsafe {
        lua.exec_raw((), |state| {
            Stack::new(state).raising().get_registered(key);
        })
    }
}
