//! The value of an option of LuaSocket's interface.

use std::ffi::CStr;

use super::{Argument, Reader};
use crate::lua::stack::{RaisingStack, Type};

/// A value of any type, as what an option may want: the fields are those of a table.
#[derive(Clone, Copy, Default)]
pub(crate) struct Given<'a> {
    /// The name of its type.
    pub(crate) kind: &'a [u8],
    pub(crate) boolean: Option<bool>,
    pub(crate) number: Option<f64>,
    pub(crate) bytes: Option<&'a [u8]>,
    pub(crate) is_table: bool,
    pub(crate) on: Option<bool>,
    pub(crate) timeout: Option<f64>,
    pub(crate) multiaddr: Option<&'a [u8]>,
    pub(crate) interface: Option<&'a [u8]>,
    /// `interface` as a number, and whether there is one at all.
    pub(crate) index: Option<f64>,
    pub(crate) has_interface: bool,
}

impl<'a> Argument<'a> for Given<'a> {
    const COUNTS: bool = true;

    fn read(reader: &mut Reader<'a>) -> Self {
        let place = reader.advance();
        let stack = reader.stack;
        let boolean = |index| (stack.type_of(index) == Type::Boolean).then(|| stack.boolean(index));
        let mut given = Given {
            boolean: boolean(place),
            number: stack.number(place),
            is_table: stack.type_of(place) == Type::Table,
            kind: stack.type_name(place),
            ..Given::default()
        };
        if given.is_table {
            field(stack, place, c"on");
            given.on = boolean(-1);
            field(stack, place, c"timeout");
            given.timeout = stack.number(-1);
            field(stack, place, c"multiaddr");
            given.multiaddr = stack.bytes(-1);
            given.has_interface = field(stack, place, c"interface");
            given.index = stack.number(-1);
            given.interface = stack.bytes(-1);
        } else {
            given.bytes = stack.bytes(place);
        }
        given
    }
}

/// Pushes a field; false for none. What was read of it lives as long as it is on the stack.
fn field(stack: RaisingStack, table: i32, name: &CStr) -> bool {
    stack.get_method(table, name) != Type::Nil
}
