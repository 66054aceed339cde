//! What each socket of a Lua state has moved, and since when it is there, where the host has it counted.

use std::time::Instant;

use super::open_objects::OpenObjects;
use crate::socket::Socket;
use crate::sys::Ready;

/// What is counted of one socket.
#[derive(Clone, Copy)]
pub(crate) struct Record {
    pub(crate) since: Instant,
    pub(crate) received: u64,
    pub(crate) sent: u64,
}

impl OpenObjects {
    /// Keeps records from now on.
    pub(super) fn keep_records(&self) {
        self.keeps_records.set(true);
    }

    /// Reserves memory for one more record; false when there is none.
    #[inline(always)]
    pub(super) fn reserve_record(&self) -> bool {
        !self.keeps_records.get() || self.records.borrow_mut().try_reserve(1).is_ok()
    }

    #[inline(always)]
    pub(super) fn add_record(&self, socket: &Socket) {
        if self.keeps_records.get() {
            let record = Record { since: Instant::now(), received: 0, sent: 0 };
            self.records.borrow_mut().insert(socket, record);
        }
    }

    #[inline(always)]
    pub(super) fn remove_record(&self, socket: &Socket) {
        if self.keeps_records.get() {
            self.records.borrow_mut().remove(&std::ptr::from_ref(socket));
        }
    }

    /// The Lua state is being closed: gives back the memory.
    pub(super) fn end_records(&self) {
        self.keeps_records.set(false);
        self.closed.take();
        self.records.take();
    }

    /// A call has moved bytes.
    pub(crate) fn moved(&self, socket: &Socket, readiness: Ready, count: usize) {
        if let Some(record) = self.records.borrow_mut().get_mut(&std::ptr::from_ref(socket)) {
            match readiness {
                Ready::READ => record.received += count as u64,
                _ => record.sent += count as u64,
            }
        }
    }

    /// What is counted of a socket.
    pub(crate) fn record(&self, socket: &Socket) -> Option<Record> {
        self.records.borrow().get(&std::ptr::from_ref(socket)).copied()
    }
}
