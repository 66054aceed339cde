//! Network interfaces, the host name and the vsock context ID.

use crate::error::Result;
use crate::lua::{Caller, Context, Nothing, Record, Sequence, Table};
use crate::names;
use crate::sys::{self, InterfaceAddress, InterfaceName};

/// An entry of `socket.if_nameindex()`.
pub(crate) struct Interface {
    index: u32,
    name: Vec<u8>,
}

impl Record for Interface {
    fn write(&mut self, table: &Table) {
        table.set("index", self.index);
        table.set("name", self.name.as_slice());
    }
}

/// An entry of `socket.getifaddrs()`.
impl Record for InterfaceAddress {
    fn write(&mut self, table: &Table) {
        table.set("name", self.name.as_slice());
        table.set("flags", Flags(self.flags));
        table.set("family", self.address.map(|address| address.family()));
        table.set("address", self.address);
        table.set("netmask", self.netmask);
        table.set("broadcast", self.broadcast);
        table.set("peer", self.peer);
    }
}

/// The flags of an interface: a table with `true` under the name of each that is set.
#[derive(Clone, Copy)]
struct Flags(u32);

impl Record for Flags {
    fn write(&mut self, table: &Table) {
        for (name, _) in sys::INTERFACE_FLAGS.iter().filter(|(_, flag)| self.0 & flag != 0) {
            table.set(name, true);
        }
    }
}

/// `socket.getifaddrs()`.
pub(crate) fn getifaddrs(_: Context) -> Result<Sequence<InterfaceAddress>> {
    Ok(Sequence(sys::getifaddrs()?))
}

/// `socket.if_nameindex()`.
pub(crate) fn if_nameindex(_: Context) -> Result<Sequence<Interface>> {
    let interfaces = sys::if_nameindex()?;
    Ok(Sequence(interfaces.into_iter().map(|(index, name)| Interface { index, name }).collect()))
}

/// `socket.if_nametoindex(name)`.
pub(crate) fn if_nametoindex(_: Context, name: &[u8]) -> Result<u32> {
    names::interface_index(name, 1)
}

/// `socket.if_indextoname(index)`.
pub(crate) fn if_indextoname(_: Context, index: u32) -> Result<InterfaceName> {
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
    caller.audit("socket.gethostname", || Nothing)?;
    Ok(sys::gethostname()?)
}

/// `socket.sethostname(name)`.
#[cfg(unix)]
pub(crate) fn sethostname(context: Context, name: &[u8]) -> Result<()> {
    context.caller.audit("socket.sethostname", || name)?;
    Ok(sys::sethostname(name)?)
}
