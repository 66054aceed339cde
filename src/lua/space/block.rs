//! Blocks of Lua's own memory that bytes are received into and that become strings without a copy (Lua 5.5).

use std::ptr;

use mlua::ffi::{self, lua_State};

use crate::lua::stack::{RaisingStack, Stack};
use crate::lua::state::shared;

/// The sizes of such blocks, in bytes. Fewer are copied faster; more may be much more than arrives.
pub(super) const FEWEST: usize = 64 << 10;
const MOST: usize = 1 << 20;

/// A block, or none. Nothing frees it but [`LuaBlock::resize`]; Lua counts it like the memory of its objects.
#[derive(Clone, Copy)]
pub(in crate::lua) struct LuaBlock {
    start: *mut u8,
    size: usize,
}

impl Default for LuaBlock {
    fn default() -> Self {
        LuaBlock { start: ptr::null_mut(), size: 0 }
    }
}

impl LuaBlock {
    /// A block for `size` bytes and a zero after them: the one that the Lua state keeps, or a new one. None when the size
    /// is not one of such blocks, when there is no memory, and while the state is closed.
    pub(super) fn take(stack: Stack, size: usize) -> Option<LuaBlock> {
        let shared = shared(stack);
        if !(FEWEST..=MOST).contains(&size) || shared.open_objects.has_ended() {
            return None;
        }
        let block = shared.lua_block.take();
        // A larger one would be copied from.
        let fits = block.size > size && block.size / 2 <= size;
        let block = if fits { block } else { block.resize(stack, 0).resize(stack, size + 1) };
        (block.size > size).then_some(block)
    }

    pub(super) fn start(self) -> *mut u8 {
        self.start
    }

    /// Changes the size; 0 frees it. Without memory for a larger one it is none.
    pub(in crate::lua) fn resize(self, stack: Stack, size: usize) -> Self {
        if size == self.size {
            return self;
        }
        let mut owner = ptr::null_mut();
        // SAFETY: a live state, its allocator, and a block of that size from it, or none. A block does not fail to
        // shrink.
        let start = unsafe {
            let allocator = ffi::lua_getallocf(stack.state(), &mut owner);
            allocator(owner, self.start.cast(), self.size, size).cast::<u8>()
        };
        LuaBlock { start, size: if start.is_null() { 0 } else { size } }
    }
}

impl RaisingStack<'_> {
    /// Pushes bytes that were received: without a copy if the Lua state keeps the block that they are in and they fill
    /// at least half of it.
    #[inline(always)]
    pub(in crate::lua) fn push_received(self, bytes: &[u8]) {
        if bytes.len() < FEWEST { self.push_bytes(bytes) } else { self.push_many(bytes) }
    }

    #[cold]
    fn push_many(self, bytes: &[u8]) {
        let (length, kept) = (bytes.len(), &shared(self.stack()).lua_block);
        let block = kept.get();
        if block.start.cast_const() != bytes.as_ptr() || length < block.size / 2 {
            return self.push_bytes(bytes);
        }
        kept.take();
        let block = block.resize(self.stack(), length + 1);
        let state = self.state();
        let mut owner = ptr::null_mut();
        // SAFETY: a live state; the block has a byte after the others, and was allocated by the allocator that frees it:
        // with the string, or when there is no memory for the string.
        unsafe {
            block.start.add(length).write(0);
            let allocator = ffi::lua_getallocf(state, &mut owner);
            ffi::lua_pushexternalstring(state, block.start.cast(), length, Some(allocator), owner);
        }
        collect(state, length);
    }
}

/// Tells the collector of so many bytes that the string just pushed has outside of its object. It frees earlier ones
/// the sooner, whose memory the next block gets: told of a mebibyte at a time, receiving took a third longer.
fn collect(state: *mut lua_State, length: usize) {
    // SAFETY: a live state with space on its stack. A stopped collector stays stopped.
    unsafe {
        if ffi::lua_gc(state, ffi::LUA_GCISRUNNING) == 1 {
            ffi::lua_gc(state, ffi::LUA_GCSTEP, length);
        }
    }
}
