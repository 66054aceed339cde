//! The crate as the shared library that `require "bsdsocket"` loads, and as the static library for hosts in C.

pub use bsdsocket::{bsdsocket_open, luaopen_bsdsocket};
