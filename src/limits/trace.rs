//! When the calls of a Lua state began, where the host is told what they have done.

use std::time::Instant;

use super::Limits;

impl Limits {
    /// Whether the host is told.
    #[inline(always)]
    pub(crate) fn traces(&self) -> bool {
        self.traces.get()
    }

    /// A call begins: one of a task, by its place, may have begun before.
    pub(crate) fn begin_trace(&self, task: Option<(u32, bool)>) {
        let now = Instant::now();
        let mut begun = now;
        if let Some((place, again)) = task {
            let mut of_tasks = self.traced_tasks.borrow_mut();
            if again {
                begun = of_tasks.get(&place).copied().unwrap_or(now);
            } else if of_tasks.try_reserve(1).is_ok() {
                of_tasks.insert(place, now);
            }
        }
        self.traced_since.set(Some(begun));
    }

    /// When the running call began. Other calls may run until that is put back.
    pub(crate) fn traced_since(&self) -> Option<Instant> {
        self.traced_since.get()
    }

    /// Puts back when the running call began.
    pub(crate) fn trace_since(&self, begun: Option<Instant>) {
        self.traced_since.set(begun);
    }

    /// The host's function is going to run, of whose calls it is not told. When the running call began.
    pub(crate) fn pause_trace(&self) -> Option<Instant> {
        self.traces.replace(false).then(|| self.traced_since.get().unwrap_or_else(Instant::now))
    }

    /// The host's function has run.
    pub(crate) fn resume_trace(&self, begun: Instant) {
        self.traced_since.set(Some(begun));
        self.traces.set(true);
    }

    pub(super) fn end_trace(&self) {
        self.traces.set(false);
        self.traced_tasks.take();
    }
}
