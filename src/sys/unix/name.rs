//! The host name, network interfaces, and addresses as text and back.

use std::ffi::{CStr, c_char};

use super::*;
use crate::sys::Address;
use crate::text::Text;

/// Room for the name of an interface.
pub(crate) const INTERFACE_NAME: usize = libc::IF_NAMESIZE;

/// gethostname(2).
pub(crate) fn gethostname() -> Result<Vec<u8>, Errno> {
    let mut name = [0u8; 1025];
    // SAFETY: one byte of the room is left for the terminator, which a cut name would lack.
    check(unsafe { libc::gethostname(name.as_mut_ptr().cast(), name.len() - 1) } as isize)?;
    Ok(CStr::from_bytes_until_nul(&name).unwrap_or_default().to_bytes().to_vec())
}

/// sethostname(2).
pub(crate) fn sethostname(name: &[u8]) -> Result<(), Errno> {
    // SAFETY: that many bytes.
    check(unsafe { libc::sethostname(name.as_ptr().cast(), name.len() as _) } as isize).map(drop)
}

/// if_nametoindex(3).
pub(crate) fn if_nametoindex(name: &CStr) -> Result<u32, Errno> {
    // SAFETY: a terminated string.
    match unsafe { libc::if_nametoindex(name.as_ptr()) } {
        0 => Err(Errno::last()),
        index => Ok(index),
    }
}

/// if_indextoname(3).
pub(crate) fn if_indextoname(index: u32) -> Result<Text<INTERFACE_NAME>, Errno> {
    let mut name = [0; INTERFACE_NAME];
    // SAFETY: the room that the call asks for; it writes a terminated string there.
    unsafe {
        if libc::if_indextoname(index, name.as_mut_ptr()).is_null() {
            return Err(Errno::last());
        }
        let mut text = Text::new();
        text.push(CStr::from_ptr(name.as_ptr()).to_bytes());
        Ok(text)
    }
}

/// if_nameindex(3): index and name of each interface.
pub(crate) fn if_nameindex() -> Result<Vec<(u32, Vec<u8>)>, Errno> {
    let mut interfaces = Vec::new();
    // SAFETY: the list ends with an entry of index 0 and is freed once.
    unsafe {
        let list = libc::if_nameindex();
        if list.is_null() {
            return Err(Errno::last());
        }
        let mut entry = list;
        while (*entry).if_index != 0 {
            interfaces.push(((*entry).if_index, CStr::from_ptr((*entry).if_name).to_bytes().to_vec()));
            entry = entry.add(1);
        }
        libc::if_freenameindex(list);
    }
    Ok(interfaces)
}

/// getnameinfo(3): host and service.
pub(crate) fn getnameinfo(address: &Address, flags: i32) -> Result<(Vec<u8>, Vec<u8>), ResolverError> {
    let (mut host, mut service) = ([0u8; 1025], [0u8; 32]);
    let bytes = address.as_bytes();
    // SAFETY: `bytes` is a sockaddr of that length; both rooms have the length that is told.
    let number = unsafe {
        libc::getnameinfo(
            bytes.as_ptr().cast(),
            bytes.len() as _,
            host.as_mut_ptr().cast(),
            host.len() as _,
            service.as_mut_ptr().cast(),
            service.len() as _,
            flags,
        )
    };
    if number != 0 {
        return Err(ResolverError::last(number));
    }
    let text = |bytes: &[u8]| CStr::from_bytes_until_nul(bytes).unwrap_or_default().to_bytes().to_vec();
    Ok((text(&host), text(&service)))
}

unsafe extern "C" {
    fn inet_aton(text: *const c_char, address: *mut libc::in_addr) -> i32;
    fn inet_ntop(family: i32, address: *const u8, text: *mut c_char, length: libc::socklen_t) -> *const c_char;
    fn inet_pton(family: i32, text: *const c_char, address: *mut u8) -> i32;
}

/// inet_aton(3).
pub(crate) fn aton(text: &CStr) -> Option<[u8; 4]> {
    let mut address = libc::in_addr { s_addr: 0 };
    // SAFETY: a terminated string, and room for the address.
    (unsafe { inet_aton(text.as_ptr(), &mut address) } != 0).then(|| address.s_addr.to_ne_bytes())
}

/// inet_pton(3), of AF_INET (4 bytes) or AF_INET6 (16 bytes).
pub(crate) fn pton<const N: usize>(family: i32, text: &CStr) -> Option<[u8; N]> {
    let mut address = [0; N];
    debug_assert_eq!(address_length(family), Some(N));
    // SAFETY: a terminated string, and the room that the family needs.
    (unsafe { inet_pton(family, text.as_ptr(), address.as_mut_ptr()) } == 1).then_some(address)
}

/// inet_ntop(3). The address has the length of its family.
pub(crate) fn ntop(family: i32, address: &[u8]) -> Option<Text<64>> {
    if address_length(family) != Some(address.len()) {
        return None;
    }
    let mut text = [0u8; 64];
    // SAFETY: an address of the family's length, and room for the longest text.
    unsafe { inet_ntop(family, address.as_ptr(), text.as_mut_ptr().cast(), text.len() as _) };
    let length = text.iter().position(|&byte| byte == 0)?;
    Some(Text::from_parts(text, length))
}

/// How many bytes an address of the family has, without its port.
pub(crate) fn address_length(family: i32) -> Option<usize> {
    match family {
        libc::AF_INET => Some(4),
        libc::AF_INET6 => Some(16),
        _ => None,
    }
}
