//! The whole BSD socket interface for Lua.
//!
//! Everything that CPython's `socket` module documents, in idiomatic Lua: `local socket = require "bsdsocket"`. This
//! crate builds the shared library that `require` loads (feature `module`), and is a library for Rust programs that
//! embed Lua:
//!
//! ```
//! let lua = mlua::Lua::new();
//! bsdsocket::preload(&lua)?;
//! lua.load(r#"
//!     local socket = require "bsdsocket"
//!     local one, other = assert(socket.socketpair())
//!     assert(one:sendall("hello"))
//!     assert(other:recv(5) == "hello")
//! "#).exec()?;
//! # Ok::<(), mlua::Error>(())
//! ```
//!
//! # Features
//!
//! Exactly one of `lua51`, `lua52`, `lua53`, `lua54`, `lua55` and `luajit` chooses the Lua; `vendored` compiles it in,
//! `module` builds a library that a stock Lua loads, `testkit` adds `bsdsocket.test` for tests of protocols.

mod address;
mod audit;
mod buffer;
mod constants;
mod convert;
mod database;
mod embedding;
mod error;
mod error_class;
mod interface;
mod limits;
mod lua;
mod luasocket;
mod memory;
mod module;
mod names;
mod packing;
#[cfg(all(unix, feature = "testkit"))]
mod programs;
mod resolve;
mod resolver;
mod selectors;
mod socket;
mod stream;
mod sys;
pub mod tasks;
mod text;

use mlua::Table;

pub use embedding::{Builder, Event, Outcome, SocketStats, Stats, Switch, give, sockets, stats, take};
#[cfg(feature = "testkit")]
pub use lua::luaopen_bsdsocket_test;
pub use lua::{
    bsdsocket_cancel, bsdsocket_close_all, bsdsocket_give, bsdsocket_luasocket, bsdsocket_open, bsdsocket_sockets,
    bsdsocket_stats, bsdsocket_switch_free, bsdsocket_switch_new, bsdsocket_take, luaopen_bsdsocket,
    luaopen_bsdsocket_luasocket, luaopen_bsdsocket_selectors, luaopen_bsdsocket_tasks,
};
pub use lua::{bsdsocket_fd, bsdsocket_poll, bsdsocket_timeout};

/// The module table of a Lua state, made at the first call.
///
/// # Errors
/// When memory runs out.
///
/// ```
/// let lua = mlua::Lua::new();
/// let socket = bsdsocket::module(&lua)?;
/// assert!(socket.get::<i32>("AF_INET")? > 0);
/// # Ok::<(), mlua::Error>(())
/// ```
pub fn module(lua: &mlua::Lua) -> mlua::Result<Table> {
    lua::open_state(lua)
}

/// Makes `require "bsdsocket"`, `require "bsdsocket.selectors"` and `require "bsdsocket.tasks"` work in a Lua state.
///
/// The last one only where a [`Builder`] did not forbid tasks before.
///
/// # Errors
/// When memory runs out.
///
/// ```
/// let lua = mlua::Lua::new();
/// bsdsocket::preload(&lua)?;
/// assert!(lua.load("return require('bsdsocket').AF_INET").eval::<i32>()? > 0);
/// assert!(lua.load("return require('bsdsocket.selectors').EVENT_READ").eval::<i32>()? > 0);
/// # Ok::<(), mlua::Error>(())
/// ```
pub fn preload(lua: &mlua::Lua) -> mlua::Result<()> {
    lua.preload_module("bsdsocket", lua.create_function(|lua, ()| module(lua))?)?;
    lua.preload_module("bsdsocket.selectors", lua.create_function(|lua, ()| lua::open_selectors(lua))?)?;
    if lua::allows_tasks(lua)? {
        lua.preload_module("bsdsocket.tasks", lua.create_function(|lua, ()| lua::open_tasks(lua))?)?;
    }
    Ok(())
}

/// Makes `require "bsdsocket.test"` work in a Lua state, besides what [`preload`] does.
///
/// Scripts that have it can start programs, unless a [`Builder`] opened the library.
///
/// # Errors
/// When memory runs out.
///
/// ```
/// let lua = mlua::Lua::new();
/// bsdsocket::preload_test(&lua)?;
/// lua.load(r#"
///     local test = require "bsdsocket.test"
///     test.run(function()
///         local server = test.server(function(peer)
///             peer:expect "hello\n"
///         end)
///         test.connect(server.address):send "hello\n"
///     end)
/// "#).exec()?;
/// # Ok::<(), mlua::Error>(())
/// ```
#[cfg(feature = "testkit")]
pub fn preload_test(lua: &mlua::Lua) -> mlua::Result<()> {
    preload(lua)?;
    lua.preload_module("bsdsocket.test", lua.create_function(|lua, ()| lua::open_test(lua))?)
}

/// Runs the examples of docs/embedding.md as tests.
#[cfg(doctest)]
#[doc = include_str!("../docs/embedding.md")]
mod embedding_examples {}
