use std::ffi::CString;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use super::*;

/// A pool whose threads end after a moment without work, the lock that its look-ups wait for, and how many of them have
/// begun. Each test has a number `N` of its own.
fn pool<const N: usize>() -> (&'static Pool, MutexGuard<'static, ()>, &'static AtomicUsize) {
    static GATES: [Mutex<()>; 4] = [const { Mutex::new(()) }; 4];
    static BEGUN: [AtomicUsize; 4] = [const { AtomicUsize::new(0) }; 4];
    let ask = |_: &Question| {
        BEGUN[N].fetch_add(1, Ordering::Relaxed);
        drop(GATES[N].lock());
        Answer::Host(Err(sys::HOST_NOT_FOUND))
    };
    let pool = Box::leak(Box::new(Pool::new(sys::forks(), Duration::from_millis(20), ask)));
    (pool, GATES[N].lock().unwrap(), &BEGUN[N])
}

fn question(name: &str) -> Question {
    Question::HostByName(CString::new(name).unwrap())
}

fn waker() -> Arc<Waker> {
    Arc::new(Waker::new().unwrap())
}

/// How many threads there are, look-ups that none has begun, and look-ups that are not done.
fn counts(pool: &Pool) -> (usize, usize, usize) {
    let inner = pool.lock();
    (inner.threads, inner.queue.len(), inner.asked.len())
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
    let (pool, gate, begun) = pool::<0>();
    let waker = waker();
    let tickets = (0..10).map(|n| pool.submit(question("name"), 16, n, waker.clone()).unwrap()).collect::<Vec<_>>();
    eventually(|| begun.load(Ordering::Relaxed) == 1);
    assert!(tickets.iter().all(|ticket| ticket.answer().is_none()));
    drop(gate);
    eventually(|| tickets.iter().all(|ticket| ticket.answer().is_some()));
    let mut woken = Vec::new();
    while woken.len() < 10 {
        woken.extend(waker.settle());
    }
    woken.sort_unstable();
    assert_eq!(woken, (0..10).collect::<Vec<_>>());
    assert_eq!(begun.load(Ordering::Relaxed), 1);
}

#[test]
#[cfg_attr(miri, ignore = "makes system calls")]
fn there_are_so_many_threads_at_most_and_none_when_there_is_nothing_to_do() {
    let (pool, gate, begun) = pool::<1>();
    let waker = waker();
    let names = (0..20).map(|n| format!("name{n}"));
    let tickets = names.map(|name| pool.submit(question(&name), 4, 0, waker.clone()).unwrap()).collect::<Vec<_>>();
    eventually(|| begun.load(Ordering::Relaxed) == 4);
    assert_eq!(counts(pool), (4, 16, 20));
    drop(gate);
    eventually(|| tickets.iter().all(|ticket| ticket.answer().is_some()));
    eventually(|| counts(pool) == (0, 0, 0));
    assert_eq!(Arc::strong_count(&waker), 21);
}

#[test]
#[cfg_attr(miri, ignore = "makes system calls")]
fn what_nobody_waits_for_is_not_begun() {
    let (pool, gate, begun) = pool::<2>();
    let waker = waker();
    let submit = |name: &str, listener| pool.submit(question(name), 1, listener, waker.clone()).unwrap();
    let hangs = submit("hangs", 1);
    eventually(|| begun.load(Ordering::Relaxed) == 1);
    let (waits, shares) = (submit("waits", 2), submit("waits", 3));
    drop(waits);
    assert_eq!(counts(pool), (1, 1, 2));
    drop(shares);
    drop(hangs);
    assert_eq!(counts(pool), (1, 0, 1));
    assert_eq!(Arc::strong_count(&waker), 1);
    drop(gate);
    eventually(|| pool.lock().threads == 0);
    assert_eq!((begun.load(Ordering::Relaxed), waker.settle()), (1, vec![]));
}

#[test]
#[cfg_attr(miri, ignore = "makes system calls")]
fn without_a_thread_there_is_no_wait() {
    let (pool, _gate, _) = pool::<3>();
    assert!(pool.submit(question("name"), 0, 0, waker()).is_none());
    assert_eq!(counts(pool), (0, 0, 0));
}
