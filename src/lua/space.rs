//! Where a call receives bytes before they become a Lua string: on the stack while they are few, else in a scratch
//! block that the thread keeps.

use std::cell::Cell;
use std::mem::{ManuallyDrop, MaybeUninit};

use crate::address::Address;
use crate::error::Result;
use crate::sys::{Errno, Filling};

/// What is received without touching the scratch block, in bytes.
const SMALL: usize = 2048;

/// The largest scratch block that a thread keeps between calls, in bytes.
const KEPT: usize = 1 << 20;

thread_local! {
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// The part of a call's space that lies on the stack.
pub(super) struct Local {
    /// An address that the call takes or gives.
    address: MaybeUninit<Address>,
    small: [MaybeUninit<u8>; SMALL],
}

impl Local {
    #[inline(always)]
    pub(super) fn new() -> Self {
        Local { address: MaybeUninit::uninit(), small: [const { MaybeUninit::uninit() }; SMALL] }
    }
}

/// The thread's scratch block while a call uses it. It needs no drop, so that a Lua error may pass over it.
pub(super) struct Scratch(Cell<ManuallyDrop<Vec<u8>>>);

impl Scratch {
    #[inline(always)]
    pub(super) fn new() -> Self {
        Scratch(Cell::new(ManuallyDrop::new(Vec::new())))
    }

    /// `size` bytes to be filled, which stay where they are until the block is used again. Fails with ENOMEM.
    #[inline(never)]
    fn take(&self, size: usize) -> Result<Filling<'_>> {
        // The block leaves the thread's cell while it is in use: a finalizer that receives meanwhile gets another.
        let mut block = SCRATCH.try_with(Cell::take).unwrap_or_default();
        let failed = block.capacity() < size && block.try_reserve_exact(size).is_err();
        let start = block.as_mut_ptr();
        self.0.set(ManuallyDrop::new(block));
        if failed {
            return Err(Errno::NO_MEMORY.into());
        }
        // SAFETY: the block has that many bytes, and nothing else reads or writes them: only the block as a whole is moved
        // while it is here, and who gives it back does so when nothing of it is read any more, or Lua is only still to
        // copy it.
        Ok(Filling::new(unsafe { std::slice::from_raw_parts_mut(start.cast(), size) }))
    }

    /// True while the block is here: it would be lost if a Lua error passed.
    #[inline(always)]
    pub(super) fn is_here(&self) -> bool {
        // SAFETY: a look at the capacity, while nothing else has a reference to the block.
        unsafe { (*self.0.as_ptr()).capacity() != 0 }
    }

    /// Gives the block back to the thread. What it holds stays as it is until a call takes the block again. True when it
    /// is too large to keep: [`Scratch::trim`] has to follow.
    #[inline(always)]
    pub(super) fn restore(&self) -> bool {
        if !self.is_here() {
            return false;
        }
        let block = ManuallyDrop::into_inner(self.0.replace(ManuallyDrop::new(Vec::new())));
        let capacity = block.capacity();
        let _ = SCRATCH.try_with(|cell| cell.set(block));
        capacity > KEPT
    }

    /// The same when nothing needs the bytes any more.
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

/// A call's space for what it receives, to be used once.
pub(crate) struct Space<'a> {
    local: &'a mut Local,
    scratch: &'a Scratch,
}

impl<'a> Space<'a> {
    #[inline(always)]
    pub(super) fn new(local: &'a mut Local, scratch: &'a Scratch) -> Self {
        Space { local, scratch }
    }

    /// `size` bytes to be filled. Fails with ENOMEM.
    #[inline(always)]
    pub(crate) fn take(self, size: usize) -> Result<Filling<'a>> {
        if size <= SMALL { Ok(Filling::new(&mut self.local.small[..size])) } else { self.scratch.take(size) }
    }

    /// A copy of bytes, which stays where it is while it is pushed.
    #[inline(always)]
    pub(crate) fn copy(self, bytes: &[u8]) -> Result<&'a [u8]> {
        let mut filling = self.take(bytes.len())?;
        filling.copy_from(bytes);
        Ok(filling.into_filled())
    }

    /// An address, blank as yet.
    #[inline(always)]
    pub(crate) fn address(self, proto: i32) -> &'a mut Address {
        self.local.address.write(Address::blank(proto))
    }

    /// Both: bytes to be filled and an address.
    #[inline(always)]
    pub(crate) fn take_with_address(self, size: usize, proto: i32) -> Result<(Filling<'a>, &'a mut Address)> {
        let Local { address, small } = self.local;
        let address = address.write(Address::blank(proto));
        let filling = if size <= SMALL { Filling::new(&mut small[..size]) } else { self.scratch.take(size)? };
        Ok((filling, address))
    }
}
