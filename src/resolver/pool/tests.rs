use std::ffi::CString;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use super::*;

/// A pool whose threads end after a moment without work.
fn pool(ask: fn(&Question) -> Answer) -> &'static Pool {
    Box::leak(Box::new(Pool::new(sys::forks(), Duration::from_millis(20), ask)))
}

fn question(name: &str) -> Question {
    Question::HostByName(CString::new(name).unwrap())
}

fn answer() -> Answer {
    Answer::Host(Err(crate::sys::HostError::NOT_FOUND))
}

/// How many threads there are, look-ups that none has begun, and look-ups that are not done.
fn counts(pool: &Pool) -> (usize, usize, usize) {
    let inner = pool.lock();
    (inner.threads, inner.queue.len(), inner.jobs.len())
}

/// Waits until a condition holds.
fn eventually(holds: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(10);
    while !holds() {
        assert!(Instant::now() < end);
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
#[cfg_attr(miri, ignore = "makes system calls")]
fn equal_questions_are_asked_once() {
    static GATE: Mutex<()> = Mutex::new(());
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let pool = pool(|_| {
        ASKED.fetch_add(1, Ordering::Relaxed);
        drop(GATE.lock());
        answer()
    });
    let gate = GATE.lock();
    let bell = Bell::new().unwrap();
    let tickets = (0..10).map(|n| pool.submit(question("name"), 16, n, bell.clone()).unwrap()).collect::<Vec<_>>();
    eventually(|| ASKED.load(Ordering::Relaxed) == 1);
    assert!(tickets.iter().all(|ticket| ticket.answer().is_none()));
    drop(gate);
    eventually(|| tickets.iter().all(|ticket| ticket.answer().is_some()));
    let mut rung = Vec::new();
    while rung.len() < 10 {
        rung.extend(bell.take());
    }
    rung.sort_unstable();
    assert_eq!(rung, (0..10).collect::<Vec<_>>());
    assert_eq!(ASKED.load(Ordering::Relaxed), 1);
}

#[test]
#[cfg_attr(miri, ignore = "makes system calls")]
fn there_are_so_many_threads_at_most_and_none_when_there_is_nothing_to_do() {
    static GATE: Mutex<()> = Mutex::new(());
    static ASKING: AtomicUsize = AtomicUsize::new(0);
    let pool = pool(|_| {
        ASKING.fetch_add(1, Ordering::Relaxed);
        drop(GATE.lock());
        answer()
    });
    let gate = GATE.lock();
    let bell = Bell::new().unwrap();
    let names = (0..20).map(|n| format!("name{n}"));
    let tickets = names.map(|name| pool.submit(question(&name), 4, 0, bell.clone()).unwrap()).collect::<Vec<_>>();
    eventually(|| ASKING.load(Ordering::Relaxed) == 4);
    assert_eq!(counts(pool), (4, 16, 20));
    drop(gate);
    eventually(|| tickets.iter().all(|ticket| ticket.answer().is_some()));
    eventually(|| pool.lock().threads == 0);
    assert_eq!(counts(pool), (0, 0, 0));
    assert_eq!(Arc::strong_count(&bell), 21);
}

#[test]
#[cfg_attr(miri, ignore = "makes system calls")]
fn what_nobody_waits_for_is_not_begun() {
    static GATE: Mutex<()> = Mutex::new(());
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let pool = pool(|_| {
        ASKED.fetch_add(1, Ordering::Relaxed);
        drop(GATE.lock());
        answer()
    });
    let gate = GATE.lock();
    let bell = Bell::new().unwrap();
    let submit = |name: &str, listener| pool.submit(question(name), 1, listener, bell.clone()).unwrap();
    let hangs = submit("hangs", 1);
    eventually(|| ASKED.load(Ordering::Relaxed) == 1);
    let (waits, shares) = (submit("waits", 2), submit("waits", 3));
    drop(waits);
    assert_eq!(counts(pool), (1, 1, 2));
    drop(shares);
    drop(hangs);
    assert_eq!(counts(pool), (1, 0, 1));
    assert_eq!(Arc::strong_count(&bell), 1);
    drop(gate);
    eventually(|| pool.lock().threads == 0);
    assert_eq!((ASKED.load(Ordering::Relaxed), bell.take()), (1, vec![]));
}

#[test]
#[cfg_attr(miri, ignore = "makes system calls")]
fn without_a_thread_there_is_no_wait() {
    let pool = pool(|_| answer());
    let ticket = pool.submit(question("name"), 0, 0, Bell::new().unwrap());
    assert!(ticket.is_none());
    assert!(pool.lock().jobs.is_empty());
}
