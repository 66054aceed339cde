//! `gettime` and `sleep`.

use std::time::{Duration, SystemTime};

use crate::error::Result;
use crate::lua::{Context, Either, Results, Time, no_values};
use crate::tasks;

/// `socket.gettime()`: seconds since 1970.
pub(super) fn gettime(_: Context) -> Result<f64> {
    Ok(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64())
}

/// `socket.sleep(seconds)`.
pub(super) fn sleep(context: Context, seconds: f64) -> Result<impl Results> {
    let time =
        if seconds > 0.0 { Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX) } else { Duration::ZERO };
    let is_of_task = context.caller.task_call().is_some();
    tasks::sleep(context, Time(Some(time)))?;
    // A call that was made again in a task has to return something.
    Ok(if is_of_task { Either::Left(None::<i32>) } else { Either::Right(no_values()) })
}

/// `socket.__unload()`, with which LuaSocket ends Winsock.
pub(super) fn unload(_: Context) -> Result<impl Results> {
    Ok(no_values())
}
