//! The host name, network interfaces, and addresses as text and back.

use std::ffi::CStr;

use windows_sys::Win32::NetworkManagement::IpHelper::{
    ConvertInterfaceLuidToNameA, FreeMibTable, GetIfTable2Ex, MibIfTableRaw,
};
use windows_sys::Win32::NetworkManagement::{IpHelper, Ndis::IF_MAX_STRING_SIZE};
use windows_sys::Win32::System::SystemInformation::{ComputerNamePhysicalDnsHostname, GetComputerNameExW};

use super::*;
use crate::sys::Address;
use crate::text::Text;

/// GetComputerNameEx: the machine's name in the DNS, without its domain.
pub(crate) fn gethostname() -> Result<Vec<u8>, Errno> {
    let mut name = [0; 256];
    let mut length = name.len() as u32;
    // SAFETY: the room has the length that is told.
    match unsafe { GetComputerNameExW(ComputerNamePhysicalDnsHostname, name.as_mut_ptr(), &mut length) } {
        0 => Err(Errno::last()),
        _ => Ok(String::from_utf16_lossy(&name[..length as usize]).into_bytes()),
    }
}

/// The longest name of an interface, and what ends it.
pub(crate) const INTERFACE_NAME: usize = IF_MAX_STRING_SIZE as usize + 1;

/// if_nametoindex.
pub(crate) fn if_nametoindex(name: &CStr) -> Result<u32, Errno> {
    // SAFETY: a terminated string.
    match unsafe { IpHelper::if_nametoindex(name.as_ptr().cast()) } {
        0 => Err(Errno::NO_DEVICE),
        index => Ok(index),
    }
}

/// if_indextoname.
pub(crate) fn if_indextoname(index: u32) -> Result<Text<INTERFACE_NAME>, Errno> {
    let mut name = [0; INTERFACE_NAME];
    // SAFETY: the room that the call asks for.
    if unsafe { IpHelper::if_indextoname(index, name.as_mut_ptr()) }.is_null() {
        return Err(Errno(headers::ENXIO));
    }
    let mut text = Text::new();
    text.push(terminated(&name));
    Ok(text)
}

/// GetIfTable2Ex: index and name of each interface.
pub(crate) fn if_nameindex() -> Result<Vec<(u32, Vec<u8>)>, Errno> {
    let mut interfaces = Vec::new();
    // SAFETY: the table has as many rows as it says, and is freed once; the room for a name is as long as is told.
    unsafe {
        let mut table = std::ptr::null_mut();
        match GetIfTable2Ex(MibIfTableRaw, &mut table) {
            0 => {}
            number => return Err(std::io::Error::from_raw_os_error(number as i32).into()),
        }
        let first = (&raw const (*table).Table).cast::<IpHelper::MIB_IF_ROW2>();
        for n in 0..(*table).NumEntries as usize {
            let row = &*first.add(n);
            let mut name = [0; INTERFACE_NAME];
            if ConvertInterfaceLuidToNameA(&row.InterfaceLuid, name.as_mut_ptr(), name.len()) == 0 {
                interfaces.push((row.InterfaceIndex, terminated(&name).to_vec()));
            }
        }
        FreeMibTable(table.cast());
    }
    Ok(interfaces)
}

/// getnameinfo: host and service.
pub(crate) fn getnameinfo(address: &Address, flags: i32) -> Result<(Vec<u8>, Vec<u8>), ResolverError> {
    let (mut host, mut service) = ([0u8; 1025], [0u8; 32]);
    let bytes = address.as_bytes();
    // SAFETY: `bytes` is a sockaddr of that length; both rooms have the length that is told.
    let number = unsafe {
        WinSock::getnameinfo(
            bytes.as_ptr().cast(),
            bytes.len() as _,
            host.as_mut_ptr(),
            host.len() as _,
            service.as_mut_ptr(),
            service.len() as _,
            flags,
        )
    };
    if number == 0 {
        Ok((terminated(&host).to_vec(), terminated(&service).to_vec()))
    } else {
        Err(ResolverError::last(number))
    }
}

/// The bytes before the first NUL.
fn terminated(bytes: &[u8]) -> &[u8] {
    CStr::from_bytes_until_nul(bytes).unwrap_or_default().to_bytes()
}

/// inet_addr, in whose answer one address looks like a failure.
pub(crate) fn aton(text: &CStr) -> Option<[u8; 4]> {
    const BROADCAST: &[u8] = b"255.255.255.255";
    // SAFETY: a terminated string.
    match unsafe { WinSock::inet_addr(text.as_ptr().cast()) } {
        _ if text.is_empty() => None,
        WinSock::INADDR_NONE if text.to_bytes() != BROADCAST => None,
        address => Some(address.to_ne_bytes()),
    }
}

/// inet_pton, of AF_INET (4 bytes) or AF_INET6 (16 bytes).
pub(crate) fn pton<const N: usize>(family: i32, text: &CStr) -> Option<[u8; N]> {
    let mut address = [0; N];
    debug_assert_eq!(address_length(family), Some(N));
    // SAFETY: a terminated string, and the room that the family needs.
    (unsafe { WinSock::inet_pton(family, text.as_ptr().cast(), address.as_mut_ptr().cast()) } == 1).then_some(address)
}

/// inet_ntop. The address has the length of its family.
pub(crate) fn ntop(family: i32, address: &[u8]) -> Option<Text<64>> {
    if address_length(family) != Some(address.len()) {
        return None;
    }
    let mut text = [0u8; 64];
    // SAFETY: an address of the family's length, and room for the longest text.
    unsafe { WinSock::inet_ntop(family, address.as_ptr().cast(), text.as_mut_ptr(), text.len()) };
    let length = text.iter().position(|&byte| byte == 0)?;
    Some(Text::from_parts(text, length))
}

/// How many bytes an address of the family has, without its port.
pub(crate) fn address_length(family: i32) -> Option<usize> {
    match family {
        headers::AF_INET => Some(4),
        headers::AF_INET6 => Some(16),
        _ => None,
    }
}
