//! Whether the host is told what calls have done, and when they began.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::time::Instant;

use crate::memory::NumberHasher;

/// When the calls of a Lua state began, where that is told.
#[derive(Default)]
pub(crate) struct Trace {
    on: Cell<bool>,
    /// When the running call began.
    begun: Cell<Option<Instant>>,
    /// When the last call of each task began, by the task's place.
    of_tasks: RefCell<HashMap<u32, Instant, BuildHasherDefault<NumberHasher>>>,
}

impl Trace {
    pub(super) fn set(&self, on: bool) {
        self.on.set(on);
    }

    /// Whether the host is told.
    #[inline(always)]
    pub(crate) fn is_on(&self) -> bool {
        self.on.get()
    }

    /// A call begins: one of a task, by its place, may have begun before.
    pub(crate) fn begin(&self, task: Option<(u32, bool)>) {
        let now = Instant::now();
        let mut begun = now;
        if let Some((place, again)) = task {
            let mut of_tasks = self.of_tasks.borrow_mut();
            if again {
                begun = of_tasks.get(&place).copied().unwrap_or(now);
            } else if of_tasks.try_reserve(1).is_ok() {
                of_tasks.insert(place, now);
            }
        }
        self.begun.set(Some(begun));
    }

    /// When the running call began. Other calls may run until that is put back.
    pub(crate) fn begun(&self) -> Option<Instant> {
        self.begun.get()
    }

    /// Puts back when the running call began.
    pub(crate) fn return_to(&self, begun: Option<Instant>) {
        self.begun.set(begun);
    }

    /// The host's function is going to run, of whose calls it is not told. When the running call began.
    pub(crate) fn pause(&self) -> Option<Instant> {
        self.on.replace(false).then(|| self.begun.get().unwrap_or_else(Instant::now))
    }

    /// The host's function has run.
    pub(crate) fn resume(&self, begun: Instant) {
        self.begun.set(Some(begun));
        self.on.set(true);
    }

    pub(super) fn end(&self) {
        self.on.set(false);
        self.of_tasks.take();
    }
}
