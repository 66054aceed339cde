//! Socket addresses: the fields that Lua sees, to and from the `sockaddr` of the system. One file for each family.

/// Declares a structure of the system's headers: a module with the offset of each field, and the size.
#[allow(unused_macros, reason = "for families that not every system has")]
macro_rules! structure {
    ($(#[$attribute:meta])* $visibility:vis mod $name:ident { $($(#[$field_attribute:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$attribute])*
        #[allow(dead_code, reason = "some fields are never accessed")]
        $visibility mod $name {
            #[repr(C)]
            #[allow(non_camel_case_types, non_snake_case, reason = "the names are those of the system and of the constants")]
            struct $name {
                $($(#[$field_attribute])* $field: $type,)*
            }

            $(pub(in crate::address) const $field: usize = std::mem::offset_of!($name, $field);)*
            pub(in crate::address) const SIZE: usize = size_of::<$name>();
        }
    };
}

#[cfg(linux_like)]
mod alg;
#[cfg(not(any(apple, openbsd)))]
mod bdaddr;
#[cfg(not(any(apple, openbsd, windows)))]
mod bluetooth;
#[cfg(windows)]
mod bth;
#[cfg(any(linux_like, netbsd))]
mod can;
mod given;
#[cfg(any(windows, test))]
mod hyperv;
mod inet;
mod inet6;
#[cfg(any(macos, all(unix, test)))]
mod kernel_control;
#[cfg(any(not(any(linux_like, windows)), test))]
mod link;
#[cfg(linux_like)]
mod netlink;
#[cfg(linux_like)]
mod packet;
#[cfg(linux_like)]
mod qipcrtr;
mod raw;
mod sockaddr;
#[cfg(linux_like)]
mod tipc;
mod unix;
#[cfg(any(linux_like, apple))]
mod vsock;

use std::ops::RangeInclusive;

pub(crate) use given::{AddressArgument, Field, Port};

use crate::error::Result;
use crate::names;
pub(crate) use crate::sys::Address;
use crate::sys::headers;
use crate::text::Text;

/// The module of each family, or of each protocol of a family whose addresses differ by protocol. A module has these
/// items: `LAYOUT`; `LENGTHS`, the lengths that a `sockaddr` may have; `parse`, which fills a blank address; `write`,
/// which gives the fields and never reads beyond the length; `describe`, most often the one below. Where a host may be a
/// name, `parse` takes the function that looks it up.
macro_rules! families {
    ($resolve:ident: $($(#[$cfg:meta])? $family:pat => $($module:ident)::+ $(($by_name:ident))?,)*) => {
        /// The lengths that a `sockaddr` may have.
        pub(crate) fn lengths(family: u16, proto: i32) -> RangeInclusive<usize> {
            match (i32::from(family), proto) { $($(#[$cfg])? $family => $($module)::+::LENGTHS,)* }
        }

        /// How the addresses of a family and protocol look in Lua.
        #[inline(always)]
        pub(crate) fn layout(family: u16, proto: i32) -> &'static Layout {
            match (i32::from(family), proto) { $($(#[$cfg])? $family => &$($module)::+::LAYOUT,)* }
        }

        /// Makes a `sockaddr` of what Lua gave. `resolve` gets the family, the host name to look up, and the port.
        #[inline(always)]
        pub(crate) fn parse(
            family: u16,
            given: &AddressArgument,
            address: &mut Address,
            $resolve: impl FnOnce(i32, &[u8], u16) -> Result<Address>,
        ) -> Result<()> {
            match (i32::from(family), address.proto) {
                $($(#[$cfg])? $family => $($module)::+::parse(given, address $(, $by_name)?),)*
            }
        }

        impl Address {
            /// Gives the documented fields, in order.
            #[inline(always)]
            pub(crate) fn write(&self, fields: &mut impl FnMut(Field)) {
                match (i32::from(self.family()), self.proto) {
                    $($(#[$cfg])? $family => $($module)::+::write(self, fields),)*
                }
            }

            /// Appends the address as it stands in messages.
            pub(crate) fn describe(&self, text: &mut Text) {
                match (i32::from(self.family()), self.proto) {
                    $($(#[$cfg])? $family => $($module)::+::describe(self, text),)*
                }
            }
        }
    };
}

families! {
    resolve:
    (headers::AF_INET, _) => inet(resolve),
    (headers::AF_INET6, _) => inet6(resolve),
    (headers::AF_UNIX, _) => unix,
    #[cfg(linux_like)]
    (libc::AF_NETLINK, _) => netlink,
    #[cfg(linux_like)]
    (libc::AF_TIPC, _) => tipc,
    #[cfg(linux_like)]
    (libc::AF_CAN, can::CAN_ISOTP) => can::isotp,
    #[cfg(linux_like)]
    (libc::AF_CAN, can::CAN_J1939) => can::j1939,
    #[cfg(any(linux_like, netbsd))]
    (can::AF_CAN, _) => can::raw,
    #[cfg(not(any(apple, openbsd, windows)))]
    (libc::AF_BLUETOOTH, bluetooth::BTPROTO_L2CAP) => bluetooth::l2cap,
    #[cfg(not(any(apple, openbsd, windows)))]
    (libc::AF_BLUETOOTH, bluetooth::BTPROTO_RFCOMM) => bluetooth::rfcomm,
    #[cfg(not(any(apple, openbsd, windows)))]
    (libc::AF_BLUETOOTH, bluetooth::BTPROTO_HCI) => bluetooth::hci,
    #[cfg(not(any(apple, freebsd, openbsd, windows)))]
    (libc::AF_BLUETOOTH, bluetooth::BTPROTO_SCO) => bluetooth::sco,
    #[cfg(linux_like)]
    (libc::AF_ALG, _) => alg,
    #[cfg(any(linux_like, apple))]
    (libc::AF_VSOCK, _) => vsock,
    #[cfg(linux_like)]
    (libc::AF_PACKET, _) => packet,
    #[cfg(linux_like)]
    (crate::sys::AF_QIPCRTR, _) => qipcrtr,
    #[cfg(any(windows, test))]
    (hyperv::AF_HYPERV, _) => hyperv,
    #[cfg(windows)]
    (bth::AF_BLUETOOTH, _) => bth,
    #[cfg(any(macos, all(unix, test)))]
    (kernel_control::AF_SYSTEM, kernel_control::SYSPROTO_CONTROL) => kernel_control,
    #[cfg(any(not(any(linux_like, windows)), test))]
    (link::AF_LINK, _) => link,
    // RDS and divert sockets have addresses of AF_INET.
    #[cfg(linux_like)]
    (libc::AF_RDS, _) => inet(resolve),
    #[cfg(freebsd)]
    (inet::AF_DIVERT, _) => inet(resolve),
    _ => raw,
}

/// The layout of AF_INET6, whose first fields are those of AF_INET.
pub(crate) fn internet_layout() -> &'static Layout {
    &inet6::LAYOUT
}

/// Makes an address of AF_INET or AF_INET6 of the fields of AF_INET6, with a numeric host.
pub(crate) fn parse_numeric(given: &AddressArgument, address: &mut Address) -> Result<()> {
    let layout = internet_layout();
    let host = given.bytes(0, layout)?;
    let port = given.integer(1, layout, inet::PORTS, None)? as u16;
    *address = names::numeric(host, port, given.index)?;
    if i32::from(address.family()) == headers::AF_INET6 { inet6::complete(given, address) } else { Ok(()) }
}

/// Fills an address with a host and a port of AF_INET.
pub(crate) fn set_internet(address: &mut Address, host: [u8; 4], port: u16) {
    inet::set(address, host, port);
}

/// The address of AF_UNSPEC, which connect(2) takes for no peer.
pub(crate) fn unspecified() -> Address {
    raw::unspecified()
}

/// The largest number of fields that a family has.
pub(crate) const MAX_FIELDS: usize = 5;

/// How the addresses of a family look in Lua.
pub(crate) struct Layout {
    /// Identifies the layout: the family, and a number above bit 8 for a protocol of it.
    pub(crate) key: i32,
    /// The documented names of the fields, in order.
    pub(crate) fields: &'static [&'static str],
    /// Whether an address of one field is that field alone, a string, and whether it may be a number.
    pub(crate) may_be_string: bool,
    pub(crate) may_be_number: bool,
}

impl Layout {
    /// Tables, also for one field.
    const fn table(key: i32, fields: &'static [&'static str]) -> Self {
        Layout { key, fields, may_be_string: false, may_be_number: false }
    }

    /// One field is a string alone.
    #[allow(dead_code, reason = "for families that not every system has")]
    const fn or_string(self) -> Self {
        Layout { may_be_string: true, ..self }
    }

    /// One field is a number or a string alone.
    #[allow(dead_code, reason = "for a family that not every system has")]
    const fn or_number(self) -> Self {
        Layout { may_be_number: true, ..self.or_string() }
    }
}

/// A control message in Lua: a table like that of an address, with a key that no family has.
pub(crate) static CONTROL_MESSAGE: Layout = Layout::table(1 << 16, &["level", "type", "data"]);

/// Appends the fields of an address to a message, with colons between.
fn describe(address: &Address, text: &mut Text) {
    let mut separator: &[u8] = b"";
    address.write(&mut |field| {
        text.push(std::mem::replace(&mut separator, b":"));
        match field {
            Field::Bytes(bytes) => text.push(bytes),
            Field::Integer(value) => text.push(Text::<24>::format(format_args!("{value}")).as_bytes()),
            Field::Unsigned(value) => text.push(hexadecimal(value).as_bytes()),
            _ => {}
        }
    });
}

/// An unsigned integer as text.
pub(crate) fn hexadecimal(value: u64) -> Text<24> {
    Text::format(format_args!("{value:#x}"))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::*;

    /// The address that a family makes of fields.
    pub(super) fn parsed(
        parse: fn(&AddressArgument<'static>, &mut Address) -> Result<()>,
        given: &[Field<'static>],
    ) -> Result<Address> {
        let mut fields = [Field::Absent; MAX_FIELDS];
        fields[..given.len()].copy_from_slice(given);
        let mut address = Address::blank(0);
        parse(&AddressArgument { index: 1, fields }, &mut address).map(|()| address)
    }

    /// The fields that a family gives of an address, as text.
    pub(super) fn written(write: impl Fn(&Address, &mut Box<dyn FnMut(Field)>), address: &Address) -> Vec<String> {
        let fields = Rc::new(RefCell::new(Vec::new()));
        let list = fields.clone();
        let add = move |field: Field| {
            list.borrow_mut().push(match field {
                Field::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                Field::Integer(value) => value.to_string(),
                Field::Unsigned(value) => value.to_string(),
                _ => String::new(),
            });
        };
        write(address, &mut (Box::new(add) as Box<dyn FnMut(Field)>));
        fields.take()
    }
}
