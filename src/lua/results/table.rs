//! Sequences and tables with named fields.

use std::ffi::c_int;
use std::mem::needs_drop;

use super::Results;
use crate::error::{Error, Subject};
use crate::lua::stack::RaisingStack;

/// A Lua sequence.
pub(crate) struct Sequence<T>(pub(crate) Vec<T>);

impl<T: Results> Results for Sequence<T> {
    fn push(&mut self, stack: RaisingStack) -> c_int {
        stack.push_table(self.0.len(), 0);
        for (n, item) in self.0.iter_mut().enumerate() {
            item.push(stack);
            stack.set_item(-2, n + 1);
        }
        1
    }
}

/// A result that is a table with named fields.
pub(crate) trait Record {
    /// Sets the fields of the table.
    fn write(&mut self, table: &Table);
}

/// The table that a [`Record`] sets its fields in.
pub(crate) struct Table<'a>(RaisingStack<'a>);

impl Table<'_> {
    /// Sets a field. The value must own nothing: a Lua error may pass over it.
    pub(crate) fn set<T: Results>(&self, name: &str, mut value: T) {
        const { assert!(!needs_drop::<T>(), "a Lua error may pass over the value") };
        value.push(self.0);
        self.0.set_field(-2, name);
    }
}

impl<T: Record> Results for T {
    fn push(&mut self, stack: RaisingStack) -> c_int {
        stack.push_table(0, 5);
        self.write(&Table(stack));
        1
    }
}

/// The failures of all attempts of an operation: `nil`, message and code of one, and a list of them all.
pub(crate) struct Failures {
    pub(crate) operation: &'static str,
    pub(crate) errors: Vec<Error>,
    /// The place of that one.
    pub(crate) told: usize,
}

impl Results for Failures {
    fn push(&mut self, stack: RaisingStack) -> c_int {
        stack.push_nil();
        if let Some((cause, subject)) = self.errors.get(self.told).and_then(Error::failure) {
            stack.push_bytes(cause.message(self.operation.as_bytes(), subject).as_bytes());
            stack.push_bytes(cause.code().as_bytes());
        }
        stack.push_table(self.errors.len(), 0);
        for (n, (cause, subject)) in self.errors.iter().filter_map(Error::failure).enumerate() {
            stack.push_table(0, 3);
            let table = Table(stack);
            table.set("message", cause.message(self.operation.as_bytes(), subject));
            table.set("code", cause.code());
            if let Subject::Address(address) = subject {
                table.set("address", *address);
            }
            stack.set_item(-2, n + 1);
        }
        4
    }
}
