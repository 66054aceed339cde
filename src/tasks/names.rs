//! Look-ups of names in tasks.

use std::sync::Arc;
use std::time::Instant;

use super::{Scheduler, TaskCall, Wait};
use crate::error::{Cause, Result};
use crate::resolver::{self, Answer, Question, Ticket};

/// The look-ups of one call, which is made again from its beginning after each.
#[derive(Default)]
pub(super) struct Names {
    known: Vec<(Question, Arc<Answer>)>,
    pending: Option<Ticket>,
}

impl TaskCall<'_> {
    /// The answer to a question, for which the task waits until a time at most. Where no thread can be made, of which
    /// there may be so many, all tasks wait.
    pub(crate) fn ask(self, question: Question, most: usize, end: Option<Instant>) -> Result<Answer> {
        self.check()?;
        let kept = &self.task.progress.names;
        let mut names = kept.take().unwrap_or_default();
        let mut answer = names.known.iter().find(|(known, _)| *known == question).map(|(_, answer)| answer.clone());
        if answer.is_none() {
            let pending = names.pending.take().filter(|ticket| !ticket.is_lost());
            let ticket = match pending {
                Some(ticket) => Some(ticket),
                None => {
                    let bell = self.scheduler.slots.borrow_mut().bell()?;
                    let id = self.task.id.get();
                    resolver::submit(question.clone(), most, (id.place, id.serial), bell)
                }
            };
            let found = match &ticket {
                Some(ticket) => ticket.answer(),
                None => Some(Arc::new(question.ask())),
            };
            let Some(found) = found else {
                if end.is_some_and(|end| end <= Instant::now()) {
                    return Err(Cause::Timeout.into());
                }
                names.pending = ticket;
                kept.set(Some(names));
                return Err(self.park(Wait::Name, end));
            };
            names.known.push((question, found.clone()));
            answer = Some(found);
        }
        kept.set(Some(names));
        answer.map(|answer| Answer::clone(&answer)).ok_or(Cause::Timeout.into())
    }
}

impl Scheduler {
    /// In a process that was forked the threads of the parent answer nothing: the look-ups begin again.
    pub(super) fn ask_again(&self) {
        let tasks = self.tasks.borrow().iter().flatten().copied().collect::<Vec<_>>();
        for task in tasks.iter().filter(|task| task.wait.get() == Wait::Name) {
            self.wake(task.id.get());
        }
    }
}
