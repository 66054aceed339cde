//! The descriptors that tasks wait for.
//!
//! With epoll and kqueue a descriptor is registered once, edge-triggered, for both directions. The last events are
//! kept, so that a call that would fail with EAGAIN is not made. With poll(2) only descriptors are registered that a
//! task waits for, and each call is tried.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;
use std::time::Duration;

use super::Id;
use super::slot::{NOBODY, Slot, side, wake_all};
use super::table::Table;
use crate::memory::with_room;
use crate::sys::{Descriptor, Errno, Poller, Queue, Ready, Waker};

/// The descriptors, and what waits for them.
#[derive(Default)]
pub(super) struct Slots {
    poller: Option<Poller>,
    /// What look-up threads use when they are done, for a task.
    waker: Option<Arc<Waker>>,
    slots: Table<Slot>,
    /// Further tasks that wait for a descriptor, by their indexes.
    others: BTreeMap<Descriptor, Vec<(u32, Ready)>>,
    /// A descriptor that ends waits when it is readable: of the host's switch.
    switch: Option<Descriptor>,
}

impl Slots {
    fn poller(&mut self) -> Result<&mut Poller, Errno> {
        if self.poller.is_none() {
            let poller = self.poller.insert(Poller::new()?);
            if let Some(switch) = self.switch {
                poller.add(switch, Ready::READ, switch as usize)?;
            }
        }
        self.poller.as_mut().ok_or(Errno::NOT_SUPPORTED)
    }

    /// What look-up threads use when they are done.
    pub(super) fn waker(&mut self) -> Result<Arc<Waker>, Errno> {
        if let Some(waker) = &self.waker {
            return Ok(waker.clone());
        }
        let waker = Arc::new(Waker::new()?);
        self.poller()?.add(waker.fd(), Ready::READ, waker.fd() as usize)?;
        self.waker = Some(waker.clone());
        Ok(waker)
    }

    /// Ends waits when a descriptor is readable, from the next wait on.
    pub(super) fn heed(&mut self, switch: Descriptor) {
        self.switch = Some(switch);
    }

    /// The epoll set or kqueue. Fails where there is none.
    pub(super) fn queue(&mut self) -> Result<&mut Queue, Errno> {
        self.poller()?.queue.as_mut().ok_or(Errno::NOT_SUPPORTED)
    }

    /// The same, if it has an alarm.
    pub(super) fn alarmed(&self) -> Option<&Queue> {
        self.poller.as_ref()?.queue.as_ref().filter(|queue| queue.has_alarm())
    }

    /// Whether a call should be made, or would fail with EAGAIN; `None` when another task waits to do the same, which only
    /// one may. `whole` says that several may.
    #[inline(always)]
    pub(super) fn advise(&self, fd: Descriptor, readiness: Ready, own: u32, whole: bool) -> Option<bool> {
        let Some(slot) = self.slots.get(fd) else { return Some(true) };
        let other = slot.waiting[side(readiness)];
        if other != NOBODY && other != own && !whole {
            return None;
        }
        Some(!slot.registered || slot.ready.has(readiness))
    }

    /// Called after EAGAIN: the next call is made after an event.
    pub(super) fn drained(&mut self, fd: Descriptor, readiness: Ready) {
        if let Some(slot) = self.slots.get_mut(fd) {
            slot.ready = slot.ready.without(readiness);
        }
    }

    /// Called after a receive that did not fill its buffer: nothing is left to receive.
    #[inline(always)]
    pub(super) fn short(&mut self, fd: Descriptor) {
        if let Some(slot) = self.slots.get_mut(fd)
            && slot.registered
            && !slot.ended
        {
            slot.ready = slot.ready.without(Ready::READ);
        }
    }

    /// Records that a task waits.
    #[inline(always)]
    pub(super) fn add(&mut self, fd: Descriptor, readiness: Ready, place: u32, foreign: bool) -> Result<(), Errno> {
        if let Some(slot) = self.slots.get_mut(fd)
            && slot.registered
            && slot.waiting[side(readiness)] == NOBODY
        {
            slot.waiting[side(readiness)] = place;
            return Ok(());
        }
        self.register(fd, readiness, place, foreign)
    }

    /// The same for a descriptor that is not registered, or that other tasks wait for.
    #[cold]
    fn register(&mut self, fd: Descriptor, readiness: Ready, place: u32, foreign: bool) -> Result<(), Errno> {
        self.poller()?;
        let Slots { poller: Some(poller), slots, others, .. } = self else { return Err(Errno::NOT_SUPPORTED) };
        let slot = slots.entry(fd, || Slot::new(foreign))?;
        let nobody = slot.awaited(others.get(&fd)) == Ready::NONE;
        match slot.waiting[side(readiness)] {
            NOBODY => slot.waiting[side(readiness)] = place,
            taken if taken == place => {}
            _ => others.entry(fd).or_default().push((place, readiness)),
        }
        if slot.registered {
            return Ok(());
        }
        let is_queue = poller.queue.is_some();
        let awaited = if is_queue { Ready::EDGE } else { slot.awaited(others.get(&fd)) };
        let done = if is_queue || nobody {
            poller.add(fd, awaited, fd as usize)
        } else {
            poller.change(fd, awaited, fd as usize)
        };
        match done {
            Ok(()) => slot.registered = is_queue,
            Err(_) => self.leave(fd, readiness, place),
        }
        done
    }

    /// Records that a task no longer waits.
    #[inline(always)]
    pub(super) fn leave(&mut self, fd: Descriptor, readiness: Ready, place: u32) {
        let Some(slot) = self.slots.get_mut(fd) else { return };
        if !slot.registered || slot.foreign || !self.others.is_empty() {
            self.leave_other(fd, readiness, place);
        } else if slot.waiting[side(readiness)] == place {
            slot.waiting[side(readiness)] = NOBODY;
        }
    }

    /// The same where other tasks wait, or the descriptor does not stay registered.
    #[cold]
    fn leave_other(&mut self, fd: Descriptor, readiness: Ready, place: u32) {
        let Some(slot) = self.slots.get_mut(fd) else { return };
        let before = slot.awaited(self.others.get(&fd));
        if slot.waiting[side(readiness)] == place {
            slot.waiting[side(readiness)] = NOBODY;
        }
        if !self.others.is_empty() {
            leave_others(&mut self.others, fd, place);
        }
        let after = slot.awaited(self.others.get(&fd));
        let (foreign, registered) = (slot.foreign, slot.registered);
        let Some(poller) = &mut self.poller else { return };
        let is_queue = poller.queue.is_some();
        if after == Ready::NONE && (foreign || !is_queue) {
            if registered || !is_queue {
                poller.remove(fd);
            }
            self.slots.remove(fd);
        } else if !is_queue && before != after {
            let _ = poller.change(fd, after, fd as usize);
        }
    }

    /// Removes a descriptor that is closed, or about to be, and wakes the tasks that wait for it.
    pub(super) fn forget(&mut self, fd: Descriptor, wake: impl FnMut(u32)) {
        let Some(slot) = self.slots.remove(fd) else { return };
        if let Some(poller) = &mut self.poller
            && (slot.registered || poller.queue.is_none())
        {
            poller.remove(fd);
        }
        wake_all(&slot, self.others.remove(&fd).as_ref(), Ready::BOTH, wake);
    }

    /// Wakes the tasks that wait for a descriptor which stays open.
    pub(super) fn alarm(&self, fd: Descriptor, wake: impl FnMut(u32)) {
        if let Some(slot) = self.slots.get(fd) {
            wake_all(slot, self.others.get(&fd), Ready::BOTH, wake);
        }
    }

    /// The tasks that wait for a descriptor.
    pub(super) fn waiting_for(&self, fd: Descriptor) -> Result<Vec<u32>, Errno> {
        let others = self.others.get(&fd);
        let mut tasks = with_room(2 + others.map_or(0, Vec::len))?;
        if let Some(slot) = self.slots.get(fd) {
            wake_all(slot, others, Ready::BOTH, |place| tasks.push(place));
        }
        tasks.sort_unstable();
        tasks.dedup();
        Ok(tasks)
    }

    /// Waits for events for a limited time, and wakes the tasks that waited for them.
    pub(super) fn wait(&mut self, time: Option<Duration>, mut wake: impl FnMut(u32)) -> Result<(), Errno> {
        self.poller()?;
        let Slots { poller: Some(poller), slots, others, waker, .. } = self else { return Ok(()) };
        let count = poller.wait(time)?;
        for n in 0..count {
            let (token, event) = poller.event(n);
            let fd = token as Descriptor;
            if let Some(waker) = waker.as_ref().filter(|waker| waker.fd() == fd) {
                waker.settle().into_iter().for_each(|id| wake(Id::from_bits(id).place()));
                continue;
            }
            let Some(slot) = slots.get_mut(fd) else { continue };
            let failed = event.has(Ready::HANGUP.or(Ready::ERROR));
            let ends = failed || event.has(Ready::READ_END);
            slot.ended |= ends || event.has(Ready::URGENT);
            let ready =
                event.and(Ready::BOTH).with(Ready::READ, ends || event.has(Ready::URGENT)).with(Ready::WRITE, failed);
            slot.ready = slot.ready.or(ready);
            wake_all(slot, others.get(&fd), ready, &mut wake);
        }
        Ok(())
    }

    /// Creates a new queue in a forked process. The old one is the parent's and is not changed.
    pub(super) fn renew(&mut self) {
        let again = self.slots.iter().map(|(fd, slot)| (fd, slot.awaited(self.others.get(&fd)))).collect::<Vec<_>>();
        self.poller = None;
        self.waker = None;
        for (fd, awaited) in again {
            if let Some(slot) = self.slots.get_mut(fd) {
                slot.registered = false;
            }
            if awaited != Ready::NONE
                && let Ok(queue) = self.queue()
                && queue.add(fd, Ready::EDGE, fd as usize).is_ok()
                && let Some(slot) = self.slots.get_mut(fd)
            {
                slot.registered = true;
            }
        }
    }
}

/// Removes a task from those in `others`.
fn leave_others(others: &mut BTreeMap<Descriptor, Vec<(u32, Ready)>>, fd: Descriptor, place: u32) {
    if let Entry::Occupied(mut list) = others.entry(fd) {
        list.get_mut().retain(|(other, _)| *other != place);
        if list.get().is_empty() {
            list.remove();
        }
    }
}
