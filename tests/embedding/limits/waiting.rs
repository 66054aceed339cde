//! `max_wait`.

use std::io::Write;
use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use bsdsocket::{Builder, give};

use super::switch::{FIXTURES, WAITS};
use super::{alone, open, run};

/// How much longer than allowed a call may take on a busy machine.
const SLACK: Duration = Duration::from_millis(400);

#[test]
fn no_call_blocks_the_thread_for_longer_than_allowed() {
    let _alone = alone();
    for limit in [Duration::ZERO, Duration::from_millis(30)] {
        for (name, code) in WAITS {
            let lua = open(Builder::new().max_wait(limit));
            let code = format!(
                r#"
                {FIXTURES}
                local function wait() {code} end
                local start = tasks.now()
                local ok, result, message, code = pcall(wait)
                seconds = tasks.now() - start
                "#
            );
            run(&lua, &code);
            let took = Duration::from_secs_f64(lua.globals().get("seconds").unwrap());
            // The first and the second attempt of the code, one call each.
            assert!(took < 3 * limit + SLACK, "{name}: {took:?}");
        }
    }
}

#[test]
fn a_call_that_reaches_the_limit_fails_as_by_its_timeout() {
    let _alone = alone();
    for limit in [Duration::ZERO, Duration::from_millis(5)] {
        let lua = open(Builder::new().max_wait(limit));
        run(
            &lua,
            &format!(
                r#"
                {FIXTURES}
                fails("EAGAIN", one:recv(1))
                fails("EAGAIN", listener:accept())
                fails("EAGAIN", two:makefile():read("l"))
                fails("timeout", tasks.sleep(10))
                fails("timeout", tasks.wait(one, "r"))
                fails("timeout", tasks.run(tasks.sleep, 10))
                assert(one:gettimeout() == nil)
                one:settimeout(10)
                fails("timeout", one:recv(1))
                one:setblocking(false)
                fails("EAGAIN", one:recv(1))
                for _ in assert(selector:select()) do error("nothing is ready") end
                for _ in assert(by_poll:select(10)) do error("nothing is ready") end
                -- Sent is counted.
                local done, message, code, sent = one:sendall(big)
                assert(done == nil and code == "EAGAIN" and sent > 0 and sent < #big)
                -- And what is there can be had.
                two:setblocking(true)
                assert(#two:recv(2 ^ 16) > 0)
                local client = assert(socket.create_connection(listener:getsockname()))
                assert(listener:accept())
                selector = assert(selectors.DefaultSelector())
                selector:register(two, selectors.EVENT_READ)
                local count = 0
                for _ in assert(selector:select(10)) do count = count + 1 end
                assert(count == 1 and tasks.wait(two, "r") and tasks.sleep(0))
                "#
            ),
        );
    }
}

/// Scripts that wait where nobody may fail.
#[test]
fn no_finalizer_and_no_close_holds_up_the_thread() {
    let _alone = alone();
    for code in [
        "finalize(function() fails('EAGAIN', one:recv(1)) ran = true end) collectgarbage() assert(ran)",
        "local s = one:makefile('w') s:setvbuf('full', 2 ^ 20) s:write(big:sub(1, 2 ^ 19)) s = nil collectgarbage()",
        "local chunk = (loadstring or load)([[
            local fails, one = ...
            do local s <close> = setmetatable({}, { __close = function() fails('EAGAIN', one:recv(1)) end }) end
        ]]) if chunk then chunk(fails, one) end",
        "local chunk = (loadstring or load)([[
            local one, big = ...
            do local s <close> = one:makefile('w') s:setvbuf('full', 2 ^ 20) s:write(big:sub(1, 2 ^ 19)) end
        ]]) if chunk then chunk(one, big) end",
        "linger() client:close()",
        "linger() client = nil collectgarbage()",
        "linger() local s = client:makefile() client:close() s:close()",
        "local meta = setmetatable({}, { __index = function(_, key) return one:recv(1) end }) return meta.x",
        "for _ = 1, 3 do pcall(function() assert(one:recv(1)) end) end",
    ] {
        let lua = open(Builder::new().max_wait(Duration::ZERO));
        let start = Instant::now();
        run(
            &lua,
            &format!(
                r#"
                {FIXTURES}
                local client = assert(socket.create_connection(listener:getsockname()))
                local connection = assert(listener:accept())
                local function linger()
                    local on = socket.htonl(1) == 1 and "\0\0\0\1\0\0\0\10" or "\1\0\0\0\10\0\0\0"
                    assert(client:setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, on))
                    client:setblocking(false)
                    repeat until not client:send(big)
                end
                {code}
                "#
            ),
        );
        drop(lua);
        assert!(start.elapsed() < 5 * SLACK, "{code}: {:?}", start.elapsed());
    }
}

#[test]
fn calls_in_tasks_are_not_limited() {
    let _alone = alone();
    let lua = open(Builder::new().max_wait(Duration::ZERO));
    run(
        &lua,
        r#"
        local one, two = assert(socket.socketpair())
        local told
        tasks.spawn(function()
            told = assert(one:recv(1))
            assert(tasks.sleep(0.05))
            told = "slept"
        end)
        local other = tasks.spawn(function() return tasks.shield(two.recv, two, 1) end)
        local start = tasks.now()
        tasks.step()
        fails("timeout", tasks.run(tasks.sleep, 10))
        fails("timeout", tasks.run(function() return tasks.shield(tasks.sleep, 10) end))
        assert(tasks.now() - start < 0.4 and not told and other.status == "waiting")
        two:send("x")
        repeat tasks.step() until told
        assert(told == "x")
        repeat tasks.step() until told == "slept"
        "#,
    );
}

/// A peer that never stops sending, and one that sends a byte at a time.
#[test]
fn a_call_that_never_waits_is_limited_too() {
    let _alone = alone();
    for pause in [None, Some(Duration::from_millis(2))] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let mut peer = listener.accept().unwrap().0;
        let sending = thread::spawn(move || {
            let block = vec![b'x'; if pause.is_some() { 1 } else { 1 << 16 }];
            while peer.write_all(&block).is_ok() {
                pause.into_iter().for_each(thread::sleep);
            }
        });
        let lua = open(Builder::new().max_wait(Duration::from_millis(40)));
        lua.globals().set("s", give(&lua, client).unwrap()).unwrap();
        for code in ["s:makefile():read('a')", "s:makefile():read('l')", "s:recv(2 ^ 24, socket.MSG_WAITALL)"] {
            let start = Instant::now();
            run(&lua, &format!("local data, message, code = {code} assert(data or code == 'EAGAIN', message)"));
            assert!(start.elapsed() < Duration::from_secs(2), "{code}: {:?}", start.elapsed());
        }
        drop(lua);
        sending.join().unwrap();
    }
}
