//! Options tables.

use std::ffi::c_int;

use super::{Argument, Reader, refuse};
use crate::lua::stack::Type;
use crate::text::Text;

/// The names under which a function's last arguments may be passed in one table.
const NAMES: [&[&str]; 6] = [
    &["family", "type", "proto", "fileno"],
    &["timeout", "source_address", "all_errors", "happy_eyeballs_delay"],
    &["family", "backlog", "reuse_port", "dualstack_ipv6"],
    &["port", "family", "type", "proto", "flags", "timeout"],
    &["mode", "buffering", "encoding", "errors", "newline", "limit"],
    &["msg", "op", "iv", "assoclen", "flags"],
];

// The function's row in the table.
pub(crate) const SOCKET: usize = 0;
pub(crate) const CREATE_CONNECTION: usize = 1;
pub(crate) const CREATE_SERVER: usize = 2;
pub(crate) const GETADDRINFO: usize = 3;
pub(crate) const MAKEFILE: usize = 4;
#[allow(dead_code, reason = "for a method that not every system has")]
pub(crate) const SENDMSG_AFALG: usize = 5;

/// Stands before arguments that may also be passed in an options table, in place of the first argument left out.
pub(crate) struct OptionsTable<const FUNCTION: usize>;

impl<'a, const FUNCTION: usize> Argument<'a> for OptionsTable<FUNCTION> {
    const COUNTS: bool = true;

    #[inline(always)]
    fn read(reader: &mut Reader<'a>) -> Self {
        let first = reader.index + 1;
        // Only these options cannot be passed by position.
        if FUNCTION == CREATE_SERVER {
            end_with_table(reader, first);
        }
        let last = reader.count;
        if last >= first && reader.stack.type_of(last) == Type::Table {
            spread(reader, (last - first) as usize, NAMES[FUNCTION]);
        }
        OptionsTable
    }
}

/// Ignores arguments after `first`, which must be a table when it is passed.
#[cold]
fn end_with_table(reader: &mut Reader, first: c_int) {
    let given = !matches!(reader.peek(), Type::Nothing | Type::Nil);
    if given && reader.peek() != Type::Table {
        reader.advance();
        reader.expected("table");
    }
    reader.count = reader.count.min(if given { first } else { first - 1 });
}

/// Replaces an options table, the last argument, by the values of its fields. `given` of them were passed by
/// position.
#[cold]
fn spread(reader: &mut Reader, given: usize, names: &'static [&'static str]) {
    let (stack, table) = (reader.stack, reader.count);
    let names = names.get(given..).unwrap_or_default();
    stack.push_nil();
    while stack.next(table) {
        let key = if stack.type_of(-2) == Type::String { stack.bytes(-2).unwrap_or_default() } else { b"?" };
        if !names.iter().any(|name| name.as_bytes() == key) {
            let mut reason = Text::<120>::format(format_args!("unknown option '"));
            reason.push(key);
            reason.push(b"'");
            refuse(stack, reader.method, table, reason.as_bytes());
        }
        stack.pop(1);
    }
    // The values replace the table, below values that were left above the arguments.
    for (n, name) in names.iter().enumerate() {
        stack.get_field(table, name);
        stack.insert(table + 1 + n as c_int);
    }
    stack.remove(table);
    reader.count = table - 1 + names.len() as c_int;
    reader.options = Some((table, names));
}
