//! What is registered with a selector, and the events of its last wait.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::lua::{Anchored, Watched};
use crate::socket::Socket;
use crate::sys::{self, Descriptor, Errno, NO_DESCRIPTOR, Poller, Queue, Ready};

/// How many numbers there are: as many as fit into half of a token.
const NUMBERS: usize = 1 << (usize::BITS / 2);

/// What stands for a registration in the poller: its number, which is its index in `slots`, and how many had that
/// number before, of which as many bits are kept as there are.
fn new_token(number: usize, generation: usize) -> usize {
    number | generation << (usize::BITS / 2)
}

struct Registration {
    /// `NO_DESCRIPTOR` if the socket was closed or detached since.
    fd: Descriptor,
    /// The object, if it is a socket. The selector keeps it alive while it is registered.
    socket: Option<Anchored<Socket>>,
    events: Ready,
    generation: usize,
    in_use: bool,
}

impl Registration {
    /// Whether it is a socket that was closed or detached: another one may have its number now.
    fn is_lost(&self) -> bool {
        self.socket.is_some_and(|socket| socket.fd() != self.fd)
    }

    fn is_watched(&self) -> bool {
        self.in_use && sys::is_open(self.fd) && !self.is_lost()
    }
}

/// A selector that is open. The keys and the registered objects are in a table of the userdata, by the numbers of the
/// registrations.
pub(crate) struct Selector {
    /// Among the sockets of the Lua state: a queue of the kernel is a descriptor too.
    _place: Option<Rc<()>>,
    poller: Poller,
    slots: Vec<Registration>,
    /// The numbers of slots that are not in use.
    free: Vec<usize>,
    numbers: BTreeMap<Descriptor, usize>,
    /// The number of the current batch, its next event, and how many events it has.
    batch: i64,
    next: usize,
    end: usize,
}

impl Selector {
    pub(super) fn new(place: Option<Rc<()>>, poller: Poller) -> Self {
        let (slots, free, numbers) = (Vec::new(), Vec::new(), BTreeMap::new());
        Selector { _place: place, poller, slots, free, numbers, batch: 0, next: 0, end: 0 }
    }

    pub(super) fn name(&self) -> &'static str {
        if self.poller.queue.is_some() { Queue::NAME } else { "PollSelector" }
    }

    pub(super) fn fd(&self) -> Option<Descriptor> {
        self.poller.queue.as_ref().map(Queue::fd)
    }

    pub(super) fn count(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// The number of a registration, counted from 0.
    pub(crate) fn number(token: usize) -> usize {
        token & (NUMBERS - 1)
    }

    /// The token of the registration with a number.
    pub(crate) fn at(&self, number: usize) -> Option<usize> {
        let slot = self.slots.get(number).filter(|slot| slot.in_use)?;
        Some(new_token(number, slot.generation))
    }

    /// Whether a registration still exists.
    pub(crate) fn has(&self, token: usize) -> bool {
        self.at(Selector::number(token)) == Some(token)
    }

    pub(super) fn find(&self, fd: Descriptor) -> Option<usize> {
        self.at(*self.numbers.get(&fd)?)
    }

    /// The registration of an object or its descriptor.
    pub(super) fn registered(&self, object: Watched) -> Result<usize> {
        let token = object.token.filter(|token| self.has(*token)).or_else(|| self.find(object.fd));
        token.ok_or_else(|| Error::named(Errno::NOT_FOUND, "not registered"))
    }

    /// The descriptor of a registration and its events.
    pub(super) fn watched(&self, token: usize) -> (Descriptor, Ready) {
        let slot = &self.slots[Selector::number(token)];
        (slot.fd, slot.events)
    }

    pub(super) fn register(&mut self, object: Watched, events: Ready) -> Result<usize> {
        let fd = object.fd;
        if let Some(token) = self.find(fd).filter(|token| self.slots[Selector::number(*token)].is_lost()) {
            self.leave(Selector::number(token));
        }
        if self.registered(object).is_ok() {
            return Err(Error::named(Errno::EXISTS, "already registered"));
        }
        if !sys::is_open(fd) {
            return Err(Errno::BAD_DESCRIPTOR.into());
        }
        let token = self.reserve()?;
        self.poller.add(fd, events, token)?;
        let generation = self.slots.get(Selector::number(token)).map_or(0, |slot| slot.generation);
        let slot = Registration { fd, socket: object.socket, events, generation, in_use: true };
        // `reserve` has reserved the memory.
        if self.free.pop().is_none() {
            self.slots.push(slot);
        } else {
            self.slots[Selector::number(token)] = slot;
        }
        self.numbers.insert(fd, Selector::number(token));
        Ok(token)
    }

    /// The next free registration, with memory for it.
    fn reserve(&mut self) -> Result<usize> {
        let room = self.slots.try_reserve(1);
        room.and_then(|()| self.free.try_reserve(self.slots.len() + 1)).map_err(|_| Errno::NO_MEMORY)?;
        let number = self.free.last().copied().unwrap_or(self.slots.len());
        if number == NUMBERS {
            return Err(Errno::NO_MEMORY.into());
        }
        Ok(new_token(number, self.slots.get(number).map_or(0, |slot| slot.generation)))
    }

    /// Changes the events of a registration.
    pub(super) fn modify(&mut self, token: usize, events: Ready) -> std::result::Result<(), Errno> {
        let slot = &mut self.slots[Selector::number(token)];
        if slot.events != events {
            if !slot.is_watched() {
                return Err(Errno::BAD_DESCRIPTOR);
            }
            self.poller.change(slot.fd, events, token)?;
            slot.events = events;
        }
        Ok(())
    }

    pub(super) fn unregister(&mut self, token: usize) {
        self.leave(Selector::number(token));
        let slot = &mut self.slots[Selector::number(token)];
        (slot.in_use, slot.socket) = (false, None);
        slot.generation = slot.generation.wrapping_add(1);
        self.free.push(Selector::number(token));
    }

    /// Removes the descriptor of a slot from the poller.
    fn leave(&mut self, number: usize) {
        let fd = std::mem::replace(&mut self.slots[number].fd, NO_DESCRIPTOR);
        if sys::is_open(fd) {
            self.numbers.remove(&fd);
            self.poller.remove(fd);
        }
    }

    /// Undoes `register`, or with the previous events `modify`.
    pub(crate) fn undo(&mut self, token: usize, before: Option<Ready>) {
        if !self.has(token) {
            return;
        }
        let kept = before.is_some_and(|events| self.modify(token, events).is_ok());
        if !kept {
            self.unregister(token);
        }
    }

    /// Waits until something is ready, for at most `time`. Returns whether something is.
    pub(super) fn wait(&mut self, time: Option<Duration>) -> std::result::Result<bool, Errno> {
        (self.batch, self.next, self.end) = (self.batch.wrapping_add(1) & i64::from(i32::MAX), 0, 0);
        if self.poller.queue.is_none() {
            // Each wait passes all descriptors to the system.
            self.leave_lost();
        }
        let count = self.poller.wait(time)?;
        let known = |n: &usize| self.is_known(self.poller.event(*n).0);
        let stale = count - (0..count).filter(known).count();
        if stale > 0 {
            self.renew()?;
        }
        self.end = count;
        Ok(count > stale)
    }

    /// The same; also ends when a waker is used.
    pub(super) fn wait_or_wake(
        &mut self,
        waker: Descriptor,
        time: Option<Duration>,
    ) -> std::result::Result<bool, Errno> {
        // No registration has this number, so that its event counts as none.
        self.poller.add(waker, Ready::READ, new_token(NUMBERS - 1, 0))?;
        let found = self.wait(time);
        self.poller.remove(waker);
        found
    }

    fn is_known(&self, token: usize) -> bool {
        self.has(token) && self.slots[Selector::number(token)].is_watched()
    }

    /// Removes the descriptors of closed and detached sockets from the poller.
    fn leave_lost(&mut self) {
        for number in 0..self.slots.len() {
            if self.slots[number].is_lost() {
                self.leave(number);
            }
        }
    }

    /// Removes descriptors that were closed from the queue: while a duplicate is open, their events would not end.
    fn renew(&mut self) -> std::result::Result<(), Errno> {
        let Some(queue) = &mut self.poller.queue else { return Ok(()) };
        let slots = self.slots.iter().enumerate().filter(|(_, slot)| slot.is_watched());
        queue.renew(slots.map(|(number, slot)| (slot.fd, slot.events, new_token(number, slot.generation))))
    }

    /// The number of the current batch.
    pub(super) fn batch(&self) -> i64 {
        self.batch
    }

    /// The next event of a batch, if it is the current one: the number of the registration, and its ready events. Skips
    /// what was unregistered since the wait.
    pub(super) fn next(&mut self, batch: Option<i64>) -> Option<(usize, Ready)> {
        if batch.is_some_and(|batch| batch != self.batch) {
            return None;
        }
        while self.next < self.end {
            let (token, ready) = self.poller.event(self.next);
            self.next += 1;
            let failed = ready.has(Ready::HANGUP.or(Ready::ERROR));
            let ready = if failed { Ready::BOTH } else { ready };
            if self.is_known(token) {
                let number = Selector::number(token);
                let ready = ready.and(self.slots[number].events);
                if ready != Ready::NONE {
                    return Some((number, ready));
                }
            }
        }
        None
    }
}
