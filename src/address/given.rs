//! Addresses as arguments: the fields, checked and converted.

use super::{Layout, MAX_FIELDS, inet, internet_layout};
use crate::error::{Error, Result};
use crate::memory;

/// The ranges of unsigned fields.
#[allow(dead_code, reason = "for families that not every system has")]
pub(super) const U8: (i64, i64) = (0, u8::MAX as i64);
#[allow(dead_code, reason = "for families that not every system has")]
pub(super) const U16: (i64, i64) = (0, u16::MAX as i64);
#[allow(dead_code, reason = "for families that not every system has")]
pub(super) const U32: (i64, i64) = (0, u32::MAX as i64);

/// A field of an address, as it was passed or as it is returned.
#[derive(Clone, Copy)]
pub(crate) enum Field<'a> {
    Absent,
    Integer(i64),
    /// A number without an integer representation.
    Fraction,
    /// An integer of 64 bits that Lua may not have.
    #[allow(dead_code, reason = "for a family that not every system has")]
    Unsigned(u64),
    Bytes(&'a [u8]),
    Other,
}

/// A service: a name or a port number.
#[derive(Clone, Copy)]
pub(crate) enum Port<'a> {
    Name(&'a [u8]),
    Number(u16),
}

impl Port<'_> {
    /// The name, or the digits of the number.
    pub(crate) fn to_vec(self) -> Result<Vec<u8>> {
        match self {
            Port::Name(name) => Ok(memory::copy(name)?),
            Port::Number(port) => Ok(port.to_string().into_bytes()),
        }
    }
}

/// An address as it was passed.
pub(crate) struct AddressArgument<'a> {
    /// Its index among the arguments.
    pub(crate) index: i32,
    pub(crate) fields: [Field<'a>; MAX_FIELDS],
}

impl<'a> AddressArgument<'a> {
    /// A host alone, with port 0.
    pub(crate) fn host(index: i32, host: &'a [u8]) -> Self {
        let mut fields = [Field::Absent; MAX_FIELDS];
        fields[..2].copy_from_slice(&[Field::Bytes(host), Field::Integer(0)]);
        AddressArgument { index, fields }
    }

    /// The first two fields as host and service: the host may be absent, the service may be a name.
    pub(crate) fn endpoint(&self) -> Result<(Option<&'a [u8]>, Port<'a>)> {
        let layout = internet_layout();
        let host = match self.fields[0] {
            Field::Absent => None,
            _ => Some(self.bytes(0, layout)?),
        };
        match self.fields[1] {
            Field::Bytes(name) => Ok((host, Port::Name(name))),
            _ => Ok((host, Port::Number(self.integer(1, layout, inet::PORTS, None)? as u16))),
        }
    }

    /// The field `n`, a string.
    #[inline(always)]
    pub(super) fn bytes(&self, n: usize, layout: &Layout) -> Result<&'a [u8]> {
        match self.fields[n] {
            Field::Bytes(bytes) => Ok(bytes),
            _ => Err(self.misuse(n, layout, ": string expected")),
        }
    }

    /// The field `n`, an integer from `low` to `high`. `default` stands for an absent field.
    #[inline(always)]
    pub(super) fn integer(
        &self,
        n: usize,
        layout: &Layout,
        (low, high): (i64, i64),
        default: Option<i64>,
    ) -> Result<i64> {
        let value = match (self.fields[n], default) {
            (Field::Integer(value), _) => value,
            (Field::Absent, Some(value)) => value,
            (Field::Bytes(digits), _) => match std::str::from_utf8(digits).unwrap_or_default().trim().parse() {
                Ok(value) => value,
                Err(_) => return Err(self.misuse(n, layout, ": number expected")),
            },
            (Field::Fraction, _) => return Err(self.misuse(n, layout, " has no integer representation")),
            _ => return Err(self.misuse(n, layout, ": number expected")),
        };
        if (low..=high).contains(&value) { Ok(value) } else { Err(self.misuse(n, layout, " out of range")) }
    }

    /// The field `n`, 64 bits: an integer, taken as unsigned, or its decimal or hexadecimal digits.
    #[allow(dead_code, reason = "for a family that not every system has")]
    pub(super) fn unsigned(&self, n: usize, layout: &Layout) -> Result<u64> {
        let value = match self.fields[n] {
            Field::Integer(value) => Some(value as u64),
            Field::Bytes(digits) => {
                let digits = std::str::from_utf8(digits).unwrap_or_default();
                match digits.strip_prefix("0x") {
                    Some(digits) => u64::from_str_radix(digits, 16).ok(),
                    None => digits.parse().ok(),
                }
            }
            _ => None,
        };
        value.ok_or_else(|| self.misuse(n, layout, ": number expected"))
    }

    #[cold]
    fn misuse(&self, n: usize, layout: &Layout, problem: &str) -> Error {
        let name = layout.fields[n];
        Error::misuse(self.index, format!("address field '{name}'{problem}"))
    }
}
