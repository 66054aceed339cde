//! What a Rust program that embeds Lua can rely on.

#![cfg(target_os = "linux")]

mod builder;
#[cfg(feature = "lua55")]
mod closing;
mod descriptor;
mod ending;
mod exchange;
mod restricted;

use std::sync::{Mutex, MutexGuard, PoisonError};

static ALONE: Mutex<()> = Mutex::new(());

/// Lets a test run while no other does, so that the descriptors of this process are its own.
fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How many descriptors this process has.
fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}
