//! MSG_WAITALL as several receives, where a signal would not interrupt a single one.

use super::call::Call;
use super::deadline::Deadline;
use crate::error::{Error, Result};
use crate::lua::SIGNALS_RESTART_CALLS;
use crate::sys::{self, Descriptor, Errno, ReceiveBuffer};

/// The most bytes that a receive with MSG_WAITALL gets at once where the host can end the call: a peer that sends as fast
/// as they are received would keep the system call going.
const AT_ONCE: usize = 64 << 10;

impl Call<'_> {
    /// Lets a system call receive, with MSG_WAITALL a part where the host can end the call.
    #[inline(always)]
    #[allow(clippy::bad_bit_mask, reason = "some systems have no such flag")]
    pub(super) fn receive_part<T, const INITIALISED: bool>(
        self,
        target: &mut ReceiveBuffer<'_, INITIALISED>,
        flags: i32,
        receive: impl FnOnce(&mut ReceiveBuffer<'_, INITIALISED>) -> T,
    ) -> T {
        let goes_on = flags & sys::WAIT_ALL != 0 && flags & sys::PEEK == 0;
        if goes_on && self.caller.is_in_haste() && self.transfers_all() {
            return target.fill_part(AT_ONCE, receive);
        }
        receive(target)
    }

    /// Whether a send, or a receive with MSG_WAITALL, continues until all bytes are transferred: on a blocking stream
    /// socket without MSG_DONTWAIT.
    #[inline(always)]
    pub(super) fn transfers_all(self) -> bool {
        self.socket.blocks() && !self.never_waits && sys::is_stream(self.socket.kind())
    }

    pub(super) fn descriptor(self) -> Descriptor {
        self.fd
    }

    /// Continues a receive with MSG_WAITALL that got `received` bytes, until `target` is full or the stream ends. An
    /// error is left to the next call.
    #[inline(always)]
    #[allow(clippy::bad_bit_mask, reason = "some systems have no such flag")]
    pub(super) fn receive_rest<const INITIALISED: bool>(
        self,
        target: &mut ReceiveBuffer<'_, INITIALISED>,
        flags: i32,
        received: usize,
    ) -> Result<usize> {
        let apart = SIGNALS_RESTART_CALLS || self.caller.must_not_sleep();
        let goes_on = apart && flags & sys::WAIT_ALL != 0 && self.transfers_all();
        if goes_on && received > 0 && target.left() > 0 {
            self.receive_all(target, flags, received)
        } else {
            Ok(received)
        }
    }

    /// The flags for a receive that has to be a single system call. With MSG_WAITALL it waits for the first bytes here,
    /// then for the others in the kernel.
    pub(super) fn flags_at_once(self, given: i32, flags: i32) -> Result<i32> {
        if !SIGNALS_RESTART_CALLS || self.caller.must_not_sleep() || given & sys::WAIT_ALL == 0 || !self.transfers_all()
        {
            return Ok(flags);
        }
        self.wait_again(&mut Deadline::NotStarted, &mut 0)?;
        Ok(given)
    }

    fn limits_buffers(self) -> bool {
        self.caller.limits().is_some_and(|limits| limits.limits_buffers())
    }

    /// Before the next receive of the call: fails where the host ends it.
    fn prepare_next(self) -> Result<()> {
        let Some(limits) = self.caller.limits() else { return Ok(()) };
        if self.is_of_task() && limits.limits_buffers() {
            return Ok(self.caller.check_switch(self.socket, self.fd)?);
        }
        self.prepare_within(limits, &mut Deadline::NotStarted)
    }

    #[cold]
    fn receive_all<const INITIALISED: bool>(
        self,
        target: &mut ReceiveBuffer<'_, INITIALISED>,
        flags: i32,
        mut received: usize,
    ) -> Result<usize> {
        let peeks = flags & sys::PEEK != 0;
        let (mut deadline, mut waits) = (Deadline::NotStarted, 0);
        while target.left() > 0 && self.check_hook().is_ok() && !sys::has_error(self.descriptor()) {
            if self.caller.task_call().is_some_and(|task_call| task_call.check().is_err()) {
                break;
            }
            if peeks {
                // The same bytes are readable again: wait for more of them, or the end of the stream.
                if sys::has_ended(self.descriptor()) != Some(false) {
                    break;
                }
                let paused = self.pause(&mut deadline, &mut waits);
                if matches!(paused, Ok(()) | Err(Error::Parked)) {
                    target.rewind();
                }
                match paused {
                    Ok(()) => {}
                    Err(Error::Parked) => return Err(Error::Parked),
                    Err(_) => break,
                }
            }
            match self.prepare_next() {
                Ok(()) => {}
                Err(Error::Parked) => {
                    self.has_done(received);
                    return Err(Error::Parked);
                }
                Err(_) => break,
            }
            match self.receive_part(target, flags, |target| sys::recv(self.descriptor(), target, flags)) {
                Ok(0) => break,
                Ok(count) if peeks => received = count,
                Ok(count) => {
                    self.moved(count);
                    received += count;
                }
                Err(Errno::INTERRUPTED) => {}
                // What is received so far would be kept beside Lua's memory.
                Err(Errno::WOULD_BLOCK) if self.is_of_task() && self.limits_buffers() => break,
                Err(Errno::WOULD_BLOCK) => match self.wait_again(&mut deadline, &mut waits) {
                    Ok(()) => {}
                    Err(Error::Parked) => {
                        self.has_done(received);
                        return Err(Error::Parked);
                    }
                    Err(_) => break,
                },
                Err(_) => break,
            }
        }
        Ok(received)
    }
}
