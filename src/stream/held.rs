//! The memory of a stream among that of all streams, where the host limits it.

use super::Stream;
use super::incoming::Incoming;
use super::outgoing::Outgoing;
use crate::lua::Caller;

impl Stream {
    /// The most bytes for the receive buffer, beside what the stream holds for sending.
    pub(super) fn room_to_receive(&self, caller: Caller) -> usize {
        let Some(limits) = caller.limits() else { return usize::MAX };
        limits.room_to_buffer(self.held.get()).saturating_sub(self.outgoing.borrow().size())
    }

    /// The most bytes for the send buffer, beside what the stream holds for reading.
    pub(super) fn room_to_send(&self, caller: Caller) -> usize {
        let Some(limits) = caller.limits() else { return usize::MAX };
        limits.room_to_buffer(self.held.get()).saturating_sub(self.incoming.borrow().size())
    }

    /// Counts what the stream holds after a call. Where little is left, it keeps no buffer that is empty.
    #[inline(always)]
    pub(super) fn settle(&self, caller: Caller) {
        if caller.limits().is_some() {
            self.count(caller);
        }
    }

    #[cold]
    fn count(&self, caller: Caller) {
        let Some(limits) = caller.limits() else { return };
        let (mut incoming, mut outgoing) = (self.incoming.borrow_mut(), self.outgoing.borrow_mut());
        if limits.is_scarce() && incoming.unread().is_empty() && !incoming.ended {
            *incoming = Incoming::default();
        }
        if limits.is_scarce() && outgoing.is_empty() {
            *outgoing = Outgoing::default();
        }
        let now = incoming.size() + outgoing.size();
        limits.buffer(self.held.replace(now), now);
    }
}
