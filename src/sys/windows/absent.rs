//! What only the other kind of system has.

use std::cell::Cell;
use std::time::Duration;

use super::*;
use crate::sys::{ControlMessage, Event, Interest, Token};

/// Documented functions and methods that Lua does not find here.
pub(crate) const ABSENT: &[&str] =
    &["EpollSelector", "KqueueSelector", "get_local_cid", "recv_fds", "send_fds", "sendmsg_afalg", "sethostname"];

/// Descriptors that the kernel watches: there is no such queue.
pub(crate) enum Queue {}

impl Queue {
    /// What a selector over it is called.
    pub(crate) const NAME: &str = "";

    pub(crate) fn new() -> Result<Self, Errno> {
        Err(Errno::NOT_SUPPORTED)
    }

    pub(crate) fn add(&mut self, _: Descriptor, _: Interest, _: Token) -> Result<(), Errno> {
        match *self {}
    }

    pub(crate) fn change(&mut self, _: Descriptor, _: Interest, _: Token) -> Result<(), Errno> {
        match *self {}
    }

    pub(crate) fn remove(&mut self, _: Descriptor) {
        match *self {}
    }

    pub(crate) fn wait(&mut self, _: Option<Duration>) -> Result<usize, Errno> {
        match *self {}
    }

    pub(crate) fn event(&self, _: usize) -> Event {
        match *self {}
    }

    pub(crate) fn renew(
        &mut self,
        _: impl Iterator<ControlMessage = (Descriptor, Interest, Token)>,
    ) -> Result<(), Errno> {
        match *self {}
    }

    pub(crate) fn fd(&self) -> Descriptor {
        match *self {}
    }
}

/// The level and the type of an item that carries descriptors: nothing ever does.
pub(crate) const RIGHTS: (i32, i32) = (i32::MIN, i32::MIN);
pub(crate) const HOLDERS: &[(i32, i32)] = &[RIGHTS];

/// No process is forked.
pub(crate) fn forks() -> usize {
    0
}

/// sethostname(2).
pub(crate) fn sethostname(_: &[u8]) -> Result<(), Errno> {
    Err(Errno::NOT_SUPPORTED)
}

/// The number of this machine among virtual machines.
pub(crate) fn local_cid() -> Result<u32, Errno> {
    Err(Errno::NOT_SUPPORTED)
}

/// Whether sockets of the family work for the kernel's cryptography.
pub(crate) fn is_alg(_: u16) -> bool {
    false
}

pub(crate) fn operation(data: &[Cell<u8>]) -> ControlMessage<'_> {
    item(data)
}

pub(crate) fn initialisation_vector(data: &[Cell<u8>]) -> ControlMessage<'_> {
    item(data)
}

pub(crate) fn associated_length(data: &[Cell<u8>]) -> ControlMessage<'_> {
    item(data)
}

fn item(data: &[Cell<u8>]) -> ControlMessage<'_> {
    ControlMessage { level: i32::MIN, kind: i32::MIN, data }
}
