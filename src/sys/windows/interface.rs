//! GetAdaptersAddresses.

use windows_sys::Win32::Foundation::{ERROR_BUFFER_OVERFLOW, ERROR_NO_DATA};
use windows_sys::Win32::NetworkManagement::IpHelper::{
    ConvertInterfaceLuidToNameA, GAA_FLAG_SKIP_ANYCAST, GAA_FLAG_SKIP_DNS_SERVER, GAA_FLAG_SKIP_MULTICAST,
    GetAdaptersAddresses, IF_TYPE_PPP, IF_TYPE_SOFTWARE_LOOPBACK, IF_TYPE_TUNNEL, IP_ADAPTER_ADDRESSES_LH,
    IP_ADAPTER_NO_MULTICAST, IP_ADAPTER_UNICAST_ADDRESS_LH,
};
use windows_sys::Win32::NetworkManagement::Ndis::{IF_MAX_STRING_SIZE, IfOperStatusUp};

use super::*;
use crate::sys::{Address, InterfaceAddress};

const UP: u32 = 1;
const BROADCAST: u32 = 2;
const LOOPBACK: u32 = 4;
const POINT_TO_POINT: u32 = 8;
const MULTICAST: u32 = 16;

/// The flags of an interface, with the bits of `ws2ipdef.h`.
pub(crate) const INTERFACE_FLAGS: &[(&str, u32)] = &[
    ("up", UP),
    ("broadcast", BROADCAST),
    ("loopback", LOOPBACK),
    ("pointopoint", POINT_TO_POINT),
    ("multicast", MULTICAST),
];

/// GetAdaptersAddresses: each address of each interface.
pub(crate) fn getifaddrs() -> Result<Vec<InterfaceAddress>, Errno> {
    let table = adapters()?;
    let mut found = Vec::new();
    let mut next = table.as_ptr().cast::<IP_ADAPTER_ADDRESSES_LH>();
    // SAFETY: the lists are in the table; names and addresses have the lengths that are told.
    unsafe {
        while !table.is_empty()
            && let Some(adapter) = next.as_ref()
        {
            next = adapter.Next;
            let mut name = [0; IF_MAX_STRING_SIZE as usize + 1];
            ConvertInterfaceLuidToNameA(&adapter.Luid, name.as_mut_ptr(), name.len());
            let length = name.iter().position(|&byte| byte == 0).unwrap_or(name.len());
            let flags = flags(adapter);
            let entry = |address, netmask, broadcast| InterfaceAddress {
                name: name[..length].to_vec(),
                flags,
                address,
                netmask,
                broadcast,
                peer: None,
            };
            let mut unicast = adapter.FirstUnicastAddress;
            if unicast.is_null() {
                found.push(entry(None, None, None));
            }
            while let Some(given) = unicast.as_ref() {
                unicast = given.Next;
                let Some(address) = copy(given) else { continue };
                let netmask = combine(&address, given.OnLinkPrefixLength, |_, mask| mask);
                let broadcast = combine(&address, given.OnLinkPrefixLength, |byte, mask| byte | !mask);
                let has_broadcast = flags & BROADCAST != 0 && i32::from(address.family()) == headers::AF_INET;
                found.push(entry(Some(address), Some(netmask), has_broadcast.then_some(broadcast)));
            }
        }
    }
    Ok(found)
}

/// The table of the system, aligned for its structures.
fn adapters() -> Result<Vec<u64>, Errno> {
    let mut size = 16 << 10;
    loop {
        let mut table = vec![0u64; size as usize / 8 + 1];
        let flags = GAA_FLAG_SKIP_ANYCAST | GAA_FLAG_SKIP_MULTICAST | GAA_FLAG_SKIP_DNS_SERVER;
        // SAFETY: room of at least that size.
        let number = unsafe {
            GetAdaptersAddresses(
                headers::AF_UNSPEC as u32,
                flags,
                std::ptr::null(),
                table.as_mut_ptr().cast(),
                &mut size,
            )
        };
        match number {
            0 => return Ok(table),
            ERROR_NO_DATA => return Ok(Vec::new()),
            // Interfaces may be added between two calls.
            ERROR_BUFFER_OVERFLOW if size < 1 << 24 => {}
            number => return Err(std::io::Error::from_raw_os_error(number as i32).into()),
        }
    }
}

fn flags(adapter: &IP_ADAPTER_ADDRESSES_LH) -> u32 {
    // SAFETY: of the union any bits are valid.
    let multicast = unsafe { adapter.Anonymous2.Flags } & IP_ADAPTER_NO_MULTICAST == 0;
    let kind = match adapter.IfType {
        IF_TYPE_SOFTWARE_LOOPBACK => LOOPBACK,
        IF_TYPE_PPP | IF_TYPE_TUNNEL => POINT_TO_POINT,
        _ => BROADCAST,
    };
    let up = if adapter.OperStatus == IfOperStatusUp { UP } else { 0 };
    kind | up | if multicast { MULTICAST } else { 0 }
}

/// A copy of an address.
///
/// # Safety
/// The address has the length that is told.
unsafe fn copy(given: &IP_ADAPTER_UNICAST_ADDRESS_LH) -> Option<Address> {
    let length = given.Address.iSockaddrLength as usize;
    if given.Address.lpSockaddr.is_null() || length > Address::SIZE {
        return None;
    }
    let mut address = Address::blank(0);
    // SAFETY: the caller's promise.
    let bytes = unsafe { std::slice::from_raw_parts(given.Address.lpSockaddr.cast(), length) };
    address.room()[..length].copy_from_slice(bytes);
    address.set_length(length);
    Some(address)
}

/// An address made of the bytes of another one and of the mask of a prefix.
fn combine(address: &Address, prefix: u8, byte: impl Fn(u8, u8) -> u8) -> Address {
    let (start, size) = match i32::from(address.family()) {
        headers::AF_INET => (4, 4),
        _ => (8, 16),
    };
    let mut combined = Address::blank(0);
    combined.begin(address.family().into(), address.as_bytes().len());
    for n in 0..size {
        let bits = usize::from(prefix).saturating_sub(n * 8).min(8);
        let mask = (0xff00_u16 >> bits) as u8;
        let [given] = address.get_or_zero(start + n);
        combined.set(start + n, [byte(given, mask)]);
    }
    combined
}
