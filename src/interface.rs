//! Network interfaces and the name of this machine.

use crate::error::Result;
use crate::lua::{Caller, Context, Nothing, Record, Sequence, Table};
use crate::resolve;
use crate::sys::{self, Errno, InterfaceName};
use crate::text::Text;

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

/// `socket.if_nameindex()`.
pub(crate) fn if_nameindex(_: Context) -> Result<Sequence<Interface>> {
    let interfaces = sys::if_nameindex()?;
    Ok(Sequence(interfaces.into_iter().map(|(index, name)| Interface { index, name }).collect()))
}

/// `socket.if_nametoindex(name)`.
pub(crate) fn if_nametoindex(_: Context, name: &[u8]) -> Result<u32> {
    named(name, 1)
}

fn named(name: &[u8], argument: i32) -> Result<u32> {
    let name = resolve::terminated(name, argument, "interface name")?;
    // Whatever the system says of a name that is too long or unknown: there is no such device.
    sys::if_nametoindex(&name).map_err(|_| Errno::NO_DEVICE.into())
}

/// The index of an interface in an address; `""` stands for all of them.
#[allow(dead_code, reason = "for families that not every system has")]
pub(crate) fn index(name: &[u8], argument: i32) -> Result<u32> {
    if name.is_empty() { Ok(0) } else { named(name, argument) }
}

/// The name of an interface in an address; `""` when it has none any more.
#[allow(dead_code, reason = "for families that not every system has")]
pub(crate) fn name(index: u32) -> InterfaceName {
    if index == 0 { Text::new() } else { sys::if_indextoname(index).unwrap_or_else(|_| Text::new()) }
}

/// `socket.if_indextoname(index)`.
pub(crate) fn if_indextoname(_: Context, index: u32) -> Result<InterfaceName> {
    Ok(sys::if_indextoname(index)?)
}

/// `socket.get_local_cid()`.
pub(crate) fn get_local_cid(_: Context) -> Result<u32> {
    Ok(sys::local_cid()?)
}

/// `socket.gethostname()`.
pub(crate) fn gethostname(context: Context) -> Result<Vec<u8>> {
    own_name(context.caller)
}

/// The name of this machine.
pub(crate) fn own_name(caller: Caller) -> Result<Vec<u8>> {
    caller.audit("socket.gethostname", || Nothing)?;
    Ok(sys::gethostname()?)
}

/// `socket.sethostname(name)`.
pub(crate) fn sethostname(context: Context, name: &[u8]) -> Result<()> {
    context.caller.audit("socket.sethostname", || name)?;
    Ok(sys::sethostname(name)?)
}
