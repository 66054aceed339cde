//! Socket addresses: what Lua gives and gets, and the `sockaddr` that the system takes. One file a family.

mod given;
mod inet;
mod inet6;
mod raw;
mod unix;

use std::fmt;
use std::ops::RangeInclusive;

pub(crate) use given::{Field, Given};

use crate::error::{Error, Message, Result};
use crate::lua::{Bytes, Context, Family};
use crate::resolve;
use crate::text::Text;

/// A family is one line here, and its own file.
macro_rules! families {
    ($($family:pat => $file:ident,)*) => {
        /// Every layout there is.
        pub(crate) fn layouts() -> impl Iterator<Item = &'static Layout> {
            [$($file::Family::layout()),*].into_iter()
        }

        /// How many bytes a `sockaddr` of a family has.
        fn lengths(family: u16) -> RangeInclusive<usize> {
            match i32::from(family) { $($family => $file::Family::LENGTHS,)* }
        }

        /// How the addresses of a family look in Lua.
        #[inline(always)]
        pub(crate) fn layout(family: u16) -> &'static Layout {
            match i32::from(family) { $($family => $file::Family::layout(),)* }
        }

        /// Makes the `sockaddr` of what Lua gave. A host name is looked up, which may take its time.
        #[inline(always)]
        pub(crate) fn parse(family: u16, given: &Given, address: &mut Address) -> Result<()> {
            match i32::from(family) { $($family => $file::Family::parse(given, address),)* }
        }

        impl Address {
            /// Gives the documented fields, in order.
            #[inline(always)]
            pub(crate) fn write(&self, fields: &mut impl Fields) {
                match i32::from(self.family()) { $($family => $file::Family::write(self, fields),)* }
            }

            /// Appends the address as it stands in messages.
            pub(crate) fn describe(&self, text: &mut Message) {
                match i32::from(self.family()) { $($family => $file::Family::describe(self, text),)* }
            }
        }
    };
}

families! {
    libc::AF_INET => inet,
    libc::AF_INET6 => inet6,
    libc::AF_UNIX => unix,
    _ => raw,
}

/// The layout of the longer Internet family, whose first fields are those of the shorter.
pub(crate) fn internet_layout() -> &'static Layout {
    inet6::Family::layout()
}

/// Makes the address of a numeric host, of either Internet family, from the fields of the longer one.
pub(crate) fn parse_numeric(given: &Given, address: &mut Address) -> Result<()> {
    let layout = internet_layout();
    let host = given.bytes(0, layout)?;
    let port = given.integer(1, layout, inet::PORTS, None)? as u16;
    *address = resolve::numeric(host, port, given.index)?;
    if i32::from(address.family()) == libc::AF_INET6 { inet6::complete(given, address) } else { Ok(()) }
}

/// `socket.pack_address(family, address [, proto])`: the bytes of the `sockaddr`.
pub(crate) fn pack_address<'a>(
    context: Context<'a>,
    Family(family): Family,
    given: Given,
    _proto: Option<i32>,
) -> Result<&'a [u8]> {
    let address = context.space.address();
    parse(family, &given, address)?;
    Ok(address.as_bytes())
}

/// `socket.unpack_address(bytes [, proto])`: the address in a `sockaddr`.
pub(crate) fn unpack_address<'a>(
    context: Context<'a>,
    Bytes(bytes): Bytes,
    _proto: Option<i32>,
) -> Result<&'a mut Address> {
    let address = context.space.address();
    address.set_length(bytes.len());
    for (to, from) in address.room().iter_mut().zip(bytes) {
        *to = from.get();
    }
    if !lengths(address.family()).contains(&bytes.len()) {
        return Err(Error::misuse(1, "packed address of the wrong length"));
    }
    Ok(address)
}

/// The most fields that any family has.
pub(crate) const MAX_FIELDS: usize = 5;

/// How the addresses of a family look in Lua.
pub(crate) struct Layout {
    /// Tells the layout from all others: the family it belongs to.
    pub(crate) key: i32,
    /// The documented names of the fields, in order. An address of one field is that field alone.
    pub(crate) fields: &'static [&'static str],
}

/// What a family's file provides, as `Family`.
trait AddressFamily {
    /// How many bytes a `sockaddr` of the family has.
    const LENGTHS: RangeInclusive<usize>;

    /// The one layout of the family, a static.
    fn layout() -> &'static Layout;

    /// Fills a blank address from what Lua gave.
    fn parse(given: &Given, address: &mut Address) -> Result<()>;

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
}

/// A `sockaddr` of any family.
#[derive(Clone, Copy)]
#[repr(C, align(8))]
pub(crate) struct Address {
    bytes: [u8; Self::SIZE],
    length: usize,
}

impl Address {
    /// Room for the longest address of the system.
    pub(crate) const SIZE: usize = size_of::<libc::sockaddr_storage>();

    /// No address: length 0.
    #[inline(always)]
    pub(crate) fn blank() -> Self {
        Address { bytes: [0; Self::SIZE], length: 0 }
    }

    /// The bytes of the `sockaddr`.
    #[inline(always)]
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// Room for the system to write an address into; [`Address::set_length`] follows.
    #[inline(always)]
    pub(crate) fn room(&mut self) -> &mut [u8; Self::SIZE] {
        &mut self.bytes
    }

    /// Sets the length that the system told, which is more than there is room for when it cut the address.
    #[inline(always)]
    pub(crate) fn set_length(&mut self, length: usize) {
        self.length = length.min(Self::SIZE);
    }

    /// The family; `AF_UNSPEC` when there is no address.
    #[inline(always)]
    #[allow(clippy::unnecessary_cast, reason = "a family has 8 bits on some systems")]
    pub(crate) fn family(&self) -> u16 {
        self.get(std::mem::offset_of!(libc::sockaddr, sa_family)).map_or(0, libc::sa_family_t::from_ne_bytes) as u16
    }

    /// The host alone, in network byte order; empty for a family without hosts.
    pub(crate) fn packed(&self) -> &[u8] {
        let (start, length) = match i32::from(self.family()) {
            libc::AF_INET => (inet::HOST, 4),
            libc::AF_INET6 => (inet6::HOST, 16),
            _ => (0, 0),
        };
        self.as_bytes().get(start..start + length).unwrap_or_default()
    }

    /// How the address looks in Lua; `None` when there is none.
    #[inline(always)]
    pub(crate) fn layout(&self) -> Option<&'static Layout> {
        (self.length > 0).then(|| layout(self.family()))
    }

    /// `N` bytes at `offset`, when the address is that long.
    #[inline(always)]
    fn get<const N: usize>(&self, offset: usize) -> Option<[u8; N]> {
        self.as_bytes().get(offset..offset + N)?.try_into().ok()
    }

    /// `N` bytes at `offset`, zeros where the address is shorter: its bytes beyond the length are never written.
    #[inline(always)]
    fn get_or_zero<const N: usize>(&self, offset: usize) -> [u8; N] {
        self.get(offset).unwrap_or([0; N])
    }

    #[inline(always)]
    fn set<const N: usize>(&mut self, offset: usize, value: [u8; N]) {
        self.bytes[offset..offset + N].copy_from_slice(&value);
    }

    /// Sets the family and the length of an address that is being made.
    #[inline(always)]
    fn begin(&mut self, family: i32, length: usize) {
        self.length = length;
        self.set(std::mem::offset_of!(libc::sockaddr, sa_family), (family as libc::sa_family_t).to_ne_bytes());
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Message::new();
        self.describe(&mut text);
        write!(formatter, "{text}")
    }
}
