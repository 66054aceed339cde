//! The descriptors that tasks wait for.
//!
//! With epoll and kqueue a descriptor is registered once, edge-triggered, for both directions. The last events are
//! kept, so that a call that would fail with EAGAIN is not made. With poll(2) only descriptors are registered that a
//! task waits for, and each call is tried.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::time::Duration;

use super::Id;
use super::slot::{NOBODY, Slot, bit, wake_all};
use super::table::Table;
use crate::memory::{NumberHasher, with_room};
use crate::resolver::Bell;
use crate::sys::{Descriptor, Errno, Poller, Queue, Readiness, Ready, Token};

/// The descriptors, and what waits for them.
#[derive(Default)]
pub(super) struct Slots {
    poller: Option<Poller>,
    /// What rings when a look-up is done.
    bell: Option<Arc<Bell>>,
    slots: Table<Slot>,
    /// Further tasks that wait for a descriptor, by their indexes.
    others: HashMap<Descriptor, Vec<(u32, Readiness)>, NumberHasher>,
    /// A descriptor that ends waits when it is readable.
    waker: Option<Descriptor>,
}

impl Slots {
    fn poller(&mut self) -> Result<&mut Poller, Errno> {
        if self.poller.is_none() {
            let poller = self.poller.insert(Poller::new()?);
            if let Some(waker) = self.waker {
                let token = Token::new(waker as usize, 0);
                match poller {
                    Poller::Queue(queue) => queue.add(waker, Ready::READ, token)?,
                    Poller::Poll(set) => set.add(waker, Ready::READ, token)?,
                }
            }
        }
        self.poller.as_mut().ok_or(Errno::NOT_SUPPORTED)
    }

    /// What look-up threads ring when they are done.
    pub(super) fn bell(&mut self) -> Result<Arc<Bell>, Errno> {
        if let Some(bell) = &self.bell {
            return Ok(bell.clone());
        }
        let bell = Bell::new()?;
        let token = Token::new(bell.fd() as usize, 0);
        match self.poller()? {
            Poller::Queue(queue) => queue.add(bell.fd(), Ready::READ, token)?,
            Poller::Poll(set) => set.add(bell.fd(), Ready::READ, token)?,
        }
        self.bell = Some(bell.clone());
        Ok(bell)
    }

    /// Ends waits when a descriptor is readable, from the next wait on.
    pub(super) fn heed(&mut self, waker: Descriptor) {
        self.waker = Some(waker);
    }

    /// The epoll set or kqueue. Fails where there is none.
    pub(super) fn queue(&mut self) -> Result<&mut Queue, Errno> {
        match self.poller()? {
            Poller::Queue(queue) => Ok(queue),
            Poller::Poll(_) => Err(Errno::NOT_SUPPORTED),
        }
    }

    /// Whether a call should be made, or would fail with EAGAIN; `None` when another task waits to do the same, which only
    /// one may. `whole` says that several may.
    #[inline(always)]
    pub(super) fn advise(&self, fd: Descriptor, readiness: Readiness, own: u32, whole: bool) -> Option<bool> {
        let Some(slot) = self.slots.get(fd) else { return Some(true) };
        let other = slot.waiting[readiness as usize];
        if other != NOBODY && other != own && !whole {
            return None;
        }
        Some(!slot.registered || slot.ready.has(bit(readiness)))
    }

    /// Called after EAGAIN: the next call is made after an event.
    pub(super) fn drained(&mut self, fd: Descriptor, readiness: Readiness) {
        if let Some(slot) = self.slots.get_mut(fd) {
            slot.ready = slot.ready & other(readiness);
        }
    }

    /// Called after a receive that did not fill its buffer: nothing is left to receive.
    #[inline(always)]
    pub(super) fn short(&mut self, fd: Descriptor) {
        if let Some(slot) = self.slots.get_mut(fd)
            && slot.registered
            && !slot.ended
        {
            slot.ready = slot.ready & Ready::WRITE;
        }
    }

    /// Records that a task waits.
    #[inline(always)]
    pub(super) fn add(&mut self, fd: Descriptor, readiness: Readiness, place: u32, foreign: bool) -> Result<(), Errno> {
        if let Some(slot) = self.slots.get_mut(fd)
            && slot.registered
            && slot.waiting[readiness as usize] == NOBODY
        {
            slot.waiting[readiness as usize] = place;
            return Ok(());
        }
        self.register(fd, readiness, place, foreign)
    }

    /// The same for a descriptor that is not registered, or that other tasks wait for.
    #[cold]
    fn register(&mut self, fd: Descriptor, readiness: Readiness, place: u32, foreign: bool) -> Result<(), Errno> {
        self.poller()?;
        let Slots { poller: Some(poller), slots, others, .. } = self else { return Err(Errno::NOT_SUPPORTED) };
        let slot = slots.entry(fd, || Slot::new(foreign))?;
        let nobody = slot.awaited(others.get(&fd)) == Ready::NONE;
        match slot.waiting[readiness as usize] {
            NOBODY => slot.waiting[readiness as usize] = place,
            taken if taken == place => {}
            _ => others.entry(fd).or_default().push((place, readiness)),
        }
        if slot.registered {
            return Ok(());
        }
        let token = Token::new(fd as usize, 0);
        let done = match poller {
            Poller::Queue(queue) => queue.add(fd, Ready::EDGE, token),
            Poller::Poll(set) if nobody => set.add(fd, slot.awaited(others.get(&fd)), token),
            Poller::Poll(set) => set.change(fd, slot.awaited(others.get(&fd))),
        };
        match done {
            Ok(()) => slot.registered = matches!(poller, Poller::Queue(_)),
            Err(_) => self.leave(fd, readiness, place),
        }
        done
    }

    /// Records that a task no longer waits.
    #[inline(always)]
    pub(super) fn leave(&mut self, fd: Descriptor, readiness: Readiness, place: u32) {
        let Some(slot) = self.slots.get_mut(fd) else { return };
        if !slot.registered || slot.foreign || !self.others.is_empty() {
            self.leave_other(fd, readiness, place);
        } else if slot.waiting[readiness as usize] == place {
            slot.waiting[readiness as usize] = NOBODY;
        }
    }

    /// The same where other tasks wait, or the descriptor does not stay registered.
    #[cold]
    fn leave_other(&mut self, fd: Descriptor, readiness: Readiness, place: u32) {
        let Some(slot) = self.slots.get_mut(fd) else { return };
        let before = slot.awaited(self.others.get(&fd));
        if slot.waiting[readiness as usize] == place {
            slot.waiting[readiness as usize] = NOBODY;
        }
        if !self.others.is_empty() {
            leave_others(&mut self.others, fd, place);
        }
        let after = slot.awaited(self.others.get(&fd));
        let (foreign, registered) = (slot.foreign, slot.registered);
        match &mut self.poller {
            Some(Poller::Queue(queue)) if foreign && after == Ready::NONE => {
                if registered {
                    queue.remove(fd);
                }
                self.slots.remove(fd);
            }
            Some(Poller::Poll(set)) if after == Ready::NONE => {
                set.remove(fd);
                self.slots.remove(fd);
            }
            Some(Poller::Poll(set)) if before != after => {
                let _ = set.change(fd, after);
            }
            _ => {}
        }
    }

    /// Removes a descriptor that is closed, or about to be, and wakes the tasks that wait for it.
    pub(super) fn forget(&mut self, fd: Descriptor, wake: impl FnMut(u32)) {
        let Some(slot) = self.slots.remove(fd) else { return };
        match &mut self.poller {
            Some(Poller::Queue(queue)) if slot.registered => queue.remove(fd),
            Some(Poller::Poll(set)) => set.remove(fd),
            _ => {}
        }
        wake_all(&slot, self.others.remove(&fd).as_ref(), Ready::READ | Ready::WRITE, wake);
    }

    /// Wakes the tasks that wait for a descriptor which stays open.
    pub(super) fn alarm(&self, fd: Descriptor, wake: impl FnMut(u32)) {
        if let Some(slot) = self.slots.get(fd) {
            wake_all(slot, self.others.get(&fd), Ready::READ | Ready::WRITE, wake);
        }
    }

    /// The tasks that wait for a descriptor.
    pub(super) fn waiting_for(&self, fd: Descriptor) -> Result<Vec<u32>, Errno> {
        let others = self.others.get(&fd);
        let mut tasks = with_room(2 + others.map_or(0, Vec::len))?;
        if let Some(slot) = self.slots.get(fd) {
            wake_all(slot, others, Ready::READ | Ready::WRITE, |place| tasks.push(place));
        }
        tasks.sort_unstable();
        tasks.dedup();
        Ok(tasks)
    }

    /// Waits for events for a limited time, and wakes the tasks that waited for them.
    pub(super) fn wait(&mut self, time: Option<Duration>, mut wake: impl FnMut(u32)) -> Result<(), Errno> {
        self.poller()?;
        let Slots { poller: Some(poller), slots, others, bell, .. } = self else { return Ok(()) };
        let count = poller.wait(time)?;
        for n in 0..count {
            let (token, event) = poller.event(n);
            let fd = token.place() as Descriptor;
            if let Some(bell) = bell.as_ref().filter(|bell| bell.fd() == fd) {
                bell.take().into_iter().for_each(|id| wake(Id::from_bits(id).place()));
                continue;
            }
            let Some(slot) = slots.get_mut(fd) else { continue };
            let ends = event.has(Ready::READ_END | Ready::HANGUP | Ready::ERROR);
            slot.ended |= ends || event.has(Ready::URGENT);
            let ready = Ready::READ.when(ends || event.has(Ready::READ | Ready::URGENT))
                | Ready::WRITE.when(event.has(Ready::WRITE | Ready::HANGUP | Ready::ERROR));
            slot.ready = slot.ready | ready;
            wake_all(slot, others.get(&fd), ready, &mut wake);
        }
        Ok(())
    }

    /// Creates a new queue in a forked process. The old one is the parent's and is not changed.
    pub(super) fn renew(&mut self) {
        let again = self.slots.iter().map(|(fd, slot)| (fd, slot.awaited(self.others.get(&fd)))).collect::<Vec<_>>();
        self.poller = None;
        self.bell = None;
        for (fd, awaited) in again {
            if let Some(slot) = self.slots.get_mut(fd) {
                slot.registered = false;
            }
            if awaited != Ready::NONE
                && let Ok(Poller::Queue(queue)) = self.poller()
                && queue.add(fd, Ready::EDGE, Token::new(fd as usize, 0)).is_ok()
                && let Some(slot) = self.slots.get_mut(fd)
            {
                slot.registered = true;
            }
        }
    }
}

fn other(readiness: Readiness) -> Ready {
    match readiness {
        Readiness::Read => Ready::WRITE,
        Readiness::Write => Ready::READ,
    }
}

/// Removes a task from those in `others`.
fn leave_others(others: &mut HashMap<Descriptor, Vec<(u32, Readiness)>, NumberHasher>, fd: Descriptor, place: u32) {
    if let Entry::Occupied(mut list) = others.entry(fd) {
        list.get_mut().retain(|(other, _)| *other != place);
        if list.get().is_empty() {
            list.remove();
        }
    }
}
