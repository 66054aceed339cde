//! The host, service and protocol databases, safe in several threads.

use std::ffi::{CStr, c_char, c_int};
use std::ptr;

use libc::{hostent, protoent, servent};

use crate::sys::HOST_NOT_FOUND;

/// An entry of the host database.
#[derive(Clone)]
pub(crate) struct Host {
    pub(crate) name: Vec<u8>,
    pub(crate) aliases: Vec<Vec<u8>>,
    pub(crate) family: i32,
    /// In network byte order, 4 or 16 bytes each.
    pub(crate) addresses: Vec<Vec<u8>>,
}

/// The system's words for an `h_errno`, as `hstrerror(3)` gives them.
pub(crate) fn write_host_error(number: &i32, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
    // SAFETY: returns a static string for any number.
    let words = unsafe { CStr::from_ptr(libc::hstrerror(*number)) };
    formatter.write_str(words.to_str().unwrap_or("unknown error"))
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
unsafe fn entries(list: *mut *mut c_char) -> Vec<*mut c_char> {
    let mut found = Vec::new();
    if list.is_null() {
        return found;
    }
    loop {
        // SAFETY: the caller's promise; the end has not been passed.
        let entry = unsafe { *list.add(found.len()) };
        if entry.is_null() {
            return found;
        }
        found.push(entry);
    }
}

impl Host {
    /// A copy of an entry.
    ///
    /// # Safety
    /// `entry` is what the host database returned.
    unsafe fn copy(entry: &hostent) -> Host {
        // SAFETY: the caller's promise: strings and lists are terminated, addresses have `h_length` bytes.
        unsafe {
            Host {
                name: copy(entry.h_name),
                aliases: entries(entry.h_aliases).into_iter().map(|alias| copy(alias)).collect(),
                family: entry.h_addrtype,
                addresses: entries(entry.h_addr_list)
                    .into_iter()
                    .map(|address| std::slice::from_raw_parts(address.cast(), entry.h_length as usize).to_vec())
                    .collect(),
            }
        }
    }
}

/// The functions with `_r`, which write into a buffer of the caller. The libc crate lacks them.
#[cfg(any(all(linux, any(target_env = "gnu", target_env = "musl")), freebsd))]
mod netdb {
    use super::*;

    /// The trailing parameters that all of them share: entry, room, its length, result.
    macro_rules! reentrant {
        ($($name:ident($($parameter:ident: $type:ty),*) -> $entry:ty $(, $error:ident)?;)*) => {
            unsafe extern "C" {
                $(fn $name($($parameter: $type,)* entry: *mut $entry, room: *mut c_char, length: usize,
                    result: *mut *mut $entry $(, $error: *mut c_int)?) -> c_int;)*
            }
        };
    }

    reentrant! {
        gethostbyname_r(name: *const c_char) -> hostent, error;
        gethostbyaddr_r(address: *const u8, size: libc::socklen_t, family: c_int) -> hostent, error;
        getservbyname_r(name: *const c_char, protocol: *const c_char) -> servent;
        getservbyport_r(port: c_int, protocol: *const c_char) -> servent;
    }

    #[cfg(not(target_env = "musl"))]
    reentrant! { getprotobyname_r(name: *const c_char) -> protoent; }

    /// `NO_RECOVERY`: the look-up itself failed.
    const BROKEN: i32 = 3;

    /// Calls with a larger and larger buffer until the result fits, then reads it. Fails with an `h_errno` value.
    ///
    /// # Safety
    /// `E` may be all zero. `call` passes its arguments to a function that fills the entry and the buffer.
    unsafe fn grow<E, T>(
        mut call: impl FnMut(*mut E, *mut c_char, usize, *mut *mut E, *mut c_int) -> c_int,
        read: impl FnOnce(&E) -> T,
    ) -> Result<T, i32> {
        let mut room = vec![0; 1024];
        loop {
            // SAFETY: the caller's promise.
            let mut entry: E = unsafe { std::mem::zeroed() };
            let (mut result, mut error) = (ptr::null_mut(), 0);
            let number = call(&mut entry, room.as_mut_ptr(), room.len(), &mut result, &mut error);
            if number == libc::ERANGE && room.len() < 1 << 20 {
                room.resize(room.len() * 2, 0);
            } else if number != 0 || result.is_null() {
                return Err(match error {
                    0 => HOST_NOT_FOUND,
                    1.. => error,
                    _ => BROKEN,
                });
            } else {
                return Ok(read(&entry));
            }
        }
    }

    pub(super) fn host_by_name(name: &CStr) -> Result<Host, i32> {
        // SAFETY: all pointers are valid for the call; the entry was filled and points into the buffer.
        unsafe {
            grow(|e, room, n, r, error| gethostbyname_r(name.as_ptr(), e, room, n, r, error), |entry| Host::copy(entry))
        }
    }

    pub(super) fn host_by_address(family: i32, address: &[u8]) -> Result<Host, i32> {
        let (start, size) = (address.as_ptr(), address.len() as libc::socklen_t);
        // SAFETY: as above.
        unsafe {
            grow(
                |e, room, n, r, error| gethostbyaddr_r(start, size, family, e, room, n, r, error),
                |entry| Host::copy(entry),
            )
        }
    }

    #[cfg(not(target_env = "musl"))]
    pub(super) fn protocol(name: &CStr) -> Option<protoent> {
        // SAFETY: as above.
        unsafe { grow(|e, room, n, r, _| getprotobyname_r(name.as_ptr(), e, room, n, r), |entry| *entry) }.ok()
    }

    #[cfg(target_env = "musl")]
    pub(super) use super::protocol_in_turn as protocol;

    pub(super) fn service<T>(name: &CStr, protocol: Option<&CStr>, read: impl FnOnce(&servent) -> T) -> Option<T> {
        // SAFETY: as above.
        unsafe { grow(|e, room, n, r, _| getservbyname_r(name.as_ptr(), pointer(protocol), e, room, n, r), read) }.ok()
    }

    pub(super) fn service_of<T>(port: u16, protocol: Option<&CStr>, read: impl FnOnce(&servent) -> T) -> Option<T> {
        let port = port.to_be().into();
        // SAFETY: as above.
        unsafe { grow(|e, room, n, r, _| getservbyport_r(port, pointer(protocol), e, room, n, r), read) }.ok()
    }
}

/// Reads what a function returned in memory of the C library, one thread at a time.
///
/// # Safety
/// `call` returns null or an entry that stays until the next call.
#[cfg(not(any(all(linux, target_env = "gnu"), freebsd)))]
unsafe fn in_turn<E, T>(call: impl FnOnce() -> *mut E, read: impl FnOnce(Option<&E>) -> T) -> T {
    static TURN: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    // SAFETY: the caller's promise.
    read(unsafe { call().as_ref() })
}

#[cfg(not(any(all(linux, target_env = "gnu"), freebsd)))]
fn protocol_in_turn(name: &CStr) -> Option<protoent> {
    // SAFETY: a terminated string.
    unsafe { in_turn(|| libc::getprotobyname(name.as_ptr()), |entry| entry.copied()) }
}

/// Elsewhere: the functions without `_r`, called by one thread at a time.
#[cfg(not(any(all(linux, any(target_env = "gnu", target_env = "musl")), freebsd)))]
mod netdb {
    pub(super) use super::protocol_in_turn as protocol;
    use super::*;

    unsafe extern "C" {
        fn gethostbyname(name: *const c_char) -> *mut hostent;
        fn gethostbyaddr(address: *const u8, size: libc::socklen_t, family: c_int) -> *mut hostent;
    }

    /// A copy of an entry of the host database, or why there is none, where `h_errno` tells.
    ///
    /// # Safety
    /// `entry` is what the host database just returned.
    unsafe fn host(entry: Option<&hostent>) -> Result<Host, i32> {
        if let Some(entry) = entry {
            // SAFETY: the caller's promise.
            return Ok(unsafe { Host::copy(entry) });
        }
        #[cfg(apple)]
        {
            unsafe extern "C" {
                static h_errno: c_int;
            }
            // SAFETY: an integer that the last call set; no other is made meanwhile.
            if let error @ 1.. = unsafe { (&raw const h_errno).read() } {
                return Err(error);
            }
        }
        Err(HOST_NOT_FOUND)
    }

    pub(super) fn host_by_name(name: &CStr) -> Result<Host, i32> {
        // SAFETY: a terminated string.
        unsafe { in_turn(|| gethostbyname(name.as_ptr()), |entry| host(entry)) }
    }

    pub(super) fn host_by_address(family: i32, address: &[u8]) -> Result<Host, i32> {
        let (start, size) = (address.as_ptr(), address.len() as libc::socklen_t);
        // SAFETY: that many bytes.
        unsafe { in_turn(|| gethostbyaddr(start, size, family), |entry| host(entry)) }
    }

    pub(super) fn service<T>(name: &CStr, protocol: Option<&CStr>, read: impl FnOnce(&servent) -> T) -> Option<T> {
        // SAFETY: terminated strings, or null.
        unsafe { in_turn(|| libc::getservbyname(name.as_ptr(), pointer(protocol)), |entry| entry.map(read)) }
    }

    pub(super) fn service_of<T>(port: u16, protocol: Option<&CStr>, read: impl FnOnce(&servent) -> T) -> Option<T> {
        // SAFETY: a terminated string, or null.
        unsafe { in_turn(|| libc::getservbyport(port.to_be().into(), pointer(protocol)), |entry| entry.map(read)) }
    }
}

fn pointer(text: Option<&CStr>) -> *const c_char {
    text.map_or(ptr::null(), CStr::as_ptr)
}

/// gethostbyname(3). Fails with an `h_errno`, as the next.
pub(crate) fn host_by_name(name: &CStr) -> Result<Host, i32> {
    netdb::host_by_name(name)
}

/// gethostbyaddr(3).
pub(crate) fn host_by_address(family: i32, address: &[u8]) -> Result<Host, i32> {
    netdb::host_by_address(family, address)
}

/// getprotobyname(3): the number.
pub(crate) fn protocol_by_name(name: &CStr) -> Option<i32> {
    netdb::protocol(name).map(|entry| entry.p_proto)
}

/// getservbyname(3): the port.
pub(crate) fn port_by_service(name: &CStr, protocol: Option<&CStr>) -> Option<u16> {
    netdb::service(name, protocol, |entry| u16::from_be(entry.s_port as u16))
}

/// getservbyport(3): the name.
pub(crate) fn service_by_port(port: u16, protocol: Option<&CStr>) -> Option<Vec<u8>> {
    // SAFETY: an entry's name is terminated.
    netdb::service_of(port, protocol, |entry| unsafe { copy(entry.s_name) })
}
