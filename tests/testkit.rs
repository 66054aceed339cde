//! `bsdsocket.test` in a Rust host.

use bsdsocket::Builder;
use mlua::Lua;

#[test]
fn the_kit_is_loaded_when_it_is_asked_for() -> mlua::Result<()> {
    let lua = Lua::new();
    bsdsocket::preload_test(&lua)?;
    lua.load(
        r#"
        assert(not package.loaded["bsdsocket.test"] and not package.loaded["bsdsocket.tasks"])
        local test = require "bsdsocket.test"
        assert(test == require "bsdsocket.test")
        local ok, message = pcall(test.run, function()
            test.server(function() end)
        end, 0.01)
        assert(not ok and message:find("0 of 1 connections came to the server", 1, true), message)
        "#,
    )
    .exec()
}

/// What a script gets that tries to start a program.
#[cfg(unix)]
fn spawn(lua: &Lua) -> mlua::Result<String> {
    bsdsocket::preload_test(lua)?;
    lua.load(
        r#"
        local test = require "bsdsocket.test"
        local ok, program = pcall(test.spawn, { "true" })
        return ok and program:wait() or tostring(program)
        "#,
    )
    .eval()
}

#[cfg(unix)]
#[test]
fn a_host_without_limits_allows_programs() -> mlua::Result<()> {
    assert_eq!(spawn(&Lua::new())?, "exit");
    Ok(())
}

#[cfg(unix)]
#[test]
fn a_host_with_limits_allows_none() -> mlua::Result<()> {
    let lua = Lua::new();
    Builder::new().preload(&lua)?;
    let message = spawn(&lua)?;
    assert!(message.contains("spawn: cannot start 'true': the host allows no programs"), "{message}");
    Ok(())
}
