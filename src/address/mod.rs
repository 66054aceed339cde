//! Socket addresses: what Lua gives and gets, and the `sockaddr` that the system takes. One file a family.

#[cfg(any(target_os = "linux", target_os = "android"))]
mod alg;
#[cfg(not(any(target_vendor = "apple", target_os = "openbsd")))]
mod bdaddr;
#[cfg(not(any(target_vendor = "apple", target_os = "openbsd", windows)))]
mod bluetooth;
#[cfg(windows)]
mod bth;
#[cfg(any(target_os = "linux", target_os = "android", target_os = "netbsd"))]
mod can;
mod given;
#[cfg(any(windows, test))]
mod hyperv;
mod inet;
mod inet6;
#[cfg(any(not(any(target_os = "linux", target_os = "android", windows)), test))]
mod link;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod netlink;
mod pack;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod packet;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod qipcrtr;
mod raw;
mod sockaddr;
#[cfg(any(target_os = "macos", all(unix, test)))]
mod system;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod tipc;
mod unix;
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
mod vsock;

use std::ops::RangeInclusive;

pub(crate) use given::parse_once;
pub(crate) use given::{AddressArgument, Field};
pub(crate) use pack::{pack_address, unpack_address};
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) use qipcrtr::AF_QIPCRTR;
pub(crate) use sockaddr::Address;

use crate::error::{Message, Result};
use crate::resolve;
use crate::sys::headers;
use crate::text::Text;

/// A family (or a protocol of one, where its addresses are its own) is one line here, and its own file.
macro_rules! families {
    ($($(#[$cfg:meta])? $family:pat => $type:ty,)*) => {
        /// Every layout there is.
        pub(crate) fn layouts() -> impl Iterator<Item = &'static Layout> {
            [$($(#[$cfg])? <$type>::layout()),*].into_iter()
        }

        /// How many bytes a `sockaddr` has.
        fn lengths(family: u16, proto: i32) -> RangeInclusive<usize> {
            match (i32::from(family), proto) { $($(#[$cfg])? $family => <$type>::LENGTHS,)* }
        }

        /// How the addresses of a family and protocol look in Lua.
        #[inline(always)]
        pub(crate) fn layout(family: u16, proto: i32) -> &'static Layout {
            match (i32::from(family), proto) { $($(#[$cfg])? $family => <$type>::layout(),)* }
        }

        /// Makes the `sockaddr` of what Lua gave. A host name is looked up, which may take its time.
        #[inline(always)]
        pub(crate) fn parse(family: u16, given: &AddressArgument, address: &mut Address) -> Result<()> {
            match (i32::from(family), address.proto) { $($(#[$cfg])? $family => <$type>::parse(given, address),)* }
        }

        impl Address {
            /// Gives the documented fields, in order.
            #[inline(always)]
            pub(crate) fn write(&self, fields: &mut impl Fields) {
                match (i32::from(self.family()), self.proto) { $($(#[$cfg])? $family => <$type>::write(self, fields),)* }
            }

            /// Appends the address as it stands in messages.
            pub(crate) fn describe(&self, text: &mut Message) {
                match (i32::from(self.family()), self.proto) { $($(#[$cfg])? $family => <$type>::describe(self, text),)* }
            }
        }
    };
}

families! {
    (headers::AF_INET, _) => inet::Family,
    (headers::AF_INET6, _) => inet6::Family,
    (headers::AF_UNIX, _) => unix::Family,
    #[cfg(any(target_os = "linux", target_os = "android"))]
    (libc::AF_NETLINK, _) => netlink::Family,
    #[cfg(any(target_os = "linux", target_os = "android"))]
    (libc::AF_TIPC, _) => tipc::Family,
    #[cfg(any(target_os = "linux", target_os = "android"))]
    (libc::AF_CAN, can::CAN_ISOTP) => can::Isotp,
    #[cfg(any(target_os = "linux", target_os = "android"))]
    (libc::AF_CAN, can::CAN_J1939) => can::J1939,
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "netbsd"))]
    (can::AF_CAN, _) => can::Raw,
    #[cfg(not(any(target_vendor = "apple", target_os = "openbsd", windows)))]
    (libc::AF_BLUETOOTH, bluetooth::BTPROTO_L2CAP) => bluetooth::L2cap,
    #[cfg(not(any(target_vendor = "apple", target_os = "openbsd", windows)))]
    (libc::AF_BLUETOOTH, bluetooth::BTPROTO_RFCOMM) => bluetooth::Rfcomm,
    #[cfg(not(any(target_vendor = "apple", target_os = "openbsd", windows)))]
    (libc::AF_BLUETOOTH, bluetooth::BTPROTO_HCI) => bluetooth::Hci,
    #[cfg(not(any(target_vendor = "apple", target_os = "freebsd", target_os = "openbsd", windows)))]
    (libc::AF_BLUETOOTH, bluetooth::BTPROTO_SCO) => bluetooth::Sco,
    #[cfg(any(target_os = "linux", target_os = "android"))]
    (libc::AF_ALG, _) => alg::Family,
    #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
    (libc::AF_VSOCK, _) => vsock::Family,
    #[cfg(any(target_os = "linux", target_os = "android"))]
    (libc::AF_PACKET, _) => packet::Family,
    #[cfg(any(target_os = "linux", target_os = "android"))]
    (qipcrtr::AF_QIPCRTR, _) => qipcrtr::Family,
    #[cfg(windows)]
    (hyperv::AF_HYPERV, _) => hyperv::Family,
    #[cfg(windows)]
    (bth::AF_BLUETOOTH, _) => bth::Family,
    #[cfg(target_os = "macos")]
    (libc::AF_SYSTEM, libc::SYSPROTO_CONTROL) => system::Control,
    #[cfg(not(any(target_os = "linux", target_os = "android", windows)))]
    (libc::AF_LINK, _) => link::Family,
    // The addresses of RDS, and of what diverts packets, are of the Internet family.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    (libc::AF_RDS, _) => inet::Family,
    #[cfg(target_os = "freebsd")]
    (inet::AF_DIVERT, _) => inet::Family,
    _ => raw::Family,
}

/// The layout of the longer Internet family, whose first fields are those of the shorter.
pub(crate) fn internet_layout() -> &'static Layout {
    inet6::Family::layout()
}

/// Makes the address of a numeric host, of either Internet family, from the fields of the longer one.
pub(crate) fn parse_numeric(given: &AddressArgument, address: &mut Address) -> Result<()> {
    let layout = internet_layout();
    let host = given.bytes(0, layout)?;
    let port = given.integer(1, layout, inet::PORTS, None)? as u16;
    *address = resolve::numeric(host, port, given.index)?;
    if i32::from(address.family()) == headers::AF_INET6 { inet6::complete(given, address) } else { Ok(()) }
}

/// The most fields that any family has.
pub(crate) const MAX_FIELDS: usize = 5;

/// How the addresses of a family look in Lua.
pub(crate) struct Layout {
    /// Tells the layout from all others: the family it belongs to.
    pub(crate) key: i32,
    /// The documented names of the fields, in order.
    pub(crate) fields: &'static [&'static str],
    /// What an address of a single field is in place of a table.
    pub(crate) single: Single,
}

/// What an address of a single field is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Single {
    /// A table like any other.
    Table,
    /// The field alone, a string.
    String,
    /// The field alone, a number.
    Number,
}

/// What a family's file provides, as `Family`.
trait AddressFamily {
    /// How many bytes a `sockaddr` of the family has.
    const LENGTHS: RangeInclusive<usize>;

    /// The one layout of the family, a static.
    fn layout() -> &'static Layout;

    /// Fills a blank address from what Lua gave.
    fn parse(given: &AddressArgument, address: &mut Address) -> Result<()>;

    /// Gives the fields of an address that the system returned, never reading beyond its length.
    fn write(address: &Address, fields: &mut impl Fields);

    /// Appends the address to a message: its fields, with colons between.
    fn describe(address: &Address, text: &mut Message) {
        address.write(&mut Joined { text, separator: b"" });
    }
}

/// Receives the fields of an address.
pub(crate) trait Fields {
    fn bytes(&mut self, bytes: &[u8]);
    fn integer(&mut self, value: i64);

    /// All 64 bits of a value, in whatever way the Lua can hold them.
    #[allow(dead_code, reason = "for a family that not every system has")]
    fn unsigned(&mut self, value: u64);
}

struct Joined<'a> {
    text: &'a mut Message,
    separator: &'static [u8],
}

impl Fields for Joined<'_> {
    fn bytes(&mut self, bytes: &[u8]) {
        self.text.push(self.separator);
        self.text.push(bytes);
        self.separator = b":";
    }

    fn integer(&mut self, value: i64) {
        self.bytes(Text::<24>::format(format_args!("{value}")).as_bytes());
    }

    fn unsigned(&mut self, value: u64) {
        self.bytes(Text::<24>::format(format_args!("{value:#x}")).as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a family makes of fields.
    pub(super) fn parsed<Family: AddressFamily>(given: &[Field<'static>]) -> Result<Address> {
        let mut fields = [Field::Absent; MAX_FIELDS];
        fields[..given.len()].copy_from_slice(given);
        let mut address = Address::blank(0);
        Family::parse(&AddressArgument { index: 1, fields, caller: None }, &mut address).map(|()| address)
    }

    /// The fields that a family gives of an address, as text.
    pub(super) fn written<Family: AddressFamily>(address: &Address) -> Vec<String> {
        let mut fields = Texts::default();
        Family::write(address, &mut fields);
        fields.0
    }

    #[derive(Default)]
    struct Texts(Vec<String>);

    impl Fields for Texts {
        fn bytes(&mut self, bytes: &[u8]) {
            self.0.push(String::from_utf8_lossy(bytes).into_owned());
        }

        fn integer(&mut self, value: i64) {
            self.0.push(value.to_string());
        }

        fn unsigned(&mut self, value: u64) {
            self.0.push(value.to_string());
        }
    }
}
