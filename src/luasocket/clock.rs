//! `gettime` and `sleep`.

use std::time::{Duration, SystemTime};

use crate::error::Result;
use crate::lua::{Context, Results, no_values};
use crate::tasks;

/// `socket.gettime()`: seconds since 1970.
pub(super) fn gettime(_: Context) -> Result<f64> {
    Ok(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64())
}

/// `socket.sleep(seconds)`; `lua/luasocket/sleep.lua` leaves out the result, which a call that waits must have.
pub(super) fn sleep(context: Context, seconds: f64) -> Result<()> {
    let time =
        if seconds > 0.0 { Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX) } else { Duration::ZERO };
    tasks::sleep(context, Some(time))
}

/// `socket.__unload()`, with which LuaSocket ends Winsock.
pub(super) fn unload(_: Context) -> Result<impl Results> {
    Ok(no_values())
}
