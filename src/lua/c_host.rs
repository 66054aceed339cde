//! The functions for hosts in C.

use std::ffi::{c_double, c_int, c_void};

use mlua::ffi::{self, lua_State};

use super::module::push_host;
use super::registry::RegistryKey;
use super::stack::{RaisingStack, Stack, Type};

/// Calls a function of the host's table, protected, and gives its result; none where the library is not open, or for `nil`.
/// When it fails, its message is left on the stack.
///
/// # Safety
/// A live state, with room for three values.
unsafe fn call(state: *mut lua_State, name: &str, argument: Option<c_double>) -> Result<Option<c_double>, ()> {
    let mut result = None;
    let mut act: &mut dyn FnMut(RaisingStack) = &mut |stack| {
        if stack.get_registered(RegistryKey::Module) == Type::Nil {
            return;
        }
        push_host(stack);
        stack.get_field(-1, name);
        if let Some(argument) = argument {
            stack.push_number(argument);
        }
        stack.call(argument.iter().len() as c_int, 3);
        // What fails gives `nil`, a message and a code.
        if stack.type_of(-2) == Type::String {
            stack.pop(1);
            stack.raise();
        }
        result = stack.number(-3);
    };
    let act = (&raw mut act).cast::<c_void>();
    // SAFETY: the caller's promise; `act` outlives the call.
    let status = unsafe {
        #[cfg(any(feature = "lua51", feature = "luajit"))]
        {
            ffi::lua_cpcall(state, run, act)
        }
        #[cfg(not(any(feature = "lua51", feature = "luajit")))]
        {
            ffi::lua_pushcfunction(state, run);
            ffi::lua_pushlightuserdata(state, act);
            ffi::lua_pcall(state, 1, 0, 0)
        }
    };
    if status == ffi::LUA_OK { Ok(result) } else { Err(()) }
}

unsafe extern "C-unwind" fn run(state: *mut lua_State) -> c_int {
    // SAFETY: Lua passes the state that runs this call; this frame has nothing to drop.
    let stack = unsafe { Stack::new(state).raising() };
    // SAFETY: the closure in the frame of `call`, which is below this one.
    unsafe { (*ffi::lua_touserdata(state, 1).cast::<&mut dyn FnMut(RaisingStack)>())(stack) };
    0
}

/// Runs the tasks of a Lua state that are ready, for at most so many seconds, and never waits. Returns how many tasks
/// there are; -1 when it failed, and then pushes the message.
///
/// # Safety
/// `state` is a state of the Lua version that this library was built for, with room for three values.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn bsdsocket_poll(state: *mut lua_State, budget: c_double) -> c_int {
    // SAFETY: the caller's promise.
    match unsafe { call(state, "poll", Some(budget)) } {
        Ok(count) => count.unwrap_or(0.0) as c_int,
        Err(()) => -1,
    }
}

/// The seconds until the next call of [`bsdsocket_poll`] has something to do, unless a descriptor becomes ready before;
/// a negative number when no time is known.
///
/// # Safety
/// As for [`bsdsocket_poll`].
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn bsdsocket_timeout(state: *mut lua_State) -> c_double {
    // SAFETY: the caller's promise.
    unsafe { quietly(state, "timeout") }.unwrap_or(-1.0)
}

/// The descriptor that is ready to read when [`bsdsocket_poll`] has something to do; -1 where there is none.
///
/// # Safety
/// As for [`bsdsocket_poll`].
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn bsdsocket_fd(state: *mut lua_State) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { quietly(state, "fileno") }.map_or(-1, |fd| fd as c_int)
}

/// What a function returns; none when it fails.
///
/// # Safety
/// As for [`bsdsocket_poll`].
unsafe fn quietly(state: *mut lua_State, name: &str) -> Option<c_double> {
    // SAFETY: the caller's promise.
    unsafe { call(state, name, None) }.unwrap_or_else(|()| {
        // SAFETY: as above.
        unsafe { ffi::lua_settop(state, -2) };
        None
    })
}
