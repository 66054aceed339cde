//! Address arguments.

use std::ffi::c_int;

use super::{Argument, Reader};
use crate::address::{self, AddressArgument, Field, MAX_FIELDS};
use crate::lua::results::Either;
use crate::lua::stack::{RaisingStack, Type};
use crate::sys;
use crate::text::Text;

/// An address of the socket's family, or of the family that was read before, else of AF_INET or AF_INET6, with the fields
/// of the latter: its fields, not yet parsed.
impl<'a> Argument<'a> for AddressArgument<'a> {
    #[inline(always)]
    fn read(reader: &mut Reader<'a>) -> Self {
        let index = reader.advance();
        let layout = reader.layout().unwrap_or_else(address::internet_layout);
        let mut fields = [Field::Absent; MAX_FIELDS];
        match reader.stack.type_of(index) {
            Type::Table => {
                if reader.stack.raw_length(index) > layout.fields.len() {
                    reader.refuse(b"address has too many fields");
                }
                let mut by_name = false;
                for (n, name) in layout.fields.iter().enumerate() {
                    fields[n] = placed(reader.stack, index, n).unwrap_or_else(|| {
                        by_name = true;
                        named(reader.stack, index, name)
                    });
                }
                if by_name {
                    check_names(reader, index, layout.fields);
                }
            }
            Type::String if layout.may_be_string => fields[0] = field_at(reader.stack, index, Type::String),
            Type::Number if layout.may_be_number => fields[0] = field_at(reader.stack, index, Type::Number),
            Type::String => reader.expected("address in a table"),
            _ => reader.expected("address"),
        }
        AddressArgument { index, fields }
    }
}

/// A value as if it were a field of an address.
impl<'a> Argument<'a> for Field<'a> {
    fn read(reader: &mut Reader<'a>) -> Self {
        let index = reader.advance();
        field_at(reader.stack, index, reader.stack.type_of(index))
    }
}

/// AF_UNSPEC, which means no peer, or an address to connect to. Where a number is an address, 0 is one too.
impl<'a> Argument<'a> for Either<(), AddressArgument<'a>> {
    #[inline(always)]
    fn read(reader: &mut Reader<'a>) -> Self {
        let next = reader.index + 1;
        let may_be_number = reader.layout().is_some_and(|layout| layout.may_be_number);
        if reader.stack.type_of(next) == Type::Number
            && !may_be_number
            && reader.stack.integer(next) == Some(sys::ANY_FAMILY.into())
        {
            reader.advance();
            return Either::Left(());
        }
        Either::Right(AddressArgument::read(reader))
    }
}

/// An address family, which determines the fields of the address argument that follows.
#[derive(Clone, Copy)]
pub(crate) struct FamilyArgument(pub(crate) u16);

impl<'a> Argument<'a> for FamilyArgument {
    const COUNTS: bool = true;

    fn read(reader: &mut Reader<'a>) -> Self {
        let family = u16::read(reader);
        // The protocol is the argument after the address.
        let proto = if reader.left() >= 2 { reader.stack.integer(reader.index + 2) } else { None };
        let proto = proto.and_then(|proto| i32::try_from(proto).ok()).unwrap_or(0);
        reader.family = Some((family, proto));
        FamilyArgument(family)
    }
}

/// A field of an address table, by position or else by name.
pub(super) fn field<'a>(stack: RaisingStack<'a>, table: c_int, n: usize, name: &str) -> Field<'a> {
    placed(stack, table, n).unwrap_or_else(|| named(stack, table, name))
}

/// A field by position; `None` when it is nil.
#[inline(always)]
fn placed<'a>(stack: RaisingStack<'a>, table: c_int, n: usize) -> Option<Field<'a>> {
    match stack.get_item(table, n as c_int + 1) {
        Type::Nil => {
            stack.pop(1);
            None
        }
        found => Some(field_at(stack, -1, found)),
    }
}

/// A field by name.
fn named<'a>(stack: RaisingStack<'a>, table: c_int, name: &str) -> Field<'a> {
    let found = stack.get_field(table, name);
    field_at(stack, -1, found)
}

/// Raises when an address table has a field that the family does not have.
#[inline(never)]
fn check_names(reader: &Reader, table: c_int, names: &[&str]) {
    let stack = reader.stack;
    stack.push_nil();
    while stack.next(table) {
        let key = match stack.type_of(-2) {
            Type::String => stack.bytes(-2).unwrap_or_default(),
            _ => b"?",
        };
        let places = 1..=names.len() as i64;
        let placed = || stack.type_of(-2) == Type::Number && stack.integer(-2).is_some_and(|n| places.contains(&n));
        if !names.iter().any(|name| name.as_bytes() == key) && !placed() {
            let mut reason = Text::<120>::format(format_args!("unknown field '"));
            reason.push(key);
            reason.push(b"'");
            reader.refuse(reason.as_bytes());
        }
        stack.pop(1);
    }
}

/// The field that a value is. The value stays on the stack, which keeps its bytes alive.
#[inline(always)]
fn field_at<'a>(stack: RaisingStack<'a>, index: c_int, found: Type) -> Field<'a> {
    match found {
        Type::Nil => Field::Absent,
        Type::String => Field::Bytes(stack.bytes(index).unwrap_or_default()),
        Type::Number => stack.integer(index).map_or(Field::Fraction, Field::Integer),
        _ => Field::Other,
    }
}
