//! getifaddrs(3).

use std::ffi::CStr;

use super::*;
use crate::sys::{Address, InterfaceAddress};

/// The flags of an interface (`net/if.h`), by the names that netdevice(7) has after `IFF_`.
pub(crate) const INTERFACE_FLAGS: &[(&str, u32)] = &[
    ("up", libc::IFF_UP as u32),
    ("broadcast", libc::IFF_BROADCAST as u32),
    ("debug", libc::IFF_DEBUG as u32),
    ("loopback", libc::IFF_LOOPBACK as u32),
    ("pointopoint", libc::IFF_POINTOPOINT as u32),
    ("running", libc::IFF_RUNNING as u32),
    ("noarp", libc::IFF_NOARP as u32),
    ("promisc", libc::IFF_PROMISC as u32),
    ("allmulti", libc::IFF_ALLMULTI as u32),
    ("multicast", libc::IFF_MULTICAST as u32),
];

/// getifaddrs(3): each address of each interface.
pub(crate) fn getifaddrs() -> Result<Vec<InterfaceAddress>, Errno> {
    let mut list = std::ptr::null_mut();
    // SAFETY: a place for the list.
    check(unsafe { libc::getifaddrs(&mut list) } as isize)?;
    let mut found = Vec::new();
    let mut next = list;
    // SAFETY: the list's entries are valid until it is freed, below.
    while let Some(entry) = unsafe { next.as_ref() } {
        next = entry.ifa_next;
        let flags = entry.ifa_flags;
        #[cfg(linux_like)]
        let other = entry.ifa_ifu;
        #[cfg(not(linux_like))]
        let other = entry.ifa_dstaddr;
        // SAFETY: a terminated string, and addresses of the list.
        found.push(unsafe {
            let address = copy(entry.ifa_addr);
            let has = |flag: i32| flags & flag as u32 != 0;
            InterfaceAddress {
                name: CStr::from_ptr(entry.ifa_name).to_bytes().to_vec(),
                flags,
                netmask: address.and_then(|address| copy_netmask(entry.ifa_netmask, &address)),
                broadcast: if has(libc::IFF_BROADCAST) { copy(other) } else { None },
                peer: if has(libc::IFF_POINTOPOINT) { copy(other) } else { None },
                address,
            }
        });
    }
    // SAFETY: the list, which is not used any more.
    unsafe { libc::freeifaddrs(list) };
    Ok(found)
}

/// A copy of an address; `None` for null, and for a family whose length is not known.
///
/// # Safety
/// `address` is null or valid for as many bytes as its family has.
unsafe fn copy(address: *const libc::sockaddr) -> Option<Address> {
    // SAFETY: the caller's promise.
    let length = unsafe { length_of(address.as_ref()?) }?;
    let mut copied = Address::blank(0);
    // SAFETY: the address has that many bytes.
    let bytes = unsafe { std::slice::from_raw_parts(address.cast(), length) };
    copied.room()[..length].copy_from_slice(bytes);
    copied.set_length(length);
    Some(copied)
}

/// The netmask of an address, of its family and length. The BSDs leave out the zeros at its end, and its family.
///
/// # Safety
/// As for [`copy`].
unsafe fn copy_netmask(netmask: *const libc::sockaddr, address: &Address) -> Option<Address> {
    // SAFETY: the caller's promise.
    let given = unsafe { netmask.as_ref() }?;
    let whole = address.as_bytes().len();
    #[cfg(linux_like)]
    let length = {
        let _ = given;
        whole
    };
    #[cfg(not(linux_like))]
    let length = usize::from(given.sa_len).min(whole);
    let mut copied = Address::blank(0);
    // SAFETY: the netmask has that many bytes.
    let bytes = unsafe { std::slice::from_raw_parts(netmask.cast(), length) };
    copied.room()[..length].copy_from_slice(bytes);
    copied.begin(address.family().into(), whole);
    Some(copied)
}

/// How many bytes an address has.
#[cfg(linux_like)]
fn length_of(address: &libc::sockaddr) -> Option<usize> {
    match i32::from(address.sa_family) {
        libc::AF_INET => Some(size_of::<libc::sockaddr_in>()),
        libc::AF_INET6 => Some(size_of::<libc::sockaddr_in6>()),
        libc::AF_PACKET => Some(size_of::<libc::sockaddr_ll>()),
        _ => None,
    }
}

#[cfg(not(linux_like))]
fn length_of(address: &libc::sockaddr) -> Option<usize> {
    let length = usize::from(address.sa_len);
    (length > 0).then_some(length.min(Address::SIZE))
}
