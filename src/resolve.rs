//! `getaddrinfo`.

use crate::address::{Port, Resolver};
use crate::error::{Error, Result};
use crate::lua::{Caller, Context, OptionsTable, Sequence, options};
use crate::names;
use crate::sys::{self, AddrInfo, Address};

/// A caller's audit hooks are called before a host name in an address is looked up.
impl Resolver for Caller<'_> {
    #[cold]
    fn resolve(&self, family: i32, host: &[u8], port: u16, index: i32) -> Result<Address> {
        self.audit("socket.getaddrinfo", || (host, port, family, 0, 0))?;
        ().resolve(family, host, port, index)
    }
}

/// `socket.getaddrinfo(host, port [, family [, type [, proto [, flags]]]])`, or the last ones in an options table.
pub(crate) fn getaddrinfo(
    context: Context,
    host: Option<&[u8]>,
    _: OptionsTable<{ options::GETADDRINFO }>,
    port: Option<Port>,
    hints: [Option<i32>; 4],
) -> Result<Sequence<AddrInfo>> {
    resolve(context.caller, host, port, [1, 2], hints.map(Option::unwrap_or_default)).map(Sequence)
}

/// All addresses of a host and a service, which are the arguments of these indices.
pub(crate) fn resolve(
    caller: Caller,
    host: Option<&[u8]>,
    port: Option<Port>,
    indices: [i32; 2],
    hints: [i32; 4],
) -> Result<Vec<AddrInfo>> {
    let text = port.map(Port::to_vec).transpose()?;
    let node = host.map(|host| names::terminated(host, indices[0], "host")).transpose()?;
    let service = text.as_ref().map(|port| names::terminated(port, indices[1], "port")).transpose()?;
    let [family, kind, proto, _] = hints;
    caller.audit("socket.getaddrinfo", || (host, port, family, kind, proto))?;
    sys::getaddrinfo(node.as_deref(), service.as_deref(), hints)
        .map_err(|error| Error::resolver(error, names::subject(host, text.as_deref())))
}
