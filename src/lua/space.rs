//! Memory that a call receives bytes into before they become a Lua string: on the stack up to a size, else a scratch
//! block that the thread keeps.

#[cfg(feature = "lua55")]
mod block;

use std::cell::Cell;
use std::marker::PhantomData;
use std::mem::{ManuallyDrop, MaybeUninit};

#[cfg(feature = "lua55")]
pub(super) use block::LuaBlock;

#[cfg(feature = "lua55")]
use super::stack::Stack;
#[cfg(feature = "lua55")]
use super::state::shared;
use crate::address::Address;
use crate::error::Result;
use crate::sys::{Errno, ReceiveBuffer};

/// The most bytes that are received on the stack.
pub(super) const SMALL: usize = 4096;

/// The largest scratch block that a thread keeps between calls, in bytes.
const KEPT: usize = 1 << 20;

thread_local! {
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Holds the thread's scratch block while a call uses it. It needs no drop: a Lua error may pass over it.
pub(super) struct Scratch<'a> {
    block: Cell<ManuallyDrop<Vec<u8>>>,
    /// The block of Lua's memory that the call uses in its place.
    #[cfg(feature = "lua55")]
    lua_block: Cell<LuaBlock>,
    #[cfg(feature = "lua55")]
    stack: Option<Stack<'a>>,
    lasts: PhantomData<&'a ()>,
}

impl<'a> Scratch<'a> {
    #[inline(always)]
    pub(super) fn new() -> Self {
        Scratch {
            block: Cell::new(ManuallyDrop::new(Vec::new())),
            #[cfg(feature = "lua55")]
            lua_block: Cell::default(),
            #[cfg(feature = "lua55")]
            stack: None,
            lasts: PhantomData,
        }
    }

    /// The same with the memory of a Lua state.
    #[cfg(feature = "lua55")]
    #[inline(always)]
    pub(super) fn of(stack: Stack<'a>) -> Self {
        Scratch { stack: Some(stack), ..Scratch::new() }
    }

    /// Takes a block of Lua's memory, if there is one for `size` bytes.
    #[cfg(feature = "lua55")]
    fn take_lua_block(&self, size: usize) -> Option<ReceiveBuffer<'_>> {
        let stack = self.stack?;
        let block = LuaBlock::take(stack, size)?;
        self.lua_block.set(block);
        // SAFETY: as below.
        Some(ReceiveBuffer::new(unsafe { std::slice::from_raw_parts_mut(block.start().cast(), size) }))
    }

    /// Gives that block back to the Lua state. Its contents stay as they are.
    #[cfg(feature = "lua55")]
    #[inline(always)]
    pub(super) fn restore_lua_block(&self) {
        let block = self.lua_block.take();
        if let Some(stack) = self.stack
            && !block.start().is_null()
        {
            // A call within this one may have left another.
            shared(stack).lua_block.replace(block).resize(stack, 0);
        }
    }

    /// Takes the thread's block and returns `size` bytes of it to be filled. Fails with ENOMEM.
    #[inline(never)]
    fn take(&self, size: usize) -> Result<ReceiveBuffer<'_>> {
        #[cfg(feature = "lua55")]
        if let Some(filling) = self.take_lua_block(size) {
            return Ok(filling);
        }
        // The block is out of the thread's cell while in use: a finalizer that receives meanwhile makes another.
        let mut block = SCRATCH.try_with(Cell::take).unwrap_or_default();
        let failed = block.capacity() < size && block.try_reserve_exact(size).is_err();
        let start = block.as_mut_ptr();
        self.block.set(ManuallyDrop::new(block));
        if failed {
            return Err(Errno::NO_MEMORY.into());
        }
        // SAFETY: the block has that many bytes, and nothing else reads or writes them: while it is here, the block is
        // only moved as a whole. It is given back when its bytes are no longer used, or when Lua is about to copy them.
        Ok(ReceiveBuffer::new(unsafe { std::slice::from_raw_parts_mut(start.cast(), size) }))
    }

    /// True while the block is here; a Lua error would leak it then.
    #[inline(always)]
    pub(super) fn is_here(&self) -> bool {
        // SAFETY: reads the capacity; nothing else has a reference to the block.
        unsafe { (*self.block.as_ptr()).capacity() != 0 }
    }

    /// Gives the block back to the thread. Its contents stay as they are until a call takes it again. True when it is
    /// too large to keep: [`Scratch::trim`] has to follow.
    #[inline(always)]
    pub(super) fn restore(&self) -> bool {
        #[cfg(feature = "lua55")]
        self.restore_lua_block();
        if !self.is_here() {
            return false;
        }
        let block = ManuallyDrop::into_inner(self.block.replace(ManuallyDrop::new(Vec::new())));
        let capacity = block.capacity();
        let _ = SCRATCH.try_with(|cell| cell.set(block));
        capacity > KEPT
    }

    /// The same when the bytes are no longer used; frees a block that is too large.
    #[inline(always)]
    pub(super) fn give_back(&self) {
        if self.restore() {
            Scratch::trim();
        }
    }

    /// Frees the thread's block when it is too large to keep.
    #[cold]
    pub(super) fn trim() {
        let _ = SCRATCH.try_with(|cell| {
            let block = cell.take();
            if block.capacity() <= KEPT {
                cell.set(block);
            }
        });
    }
}

/// A call's memory for the bytes that it receives, to be used once.
pub(crate) struct Space<'a> {
    /// On the stack: the address that the call reads or returns, and a few bytes.
    address: &'a mut MaybeUninit<Address>,
    small: &'a mut [MaybeUninit<u8>; SMALL],
    scratch: &'a Scratch<'a>,
}

impl<'a> Space<'a> {
    #[inline(always)]
    pub(super) fn new(
        address: &'a mut MaybeUninit<Address>,
        small: &'a mut [MaybeUninit<u8>; SMALL],
        scratch: &'a Scratch<'a>,
    ) -> Self {
        Space { address, small, scratch }
    }

    /// `size` bytes to be filled. Fails with ENOMEM.
    #[inline(always)]
    pub(crate) fn take(self, size: usize) -> Result<ReceiveBuffer<'a>> {
        if size <= SMALL { Ok(ReceiveBuffer::new(&mut self.small[..size])) } else { self.scratch.take(size) }
    }

    /// A copy of bytes. Fails with ENOMEM.
    #[inline(always)]
    pub(crate) fn copy(self, bytes: &[u8]) -> Result<&'a [u8]> {
        let mut filling = self.take(bytes.len())?;
        filling.copy_from(bytes);
        Ok(filling.into_filled())
    }

    /// A blank address.
    #[inline(always)]
    pub(crate) fn address(self, proto: i32) -> &'a mut Address {
        self.address.write(Address::blank(proto))
    }

    /// `size` bytes to be filled, and a blank address. Fails with ENOMEM.
    #[inline(always)]
    pub(crate) fn take_with_address(self, size: usize, proto: i32) -> Result<(ReceiveBuffer<'a>, &'a mut Address)> {
        let address = self.address.write(Address::blank(proto));
        let filling =
            if size <= SMALL { ReceiveBuffer::new(&mut self.small[..size]) } else { self.scratch.take(size)? };
        Ok((filling, address))
    }
}

#[cfg(test)]
mod tests {
    use std::mem::MaybeUninit;

    use super::{KEPT, SCRATCH, SMALL, Scratch, Space};

    /// Receives `size` bytes `byte` and gives the scratch block back while they are still in use, as a call does.
    fn receive(size: usize, byte: u8) -> Vec<u8> {
        let (mut address, mut small, scratch) = (MaybeUninit::uninit(), [MaybeUninit::uninit(); SMALL], Scratch::new());
        let space = Space::new(&mut address, &mut small, &scratch);
        let (mut filling, address) = space.take_with_address(size, 0).unwrap();
        // SAFETY: writes within the memory, as many bytes as it says.
        let filled = unsafe {
            filling.fill(|start, left| {
                start.write_bytes(byte, left);
                Ok::<_, ()>(left)
            })
        };
        assert_eq!(filled, Ok(size));
        let received = filling.into_filled();
        address.set_length(0);
        assert_eq!(scratch.is_here(), size > SMALL);
        assert_eq!(scratch.restore(), size > KEPT);
        let copied = received.to_vec();
        Scratch::trim();
        copied
    }

    #[test]
    fn few_bytes_are_on_the_stack_and_many_in_the_scratch_block() {
        for (size, byte) in [(0, 0), (1, 1), (SMALL, 2), (SMALL + 1, 3), (3 * SMALL, 4), (5, 5)] {
            assert_eq!(receive(size, byte), vec![byte; size]);
        }
    }

    #[test]
    fn the_thread_keeps_its_scratch_block_up_to_a_size() {
        let kept = || {
            let block = SCRATCH.take();
            let capacity = block.capacity();
            SCRATCH.set(block);
            capacity
        };
        receive(2 * SMALL, 1);
        assert_eq!(kept(), 2 * SMALL);
        receive(KEPT + 1, 2);
        assert_eq!(kept(), 0);
    }

    #[test]
    fn a_call_within_a_call_has_another_block() {
        let (mut address, mut small, scratch) = (MaybeUninit::uninit(), [MaybeUninit::uninit(); SMALL], Scratch::new());
        let outer = Space::new(&mut address, &mut small, &scratch).copy(&[7; 2 * SMALL]).unwrap();
        assert_eq!(receive(2 * SMALL, 8), vec![8; 2 * SMALL]);
        assert_eq!(outer, vec![7; 2 * SMALL]);
        scratch.give_back();
    }
}
