//! What a Rust program that embeds Lua can rely on.

#![cfg(target_os = "linux")]

mod builder;
#[cfg(feature = "lua55")]
mod closing;
mod descriptor;
mod ending;
mod exchange;
mod limits;
mod restricted;
mod tasks;

use std::sync::{Mutex, MutexGuard, PoisonError};

static ALONE: Mutex<()> = Mutex::new(());

/// Lets only one test run at a time, so that no other changes the descriptors of this process.
fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The number of open descriptors of this process. It may fall: a look-up that an earlier test has given up ends later,
/// and closes its socket then.
fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}
