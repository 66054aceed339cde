//! What is known of a descriptor that tasks wait for.

use crate::sys::Ready;

/// The index of no task.
pub(super) const NOBODY: u32 = u32::MAX;

/// What is known of a descriptor.
#[derive(Clone, Copy)]
pub(super) struct Slot {
    pub(super) registered: bool,
    /// In which directions a call is tried. The others would fail with EAGAIN.
    pub(super) ready: Ready,
    /// Whether an event has reported the end of the stream or an error: a receive returns it even after a short read.
    pub(super) ended: bool,
    /// It is not of a socket of this library: it is registered only while a task waits for it.
    pub(super) foreign: bool,
    /// The indexes of the tasks that wait to read and to write.
    pub(super) waiting: [u32; 2],
}

impl Default for Slot {
    fn default() -> Self {
        Slot::new(false)
    }
}

impl Slot {
    pub(super) fn new(foreign: bool) -> Self {
        Slot { registered: false, ready: Ready::BOTH, ended: false, foreign, waiting: [NOBODY; 2] }
    }

    /// What tasks wait for.
    pub(super) fn awaited(&self, others: Option<&Vec<(u32, Ready)>>) -> Ready {
        let besides = others.into_iter().flatten().fold(Ready::NONE, |all, (_, readiness)| all.or(*readiness));
        let [reader, writer] = self.waiting;
        besides.with(Ready::READ, reader != NOBODY).with(Ready::WRITE, writer != NOBODY)
    }
}

/// The index in `waiting` of a direction.
#[inline(always)]
pub(super) fn side(readiness: Ready) -> usize {
    usize::from(readiness == Ready::WRITE)
}

/// Wakes the tasks that wait for one of these directions.
pub(super) fn wake_all(slot: &Slot, others: Option<&Vec<(u32, Ready)>>, ready: Ready, mut wake: impl FnMut(u32)) {
    for readiness in [Ready::READ, Ready::WRITE] {
        if ready.has(readiness) && slot.waiting[side(readiness)] != NOBODY {
            wake(slot.waiting[side(readiness)]);
        }
    }
    for (place, readiness) in others.into_iter().flatten() {
        if ready.has(*readiness) {
            wake(*place);
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::Slot;
    use crate::sys::Descriptor;

    #[test]
    fn an_entry_is_small() {
        assert_eq!(size_of::<(Descriptor, Slot)>(), 16);
    }
}
