//! Groups of tasks: `tasks.group` waits for all of them.

use std::collections::BTreeSet;

use super::{Id, Scheduler, Task};

/// The tasks of one call of `tasks.group`.
pub(super) struct Group {
    /// The task that called `tasks.group`.
    parent: Id,
    children: BTreeSet<Id>,
    /// The first task that failed; the registry keeps its object until the group has ended.
    failed: Option<Id>,
    cancelled: bool,
}

impl Scheduler {
    /// Opens a group, and in its parent a scope with the same number.
    pub(super) fn open_group(&self, parent: &Task) -> i64 {
        let number = self.new_number();
        let group = Group { parent: parent.id.get(), children: BTreeSet::new(), failed: None, cancelled: false };
        self.groups.borrow_mut().insert(number, group);
        parent.enter(number, None, false);
        number
    }

    /// Adds a new task to a group. Returns false if the group has ended.
    pub(crate) fn join_group(&self, number: i64, task: &Task) -> bool {
        let mut groups = self.groups.borrow_mut();
        let Some(group) = groups.get_mut(&number) else { return false };
        group.children.insert(task.id.get());
        task.set_group(number);
        if group.cancelled {
            task.cancelled.set(true);
        }
        true
    }

    pub(super) fn has_group(&self, number: i64) -> bool {
        self.groups.borrow().contains_key(&number)
    }

    /// How many tasks of a group have not ended.
    pub(super) fn members(&self, number: i64) -> usize {
        self.groups.borrow().get(&number).map_or(0, |group| group.children.len())
    }

    /// Cancels the tasks of a group and the scope of its parent.
    pub(super) fn cancel_group(&self, number: i64) {
        let (parent, children) = {
            let mut groups = self.groups.borrow_mut();
            let Some(group) = groups.get_mut(&number) else { return };
            group.cancelled = true;
            (group.parent, group.children.clone())
        };
        for child in children.into_iter().filter_map(|id| self.task(id)) {
            self.cancel(&child);
        }
        if let Some(parent) = self.task(parent)
            && parent.cancel_scope(number)
        {
            self.wake(parent.id.get());
        }
    }

    /// Called when a task of a group has ended. Returns true if its error is the one that `tasks.group` raises: its
    /// object is still needed.
    pub(super) fn leave_group(&self, number: i64, task: &Task, failed: bool) -> bool {
        let (parent, first) = {
            let mut groups = self.groups.borrow_mut();
            let Some(group) = groups.get_mut(&number) else { return false };
            group.children.remove(&task.id.get());
            let first = failed && !group.cancelled;
            if first {
                group.failed = Some(task.id.get());
            }
            (group.parent, first)
        };
        if first {
            self.cancel_group(number);
        }
        self.wake(parent);
        first
    }

    /// Cancels and ends a group whose parent has ended without it: the parent failed where no Lua code could run.
    pub(super) fn abandon_group(&self, number: i64) -> Option<Id> {
        self.cancel_group(number);
        self.close_group(number)
    }

    /// Ends a group and returns the task that failed first.
    pub(super) fn close_group(&self, number: i64) -> Option<Id> {
        self.groups.borrow_mut().remove(&number)?.failed
    }
}
