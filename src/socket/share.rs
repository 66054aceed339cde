//! Sharing a socket with another process (WSADuplicateSocket).

use super::{NewSocket, Socket, create};
use crate::error::{Error, Result};
use crate::lua::{Caller, Context};
use crate::sys;

/// `socket:share(process_id)`: the bytes from which that process, and only that one, can make the socket once.
pub(super) fn share(context: Context, socket: &Socket, process: u32) -> Result<Vec<u8>> {
    check(context.caller)?;
    Ok(sys::share(socket.open_fd()?, process)?)
}

/// `socket.fromshare(data)`.
pub(crate) fn fromshare(context: Context, data: &[u8]) -> Result<NewSocket> {
    check(context.caller)?;
    if data.len() != sys::SHARE_SIZE {
        return Err(Error::misuse(1, format!("{} bytes expected", sys::SHARE_SIZE)));
    }
    let (owned, [family, kind, proto]) = sys::from_share(data)?;
    let place = create::admit(context.caller)?;
    create::audit_new_socket(context.caller, family, kind, proto)?;
    create::finish(context.caller, owned, place, family, kind, proto)
}

/// Fails where the host refuses descriptors to scripts: the bytes stand for one.
fn check(caller: Caller) -> Result<()> {
    let reachable = caller.shared().names_descriptors.get();
    if reachable { Ok(()) } else { Err(Error::misuse(1, "descriptors are not accepted here")) }
}
