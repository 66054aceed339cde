//! Look-ups of names in tasks.

use std::sync::Arc;
use std::time::Instant;

use super::{Scheduler, TaskCall, Wait};
use crate::error::{Cause, Result};
use crate::resolver::{self, Answer, Question};

impl TaskCall<'_> {
    /// The answer to a question, for which the task waits until a time at most. Where no thread can be made, of which
    /// there may be so many, `in_place` answers, for which all tasks wait.
    pub(crate) fn ask(
        self,
        question: Question,
        most: usize,
        end: Option<Instant>,
        in_place: impl FnOnce(&Question) -> Result<Answer>,
    ) -> Result<Answer> {
        self.check()?;
        // The call is made again from its beginning after each look-up.
        let known = |answers: &[(Question, Arc<Answer>)]| {
            answers.iter().find(|(known, _)| *known == question).map(|(_, answer)| Answer::clone(answer))
        };
        if let Some(answer) = self.task.peek(|extra| known(&extra.work.answers)) {
            return Ok(answer);
        }
        let pending = self.task.peek(|extra| extra.work.ticket.take()).filter(|ticket| !ticket.is_lost());
        let found = match pending {
            Some(ticket) => ticket.answer().ok_or(ticket),
            None => {
                let bell = self.scheduler.slots.borrow_mut().bell()?;
                match resolver::submit(question.clone(), most, self.task.id.get().to_bits(), bell) {
                    Some(ticket) => Err(ticket),
                    None => Ok(Arc::new(in_place(&question)?)),
                }
            }
        };
        match found {
            Ok(found) => {
                let answer = Answer::clone(&found);
                self.task.with_extra(|extra| extra.work.answers.push((question, found)));
                Ok(answer)
            }
            Err(_) if end.is_some_and(|end| end <= Instant::now()) => Err(Cause::Timeout.into()),
            Err(ticket) => {
                self.task.with_extra(|extra| extra.work.ticket = Some(ticket));
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
