//! socketpair(2), which Winsock lacks.

use super::*;
use crate::sys::Address;

/// Two sockets connected with each other over the loopback interface, as socketpair(2) makes them.
pub(crate) fn socketpair(family: i32, kind: i32, proto: i32) -> Result<(Owned, Owned), Errno> {
    if kind != WinSock::SOCK_STREAM {
        return Err(Errno(headers::ESOCKTNOSUPPORT));
    }
    let listener = socket(family, kind, proto)?;
    bind(as_raw_fd(&listener), &loopback(family)?)?;
    listen(as_raw_fd(&listener), 1)?;
    let one = socket(family, kind, proto)?;
    connect(as_raw_fd(&one), &getsockname(as_raw_fd(&listener))?)?;
    let own = getsockname(as_raw_fd(&one))?;
    loop {
        let (other, from) = accept(as_raw_fd(&listener), false, family as u16)?;
        // Anyone on the machine may have connected first.
        if from.as_bytes() == own.as_bytes() {
            return Ok((one, other));
        }
    }
}

/// The loopback address of a family, on a port that the system chooses.
fn loopback(family: i32) -> Result<Address, Errno> {
    let address: std::net::SocketAddr = match family {
        headers::AF_INET => (std::net::Ipv4Addr::LOCALHOST, 0).into(),
        headers::AF_INET6 => (std::net::Ipv6Addr::LOCALHOST, 0).into(),
        _ => return Err(Errno::ADDRESS_FAMILY_NOT_SUPPORTED),
    };
    let bytes = socket2::SockAddr::from(address);
    let mut address = Address::blank(0);
    let length = bytes.len() as usize;
    // SAFETY: a sockaddr of that length.
    address.room()[..length].copy_from_slice(unsafe { std::slice::from_raw_parts(bytes.as_ptr().cast(), length) });
    address.set_length(length);
    Ok(address)
}
