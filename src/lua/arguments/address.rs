//! Addresses, still in pieces.

use std::ffi::c_int;

use super::{Argument, Reader};
use crate::address::{self, Field, Given, MAX_FIELDS, Single};
use crate::lua::caller::Caller;
use crate::lua::stack::{Stack, Type};

/// An address of the socket's family, still in pieces.
impl<'a> Argument<'a> for Given<'a> {
    #[inline(always)]
    fn read(reader: &mut Reader) -> Self {
        let index = reader.advance();
        let layout = reader.layout.expect("an address is read after its socket");
        let mut fields = [Field::Absent; MAX_FIELDS];
        match reader.stack.type_of(index) {
            Type::Table => {
                if reader.stack.raw_length(index) > layout.fields.len() {
                    reader.refuse(b"address has too many fields");
                }
                for (n, name) in layout.fields.iter().enumerate() {
                    fields[n] = field(reader.stack, index, n, name);
                }
            }
            Type::String if layout.single != Single::Table => fields[0] = field_at(reader.stack, index, Type::String),
            Type::Number if layout.single == Single::Number => fields[0] = field_at(reader.stack, index, Type::Number),
            _ => reader.expected("address"),
        }
        Given { index, fields, caller: Some(Caller::new(reader.stack)) }
    }
}

/// An address of either Internet family, with the fields of the longer one.
pub(crate) struct Internet<'a>(pub(crate) Given<'a>);

impl<'a> Argument<'a> for Internet<'a> {
    fn read(reader: &mut Reader) -> Self {
        reader.layout = Some(address::internet_layout());
        Internet(Given::read(reader))
    }
}

/// A family, which tells how the address after it looks.
#[derive(Clone, Copy)]
pub(crate) struct Family(pub(crate) u16);

impl<'a> Argument<'a> for Family {
    const COUNTS: bool = true;

    fn read(reader: &mut Reader) -> Self {
        let family = u16::read(reader);
        // The protocol comes after the address that it belongs to.
        let proto = if reader.left() >= 2 { reader.stack.integer(reader.index + 2) } else { None };
        let proto = proto.and_then(|proto| i32::try_from(proto).ok()).unwrap_or(0);
        reader.layout = Some(address::layout(family, proto));
        Family(family)
    }
}

/// A field of an address table, by position or else by name.
#[inline(always)]
pub(super) fn field<'a>(stack: Stack, table: c_int, n: usize, name: &str) -> Field<'a> {
    match stack.get_item(table, n as c_int + 1) {
        Type::Nil => {
            stack.pop(1);
            let found = stack.get_field(table, name);
            field_at(stack, -1, found)
        }
        found => field_at(stack, -1, found),
    }
}

/// A value on the stack as a field. It is left there, so that its bytes stay.
#[inline(always)]
fn field_at<'a>(stack: Stack, index: c_int, found: Type) -> Field<'a> {
    match found {
        Type::Nil => Field::Absent,
        Type::String => Field::Bytes(stack.bytes(index).unwrap_or_default()),
        Type::Number => stack.integer(index).map_or(Field::Fraction, Field::Integer),
        _ => Field::Other,
    }
}
