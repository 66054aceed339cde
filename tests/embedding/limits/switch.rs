//! `Switch`.

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::{Duration, Instant};

use bsdsocket::{Builder, Switch};
use mlua::Lua;

use super::{alone, define, descriptors, open, run};

/// Ways to wait, all of them for ever. Each ends with the failure of the wait.
pub(super) const WAITS: &[(&str, &str)] = &[
    ("recv", "return one:recv(1)"),
    ("recv with a timeout", "one:settimeout(60) return one:recv(1)"),
    ("recv of all", "return two:send('x'), one:recv(2, socket.MSG_WAITALL), one:recv(1)"),
    ("recvfrom", "return one:recvfrom(1)"),
    ("recv_into", "return one:recv_into(buffer)"),
    ("recvmsg", "return one:recvmsg(8, 64)"),
    ("accept", "return listener:accept()"),
    ("accept with a timeout", "listener:settimeout(60) return listener:accept()"),
    ("sendall", "return one:sendall(big)"),
    ("sendall with a timeout", "one:settimeout(60) return one:sendall(big)"),
    ("send", "local sent = one:send(big) assert(not sent or sent < #big) return one:send('x')"),
    ("sendfile", "return one:sendfile(zeros, 0, 2 ^ 30)"),
    ("connect", "return refused:connect(path)"),
    ("read", "return reading:read('a')"),
    ("read of numbers", "return reading:read('n', 'l')"),
    ("write", "return unbuffered:write(big)"),
    ("lines", "local ok, message = pcall(lines) return message:match('canceled') and 'ECANCELED'"),
    ("close of a stream", "return written:close()"),
    ("select", "return selector:select()"),
    ("select by poll", "return by_poll:select(60)"),
    ("sleep", "return tasks.sleep(60)"),
    ("wait", "return tasks.wait(one, 'r')"),
    ("a coroutine", "return coroutine.wrap(function() return one:recv(1) end)()"),
    ("a coroutine in pcall", "return pcall(coroutine.wrap(function() return one:recv(1) end))"),
    ("a task", "return tasks.run(function() return one:recv(1) end)"),
    ("a task that sleeps", "return tasks.run(tasks.sleep, 60)"),
    ("a shielded task", "return tasks.run(function() return tasks.shield(one.recv, one, 1) end)"),
    ("a task that waits for an event", "return tasks.run(function() return tasks.event():wait(60) end)"),
    ("a task that reads", "return tasks.run(function() return reading:read('a') end)"),
    ("a task that accepts", "return tasks.run(function() return listener:accept() end)"),
    (
        "tasks that wait for each other",
        r#"
        return tasks.run(function()
            local queue = tasks.queue()
            tasks.group(function(group)
                group:spawn(function() return one:recv(1) end)
                for _ = 1, 10 do
                    group:spawn(function() return queue:get() end)
                end
            end)
            return queue:get()
        end)
        "#,
    ),
];

pub(super) const FIXTURES: &str = r#"
    local one, two = assert(socket.socketpair())
    local listener = assert(socket.create_server { "127.0.0.1", 0 })
    local big, buffer = ("x"):rep(2 ^ 20), socket.buffer(8)
    local zeros = io.open("/dev/zero")
    local reading, unbuffered, written = one:makefile(), one:makefile("w"), one:makefile("w")
    local lines = reading:lines()
    unbuffered:setvbuf("no")
    written:setvbuf("full", 2 ^ 20)
    assert(written:write(big:sub(1, 2 ^ 19)))
    local selector, by_poll = selectors.DefaultSelector(), selectors.PollSelector()
    selector:register(one, 1)
    by_poll:register(one, 1)
    -- Connecting to a listener whose queue is full.
    local full, first = assert(socket.socket(socket.AF_UNIX)), assert(socket.socket(socket.AF_UNIX))
    assert(full:bind("") and full:listen(0))
    local path = full:getsockname()
    assert(first:connect(path))
    local refused = assert(socket.socket(socket.AF_UNIX))
"#;

/// How long a wait may go on after the switch was used, on a busy machine.
const SOON: Duration = Duration::from_millis(500);

/// Runs a script in a state, and uses the switch once it waits. Returns how long the script went on.
pub(super) fn use_while(lua: &Lua, code: &str, act: impl FnOnce() + Send + 'static) -> Duration {
    let (begins, begun) = std::sync::mpsc::channel();
    let other = thread::spawn(move || {
        begun.recv().unwrap();
        thread::sleep(Duration::from_millis(10));
        let now = Instant::now();
        act();
        now
    });
    define(lua, "begin", move || begins.send(()).unwrap());
    run(lua, code);
    other.join().unwrap().elapsed()
}

#[test]
fn every_wait_ends_when_the_state_is_cancelled() {
    let _alone = alone();
    for (name, code) in WAITS {
        let switch = Switch::new();
        let lua = open(Builder::new().switch(&switch));
        let code = format!(
            r#"
            {FIXTURES}
            local function wait() {code} end
            begin()
            local results, cancelled = {{ wait() }}, false
            for n = 1, 5 do cancelled = cancelled or results[n] == "ECANCELED" end
            assert(cancelled, tostring(results[2]))
            "#
        );
        let time = use_while(&lua, &code, move || switch.cancel());
        assert!(time < SOON, "{name}: {time:?}");
    }
}

/// A peer that never stops sending, so that a read need not wait.
#[test]
fn a_call_that_never_waits_ends_when_the_state_is_cancelled() {
    let _alone = alone();
    for code in [
        "return s:makefile():read('a')",
        "return s:makefile():read(2 ^ 30)",
        "return s:recv(2 ^ 30, socket.MSG_WAITALL)",
        "return tasks.run(function() return s:makefile():read('a') end)",
    ] {
        let switch = Switch::new();
        let lua = open(Builder::new().switch(&switch));
        let (mut peer, other) = UnixStream::pair().unwrap();
        lua.globals().set("s", bsdsocket::give(&lua, other).unwrap()).unwrap();
        let sending = thread::spawn(move || {
            let block = vec![0; 1 << 16];
            let mut late = 0;
            for n in 0.. {
                if n == 300 {
                    switch.cancel();
                }
                if peer.write_all(&block).is_err() {
                    break;
                }
                late += if n > 300 { block.len() } else { 0 };
            }
            late
        });
        run(
            &lua,
            &format!(
                "local function read() {code} end
                local data, _, code = read()
                assert(code == 'ECANCELED' or #data > 0)
                fails('ECANCELED', s:recv(1))"
            ),
        );
        drop(lua);
        // What was under way, and what the sockets buffer.
        let late = sending.join().unwrap();
        assert!(late < 8 << 20, "{code}: {late} bytes");
    }
}

#[test]
fn every_call_fails_once_the_state_is_cancelled() {
    let _alone = alone();
    let switch = Switch::new();
    let lua = open(Builder::new().switch(&switch));
    let cancel = switch.clone();
    define(&lua, "cancel", move || cancel.cancel());
    run(
        &lua,
        &format!(
            r#"
            {FIXTURES}
            local stream, selector = one:makefile("rw"), selectors.DefaultSelector()
            local works = {{}}
            for name in ("close error_class type pack unpack packsize events fileno pollfd __gc"):gmatch("%S+") do works[name] = true end
            cancel()
            local function check(name, call, ...)
                if not works[name] then
                    local ok, result, message, code = pcall(call, ...)
                    local raised = not ok and name == "lines" and tostring(result):find("canceled")
                    assert(raised or ok and result == nil and code == "ECANCELED", name .. ": " .. tostring(message))
                end
            end
            local count = 0
            for name, call in pairs(socket) do
                if type(call) == "function" then
                    count = count + 1
                    check(name, call, "1", 2)
                end
            end
            for name, call in pairs(socket.SocketType) do check(name, call, one) end
            for _, name in ipairs {{ "read", "write", "flush", "lines", "setvbuf", "buffered" }} do
                check(name, stream[name], stream)
            end
            for name, call in pairs(selectors) do
                if type(call) == "function" then check(name, call) end
            end
            check("select", selector.select, selector, 0)
            check("register", selector.register, selector, one, 1)
            for _, name in ipairs {{ "spawn", "sleep", "wait", "run" }} do
                check(name, tasks[name], function() end)
            end
            assert(count > 40)
            -- Whatever catches errors and begins anew.
            for _ = 1, 1000 do
                pcall(function() assert(one:send("x")) end)
                coroutine.wrap(function() fails("ECANCELED", one:send("x")) end)()
            end
            finalize(function() fails("ECANCELED", one:send("x")) end)
            collectgarbage()
            -- What was not closed can be.
            assert(tostring(one):find("socket") and tostring(stream) and socket.type(one) == "socket")
            assert(stream:close() and one:close() and two:close() and selector:close())
            assert(socket.type(one) == "closed socket")
            "#
        ),
    );
}

#[test]
fn tasks_that_go_on_after_they_were_cancelled_let_the_host_go_on() {
    let _alone = alone();
    let switch = Switch::new();
    let lua = open(Builder::new().switch(&switch));
    let code = r#"
        local one, two = assert(socket.socketpair())
        local done = 0
        for _ = 1, 20 do
            tasks.spawn(function()
                repeat
                    local data, _, code = one:dup():recv(1)
                until code == "ECANCELED"
                for _ = 1, 50 do pcall(one.recv, one, 1) end
                done = done + 1
            end)
        end
        begin()
        while done < 20 do assert(tasks.step()) end
        fails("ECANCELED", tasks.spawn(print))
    "#;
    let time = use_while(&lua, code, move || switch.cancel());
    assert!(time < SOON, "{time:?}");
}

#[test]
fn sockets_are_closed_in_a_wait_or_at_the_next_call() {
    let _alone = alone();
    for code in [
        "fails('EBADF', one:recv(1))",
        "one:settimeout(60) fails('EBADF', one:recv(1))",
        "fails('EBADF', listener:accept())",
        "fails('EBADF', reading:read('l'))",
        "fails('EBADF', tasks.run(function() return one:recv(1) end))",
        "fails('EBADF', tasks.run(function() return reading:read('a') end))",
        "repeat socket.htons(1) until one:fileno() < 0",
    ] {
        let switch = Switch::new();
        let before = descriptors();
        let lua = open(Builder::new().switch(&switch));
        let code = format!(
            r#"
            {FIXTURES}
            local stream = two:makefile("w")
            stream:write("lost")
            two:close()
            begin()
            {code}
            assert(one:fileno() == -1 and listener:fileno() == -1)
            fails("EBADF", stream:flush())
            stream:close()
            -- A new one may be made.
            one, two = assert(socket.socketpair())
            assert(one:send("x") == 1 and two:recv(1) == "x")
            "#
        );
        let closing = switch.clone();
        let time = use_while(&lua, &code, move || closing.close_all());
        assert!(time < SOON, "{code}: {time:?}");
        // And again, of the state's own thread.
        switch.close_all();
        run(&lua, "for _ = 1, 3 do assert(socket.htons(1)) end");
        drop(lua);
        assert!(descriptors() <= before);
    }
}

#[test]
fn one_switch_ends_many_states_and_outlives_them() {
    let _alone = alone();
    let before = descriptors();
    let switch = Switch::new();
    let (ready, is_ready) = std::sync::mpsc::channel();
    let states: Vec<_> = (0..8)
        .map(|n| {
            let (switch, ready) = (switch.clone(), ready.clone());
            thread::spawn(move || {
                let lua = open(Builder::new().switch(&switch));
                drop(switch);
                define(&lua, "ready", move || ready.send(()).unwrap());
                let ends = if n % 2 == 0 { "one:recv(1)" } else { "tasks.run(function() return one:recv(1) end)" };
                run(&lua, &format!("local one, two = assert(socket.socketpair()) ready() fails('ECANCELED', {ends})"));
            })
        })
        .collect();
    states.iter().for_each(|_| is_ready.recv().unwrap());
    switch.cancel();
    states.into_iter().for_each(|state| state.join().unwrap());
    assert!(descriptors() <= before);
    // A state that is opened afterwards is cancelled too.
    let late = open(Builder::new().switch(&switch).refuse(["socket.gethostname"]));
    run(&late, "fails('ECANCELED', socket.gethostname()) fails('ECANCELED', socket.socket())");
    assert!(switch.is_cancelled());
    drop(late);
    switch.close_all();
    assert!(descriptors() <= before);
}

#[test]
fn closing_does_not_wait_for_the_peer() {
    let _alone = alone();
    let script = r#"
        local listener = assert(socket.create_server { "127.0.0.1", 0 })
        local client = assert(socket.create_connection(listener:getsockname()))
        local connection = assert(listener:accept())
        -- SO_LINGER with 10 seconds.
        local on = socket.htonl(1) == 1 and "\0\0\0\1\0\0\0\10" or "\1\0\0\0\10\0\0\0"
        assert(client:setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, on))
        client:setblocking(false)
        repeat until not client:send(("x"):rep(2 ^ 16))
    "#;
    for end in [
        "assert(client:close())",
        "local s = client:makefile() client:close() s:close()",
        "client = nil collectgarbage()",
        "",
    ] {
        let switch = Switch::new();
        let lua = open(Builder::new().switch(&switch));
        let start = Instant::now();
        run(&lua, &format!("{script}\n{end}"));
        drop(lua);
        assert!(start.elapsed() < Duration::from_secs(5), "{end}");
    }
}

#[test]
fn names_are_looked_up_by_threads() {
    let _alone = alone();
    for host in [Builder::new().switch(&Switch::new()), Builder::new().max_wait(Duration::from_secs(10))] {
        let lua = open(host);
        run(
            &lua,
            r#"
            assert(socket.getaddrinfo("localhost", 80) and socket.gethostbyname("localhost") == "127.0.0.1")
            assert(socket.getnameinfo({ "127.0.0.1", 80 }, 0))
            local s = assert(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            assert(s:connect { "localhost", 9 })
            "#,
        );
    }
    let switch = Switch::new();
    let lua = open(Builder::new().switch(&switch));
    switch.cancel();
    run(&lua, r#"fails("ECANCELED", socket.getaddrinfo("localhost", 80))"#);
}

#[test]
fn only_numeric_hosts_are_looked_up_without_threads() {
    let _alone = alone();
    let lua = open(Builder::new().switch(&Switch::new()).without_threads());
    run(
        &lua,
        r#"
        assert(socket.getaddrinfo("127.0.0.1", 80) and socket.getaddrinfo("::1", "http") and socket.getaddrinfo(nil, 80))
        assert(socket.getnameinfo({ "127.0.0.1", 80 }, socket.NI_NUMERICHOST))
        assert(socket.gethostbyname("127.0.0.1") == "127.0.0.1")
        local s = assert(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        assert(s:connect { "127.0.0.1", 9 })
        fails("EOPNOTSUPP", socket.getaddrinfo("localhost", 80))
        fails("EOPNOTSUPP", socket.create_connection { "localhost", 80 })
        fails("EOPNOTSUPP", s:connect { "localhost", 9 })
        fails("EOPNOTSUPP", s:sendto("x", { "localhost", 9 }))
        fails("EOPNOTSUPP", socket.gethostbyname("localhost"))
        fails("EOPNOTSUPP", socket.gethostbyname_ex("localhost"))
        fails("EOPNOTSUPP", socket.gethostbyaddr("127.0.0.1"))
        fails("EOPNOTSUPP", socket.getnameinfo({ "127.0.0.1", 80 }, 0))
        assert(socket.getfqdn("localhost") == "localhost")
        "#,
    );
}

#[test]
fn a_switch_that_is_not_used_changes_nothing() {
    let _alone = alone();
    let switch = Switch::new();
    let lua = open(Builder::new().switch(&switch).max_sockets(100));
    run(
        &lua,
        r#"
        local listener = assert(socket.create_server { "127.0.0.1", 0 })
        local client = assert(socket.create_connection(listener:getsockname()))
        local connection = assert(listener:accept())
        assert(client:sendall(("x"):rep(2 ^ 16)))
        assert(connection:recv(2 ^ 16, socket.MSG_WAITALL) == ("x"):rep(2 ^ 16))
        connection:settimeout(0.01)
        fails("timeout", connection:recv(1))
        connection:setblocking(false)
        fails("EAGAIN", connection:recv(1))
        connection:setblocking(true)
        assert(connection:setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, ("\0"):rep(8) .. "\16\39" .. ("\0"):rep(6)))
        fails("EAGAIN", connection:recv(1))
        local selector = selectors.DefaultSelector()
        selector:register(connection, selectors.EVENT_READ)
        for key in selector:select(0.01) do error("nothing is ready") end
        client:send("x")
        local count = 0
        for key in selector:select() do count = count + 1 end
        assert(count == 1 and tasks.sleep(0.001))
        assert(connection:recv(1) == "x")
        "#,
    );
}

#[test]
fn a_host_that_polls_ends_its_tasks_with_the_switch() {
    let _alone = alone();
    let switch = Switch::new();
    let lua = open(Builder::new().switch(&switch));
    run(
        &lua,
        r#"
        local one, two = assert(socket.socketpair())
        codes = {}
        for n = 1, 3 do
            tasks.spawn(function() codes[n] = select(3, one:dup():recv(1)) end)
            tasks.spawn(function() tasks.shield(tasks.sleep, 60) codes[3 + n] = select(3, one:send("x")) end)
        end
        "#,
    );
    let budget = Duration::from_millis(50);
    assert_eq!(bsdsocket::tasks::poll(&lua, budget).unwrap(), 6);
    switch.cancel();
    let start = Instant::now();
    while bsdsocket::tasks::poll(&lua, budget).unwrap() > 0 && start.elapsed() < SOON {}
    run(&lua, "for n = 1, 6 do assert(codes[n] == 'ECANCELED', n) end");
}
