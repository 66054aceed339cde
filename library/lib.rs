//! The library that `require "bsdsocket"` loads, and that a host in C links: the crate and all that it needs.

pub use bsdsocket::luaopen_bsdsocket;
