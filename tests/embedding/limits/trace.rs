//! `trace`.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bsdsocket::{Builder, Outcome, Switch, sockets};
use mlua::Lua;

use super::{alone, descriptors, open, run};

/// A list of outcomes, and a builder with limits that fills it.
fn record() -> (Arc<Mutex<Vec<Outcome>>>, Builder) {
    let told = Arc::new(Mutex::new(Vec::new()));
    let list = told.clone();
    (told, Builder::new().trace(move |outcome| list.lock().unwrap().push(outcome.clone())))
}

/// What became of a script: operation and code of each outcome.
fn told_of(code: &str) -> Vec<String> {
    let (told, builder) = record();
    let lua = open(builder);
    run(&lua, code);
    let words = |outcome: &Outcome| match &outcome.code {
        Some(code) => format!("{} {code}", outcome.operation),
        None => outcome.operation.clone(),
    };
    told.lock().unwrap().iter().map(words).collect()
}

const PAIR: &str = "local one, two = assert(socket.socketpair())\n";

/// Scripts, and what the host is told of them.
const TOLD: &[(&str, &str)] = &[
    ("one:sendall('x') two:recv(1) one:getsockname() one:settimeout(5) one:makefile():setvbuf('no')", ""),
    ("one:close() one:close() two:close()", "close, close"),
    ("one = nil collectgarbage() collectgarbage() two:close()", "close, close"),
    ("local s = one:makefile('w') one:close() s:write('x') s:close()", "close"),
    ("local s = one:makefile('w') one:close() s:write('x') s = nil collectgarbage()", "close"),
    ("socket.close(one:detach())", ""),
    ("one:setblocking(false) one:recv(1)", ""),
    ("one:settimeout(0.01) one:recv(1)", "recv timeout"),
    ("one:settimeout(0.01) one:makefile():read('a')", "read timeout"),
    ("one:close() one:recv(1)", "close, recv EBADF"),
    ("one:close() pcall(one.makefile(two):lines())", "close"),
    ("two:close() one:send('x')", "close, send EPIPE"),
    ("one:connect('/nowhere')", "connect ENOENT"),
    ("socket.socket(255)", "socket EAFNOSUPPORT"),
    ("socket.getaddrinfo('127.0.0.1', 'no such service')", "getaddrinfo EAI_SERVICE"),
    ("pcall(one.recv, one, 'x') pcall(one.recv, one, -1) pcall(socket.socket, 'x')", ""),
    ("socket.addaudithook(function() error('vetoed') end) pcall(socket.socket)", ""),
    ("tasks.run(function() one:settimeout(0.01) one:recv(1) end)", "recv timeout"),
    ("tasks.run(function() tasks.spawn(two.send, two, 'x') one:recv(1) one:close() end)", "close"),
    ("coroutine.wrap(function() one:close() coroutine.yield() end)() two:close()", "close, close"),
    ("tasks.sleep(0)", ""),
];

#[test]
fn the_host_is_told_what_calls_have_done() {
    let _alone = alone();
    for (code, expected) in TOLD {
        assert_eq!(told_of(&format!("{PAIR}{code}")).join(", "), *expected, "{code}");
    }
}

/// A listener, and ways to connect to it, each by its name.
#[test]
fn each_way_to_connect_and_to_accept_is_told_with_its_address() {
    let _alone = alone();
    for way in [
        "local s = assert(socket.socket()) assert(s:connect(address))",
        "local s = assert(socket.socket()) assert(s:connect_ex(address) == 0)",
        "local s = assert(socket.create_connection(address))",
        "local s tasks.run(function() s = assert(socket.create_connection(address)) end)",
        "local s = assert(socket.socket()) tasks.run(function() assert(s:connect(address)) end)",
    ] {
        let (told, builder) = record();
        let lua = open(builder);
        run(
            &lua,
            &format!(
                r#"
                local listener = assert(socket.create_server {{ "127.0.0.1", 0 }})
                local address = listener:getsockname()
                {way}
                local accepted = assert(listener:accept())
                assert(accepted:sendall("hello") and s:recv(2) == "he")
                accepted:close()
                ends = {{ ("127.0.0.1:%d"):format(address.port), ("127.0.0.1:%d"):format(s:getsockname().port) }}
                listener:close()
                local refused = address
                {}
                "#,
                way.replace("local s = assert(socket.create", "local s = not (socket.create")
                    .replace("s = assert(socket.create", "s = not (socket.create")
                    .replace("assert(s:connect(address))", "assert(not s:connect(address))")
                    .replace("== 0", "> 0")
            ),
        );
        let ends: [String; 2] = lua.globals().get("ends").unwrap();
        let told = told.lock().unwrap();
        let name = ["connect_ex", "create_connection", "connect"].into_iter().find(|name| way.contains(name)).unwrap();
        let operations: Vec<_> = told.iter().map(|outcome| outcome.operation.as_str()).collect();
        assert_eq!(operations, [name, "accept", "close", "close", name], "{way}");
        let addresses: Vec<_> = told.iter().map(|outcome| outcome.address.as_deref()).collect();
        assert_eq!(addresses[..4], [Some(&*ends[0]), Some(&*ends[1]), Some(&*ends[1]), None], "{way}");
        assert_eq!((told[2].sent, told[2].received), (5, 0));
        let failed = &told[4];
        assert_eq!(failed.code.as_deref(), Some("ECONNREFUSED"));
        assert!(failed.error.as_ref().unwrap().ends_with("Connection refused"), "{failed:?}");
        assert!(told.iter().all(|outcome| outcome.time < Duration::from_secs(10)));
    }
}

#[test]
fn the_time_of_a_call_is_told_and_what_it_has_moved() {
    let _alone = alone();
    let (told, builder) = record();
    let lua = open(builder);
    let start = Instant::now();
    run(
        &lua,
        r#"
        local one, two = assert(socket.socketpair())
        one:settimeout(0.03)
        one:recv(1)
        tasks.run(function()
            -- The calls of other tasks begin while this one waits.
            tasks.spawn(function() for _ = 1, 10 do two:getsockname() tasks.sleep(0.001) end end)
            one:recv(1)
        end)
        assert(two:sendall("abc"))
        one:makefile():read(10)
        local done, _, _, sent = one:sendall(("x"):rep(2 ^ 22))
        assert(not done)
        count = sent
        two:close()
        "#,
    );
    let passed = start.elapsed();
    let told = told.lock().unwrap();
    let operations: Vec<_> = told.iter().map(|outcome| outcome.operation.as_str()).collect();
    assert_eq!(operations, ["recv", "recv", "read", "sendall", "close"]);
    for outcome in &told[..2] {
        assert!(outcome.time >= Duration::from_millis(29) && outcome.time <= passed, "{outcome:?}");
    }
    assert_eq!(told[3].sent, lua.globals().get::<u64>("count").unwrap());
    assert!(told[4].time >= Duration::from_millis(59) && told[4].sent == 3, "{:?}", told[4]);
}

#[test]
fn sockets_that_the_host_has_closed_are_told() {
    let _alone = alone();
    let switch = Switch::new();
    let (told, builder) = record();
    let lua = open(builder.switch(&switch));
    run(&lua, "one, two = assert(socket.socketpair()) assert(one:sendall('hello')) stream = one:makefile('w')");
    switch.close_all();
    run(&lua, "assert(socket.htons(1)) assert(one:fileno() == -1) one:close() stream:close()");
    let told = told.lock().unwrap();
    assert_eq!(told.iter().filter(|outcome| outcome.operation == "close").count(), 2);
    assert_eq!(told.iter().map(|outcome| outcome.sent).sum::<u64>(), 5);
}

/// Hooks that do what they should not, and what a script does.
#[test]
fn a_hook_that_panics_or_calls_back_changes_nothing() {
    let _alone = alone();
    let script = r#"
        local listener = assert(socket.create_server { "127.0.0.1", 0 })
        local function go()
            for _ = 1, 2 do
                shared = assert(socket.create_connection(listener:getsockname()))
                local accepted = assert(listener:accept())
                local ok, address = pcall(accepted.getpeername, accepted)
                assert(ok)
                assert(select(3, socket.socket(255)) == "EAFNOSUPPORT")
                shared:settimeout(0)
                shared:recv(1)
                shared:close()
                accepted:close()
                finalize(function() socket.socketpair() end)
                collectgarbage()
            end
            return true
        end
        assert(go())
        assert(coroutine.wrap(go)())
        assert(tasks.run(go))
        assert(tasks.run(function() return tasks.spawn(coroutine.wrap(go)):join() end))
        local within
        socket.addaudithook(function()
            if not within then
                within = true
                coroutine.wrap(function() pcall(socket.socket, 255) end)()
                within = false
            end
        end)
        assert(go())
    "#;
    type Act = fn(&Lua);
    let acts: &[(&str, Act)] = &[
        ("panics", |_| panic!("in the hook")),
        ("closes", |lua| lua.load("if shared then shared:close() end").exec().unwrap_or(())),
        ("raises", |lua| lua.load("error('in the hook')").exec().unwrap()),
        ("makes sockets", |lua| {
            lua.load("local socket = require 'bsdsocket' socket.socket() socket.socket(255)").exec().unwrap();
        }),
        ("collects", |lua| lua.load("collectgarbage()").exec().unwrap()),
        ("asks for the sockets", |lua| assert!(sockets(lua).is_ok())),
        ("runs tasks", |lua| {
            let code = "return pcall(require('bsdsocket.tasks').run, function() return 1 end)";
            let _ = lua.load(code).exec();
            let _ = bsdsocket::tasks::poll(lua, Duration::ZERO);
        }),
        ("yields", |lua| lua.load("coroutine.yield()").exec().unwrap()),
    ];
    let before = descriptors();
    std::panic::set_hook(Box::new(|_| {}));
    for (name, act) in acts {
        let holder = Rc::new(RefCell::new(None::<mlua::WeakLua>));
        let (weak, calls) = (holder.clone(), Arc::new(Mutex::new(0)));
        let count = calls.clone();
        let lua = open(Builder::new().trace(move |_| {
            *count.lock().unwrap() += 1;
            let lua = weak.borrow().clone();
            if let Some(lua) = lua.and_then(|lua| lua.try_upgrade()) {
                act(&lua);
            }
        }));
        *holder.borrow_mut() = Some(lua.weak());
        let done = lua.load(format!("{}\n{script}", super::PRELUDE)).exec();
        if *name == "closes" {
            // The script finds its socket closed.
            drop(done);
        } else {
            done.unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(*calls.lock().unwrap() > 15, "{name}");
        }
        drop(lua);
        assert!(descriptors() <= before, "{name}");
    }
    let _ = std::panic::take_hook();
}

#[test]
fn a_state_that_is_closed_tells_nothing() {
    let _alone = alone();
    let (told, builder) = record();
    let lua = open(builder);
    run(
        &lua,
        r#"
        one, two = assert(socket.socketpair())
        local function last() one:close() socket.socket(255) end
        if newproxy then
            kept = newproxy(true)
            getmetatable(kept).__gc = last
        else
            kept = setmetatable({}, { __gc = last })
        end
        stream = two:makefile("w")
        stream:write("x")
        "#,
    );
    drop(lua);
    assert_eq!(*told.lock().unwrap(), []);
}

#[test]
fn several_hooks_are_told_and_a_state_without_one_tells_nobody() {
    let _alone = alone();
    let (first, builder) = record();
    let second = Arc::new(Mutex::new(0));
    let count = second.clone();
    let lua = open(builder.trace(move |_| *count.lock().unwrap() += 1));
    let other = open(Builder::new().counters());
    run(&lua, "fails('EAFNOSUPPORT', socket.socket(255))");
    run(&other, "fails('EAFNOSUPPORT', socket.socket(255))");
    assert_eq!((first.lock().unwrap().len(), *second.lock().unwrap()), (1, 1));
}
