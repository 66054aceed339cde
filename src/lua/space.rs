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

type Block = Vec<u8>;

thread_local! {
    static SCRATCH: Cell<Block> = const { Cell::new(Vec::new()) };
}

/// A call's space for received bytes. It needs no drop, so that a Lua error may pass over it.
pub(crate) struct Space {
    /// An address that the call takes or gives.
    address: MaybeUninit<Address>,
    small: [MaybeUninit<u8>; SMALL],
    large: ManuallyDrop<Block>,
}

impl Space {
    #[inline(always)]
    pub(super) fn new() -> Self {
        Space {
            address: MaybeUninit::uninit(),
            small: [const { MaybeUninit::uninit() }; SMALL],
            large: ManuallyDrop::new(Vec::new()),
        }
    }

    /// `size` bytes to be filled. Fails with ENOMEM.
    #[inline(always)]
    pub(crate) fn take(&mut self, size: usize) -> Result<Filling<'_>> {
        if size <= SMALL { Ok(Filling::new(&mut self.small[..size])) } else { Self::take_large(&mut self.large, size) }
    }

    /// A copy of bytes, which stays where it is while it is pushed.
    #[inline(always)]
    pub(crate) fn copy(&mut self, bytes: &[u8]) -> Result<&[u8]> {
        let mut filling = self.take(bytes.len())?;
        filling.copy_from(bytes);
        Ok(filling.into_filled())
    }

    /// An address, blank as yet.
    #[inline(always)]
    pub(crate) fn address(&mut self, proto: i32) -> &mut Address {
        self.address.write(Address::blank(proto))
    }

    /// Both: bytes to be filled and an address.
    #[inline(always)]
    pub(crate) fn take_with_address(&mut self, size: usize, proto: i32) -> Result<(Filling<'_>, &mut Address)> {
        let address = self.address.write(Address::blank(proto));
        if size <= SMALL {
            return Ok((Filling::new(&mut self.small[..size]), address));
        }
        Ok((Self::take_large(&mut self.large, size)?, address))
    }

    #[inline(never)]
    fn take_large(large: &mut ManuallyDrop<Block>, size: usize) -> Result<Filling<'_>> {
        // The block leaves the thread's cell while it is in use: a finalizer that receives meanwhile gets another.
        let mut block = SCRATCH.try_with(Cell::take).unwrap_or_default();
        let failed = block.capacity() < size && block.try_reserve_exact(size).is_err();
        *large = ManuallyDrop::new(block);
        if failed {
            return Err(Errno::NO_MEMORY.into());
        }
        Ok(Filling::new(&mut large.spare_capacity_mut()[..size]))
    }

    /// True while the scratch block is here: it would be lost if a Lua error passed.
    #[inline(always)]
    pub(super) fn is_large(&self) -> bool {
        self.large.capacity() != 0
    }

    /// Gives the scratch block back to the thread. What it holds stays as it is until the next [`Space::take`].
    /// True when the block is too large to keep: [`Space::trim`] has to follow.
    #[inline(always)]
    pub(super) fn restore(&mut self) -> bool {
        let capacity = self.large.capacity();
        if capacity > 0 {
            let block = std::mem::take(&mut *self.large);
            let _ = SCRATCH.try_with(|cell| cell.set(block));
        }
        capacity > KEPT
    }

    /// Lets go of a scratch block that is too large to keep.
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
