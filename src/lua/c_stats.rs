//! The counters for hosts in C and C++, as `include/bsdsocket.h` declares them.

use mlua::ffi::lua_State;

use super::module::{ModuleBuilder, luaopen_bsdsocket};
use super::stack::Stack;

/// `struct bsdsocket_stats`. New fields come last.
#[repr(C)]
pub struct CStats {
    size: usize,
    sockets: u64,
    made: u64,
    refused: u64,
    received: u64,
    receives: u64,
    sent: u64,
    sends: u64,
    waits: u64,
    waited: f64,
    buffered: u64,
    tasks: u64,
}

/// `bsdsocket_stats`: see [`stats`](crate::stats).
///
/// # Safety
/// As for [`luaopen_bsdsocket`]; `given` points to a structure that begins with its size.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn bsdsocket_stats(state: *mut lua_State, given: *mut CStats) {
    // SAFETY: the caller's promise; this frame has nothing to drop.
    let stack = unsafe { Stack::new(state).raising() };
    // SAFETY: as above.
    unsafe { luaopen_bsdsocket(state) };
    stack.pop(1);
    let builder = ModuleBuilder::again(stack);
    let counted = builder.shared().stats();
    builder.remove_upvalues();
    // SAFETY: the caller's promise: as many bytes as the structure says are written.
    unsafe {
        let size = given.cast::<usize>().read();
        let stats = CStats {
            size,
            sockets: counted.sockets as u64,
            made: counted.made,
            refused: counted.refused,
            received: counted.received,
            receives: counted.receives,
            sent: counted.sent,
            sends: counted.sends,
            waits: counted.waits,
            waited: counted.waited.as_secs_f64(),
            buffered: counted.buffered as u64,
            tasks: counted.tasks as u64,
        };
        let size = size.min(size_of::<CStats>());
        given.cast::<u8>().copy_from_nonoverlapping((&raw const stats).cast(), size);
    }
}
