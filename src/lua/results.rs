//! Step three of a call: what came back, pushed for Lua.
//!
//! Pushing may raise. Results that own nothing are simply passed over then; those that do say so, and are pushed
//! from inside a protected call.

use std::ffi::c_int;
use std::mem::needs_drop;

use super::arguments::Bytes;
use super::shape;
use super::stack::{ADDRESS_METATABLES, Stack, upvalue};
use super::userdata;
use crate::address::{Address, Fields};
use crate::ancillary;
use crate::error::{Error, Subject};
use crate::socket::{NewSocket, Socket};
use crate::sys::Control;
use crate::text::Text;

/// Values to return to Lua.
pub(crate) trait Results {
    /// True when a Lua error during [`Results::push`] would lose something.
    #[inline(always)]
    fn owns(&self) -> bool {
        needs_drop::<Self>()
    }

    /// Pushes the values and returns their number.
    fn push(&mut self, stack: Stack) -> c_int;
}

/// What the documentation calls `None` is `true`, so that `assert` can be put around it.
impl Results for () {
    #[inline(always)]
    fn push(&mut self, stack: Stack) -> c_int {
        stack.push_boolean(true);
        1
    }
}

impl Results for bool {
    fn push(&mut self, stack: Stack) -> c_int {
        stack.push_boolean(*self);
        1
    }
}

macro_rules! integers {
    ($($integer:ty)*) => {
        $(impl Results for $integer {
            #[inline(always)]
            fn push(&mut self, stack: Stack) -> c_int {
                stack.push_integer(*self as i64);
                1
            }
        })*
    };
}

integers! { i32 i64 u8 u16 u32 u64 usize }

impl Results for f64 {
    #[inline(always)]
    fn push(&mut self, stack: Stack) -> c_int {
        stack.push_number(*self);
        1
    }
}

impl Results for &[u8] {
    #[inline(always)]
    fn push(&mut self, stack: Stack) -> c_int {
        stack.push_bytes(self);
        1
    }
}

impl<const N: usize> Results for [u8; N] {
    fn push(&mut self, stack: Stack) -> c_int {
        self.as_slice().push(stack)
    }
}

impl<const N: usize> Results for Text<N> {
    fn push(&mut self, stack: Stack) -> c_int {
        self.as_bytes().push(stack)
    }
}

impl Results for Vec<u8> {
    fn push(&mut self, stack: Stack) -> c_int {
        self.as_slice().push(stack)
    }
}

impl Results for Bytes<'_> {
    fn push(&mut self, stack: Stack) -> c_int {
        Bytes::push(self, stack);
        1
    }
}

impl Results for String {
    fn push(&mut self, stack: Stack) -> c_int {
        self.as_bytes().push(stack)
    }
}

impl Results for &str {
    fn push(&mut self, stack: Stack) -> c_int {
        self.as_bytes().push(stack)
    }
}

impl<T: Results> Results for Option<T> {
    #[inline(always)]
    fn push(&mut self, stack: Stack) -> c_int {
        match self {
            Some(value) => value.push(stack),
            None => {
                stack.push_nil();
                1
            }
        }
    }
}

macro_rules! tuples {
    ($(($($result:ident)*))*) => {
        $(impl<$($result: Results),*> Results for ($($result,)*) {
            #[inline(always)]
            #[allow(non_snake_case, reason = "the type's letter names the value too")]
            fn push(&mut self, stack: Stack) -> c_int {
                let ($($result,)*) = self;
                0 $(+ $result.push(stack))*
            }
        })*
    };
}

tuples! { (A B) (A B C) (A B C D) }

/// One of two kinds of value.
pub(crate) enum Either<L, R> {
    Left(L),
    Right(R),
}

impl<L: Results, R: Results> Results for Either<L, R> {
    #[inline(always)]
    fn push(&mut self, stack: Stack) -> c_int {
        match self {
            Either::Left(value) => value.push(stack),
            Either::Right(value) => value.push(stack),
        }
    }
}

/// A list, as a Lua sequence.
pub(crate) struct Sequence<T>(pub(crate) Vec<T>);

impl<T: Results> Results for Sequence<T> {
    fn push(&mut self, stack: Stack) -> c_int {
        stack.push_table(self.0.len(), 0);
        for (n, item) in self.0.iter_mut().enumerate() {
            item.push(stack);
            stack.set_item(-2, n + 1);
        }
        1
    }
}

/// Something that reads as a table with named fields.
pub(crate) trait Record {
    /// Sets the fields.
    fn write(&mut self, table: &Table);
}

/// A table that is being filled.
pub(crate) struct Table(Stack);

impl Table {
    /// Sets a field.
    pub(crate) fn set(&self, name: &str, mut value: impl Results) {
        value.push(self.0);
        self.0.set_field(-2, name);
    }
}

impl<T: Record> Results for T {
    fn push(&mut self, stack: Stack) -> c_int {
        stack.push_table(0, 5);
        self.write(&Table(stack));
        1
    }
}

/// What all attempts of an operation failed with: the last failure, and a list of all of them.
pub(crate) struct Failures {
    pub(crate) operation: &'static str,
    pub(crate) errors: Vec<Error>,
}

impl Results for Failures {
    fn push(&mut self, stack: Stack) -> c_int {
        stack.push_nil();
        if let Some((cause, subject)) = self.errors.last().and_then(Error::failure) {
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

/// A message with its ancillary data: what it holds, the items (or only the descriptors in them), flags, address.
pub(crate) struct Received<'a, T> {
    pub(crate) head: T,
    pub(crate) control: Control,
    pub(crate) flags: i32,
    pub(crate) address: &'a mut Address,
    pub(crate) only_descriptors: bool,
}

impl<T: Results> Results for Received<'_, T> {
    fn push(&mut self, stack: Stack) -> c_int {
        self.head.push(stack);
        if self.only_descriptors {
            Sequence(self.control.descriptors()).push(stack);
        } else {
            stack.push_table(1, 0);
            for (n, (level, kind, data)) in self.control.items().enumerate() {
                stack.push_table(3, 0);
                let mut item = Items { stack, count: 0 };
                item.integer(level.into());
                item.integer(kind.into());
                item.bytes(data);
                stack.get_item(upvalue(ADDRESS_METATABLES), ancillary::LAYOUT.key);
                stack.set_metatable(-2);
                stack.set_item(-2, n + 1);
            }
        }
        stack.push_integer(self.flags.into());
        Address::push(self.address, stack);
        if self.control.is_malformed() {
            stack.warn(c"received malformed or improperly truncated ancillary data");
        }
        self.control.keep();
        4
    }
}

/// What a stream read: one piece of bytes (`nil` at the end), or several values.
pub(crate) enum Reading<'a> {
    One(Option<&'a [u8]>),
    Several(Vec<Value>),
}

/// A value that was read.
pub(crate) enum Value {
    Bytes(Vec<u8>),
    /// What may be a numeral: a number when Lua takes it for one, else `nil`.
    Number(Vec<u8>),
    Nothing,
}

impl Results for Reading<'_> {
    #[inline(always)]
    fn owns(&self) -> bool {
        matches!(self, Reading::Several(_))
    }

    #[inline(always)]
    fn push(&mut self, stack: Stack) -> c_int {
        match self {
            Reading::One(bytes) => bytes.push(stack),
            Reading::Several(values) => {
                stack.reserve(values.len() as c_int + 2);
                values.iter_mut().map(|value| value.push(stack)).sum()
            }
        }
    }
}

impl Results for Value {
    fn push(&mut self, stack: Stack) -> c_int {
        match self {
            Value::Bytes(bytes) => stack.push_bytes(bytes),
            Value::Number(text) => stack.push_numeral(text),
            Value::Nothing => stack.push_nil(),
        }
        1
    }
}

/// The object that the method was called on.
pub(crate) struct Myself;

impl Results for Myself {
    fn push(&mut self, stack: Stack) -> c_int {
        stack.push_value(1);
        1
    }
}

impl Results for NewSocket {
    fn push(&mut self, stack: Stack) -> c_int {
        shape::push(stack, &self.socket);
        userdata::push(stack, 0, |_| std::mem::replace(&mut self.socket, Socket::nothing()));
        stack.push_value(-2);
        stack.set_metatable(-2);
        stack.remove(-2);
        1
    }
}

/// The socket that the method was called on, after its fields changed; reads as `true`.
pub(crate) struct Reshaped<'a>(pub(crate) &'a Socket);

impl Results for Reshaped<'_> {
    fn push(&mut self, stack: Stack) -> c_int {
        shape::push(stack, self.0);
        stack.set_metatable(1);
        ().push(stack)
    }
}

impl Results for &mut Address {
    #[inline(always)]
    fn push(&mut self, stack: Stack) -> c_int {
        Address::push(self, stack)
    }
}

/// A table of the documented fields with the metatable of its family; a plain string where there is one field;
/// `nil` for no address.
impl Results for Address {
    #[inline(always)]
    fn push(&mut self, stack: Stack) -> c_int {
        match self.layout() {
            None => stack.push_nil(),
            Some(layout) if layout.fields.len() == 1 => self.write(&mut Plain(stack)),
            Some(layout) => {
                stack.push_table(layout.fields.len(), 0);
                self.write(&mut Items { stack, count: 0 });
                stack.get_item(upvalue(ADDRESS_METATABLES), layout.key);
                stack.set_metatable(-2);
            }
        }
        1
    }
}

/// Takes an address of one field.
struct Plain(Stack);

impl Fields for Plain {
    fn bytes(&mut self, bytes: &[u8]) {
        self.0.push_bytes(bytes);
    }

    fn integer(&mut self, value: i64) {
        self.0.push_integer(value);
    }
}

/// Takes the fields of an address as the items of the table on the top.
struct Items {
    stack: Stack,
    count: usize,
}

impl Items {
    #[inline(always)]
    fn keep(&mut self) {
        self.count += 1;
        self.stack.set_item(-2, self.count);
    }
}

impl Fields for Items {
    #[inline(always)]
    fn bytes(&mut self, bytes: &[u8]) {
        self.stack.push_bytes(bytes);
        self.keep();
    }

    #[inline(always)]
    fn integer(&mut self, value: i64) {
        self.stack.push_integer(value);
        self.keep();
    }
}
