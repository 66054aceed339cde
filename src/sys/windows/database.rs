//! The host, service and protocol databases. Winsock keeps each thread's result until its next call.

use std::ffi::{CStr, c_char};
use std::ptr;

use windows_sys::Win32::Networking::WinSock::{
    HOSTENT, gethostbyaddr, gethostbyname, getprotobyname, getservbyname, getservbyport,
};

use super::error::last_host_error;

/// An entry of the host database.
#[derive(Clone)]
pub(crate) struct Host {
    pub(crate) name: Vec<u8>,
    pub(crate) aliases: Vec<Vec<u8>>,
    pub(crate) family: i32,
    /// In network byte order, 4 or 16 bytes each.
    pub(crate) addresses: Vec<Vec<u8>>,
}

/// Copies a terminated string; null reads as empty.
///
/// # Safety
/// `text` is null or a terminated string.
unsafe fn copy(text: *const c_char) -> Vec<u8> {
    if text.is_null() {
        return Vec::new();
    }
    // SAFETY: the caller's promise.
    unsafe { CStr::from_ptr(text) }.to_bytes().to_vec()
}

/// The entries of a list that ends with null.
///
/// # Safety
/// `list` is null or such a list.
unsafe fn entries(list: *mut *mut i8) -> Vec<*mut i8> {
    let mut found = Vec::new();
    // SAFETY: the caller's promise; the end has not been passed.
    while let Some(&entry) = unsafe { list.as_ref().and(list.wrapping_add(found.len()).as_ref()) } {
        if entry.is_null() {
            break;
        }
        found.push(entry);
    }
    found
}

/// A copy of an entry of the host database.
///
/// # Safety
/// `entry` is what the host database just returned to this thread.
unsafe fn host(entry: *const HOSTENT) -> Result<Host, i32> {
    // SAFETY: the caller's promise: strings and lists are terminated, addresses have `h_length` bytes.
    unsafe {
        let entry = entry.as_ref().ok_or_else(last_host_error)?;
        let addresses = entries(entry.h_addr_list).into_iter();
        Ok(Host {
            name: copy(entry.h_name.cast()),
            aliases: entries(entry.h_aliases).into_iter().map(|alias| copy(alias.cast())).collect(),
            family: entry.h_addrtype.into(),
            addresses: addresses
                .map(|address| std::slice::from_raw_parts(address.cast(), entry.h_length as usize).to_vec())
                .collect(),
        })
    }
}

/// gethostbyname. Fails with an `h_errno`, as the next.
pub(crate) fn host_by_name(name: &CStr) -> Result<Host, i32> {
    // SAFETY: a terminated string; what the database returned.
    unsafe { host(gethostbyname(name.as_ptr().cast())) }
}

/// gethostbyaddr.
pub(crate) fn host_by_address(family: i32, address: &[u8]) -> Result<Host, i32> {
    // SAFETY: that many bytes; what the database returned.
    unsafe { host(gethostbyaddr(address.as_ptr(), address.len() as i32, family)) }
}

/// getprotobyname: the number.
pub(crate) fn protocol_by_name(name: &CStr) -> Option<i32> {
    // SAFETY: a terminated string; null or an entry.
    unsafe { getprotobyname(name.as_ptr().cast()).as_ref() }.map(|entry| entry.p_proto.into())
}

/// getservbyname: the port.
pub(crate) fn port_by_service(name: &CStr, protocol: Option<&CStr>) -> Option<u16> {
    // SAFETY: terminated strings, or null; null or an entry.
    unsafe { getservbyname(name.as_ptr().cast(), pointer(protocol)).as_ref() }
        .map(|entry| u16::from_be(entry.s_port as u16))
}

/// getservbyport: the name.
pub(crate) fn service_by_port(port: u16, protocol: Option<&CStr>) -> Option<Vec<u8>> {
    // SAFETY: a terminated string, or null; null or an entry, whose name is terminated.
    unsafe { getservbyport(port.to_be().into(), pointer(protocol)).as_ref().map(|entry| copy(entry.s_name.cast())) }
}

fn pointer(text: Option<&CStr>) -> *const u8 {
    text.map_or(ptr::null(), CStr::as_ptr).cast()
}
