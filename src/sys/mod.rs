//! The operating system. Twins of one interface: `unix`, and one day `windows`.
//!
//! A platform owes every name that is re-exported here. Each function is one system call (or as few as the system allows),
//! retries nothing, waits for nothing but what the call itself waits for, and reports the error number. No Lua comes in here.

mod filling;
#[cfg(unix)]
mod unix;

pub(crate) use filling::{Filling, Target};
#[cfg(unix)]
pub(crate) use unix::*;

/// What to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Readiness {
    /// Data, a connection, or the end of the stream.
    Read,
    /// Room to send, or the outcome of a connect.
    Write,
}
