//! The crate as the shared library that `require "bsdsocket"` loads, and as the static library for hosts in C.

pub use bsdsocket::{
    bsdsocket_cancel, bsdsocket_close_all, bsdsocket_give, bsdsocket_open, bsdsocket_sockets, bsdsocket_stats,
    bsdsocket_switch_free, bsdsocket_switch_new, bsdsocket_take, luaopen_bsdsocket,
};

#[cfg(late_unwinder)]
mod unwind;
