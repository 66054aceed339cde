//! On Lua 5.5 a coroutine can close itself while it runs: in an audit hook, or in a finalizer that runs during a call.

use mlua::{HookTriggers, Lua, LuaOptions, StdLib, VmState};

use super::{alone, descriptors};

const PRELUDE: &str = r#"
    local socket = require "bsdsocket"
    local CLOSED = "the coroutine was closed during the call"
    local server = assert(socket.create_server({ "127.0.0.1", 0 }))
    local act
    socket.addaudithook(function(...)
        if act then
            act(...)
        end
    end)
    local function closed(call, ...)
        local ok, message = pcall(call, ...)
        assert(not ok and message == CLOSED, message)
    end
    local function works()
        act = nil
        local one, other = assert(socket.socketpair())
        assert(one:send("x") == 1 and other:recv(1) == "x")
        one:close()
        other:close()
    end
"#;

/// Runs a program, and checks that it leaks no descriptor.
fn run(code: &str) {
    let _alone = alone();
    let before = descriptors();
    // SAFETY: nothing here is native code.
    let lua = unsafe { Lua::unsafe_new_with(StdLib::ALL, LuaOptions::default()) };
    bsdsocket::preload(&lua).unwrap();
    lua.load(format!("{PRELUDE}\n{code}")).exec().unwrap();
    drop(lua);
    assert!(descriptors() <= before, "left open: {code}");
}

#[test]
fn a_hook_that_closes_its_coroutine_vetoes_the_operation() {
    run(r#"
        -- More often than hooks can be nested.
        for _ = 1, 100 do
            act = function() coroutine.close() end
            closed(socket.socket)
            closed(socket.socketpair)
            closed(socket.gethostname)
            closed(server.dup, server)
            closed(socket.create_connection, server:getsockname())
            works()
        end
        local status, message = coroutine.close(coroutine.create(print))
        assert(status == true and message == nil)
    "#);
}

#[test]
fn descriptors_opened_by_the_call_are_closed() {
    run(r#"
        local clients = {}
        for n = 1, 100 do
            clients[n] = assert(socket.create_connection(server:getsockname()))
            act = function() coroutine.close() end
            closed(server.accept, server)
            act = nil
            assert(clients[n]:recv(1) == "")
        end
        works()
    "#);
}

#[test]
fn the_calling_coroutine_continues() {
    run(r#"
        local steps = 0
        local thread = coroutine.wrap(function()
            for _ = 1, 100 do
                act = function() coroutine.close() end
                closed(socket.socket)
                act = nil
                steps = steps + 1
                coroutine.yield(steps)
            end
        end)
        for n = 1, 100 do
            assert(thread() == n)
        end
        works()
    "#);
}

#[test]
fn nested_calls_end_separately() {
    run(r#"
        local depth, ended = 0, 0
        act = function()
            depth = depth + 1
            if depth < 20 then
                closed(socket.socket)
                ended = ended + 1
            end
            coroutine.close()
        end
        for _ = 1, 50 do
            depth = 0
            closed(socket.socket)
        end
        assert(ended == 50 * 19)
        works()
    "#);
}

#[test]
fn to_be_closed_variables_of_the_hook_are_closed() {
    run(r#"
        local ended = 0
        local function value(call)
            return setmetatable({}, { __close = function() ended = ended + 1 call() end })
        end
        act = function() local v <close> = value(works) coroutine.close() end
        closed(socket.socket)
        act = function() local v <close> = value(function() error("no", 0) end) coroutine.close() end
        local ok, message = pcall(socket.socket)
        assert(not ok and message == "no")
        act = function() local v <close> = value(works) error("raised", 0) end
        ok, message = pcall(socket.socket)
        assert(not ok and message == "raised", message)
        -- Lua itself drops the error here.
        act = function() local v <close> = value(coroutine.close) error("raised", 0) end
        assert(not pcall(socket.socket))
        act = function() local v <close> = value(coroutine.close) coroutine.close() end
        closed(socket.socket)
        assert(ended == 5)
        works()
    "#);
}

#[test]
fn the_thread_of_a_call_cannot_be_resumed_or_yielded() {
    run(r#"
        local main = coroutine.running()
        local thread
        act = function()
            thread = coroutine.running()
            assert(thread ~= main and not coroutine.isyieldable())
            assert(coroutine.status(main) == "normal")
            assert(not pcall(coroutine.close, main))
            local inner = coroutine.create(function()
                assert(not pcall(coroutine.close, thread))
                assert(not coroutine.resume(thread))
            end)
            assert(coroutine.resume(inner))
        end
        for _ = 1, 3 do
            assert(socket.socket()):close()
            assert(coroutine.status(thread) == "dead")
            assert(not coroutine.resume(thread, print))
            assert(coroutine.close(thread))
        end
        act = function() error("no", 0) end
        local ok, message = pcall(socket.socket)
        assert(not ok and message == "no" and coroutine.status(thread) == "dead")
        works()
        -- A hook cannot yield from it either.
        act = function() coroutine.yield() end
        coroutine.wrap(function()
            ok, message = pcall(socket.socket)
        end)()
        assert(not ok and message:find("attempt to yield", 1, true))
        works()
    "#);
}

/// A finalizer can run in any call that allocates.
#[test]
fn a_finalizer_that_closes_its_coroutine_leaks_nothing() {
    let _alone = alone();
    let before = descriptors();
    let mut closed = 0;
    for garbage in (0..300).step_by(6) {
        let lua = Lua::new();
        bsdsocket::preload(&lua).unwrap();
        let code = r#"
            local garbage, pushes = ...
            local socket = require "bsdsocket"
            local server = assert(socket.create_server({ "127.0.0.1", 0 }))
            local count = 0
            local function work()
                setmetatable({}, { __gc = function() coroutine.close() end })
                for _ = 1, garbage do
                    local _ = {}
                end
                for _ = 1, 400 do
                    local ok, message = pcall(socket.socketpair)
                    if not ok then
                        assert(message == "the coroutine was closed during the call", message)
                        count = count + 1
                    end
                end
            end
            for _ = 1, 3 do
                coroutine.wrap(work)()
            end
            assert(socket.socketpair())
            return count
        "#;
        collect_eagerly(&lua);
        closed += lua.load(code).call::<u32>(garbage).unwrap();
        drop(lua);
    }
    assert!(closed > 0, "no finalizer ran during a push");
    assert!(descriptors() <= before);
}

fn collect_eagerly(lua: &Lua) {
    lua.load("collectgarbage('param', 'pause', 0) collectgarbage('param', 'stepmul', 1000)").exec().unwrap();
}

/// A debug hook of the host that limits scripts also limits their audit hooks.
#[test]
fn the_host_can_end_a_hook() {
    let _alone = alone();
    let lua = Lua::new();
    bsdsocket::preload(&lua).unwrap();
    // The threads for calls are created before the debug hook is set.
    let hook =
        "local socket = require 'bsdsocket' local endless socket.addaudithook(function() while endless do end end)
        socket.socket() endless = true";
    lua.load(hook).exec().unwrap();
    let triggers = HookTriggers::new().every_nth_instruction(10_000);
    lua.set_global_hook(triggers, |_, _| Err::<VmState, _>(mlua::Error::runtime("too long"))).unwrap();
    let error = lua.load("require('bsdsocket').socket()").exec().unwrap_err();
    assert!(error.to_string().contains("too long"), "{error}");
}
