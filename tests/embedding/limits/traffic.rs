//! `bandwidth`.

use std::time::{Duration, Instant};

use bsdsocket::Builder;

use super::{alone, open, run};

/// Ways to move 60,000 bytes, a thousand at a time.
const WAYS: &[(&str, &str)] = &[
    ("send", "for _ = 1, 60 do assert(one:send(block) == 1000) end"),
    ("sendall", "for _ = 1, 60 do assert(one:sendall(block)) end"),
    ("sendto", "for _ = 1, 60 do assert(u:sendto(block, address) == 1000) end"),
    ("sendmsg", "for _ = 1, 60 do assert(one:sendmsg { block } == 1000) end"),
    (
        "a stream",
        "local s = one:makefile('w') s:setvbuf('no') for _ = 1, 60 do assert(s:write(block)) end assert(s:close())",
    ),
    ("a socket each", "for _ = 1, 60 do local a, b = socket.socketpair() assert(a:send(block)) end"),
    ("duplicates", "for _ = 1, 60 do assert(one:dup():send(block)) end"),
    (
        "a file",
        r#"
        local f = io.tmpfile()
        f:write(block)
        for _ = 1, 60 do assert(one:sendfile(f, 0) == 1000 and #two:recv(1000) == 1000) end
        "#,
    ),
    ("finalizers", "for _ = 1, 60 do finalize(function() assert(one:send(block)) end) collectgarbage() end"),
    ("pcall", "for _ = 1, 60 do assert(pcall(one.send, one, block)) end"),
    ("coroutines", "for _ = 1, 60 do coroutine.wrap(function() assert(one:send(block)) end)() end"),
    ("a task", "tasks.run(function() for _ = 1, 60 do assert(one:send(block)) end end)"),
    (
        "tasks",
        r#"
        tasks.run(function()
            tasks.group(function(group)
                for _ = 1, 60 do
                    group:spawn(function() local a, b = socket.socketpair() assert(a:send(block)) end)
                end
            end)
        end)
        "#,
    ),
    ("a timeout", "one:settimeout(10) for _ = 1, 60 do assert(one:send(block)) end"),
    (
        "a non-blocking socket",
        r#"
        one:setblocking(false)
        local left = 60
        while left > 0 do
            local sent, _, code = one:send(block)
            if sent then left = left - 1 else assert(code == "EAGAIN") tasks.sleep(0.002) end
        end
        "#,
    ),
    ("receiving", "feed() for _ = 1, 60 do assert(#two:recv(1000) == 1000) end"),
    ("receiving into a buffer", "feed() local b = socket.buffer(1000) for _ = 1, 60 do two:recv_into(b) end"),
    ("reading", "feed() local s = two:makefile() s:setvbuf('no') for _ = 1, 60 do assert(s:read(1000)) end"),
    ("receiving all", "feed() for _ = 1, 60 do assert(#two:recv(1000, socket.MSG_WAITALL) == 1000) end"),
];

#[test]
fn no_script_moves_more_than_allowed() {
    let _alone = alone();
    for (name, code) in WAYS {
        let rate = Some(200_000);
        let receives = code.starts_with("feed");
        let lua = open(Builder::new().bandwidth(rate.filter(|_| !receives), rate.filter(|_| receives)));
        let start = Instant::now();
        run(
            &lua,
            &format!(
                r#"
                local one, two = assert(socket.socketpair())
                local block = ("x"):rep(1000)
                local u = assert(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
                assert(u:bind {{ "127.0.0.1", 0 }})
                local address = u:getsockname()
                local function feed() for _ = 1, 60 do assert(one:send(block)) end end
                {code}
                "#
            ),
        );
        // A burst of 20,000 bytes is free, and the last call is not waited for.
        let least = Duration::from_millis(190);
        assert!(start.elapsed() >= least && start.elapsed() < 10 * least, "{name}: {:?}", start.elapsed());
    }
}

#[test]
fn a_call_that_waits_for_the_rate_times_out() {
    let _alone = alone();
    let lua = open(Builder::new().bandwidth(Some(0), Some(1000)));
    run(
        &lua,
        r#"
        local one, two = assert(socket.socketpair())
        one:settimeout(0.02)
        fails("timeout", one:send("x"))
        fails("timeout", tasks.run(function() return one:send("x") end))
        one:setblocking(false)
        fails("EAGAIN", one:send("x"))
        assert(tasks.run(function() return select(3, one:send("x")) end) == "EAGAIN")
        "#,
    );
    // What a stream sends when it is collected counts, and is lost where nothing may be sent.
    let lua = open(Builder::new().bandwidth(Some(1000), None));
    run(
        &lua,
        r#"
        local one, two = assert(socket.socketpair())
        for _ = 1, 60 do
            one:makefile("w"):write(("x"):rep(1000))
            collectgarbage()
        end
        assert(#two:recv(2 ^ 16) <= 2000)
        "#,
    );
    let lua = open(Builder::new().bandwidth(None, Some(0)).max_wait(Duration::from_millis(20)));
    run(&lua, "local one, two = assert(socket.socketpair()) assert(one:send('x')) fails('EAGAIN', two:recv(1))");
}
