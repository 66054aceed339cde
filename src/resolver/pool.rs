//! The threads that look up names.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use super::{Answer, Bell, Question};
use crate::sys;

/// The maximum number of threads, unless a host sets another.
pub(crate) const MOST_THREADS: usize = 16;

/// How long a thread waits for the next look-up before it ends.
const IDLE: Duration = Duration::from_secs(10);

/// A look-up that is not done.
struct Job {
    question: Question,
    answer: OnceLock<Arc<Answer>>,
    listeners: Mutex<Vec<(u64, Arc<Bell>)>>,
}

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
    /// The look-ups that are not done.
    jobs: HashMap<Question, Arc<Job>>,
    /// Those of them that no thread has begun.
    queue: VecDeque<Arc<Job>>,
    threads: usize,
    idle: usize,
}

/// A wait for an answer, which ends when it is dropped.
pub(crate) struct Ticket {
    pool: &'static Pool,
    job: Arc<Job>,
    listener: u64,
    bell: Arc<Bell>,
}

/// Has a thread look up a name, and ring the bell for the listener when it is done. `most` is the maximum number of
/// threads. Returns `None` if there is no thread and none can be created.
pub(crate) fn submit(question: Question, most: usize, listener: u64, bell: Arc<Bell>) -> Option<Ticket> {
    static FIRST: OnceLock<Pool> = OnceLock::new();
    let forks = sys::forks();
    let mut pool = FIRST.get_or_init(|| Pool::new(forks, IDLE, Question::ask));
    while pool.forks != forks {
        pool = pool.next.get_or_init(|| Box::new(Pool::new(forks, IDLE, Question::ask)));
    }
    pool.submit(question, most, listener, bell)
}

impl Pool {
    fn new(forks: usize, idle_time: Duration, ask: fn(&Question) -> Answer) -> Self {
        let (inner, work) = (Mutex::default(), Condvar::new());
        Pool { forks, idle_time, ask, inner, work, next: OnceLock::new() }
    }

    fn lock(&self) -> MutexGuard<'_, PoolState> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn submit(&'static self, question: Question, most: usize, listener: u64, bell: Arc<Bell>) -> Option<Ticket> {
        let mut inner = self.lock();
        let job = match inner.jobs.get(&question) {
            Some(job) => job.clone(),
            None => {
                let job = Arc::new(Job { question, answer: OnceLock::new(), listeners: Mutex::default() });
                let needs_another = inner.queue.len() >= inner.idle && inner.threads < most;
                if needs_another && sys::spawn(move || self.serve()).is_ok() {
                    inner.threads += 1;
                }
                if inner.threads == 0 {
                    return None;
                }
                inner.jobs.insert(job.question.clone(), job.clone());
                inner.queue.push_back(job.clone());
                self.work.notify_one();
                job
            }
        };
        job.listeners().push((listener, bell.clone()));
        Some(Ticket { pool: self, job, listener, bell })
    }

    /// What a thread does.
    fn serve(&self) {
        while let Some(job) = self.next_job() {
            let answer = Arc::new((self.ask)(&job.question));
            self.lock().jobs.remove(&job.question);
            let _ = job.answer.set(answer);
            let listeners = std::mem::take(&mut *job.listeners());
            for (listener, bell) in listeners {
                bell.ring(listener);
            }
        }
    }

    /// Waits for the next look-up; `None` if the thread has to end.
    fn next_job(&self) -> Option<Arc<Job>> {
        let mut inner = self.lock();
        loop {
            if let Some(job) = inner.queue.pop_front() {
                return Some(job);
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

impl Job {
    fn listeners(&self) -> MutexGuard<'_, Vec<(u64, Arc<Bell>)>> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ticket {
    /// The answer, if it has come.
    pub(crate) fn answer(&self) -> Option<Arc<Answer>> {
        self.job.answer.get().cloned()
    }

    /// Whether the wait belongs to the process that this one was forked from.
    pub(crate) fn is_lost(&self) -> bool {
        self.pool.forks != sys::forks()
    }
}

impl Drop for Ticket {
    /// Removes a look-up that no one waits for from the queue. One that is running ends by itself.
    fn drop(&mut self) {
        // Another thread may have held the locks when the process was forked.
        if self.is_lost() {
            return;
        }
        let mut inner = self.pool.lock();
        let mut listeners = self.job.listeners();
        let own = |(listener, bell): &(u64, Arc<Bell>)| *listener == self.listener && Arc::ptr_eq(bell, &self.bell);
        if let Some(place) = listeners.iter().position(own) {
            listeners.swap_remove(place);
        }
        if listeners.is_empty()
            && let Some(place) = inner.queue.iter().position(|job| Arc::ptr_eq(job, &self.job))
        {
            inner.queue.remove(place);
            inner.jobs.remove(&self.job.question);
        }
    }
}

#[cfg(test)]
mod tests;
