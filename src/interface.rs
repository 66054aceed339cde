//! Network interfaces and the name of this machine.

use std::ffi::CString;

use crate::error::{Error, Result};
use crate::lua::{Context, Record, Sequence, Table};
use crate::sys::{self, Errno};

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
    let name = CString::new(name).map_err(|_| Error::misuse(1, "name contains a NUL"))?;
    // Whatever the system says of a name that is too long or unknown: there is no such device.
    sys::if_nametoindex(&name).map_err(|_| Errno::NO_DEVICE.into())
}

/// `socket.if_indextoname(index)`.
pub(crate) fn if_indextoname(_: Context, index: u32) -> Result<Vec<u8>> {
    Ok(sys::if_indextoname(index)?)
}

/// `socket.gethostname()`.
pub(crate) fn gethostname(_: Context) -> Result<Vec<u8>> {
    Ok(sys::gethostname()?)
}

/// `socket.sethostname(name)`.
pub(crate) fn sethostname(_: Context, name: &[u8]) -> Result<()> {
    Ok(sys::sethostname(name)?)
}
