//! Bytes that become strings without a copy (Lua 5.5): blocks of Lua's own memory that bytes are received into, and
//! buffers of the library.

use std::alloc::{Layout, realloc};
use std::ffi::c_void;
use std::mem::{self, ManuallyDrop};
use std::ops::Range;
use std::ptr;

use mlua::ffi::{self, lua_State};

use crate::lua::stack::{RaisingStack, Stack};
use crate::lua::state::shared;
use crate::{memory, sys};

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

impl RaisingStack<'_> {
    /// Pushes a range of bytes and empties the vector: many become the string without a copy, unless Lua's memory is of
    /// a host, which may limit it.
    pub(in crate::lua) fn push_range(self, bytes: &mut Vec<u8>, range: Range<usize>) {
        let is_plain = || {
            // SAFETY: a live state.
            let allocator = unsafe { ffi::lua_getallocf(self.state(), ptr::null_mut()) };
            allocator as usize == ffi::luaL_alloc as *const () as usize
        };
        if range.len() < FEWEST || !is_plain() {
            return self.push_bytes(&bytes[range]);
        }
        bytes.truncate(range.end);
        bytes.drain(..range.start);
        if memory::reserve_exact(bytes, range.len() + 1).is_err() {
            return self.push_bytes(bytes);
        }
        bytes.push(0);
        push_terminated(self, ManuallyDrop::new(mem::take(bytes)));
    }
}

/// Pushes bytes that a zero ends.
fn push_terminated(stack: RaisingStack, mut bytes: ManuallyDrop<Vec<u8>>) {
    sys::stay_loaded();
    let (start, size, capacity) = (bytes.as_mut_ptr(), bytes.len(), bytes.capacity());
    // SAFETY: the memory of a vector of this capacity, and a smaller size that is not 0. It becomes the string's, with its
    // size as the data of `free`, which is called with the string, or at once when there is no memory for it.
    unsafe {
        let shrunk = realloc(start, Layout::array::<u8>(capacity).unwrap_unchecked(), size);
        let (start, capacity) = if shrunk.is_null() { (start, capacity) } else { (shrunk, size) };
        let data = ptr::without_provenance_mut(capacity);
        ffi::lua_pushexternalstring(stack.state(), start.cast(), size - 1, Some(free), data);
    }
    collect(stack.state(), size);
}

/// Frees the memory of a vector whose capacity is the data.
unsafe extern "C" fn free(data: *mut c_void, start: *mut c_void, _: usize, _: usize) -> *mut c_void {
    // SAFETY: called once for what `push_terminated` passed.
    drop(unsafe { Vec::from_raw_parts(start.cast::<u8>(), 0, data.addr()) });
    ptr::null_mut()
}

/// Tells the collector of so many bytes that the string just pushed has outside of its object. It frees earlier ones
/// the sooner, whose memory the next block gets: told of a mebibyte at a time, receiving took a third longer. It goes on
/// as far as for small strings of that length in all, or very long ones would wait for each other.
fn collect(state: *mut lua_State, length: usize) {
    // SAFETY: a live state with space on its stack. A stopped collector stays stopped.
    unsafe {
        if ffi::lua_gc(state, ffi::LUA_GCISRUNNING) == 1 {
            for _ in 0..length.div_ceil(MOST) {
                ffi::lua_gc(state, ffi::LUA_GCSTEP, length.min(MOST));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::mem::ManuallyDrop;

    use mlua::{Error, Lua, LuaString, Value};

    use super::{FEWEST, push_terminated};
    use crate::lua::stack::Stack;

    const MANY: usize = 8 << 20;

    /// The memory that the process has reserved, in pages; 0 where the system does not tell.
    fn reserved() -> usize {
        let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
        pages.split(' ').next().and_then(|pages| pages.parse().ok()).unwrap_or(0)
    }

    /// Makes a string of a vector with more capacity.
    fn make(lua: &Lua) -> mlua::Result<LuaString> {
        let push = |state| {
            let mut bytes = vec![0; 2 * MANY];
            bytes.truncate(MANY + 1);
            // SAFETY: mlua passes its state inside a protected call; the frame has nothing to drop then.
            push_terminated(unsafe { Stack::new(state).raising() }, ManuallyDrop::new(bytes));
        };
        // SAFETY: one value is pushed.
        unsafe { lua.exec_raw((), push) }
    }

    #[test]
    #[cfg_attr(miri, ignore = "calls Lua")]
    fn the_bytes_are_freed_with_the_string_or_without_memory_for_it() {
        let lua = Lua::new();
        let before = reserved();
        for _ in 0..50 {
            assert_eq!(make(&lua).unwrap().as_bytes().len(), MANY);
            lua.gc_collect().unwrap();
        }
        lua.set_memory_limit(lua.used_memory()).unwrap();
        let made = (0..50).map(|_| make(&lua)).collect::<Vec<_>>();
        let failed = made.iter().filter(|made| matches!(made, Err(Error::MemoryError(_)))).count();
        assert!(failed > 40, "{failed} of 50");
        drop(made);
        assert!(reserved() < before + 10 * MANY / 4096, "{} pages, {before} before", reserved());
    }

    #[test]
    #[cfg_attr(miri, ignore = "calls Lua")]
    fn the_limit_of_a_host_counts_them() {
        let lua = Lua::new();
        lua.globals().set("socket", crate::module(&lua).unwrap()).unwrap();
        let code = "local a, b = socket.socketpair() local data, stream = ('x'):rep(65536), a:makefile()
            return function()
              b:send(data)
              kept[#kept + 1] = a:recvall(65536)
              b:send(data)
              kept[#kept + 1] = stream:read(65536)
            end";
        lua.globals().set("kept", lua.create_table().unwrap()).unwrap();
        let receive: mlua::Function = lua.load(code).eval().unwrap();
        lua.set_memory_limit(lua.used_memory() + 16 * FEWEST).unwrap();
        let failed = (0..16).find_map(|_| receive.call::<Value>(()).err());
        assert!(matches!(failed, Some(Error::MemoryError(_))), "{failed:?}");
    }
}
