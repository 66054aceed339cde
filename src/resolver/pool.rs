//! The threads that look up names.

use std::collections::VecDeque;
use std::collections::hash_map::{Entry, HashMap};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use super::{Answer, Question};
use crate::sys::{self, Waker};

/// The maximum number of threads, unless a host sets another.
pub(crate) const MOST_THREADS: usize = 16;

/// How long a thread waits for the next look-up before it ends.
const IDLE: Duration = Duration::from_secs(10);

/// The threads of one process. A process that was forked has none of them, and gets a pool of its own.
struct Pool {
    forks: usize,
    idle_time: Duration,
    ask: fn(&Question) -> Answer,
    inner: Mutex<PoolState>,
    work: Condvar,
    /// The pool of a process that was forked.
    next: OnceLock<Box<Pool>>,
}

#[derive(Default)]
struct PoolState {
    /// The look-ups that are not done, and who waits for each.
    asked: HashMap<Arc<Question>, Vec<Weak<Ticket>>>,
    /// Those of them that no thread has begun.
    queue: VecDeque<Arc<Question>>,
    threads: usize,
    idle: usize,
}

/// A wait for an answer, which ends when it is dropped.
pub(crate) struct Ticket {
    pool: &'static Pool,
    question: Arc<Question>,
    answer: OnceLock<Answer>,
    listener: u64,
    waker: Arc<Waker>,
}

/// Has a thread look up a name, and wake the listener when it is done. `most` is the maximum number of threads. Returns
/// `None` if there is no thread and none can be created.
pub(crate) fn submit(question: Question, most: usize, listener: u64, waker: Arc<Waker>) -> Option<Arc<Ticket>> {
    static FIRST: OnceLock<Pool> = OnceLock::new();
    let forks = sys::forks();
    let mut pool = FIRST.get_or_init(|| Pool::new(forks, IDLE, Question::ask));
    while pool.forks != forks {
        pool = pool.next.get_or_init(|| Box::new(Pool::new(forks, IDLE, Question::ask)));
    }
    pool.submit(question, most, listener, waker)
}

impl Pool {
    fn new(forks: usize, idle_time: Duration, ask: fn(&Question) -> Answer) -> Self {
        let (inner, work) = (Mutex::default(), Condvar::new());
        Pool { forks, idle_time, ask, inner, work, next: OnceLock::new() }
    }

    fn lock(&self) -> MutexGuard<'_, PoolState> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn submit(&'static self, question: Question, most: usize, listener: u64, waker: Arc<Waker>) -> Option<Arc<Ticket>> {
        let question = Arc::new(question);
        let mut inner = self.lock();
        let PoolState { asked, queue, threads, idle } = &mut *inner;
        let tickets = match asked.entry(question.clone()) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                let needs_another = queue.len() >= *idle && *threads < most;
                if needs_another && sys::spawn(move || self.serve()).is_ok() {
                    *threads += 1;
                }
                if *threads == 0 {
                    return None;
                }
                queue.push_back(question.clone());
                self.work.notify_one();
                entry.insert(Default::default())
            }
        };
        let ticket = Arc::new(Ticket { pool: self, question, answer: OnceLock::new(), listener, waker });
        tickets.push(Arc::downgrade(&ticket));
        Some(ticket)
    }

    /// What a thread does.
    fn serve(&self) {
        while let Some(question) = self.next_question() {
            let found = (self.ask)(&question);
            let tickets = self.lock().asked.remove(&question).unwrap_or_default();
            for ticket in tickets.iter().filter_map(Weak::upgrade) {
                let _ = ticket.answer.set(found.clone());
                ticket.waker.wake_for(ticket.listener);
            }
        }
    }

    /// Waits for the next look-up; `None` if the thread has to end.
    fn next_question(&self) -> Option<Arc<Question>> {
        let mut inner = self.lock();
        loop {
            if let Some(question) = inner.queue.pop_front() {
                return Some(question);
            }
            inner.idle += 1;
            let (again, waited) = self.work.wait_timeout(inner, self.idle_time).unwrap_or_else(PoisonError::into_inner);
            inner = again;
            inner.idle -= 1;
            if waited.timed_out() && inner.queue.is_empty() {
                inner.threads -= 1;
                return None;
            }
        }
    }
}

impl Ticket {
    /// The answer, if it has come.
    pub(crate) fn answer(&self) -> Option<&Answer> {
        self.answer.get()
    }

    /// Whether the wait belongs to the process that this one was forked from.
    pub(crate) fn is_lost(&self) -> bool {
        self.pool.forks != sys::forks()
    }
}

impl Drop for Ticket {
    /// Removes a look-up that no one waits for from the queue. One that is running ends by itself.
    fn drop(&mut self) {
        // Another thread may have held the lock when the process was forked.
        if self.is_lost() {
            return;
        }
        let mut inner = self.pool.lock();
        let PoolState { asked, queue, .. } = &mut *inner;
        let Some(tickets) = asked.get_mut(&self.question) else { return };
        tickets.retain(|ticket| ticket.strong_count() > 0);
        if tickets.is_empty()
            && let Some(place) = queue.iter().position(|question| *question == self.question)
        {
            queue.remove(place);
            asked.remove(&self.question);
        }
    }
}

#[cfg(test)]
mod tests;
