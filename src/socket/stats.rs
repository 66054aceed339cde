//! What the sockets of the Lua state have done.

use crate::error::Result;
use crate::lua::{Context, Results, stats_results};

/// `socket.stats()`, where the host allows it.
pub(crate) fn stats(context: Context) -> Result<impl Results> {
    stats_results::stats(context.caller)
}

/// The open sockets, for the host.
pub(crate) fn sockets(context: Context) -> Result<impl Results> {
    stats_results::sockets(context.caller, true)
}
