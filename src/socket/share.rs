//! Sockets on their way to another process, where the system hands them over as data.

use super::{NewSocket, Socket, create};
use crate::error::{Error, Result};
use crate::lua::Context;
use crate::sys;

/// `socket:share(process_id)`: what that process, and it alone, makes the socket from, once.
pub(super) fn share(_: Context, socket: &Socket, process: u32) -> Result<Vec<u8>> {
    Ok(sys::share(socket.open_fd()?, process)?)
}

/// `socket.fromshare(data)`.
pub(crate) fn fromshare(context: Context, data: &[u8]) -> Result<NewSocket> {
    if data.len() != sys::SHARE_SIZE {
        return Err(Error::misuse(1, format!("{} bytes expected", sys::SHARE_SIZE)));
    }
    let (owned, [family, kind, proto]) = sys::from_share(data)?;
    create::finish(context.caller, owned, family, kind, proto)
}
