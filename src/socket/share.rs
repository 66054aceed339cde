//! Sockets on their way to another process, where the system hands them over as data.

use super::{NewSocket, Socket, create};
use crate::error::{Error, Result};
use crate::lua::{Caller, Context};
use crate::sys;

/// `socket:share(process_id)`: what that process, and it alone, makes the socket from, once.
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
    create::announce(context.caller, family, kind, proto)?;
    create::finish(context.caller, owned, family, kind, proto)
}

/// Such data leads to sockets as descriptors do, which a host may have put out of reach.
fn check(caller: Caller) -> Result<()> {
    let reachable = caller.shared().names_descriptors.get();
    if reachable { Ok(()) } else { Err(Error::misuse(1, "descriptors are not accepted here")) }
}
