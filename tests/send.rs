//! With mlua's `send`, a Lua state and its hooks can be moved to another thread.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use bsdsocket::{Builder, Event};
use mlua::Lua;

#[test]
fn a_hook_is_moved_to_another_thread_with_its_state() {
    let count = Arc::new(AtomicUsize::new(0));
    let threads = Arc::new(Mutex::new(Vec::new()));
    let (counted, seen) = (count.clone(), threads.clone());
    let builder = Builder::new().audit(move |event: &Event| {
        counted.fetch_add(1, Ordering::Relaxed);
        seen.lock().unwrap().push(thread::current().id());
        if event.name() == "socket.gethostname" { Err("not here") } else { Ok(()) }
    });
    let lua = Lua::new();
    builder.preload(&lua).unwrap();
    lua.load("s = require('bsdsocket').socket()").exec().unwrap();
    let other = thread::spawn(move || {
        let attempt = lua.load("s:close() s = require('bsdsocket').socket() require('bsdsocket').gethostname()").exec();
        assert!(attempt.unwrap_err().to_string().contains("not here"));
        lua
    });
    let other_thread = other.thread().id();
    drop(other.join().unwrap());
    assert_eq!(*threads.lock().unwrap(), [thread::current().id(), other_thread, other_thread]);
    assert_eq!(count.load(Ordering::Relaxed), 3);
}

/// One builder for the states of several threads.
#[test]
fn threads_share_a_builder() {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    let builder = Arc::new(Builder::new().audit(move |_: &Event| {
        counted.fetch_add(1, Ordering::Relaxed);
        Ok::<(), String>(())
    }));
    let threads = (0..4).map(|_| {
        let builder = builder.clone();
        thread::spawn(move || {
            let lua = Lua::new();
            builder.preload(&lua).unwrap();
            lua.load("for _ = 1, 100 do require('bsdsocket').gethostname() end").exec().unwrap();
        })
    });
    threads.collect::<Vec<_>>().into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(count.load(Ordering::Relaxed), 400);
}

/// Tasks go on in the thread that their state was moved to, whose loop watches the same descriptor.
#[test]
#[cfg(unix)]
fn tasks_are_moved_with_their_state() {
    use std::os::fd::AsRawFd;
    use std::time::Duration;

    const BUDGET: Duration = Duration::from_secs(1);
    let lua = Lua::new();
    bsdsocket::preload(&lua).unwrap();
    lua.load(
        "local socket, tasks = require 'bsdsocket', require 'bsdsocket.tasks' one, other = socket.socketpair() \
         tasks.spawn(function() received = one:recv(10) end)",
    )
    .exec()
    .unwrap();
    let number = bsdsocket::tasks::as_fd(&lua).unwrap().as_raw_fd();
    assert_eq!(bsdsocket::tasks::poll(&lua, BUDGET).unwrap(), 1);
    let moved = thread::spawn(move || {
        assert_eq!(bsdsocket::tasks::as_fd(&lua).unwrap().as_raw_fd(), number);
        lua.load("other:send('hello')").exec().unwrap();
        assert_eq!(bsdsocket::tasks::poll(&lua, BUDGET).unwrap(), 0);
        lua
    });
    assert_eq!(moved.join().unwrap().globals().get::<String>("received").unwrap(), "hello");
}
