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
        let mut names = self.task.take_names().unwrap_or_default();
        if let Some((_, answer)) = names.known.iter().find(|(known, _)| *known == question) {
            let answer = Answer::clone(answer);
            self.task.keep_names(names);
            return Ok(answer);
        }
        let pending = names.pending.take().filter(|ticket| !ticket.is_lost());
        let found = match pending {
            Some(ticket) => ticket.answer().ok_or(ticket),
            None => {
                let bell = self.scheduler.slots.borrow_mut().bell()?;
                let id = self.task.id.get();
                match resolver::submit(question.clone(), most, (id.place(), id.serial()), bell) {
                    Some(ticket) => Err(ticket),
                    None => Ok(Arc::new(question.ask())),
                }
            }
        };
        match found {
            Ok(found) => {
                let answer = Answer::clone(&found);
                names.known.push((question, found));
                self.task.keep_names(names);
                Ok(answer)
            }
            Err(_) if end.is_some_and(|end| end <= Instant::now()) => Err(Cause::Timeout.into()),
            Err(ticket) => {
                names.pending = Some(ticket);
                self.task.keep_names(names);
                Err(self.park(Wait::Name, end))
            }
        }
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
