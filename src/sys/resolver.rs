//! getaddrinfo(3).

use std::ffi::{CStr, CString};
use std::ptr;

use super::ResolverError;
use super::headers::{self, addrinfo, freeaddrinfo};
use crate::sys::Address;

/// One result of getaddrinfo(3).
#[derive(Clone)]
pub(crate) struct AddrInfo {
    pub(crate) family: i32,
    pub(crate) kind: i32,
    pub(crate) proto: i32,
    pub(crate) name: Option<CString>,
    pub(crate) address: Address,
}

/// getaddrinfo(3).
pub(crate) fn getaddrinfo(
    host: Option<&CStr>,
    service: Option<&CStr>,
    [family, kind, proto, flags]: [i32; 4],
) -> Result<Vec<AddrInfo>, ResolverError> {
    // SAFETY: all fields may be zero.
    let mut hints: addrinfo = unsafe { std::mem::zeroed() };
    (hints.ai_family, hints.ai_socktype, hints.ai_protocol, hints.ai_flags) = (family, kind, proto, flags);
    let pointer = |text: Option<&CStr>| text.map_or(ptr::null(), CStr::as_ptr).cast();
    let mut list = ptr::null_mut();
    // SAFETY: strings, hints and the place for the list are valid.
    let number = unsafe { headers::getaddrinfo(pointer(host), pointer(service), &hints, &mut list) };
    if number != 0 {
        return Err(ResolverError::last(number));
    }
    let mut found = Vec::new();
    let mut next: *mut addrinfo = list;
    // SAFETY: the list's entries are valid until it is freed.
    while let Some(entry) = unsafe { next.as_ref() } {
        next = entry.ai_next;
        let mut address = Address::blank(0);
        #[allow(clippy::unnecessary_cast, reason = "the length has 32 bits on some systems")]
        let length = (entry.ai_addrlen as usize).min(Address::SIZE);
        if !entry.ai_addr.is_null() {
            // SAFETY: the address has that many bytes.
            let bytes = unsafe { std::slice::from_raw_parts(entry.ai_addr.cast(), length) };
            address.room()[..length].copy_from_slice(bytes);
            address.set_length(length);
        }
        // SAFETY: a terminated string.
        let name =
            (!entry.ai_canonname.is_null()).then(|| unsafe { CStr::from_ptr(entry.ai_canonname.cast()) }.to_owned());
        found.push(AddrInfo {
            family: entry.ai_family,
            kind: entry.ai_socktype,
            proto: entry.ai_protocol,
            name,
            address,
        });
    }
    // Not every system's takes an empty list.
    if !list.is_null() {
        // SAFETY: a list that getaddrinfo made, which nothing refers to any more.
        unsafe { freeaddrinfo(list) };
    }
    Ok(found)
}
