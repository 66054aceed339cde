//! `max_buffered`.

use bsdsocket::{Builder, stats};
use mlua::Lua;

use super::{alone, open, run};

const MOST: usize = 1 << 16;

/// Scripts that would make the library hold as much as they like, or as their peers like.
const ATTEMPTS: &[(&str, &str)] = &[
    ("one endless line", "endless(two:makefile(), 'l')"),
    ("the same in pieces", "endless(two:makefile(), 'a')"),
    ("white space before a number", "endless(two:makefile(), 'n', ' ')"),
    ("a large number of bytes", "endless(two:makefile(), 2 ^ 30)"),
    ("a large buffer", "local s = two:makefile() s:setvbuf('full', 2 ^ 30) endless(s, 'l')"),
    ("a large limit of the stream", "endless(two:makefile('r', { limit = 2 ^ 30 }), 'l')"),
    ("decoded text", "endless(two:makefile('r', { encoding = 'latin-1' }), 'l', '\\228')"),
    (
        "a large number of bytes at once",
        r#"
        feed(one)
        local data, message, code, came = two:recvall(2 ^ 30)
        assert(code == "EMSGSIZE" and #came >= 2 ^ 15 and #came <= 2 ^ 16, message)
        "#,
    ),
    (
        "bytes that calls of tasks wait with",
        r#"
        local full = 0
        tasks.run(function()
            for n = 1, 20 do
                tasks.spawn(function()
                    local a, b = assert(socket.socketpair())
                    tasks.spawn(function() feed(a, "x", 2 ^ 14) end)
                    local _, _, code = b:recvall(2 ^ 15)
                    if code == "EMSGSIZE" then full = full + 1 end
                end)
            end
            for _ = 1, 10 do tasks.yield() end
            assert(full > 15, full)
        end)
        "#,
    ),
    (
        "many streams that keep a part",
        r#"
        local kept, full = {}, 0
        for n = 1, 100 do
            local a, b = assert(socket.socketpair())
            feed(a)
            local stream = b:makefile()
            local data, message, code = stream:read(1)
            if not data then full = full + 1 assert(code == "EMSGSIZE", message) end
            kept[n] = { stream, a, b }
        end
        assert(full > 90)
        -- When they are closed there is room again.
        for n = 1, 100 do kept[n][1]:close() kept[n][2]:close() kept[n][3]:close() end
        feed(one)
        assert(#two:makefile():read(2 ^ 15) == 2 ^ 15)
        "#,
    ),
    (
        "streams that nobody closes",
        r#"
        for n = 1, 100 do
            local a, b = assert(socket.socketpair())
            feed(a)
            assert(b:makefile():read(1))
            collectgarbage()
            collectgarbage()
        end
        "#,
    ),
    (
        "what is written and not sent",
        r#"
        one:setblocking(false)
        local s = one:makefile("w")
        s:setvbuf("full", 2 ^ 30)
        local done, message, code, taken = s:write(("x"):rep(2 ^ 22))
        assert(not done and code == "EAGAIN" and taken >= 2 ^ 16 and taken < 2 ^ 20, tostring(taken))
        for _ = 1, 1000 do s:write(("\228\184\173\n"):rep(2 ^ 12)) end
        "#,
    ),
    (
        "written bytes of many streams",
        r#"
        kept = {}
        for n = 1, 1000 do
            local a, b = assert(socket.socketpair())
            a:setblocking(false)
            kept[n] = { a:makefile("w", { buffering = 2 ^ 20 }), a, b }
            kept[n][1]:write(("x"):rep(2 ^ 12))
        end
        "#,
    ),
    (
        "encoded text",
        r#"
        one:setblocking(false)
        local s = one:makefile("w", { encoding = "gb18030", newline = "\r\n" })
        s:setvbuf("full", 2 ^ 30)
        for _ = 1, 1000 do s:write(("\228\184\173\n"):rep(2 ^ 12)) end
        "#,
    ),
    (
        "coroutines and pcall",
        r#"
        for n = 1, 100 do
            local a, b = assert(socket.socketpair())
            feed(a)
            kept = { kept, coroutine.wrap(function() return b:makefile():read("l") end), a, b }
            pcall(kept[2])
        end
        "#,
    ),
    (
        "tasks that wait in the middle of a line",
        r#"
        for n = 1, 100 do
            local a, b = assert(socket.socketpair())
            feed(a, "y", 2 ^ 14)
            kept = { kept, a, b }
            tasks.spawn(function() return b:makefile():read("l") end)
            tasks.spawn(function() return b:dup():recv(2 ^ 26, socket.MSG_WAITALL) end)
        end
        for _ = 1, 10 do tasks.step(0) end
        "#,
    ),
];

/// How many bytes the process has from the allocator of C beside those of Lua.
fn beside(lua: &Lua) -> usize {
    #[repr(C)]
    struct Info([usize; 10]);
    unsafe extern "C" {
        safe fn mallinfo2() -> Info;
    }
    let Info([_, _, _, _, mapped, _, _, used, ..]) = mallinfo2();
    lua.gc_collect().unwrap();
    (mapped + used).saturating_sub(lua.used_memory())
}

#[test]
fn streams_buffer_no_more_than_allowed() {
    let _alone = alone();
    for (name, code) in ATTEMPTS {
        let lua = open(Builder::new().max_buffered(MOST).default_timeout(std::time::Duration::from_millis(50)));
        run(
            &lua,
            r#"
            for n = 1, 20 do assert(socket.socketpair()) end
            one, two = assert(socket.socketpair())
            -- The block that the thread keeps to receive into.
            fails("timeout", two:recv(2 ^ 19))
            -- Reads what never ends, as far as it comes.
            function endless(stream, format, byte)
                local code
                for _ = 1, 20 do
                    feed(one, byte)
                    code = select(3, stream:read(format))
                end
                assert(code == "EMSGSIZE", code)
            end
            function feed(s, byte, count)
                s:setblocking(false)
                local sent = 0
                repeat
                    local more = s:send((byte or "x"):rep(math.min(count or 2 ^ 12, 2 ^ 12)))
                    sent = sent + (more or 0)
                until not more or count and sent >= count
            end
            "#,
        );
        lua.gc_collect().unwrap();
        let before = beside(&lua);
        run(&lua, code);
        let grown = beside(&lua).saturating_sub(before);
        // Some is the allocator's own, and more of it on the Luas whose strings are garbage for longer; without the limit
        // it is 4 MiB and more.
        assert!(grown < 1 << 20 || cfg!(not(feature = "lua54")), "{name}: {grown}");
        let buffered = stats(&lua).unwrap().buffered;
        assert!(buffered <= MOST + MOST / 8, "{name}: {buffered}");
        // Nothing that was counted is lost.
        run(
            &lua,
            "for _, task in ipairs(tasks.all()) do task:cancel() end tasks.step(0) tasks.step(0) \
            kept = nil one, two = assert(socket.socketpair()) collectgarbage() collectgarbage()",
        );
        run(
            &lua,
            r#"
            local data = ("x"):rep(2 ^ 15)
            for _ = 1, 10 do
                assert(one:sendall(data))
                assert(two:makefile():read(2 ^ 15) == data)
                assert(one:makefile("w"):write(data):close())
                assert(two:makefile():read(2 ^ 15) == data)
                collectgarbage()
                collectgarbage()
            end
            "#,
        );
    }
}

#[test]
fn what_was_received_stays_readable() {
    let _alone = alone();
    let lua = open(Builder::new().max_buffered(10_000));
    run(
        &lua,
        r#"
        local one, two = assert(socket.socketpair())
        local first, second = two:makefile(), one:makefile("w")
        assert(one:sendall("short\n" .. ("x"):rep(20000) .. "\n"))
        assert(first:read("l") == "short")
        local message = fails("EMSGSIZE", first:read("l"))
        assert(message == "read: more bytes than the host allows", message)
        local buffered = first:buffered()
        assert(buffered > 5000 and buffered <= 10000)
        assert(first:read(5000) == ("x"):rep(5000))
        fails("ENOBUFS", second:write("x"))
        assert(first:read(5000) == ("x"):rep(5000) and first:read(10001) == nil)
        first:close()
        assert(second:write(("y"):rep(30000)) and second:flush())
        "#,
    );
    run(
        &open(Builder::new()),
        "local one, two = assert(socket.socketpair()) assert(one:makefile('w'):write('x'):close())",
    );
}
