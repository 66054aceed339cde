//! Options tables.

use std::ffi::c_int;
use std::marker::PhantomData;

use super::{Argument, Reader, refuse};
use crate::lua::stack::Type;
use crate::text::Text;

/// The names under which a function's last arguments may be passed in one table.
pub(crate) trait OptionNames {
    const NAMES: &'static [&'static str];

    /// Whether they may be passed by position too.
    const BY_POSITION: bool = true;
}

/// Stands before arguments that may also be passed in an options table, in place of the first argument left out.
pub(crate) struct OptionsTable<T>(PhantomData<T>);

impl<'a, T: OptionNames> Argument<'a> for OptionsTable<T> {
    const COUNTS: bool = true;

    #[inline(always)]
    fn read(reader: &mut Reader<'a>) -> Self {
        let first = reader.index + 1;
        if !T::BY_POSITION {
            end_with_table(reader, first);
        }
        let last = reader.count;
        if last >= first && reader.stack.type_of(last) == Type::Table {
            spread(reader, (last - first) as usize, T::NAMES);
        }
        OptionsTable(PhantomData)
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
