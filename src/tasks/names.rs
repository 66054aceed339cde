//! Look-ups of names in tasks.

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
        let known = |answers: &[(Question, Answer)]| {
            answers.iter().find(|(known, _)| *known == question).map(|(_, answer)| answer.clone())
        };
        if let Some(answer) = self.task.peek(|extra| known(&extra.answers)) {
            return Ok(answer);
        }
        let pending = self.task.peek(|extra| extra.ticket.take()).filter(|ticket| !ticket.is_lost());
        let found = match pending {
            Some(ticket) => ticket.answer().cloned().ok_or(ticket),
            None => {
                let waker = self.scheduler.slots.borrow_mut().waker()?;
                match resolver::submit(question.clone(), most, self.task.id.get().to_bits(), waker) {
                    Some(ticket) => Err(ticket),
                    None => Ok(in_place(&question)?),
                }
            }
        };
        match found {
            Ok(answer) => {
                self.task.with_extra(|extra| extra.answers.push((question, answer.clone())));
                Ok(answer)
            }
            Err(_) if end.is_some_and(|end| end <= Instant::now()) => Err(Cause::Timeout.into()),
            Err(ticket) => {
                self.task.with_extra(|extra| extra.ticket = Some(ticket));
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
