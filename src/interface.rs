//! Network interfaces, the host name and the vsock context ID.

use crate::error::Result;
use crate::lua::{Caller, Context, Results, interface, no_values, sequence};
use crate::names;
use crate::sys;
use crate::text::Text;

/// `socket.getifaddrs()`.
pub(crate) fn getifaddrs(_: Context) -> Result<impl Results> {
    Ok(sequence(sys::getifaddrs()?))
}

/// `socket.if_nameindex()`.
pub(crate) fn if_nameindex(_: Context) -> Result<impl Results> {
    let interfaces = sys::if_nameindex()?;
    Ok(sequence(interfaces.into_iter().map(|(index, name)| interface(index, name)).collect()))
}

/// `socket.if_nametoindex(name)`.
pub(crate) fn if_nametoindex(_: Context, name: &[u8]) -> Result<u32> {
    names::interface_index(name, 1)
}

/// `socket.if_indextoname(index)`.
pub(crate) fn if_indextoname(_: Context, index: u32) -> Result<Text<{ sys::INTERFACE_NAME }>> {
    Ok(sys::if_indextoname(index)?)
}

/// `socket.get_local_cid()`.
#[cfg(linux_like)]
pub(crate) fn get_local_cid(_: Context) -> Result<u32> {
    Ok(sys::local_cid()?)
}

/// `socket.gethostname()`.
pub(crate) fn gethostname(context: Context) -> Result<Vec<u8>> {
    host_name(context.caller)
}

/// gethostname(2), after audit hooks.
pub(crate) fn host_name(caller: Caller) -> Result<Vec<u8>> {
    caller.audit("socket.gethostname", no_values)?;
    Ok(sys::gethostname()?)
}

/// `socket.sethostname(name)`.
#[cfg(unix)]
pub(crate) fn sethostname(context: Context, name: &[u8]) -> Result<()> {
    context.caller.audit("socket.sethostname", || name)?;
    Ok(sys::sethostname(name)?)
}
