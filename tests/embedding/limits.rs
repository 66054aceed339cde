//! The limits of a host, and attempts of scripts to get around them.

mod buffers;
mod luasocket;
mod names;
mod reach;
mod sockets;
mod stats;
mod switch;
mod tasks;
mod trace;
mod traffic;
mod waiting;

use bsdsocket::Builder;
use mlua::{Lua, LuaOptions, StdLib};

use super::{alone, descriptors};

/// The beginning of each script.
const PRELUDE: &str = r#"
    local socket = require "bsdsocket"
    local tasks = require "bsdsocket.tasks"
    local selectors = require "bsdsocket.selectors"
    -- Sets a finalizer, in the way this Lua supports.
    local function finalize(call)
        if newproxy then
            getmetatable(newproxy(true)).__gc = call
        else
            setmetatable({}, { __gc = call })
        end
    end
    -- Checks that a call fails with a code.
    local function fails(code, ...)
        local result, message, told = ...
        assert(result == nil and told == code, tostring(message or result))
        return message
    end
"#;

/// A Lua state with limits, and with Lua's `debug`, which no attempt needs.
fn open(builder: Builder) -> Lua {
    // SAFETY: nothing here is native code.
    let lua = unsafe { Lua::unsafe_new_with(StdLib::ALL, LuaOptions::default()) };
    builder.preload(&lua).unwrap();
    lua
}

/// Sets a global function.
fn define(lua: &Lua, name: &str, act: impl Fn() + 'static) {
    let function = lua.create_function(move |_, ()| {
        act();
        Ok(())
    });
    lua.globals().set(name, function.unwrap()).unwrap();
}

fn run(lua: &Lua, code: &str) {
    lua.load(format!("{PRELUDE}\n{code}")).exec().unwrap_or_else(|error| panic!("{error}\n{code}"));
}
