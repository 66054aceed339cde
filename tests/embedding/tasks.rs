//! Tasks that the host runs.

use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::time::{Duration, Instant};

use bsdsocket::{Builder, tasks};
use mlua::{Function, Lua, Value};

use super::{alone, descriptors};

fn open() -> Lua {
    let lua = Lua::new();
    bsdsocket::preload(&lua).unwrap();
    lua.load("socket, tasks = require 'bsdsocket', require 'bsdsocket.tasks'").exec().unwrap();
    lua
}

fn get<T: mlua::FromLua>(lua: &Lua, name: &str) -> T {
    lua.globals().get(name).unwrap()
}

const LONG: Duration = Duration::from_secs(60);

#[test]
fn poll_runs_what_is_ready_and_never_waits() {
    let _alone = alone();
    let lua = open();
    assert_eq!(tasks::poll(&lua, LONG).unwrap(), 0);
    lua.load(
        r#"
        turns = 0
        tasks.spawn(function() for _ = 1, 10 do turns = turns + 1 tasks.yield() end end)
        tasks.spawn(tasks.sleep, 60)
        one, other = socket.socketpair()
        tasks.spawn(function() got = one:recv(10) end)
        "#,
    )
    .exec()
    .unwrap();
    let before = Instant::now();
    assert_eq!(tasks::poll(&lua, LONG).unwrap(), 2);
    assert!(before.elapsed() < LONG / 2);
    assert_eq!(get::<u32>(&lua, "turns"), 10);
    lua.load("other:send('x')").exec().unwrap();
    assert_eq!(tasks::poll(&lua, LONG).unwrap(), 1);
    assert_eq!(get::<String>(&lua, "got"), "x");
    let time = tasks::timeout(&lua).unwrap().unwrap();
    assert!(time > LONG / 2 && time <= LONG);
}

#[test]
fn poll_ends_when_the_time_is_up_and_goes_on_where_it_ended() {
    let _alone = alone();
    let lua = open();
    lua.load(
        r#"
        order = ""
        for n = 1, 6 do
            tasks.spawn(function()
                local start = tasks.now()
                repeat until tasks.now() - start >= 0.002
                order = order .. n
            end)
        end
        "#,
    )
    .exec()
    .unwrap();
    // A task that has begun is not interrupted.
    assert_eq!(tasks::poll(&lua, Duration::ZERO).unwrap(), 5);
    assert_eq!(tasks::timeout(&lua).unwrap(), Some(Duration::ZERO));
    let left = tasks::poll(&lua, Duration::from_millis(3)).unwrap();
    assert!((3..5).contains(&left), "{left}");
    assert_eq!(tasks::poll(&lua, LONG).unwrap(), 0);
    assert_eq!(get::<String>(&lua, "order"), "123456");
    assert_eq!(tasks::timeout(&lua).unwrap(), None);
}

#[test]
fn a_task_that_always_yields_does_not_keep_poll() {
    let _alone = alone();
    let lua = open();
    lua.load("tasks.spawn(function() while true do tasks.yield() end end)").exec().unwrap();
    lua.load("tasks.spawn(function() for _ = 1, 3 do tasks.sleep(0.001) end done = true end)").exec().unwrap();
    let before = Instant::now();
    while !get::<Option<bool>>(&lua, "done").unwrap_or_default() {
        assert!(tasks::poll(&lua, Duration::from_millis(2)).unwrap() > 0);
        assert!(before.elapsed() < LONG);
    }
}

#[test]
fn poll_fails_in_a_task_and_leaves_errors_of_tasks_to_scripts() {
    let _alone = alone();
    let lua = open();
    let poll = lua.create_function(|lua, ()| tasks::poll(lua, Duration::ZERO)).unwrap();
    lua.globals().set("poll", poll).unwrap();
    lua.load(
        r#"
        tasks.onerror(function(_, message) told = message end)
        tasks.spawn(function() ok, refused = pcall(poll) error("lost", 0) end)
        "#,
    )
    .exec()
    .unwrap();
    assert_eq!(tasks::poll(&lua, LONG).unwrap(), 0);
    assert!(!get::<bool>(&lua, "ok"));
    let refused: mlua::Value = get(&lua, "refused");
    assert!(refused.to_string().unwrap().contains("tasks are already running"));
    assert_eq!(get::<String>(&lua, "told"), "lost");
}

/// An epoll instance that watches a descriptor, level-triggered or edge-triggered.
struct Loop(OwnedFd);

impl Loop {
    fn new(watched: impl AsFd, flags: i32) -> Self {
        // SAFETY: a new descriptor, and an event.
        unsafe {
            let queue = OwnedFd::from_raw_fd(libc::epoll_create1(libc::EPOLL_CLOEXEC));
            let mut event = libc::epoll_event { events: (libc::EPOLLIN | flags) as u32, u64: 0 };
            let watched = watched.as_fd().as_raw_fd();
            assert_eq!(libc::epoll_ctl(queue.as_raw_fd(), libc::EPOLL_CTL_ADD, watched, &mut event), 0);
            Loop(queue)
        }
    }

    /// Whether there is an event within so many milliseconds.
    fn wait(&self, milliseconds: i32) -> bool {
        let mut event = libc::epoll_event { events: 0, u64: 0 };
        // SAFETY: room for an event.
        unsafe { libc::epoll_wait(self.0.as_raw_fd(), &mut event, 1, milliseconds) == 1 }
    }
}

#[test]
fn the_descriptor_tells_another_loop_when_to_poll() {
    let _alone = alone();
    let before = descriptors();
    for flags in [0, libc::EPOLLET] {
        let lua = open();
        let watching = Loop::new(tasks::as_fd(&lua).unwrap(), flags);
        assert!(!watching.wait(0));
        let act = |code: &str| lua.load(code).exec().unwrap();
        // Each time that `poll` may have left something, an edge-triggered loop is told again.
        let polls = |milliseconds| {
            let mut count = 0;
            while watching.wait(if count == 0 { milliseconds } else { 0 }) {
                tasks::poll(&lua, Duration::ZERO).unwrap();
                count += 1;
                assert!(count < 20);
            }
            count
        };
        act("tasks.spawn(function() for _ = 1, 5 do tasks.yield() end end)");
        assert_eq!(polls(0), 6);
        act("for _ = 1, 5 do tasks.spawn(function() tasks.sleep(0.01) end) end");
        assert_eq!(polls(0), 5);
        assert!((1..=6).contains(&polls(10_000)));
        act("one, other = socket.socketpair() tasks.spawn(function() got = one:recv(1) .. one:recv(1) end)");
        polls(0);
        act("other:send('a')");
        assert_eq!(polls(0), 1);
        act("other:send('b')");
        assert_eq!(polls(0), 1);
        assert_eq!(get::<String>(&lua, "got"), "ab");
        act("event = tasks.event() tasks.spawn(event.wait, event)");
        polls(0);
        act("event:set()");
        assert_eq!((polls(0), tasks::poll(&lua, LONG).unwrap()), (1, 0));
        assert!(!watching.wait(5));
    }
    assert!(descriptors() <= before);
}

#[test]
fn a_host_has_the_descriptor_that_scripts_may_not_have() {
    let _alone = alone();
    let lua = Lua::new();
    Builder::new().without_descriptors().preload(&lua).unwrap();
    let fd = tasks::as_fd(&lua).unwrap();
    assert!(fd.as_raw_fd() >= 0);
    let code: String = lua.load("return select(3, require('bsdsocket.tasks').fileno())").eval().unwrap();
    assert_eq!(code, "EOPNOTSUPP");
}

#[test]
fn without_tasks_scripts_have_none() {
    let _alone = alone();
    let lua = Lua::new();
    Builder::new().without_tasks().preload(&lua).unwrap();
    for attempt in ["require 'bsdsocket.tasks'", "assert(package.preload['bsdsocket.tasks'])()"] {
        assert!(lua.load(attempt).exec().is_err(), "{attempt}");
    }
    let attempt = lua.load("require 'bsdsocket.tasks'").exec().unwrap_err().to_string();
    assert!(attempt.contains("not found"), "{attempt}");
    // SAFETY: a function for `require`, as a host in C has it.
    let open: Function = unsafe { lua.create_c_function(bsdsocket::luaopen_bsdsocket_tasks) }.unwrap();
    let attempt = open.call::<()>(()).unwrap_err().to_string();
    assert!(attempt.contains("the host allows no tasks"), "{attempt}");
    lua.load("assert(require('bsdsocket').socket()) assert(require('bsdsocket.selectors').DefaultSelector())")
        .exec()
        .unwrap();
    assert_eq!(tasks::poll(&lua, LONG).unwrap(), 0);
}

#[test]
fn a_state_is_closed_with_thousands_of_tasks() {
    let _alone = alone();
    let before = descriptors();
    let lua = open();
    let fd = tasks::as_fd(&lua).unwrap();
    assert!(fd.as_raw_fd() >= 0);
    lua.load(
        r#"
        ran = 0
        pairs_of = {}
        for n = 1, 400 do
            pairs_of[n] = { socket.socketpair() }
        end
        local event, queue = tasks.event(), tasks.queue()
        local waits = {
            function() tasks.sleep(60) end,
            function() event:wait() end,
            function() queue:get() end,
            function(n) pairs_of[n % 400 + 1][1]:recv(1) end,
            function(n) pairs_of[n % 400 + 1][2]:makefile("r"):read("l") end,
            function() tasks.group(function(group) group:spawn(tasks.sleep, 60) end) end,
            function() tasks.timeout_after(60, tasks.sleep) end,
        }
        for n = 1, 7000 do
            tasks.spawn(function()
                waits[n % #waits + 1](n)
                ran = ran + 1
            end)
        end
        "#,
    )
    .exec()
    .unwrap();
    let mut left = 0;
    for _ in 0..3 {
        left = tasks::poll(&lua, LONG).unwrap();
    }
    assert!(left >= 5000, "{left}");
    let ended: usize = get(&lua, "ran");
    let check = lua.load("return function() return ran end").eval::<Function>().unwrap();
    assert_eq!(check.call::<usize>(()).unwrap(), ended);
    drop((check, lua));
    assert!(descriptors() <= before);
}

#[test]
fn the_handler_of_errors_keeps_its_registry_key() {
    let _alone = alone();
    let lua = Lua::new();
    bsdsocket::preload(&lua).unwrap();
    lua.load("tasks = require 'bsdsocket.tasks' tasks.onerror(print) tasks.onerror(nil)").exec().unwrap();
    let keys = (0..8).map(|n| lua.create_registry_value(n).unwrap()).collect::<Vec<_>>();
    assert!(lua.load("return tasks.onerror(nil)").eval::<Value>().unwrap().is_nil());
    for (n, key) in keys.iter().enumerate() {
        assert_eq!(lua.registry_value::<Option<usize>>(key).unwrap(), Some(n));
    }
}
