//! The functions for hosts in C.

use std::ffi::{c_double, c_int, c_void};

use mlua::ffi::{self, lua_State};

use super::module::push_host;
use super::registry::RegistryKey;
use super::stack::{Stack, Type};

/// A function of the host's table, its argument, and its result; none where the library is not open, or for `nil`.
struct Request {
    name: &'static str,
    argument: Option<c_double>,
    result: Option<c_double>,
}

impl Request {
    /// Makes the call, protected. False when it failed: its message is left on the stack.
    ///
    /// # Safety
    /// A live state, with room for three values.
    unsafe fn make(&mut self, state: *mut lua_State) -> bool {
        let request = std::ptr::from_mut(self).cast::<c_void>();
        // SAFETY: the caller's promise; the request outlives the call.
        unsafe {
            #[cfg(any(feature = "lua51", feature = "luajit"))]
            return ffi::lua_cpcall(state, serve, request) == ffi::LUA_OK;
            #[cfg(not(any(feature = "lua51", feature = "luajit")))]
            {
                ffi::lua_pushcfunction(state, serve);
                ffi::lua_pushlightuserdata(state, request);
                ffi::lua_pcall(state, 1, 0, 0) == ffi::LUA_OK
            }
        }
    }
}

unsafe extern "C-unwind" fn serve(state: *mut lua_State) -> c_int {
    // SAFETY: Lua passes the state that runs this call; this frame has nothing to drop.
    let stack = unsafe { Stack::new(state).raising() };
    // SAFETY: the request of the frame below.
    let request = unsafe { &mut *ffi::lua_touserdata(state, 1).cast::<Request>() };
    if stack.get_registered(RegistryKey::Module) == Type::Nil {
        return 0;
    }
    push_host(stack);
    stack.get_field(-1, request.name);
    if let Some(argument) = request.argument {
        stack.push_number(argument);
    }
    stack.call(request.argument.iter().len() as c_int, 3);
    // What fails gives `nil`, a message and a code.
    if stack.type_of(-2) == Type::String {
        stack.pop(1);
        stack.raise();
    }
    request.result = stack.number(-3);
    0
}

/// Runs the tasks of a Lua state that are ready, for at most so many seconds, and never waits. Returns how many tasks
/// there are; -1 when it failed, and then pushes the message.
///
/// # Safety
/// `state` is a state of the Lua version that this library was built for, with room for three values.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn bsdsocket_poll(state: *mut lua_State, budget: c_double) -> c_int {
    let mut request = Request { name: "poll", argument: Some(budget), result: None };
    // SAFETY: the caller's promise.
    match unsafe { request.make(state) } {
        true => request.result.unwrap_or(0.0) as c_int,
        false => -1,
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
unsafe fn quietly(state: *mut lua_State, name: &'static str) -> Option<c_double> {
    let mut request = Request { name, argument: None, result: None };
    // SAFETY: the caller's promise.
    if !unsafe { request.make(state) } {
        // SAFETY: as above.
        unsafe { ffi::lua_settop(state, -2) };
    }
    request.result
}
