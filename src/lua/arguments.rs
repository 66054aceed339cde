//! Step one of a call: what the caller gave, as values that need no drop. A wrong one raises, in Lua's own words.

use std::cell::Cell;
use std::ffi::c_int;
use std::marker::PhantomData;

use super::stack::{Stack, Type};
use super::trampoline::refuse;
use super::userdata::{self, Memory};
use crate::address::{Field, Given, Layout, MAX_FIELDS};
use crate::socket::Socket;
use crate::text::Text;

/// Walks over the arguments of a call.
pub(crate) struct Reader {
    stack: Stack,
    count: c_int,
    index: c_int,
    method: bool,
    /// How addresses of the socket that was read look; none before a socket.
    layout: Option<&'static Layout>,
}

impl Reader {
    /// `counts` tells whether the arguments have to be counted: that is a call into Lua.
    #[inline(always)]
    pub(super) fn new(stack: Stack, method: bool, counts: bool) -> Self {
        let count = if counts { stack.top() } else { 0 };
        Reader { stack, count, index: 0, method, layout: None }
    }

    #[inline(always)]
    fn advance(&mut self) -> c_int {
        self.index += 1;
        self.index
    }

    /// The next argument's type, without a call into Lua when there is none.
    #[inline(always)]
    fn peek(&self) -> Type {
        if self.index >= self.count { Type::Nothing } else { self.stack.type_of(self.index + 1) }
    }

    /// Raises `bad argument` for the argument that was just read.
    #[cold]
    fn refuse(&self, reason: &[u8]) -> ! {
        refuse(self.stack, self.method, self.index, reason)
    }

    /// Raises `bad argument … (what expected, got …)`.
    #[cold]
    #[inline(never)]
    fn expected(&self, what: &str) -> ! {
        let mut reason = Text::<120>::format(format_args!("{what} expected, got "));
        reason.push(self.stack.type_name(self.index));
        self.refuse(reason.as_bytes())
    }

    #[cold]
    #[inline(never)]
    fn not_integer(&self) -> ! {
        match self.stack.number(self.index) {
            Some(_) => self.refuse(b"number has no integer representation"),
            None => self.expected("number"),
        }
    }

    #[inline(always)]
    fn integer(&mut self) -> i64 {
        let index = self.advance();
        self.stack.integer(index).unwrap_or_else(|| self.not_integer())
    }
}

/// A value that is read from the stack. It borrows from what stays there for the whole call.
pub(crate) trait Argument<'a> {
    /// Whether reading it depends on how many arguments there are.
    const COUNTS: bool = false;

    fn read(reader: &mut Reader) -> Self;
}

/// All arguments of a verb.
pub(crate) trait Arguments<'a> {
    /// Whether any of them depends on how many there are.
    const COUNTS: bool;

    fn read(reader: &mut Reader) -> Self;
}

macro_rules! arguments {
    ($($argument:ident)*) => {
        impl<'a, $($argument: Argument<'a>),*> Arguments<'a> for ($($argument,)*) {
            const COUNTS: bool = false $(|| $argument::COUNTS)*;

            #[inline(always)]
            #[allow(unused_variables, clippy::unused_unit, reason = "a verb may take none")]
            fn read(reader: &mut Reader) -> Self {
                ($($argument::read(reader),)*)
            }
        }
    };
}

arguments! {}
arguments! { A }
arguments! { A B }
arguments! { A B C }
arguments! { A B C D }
arguments! { A B C D E }
arguments! { A B C D E F }
arguments! { A B C D E F G }

impl<'a> Argument<'a> for &'a Socket {
    #[inline(always)]
    fn read(reader: &mut Reader) -> Self {
        let index = reader.advance();
        match userdata::check::<Socket>(reader.stack, index) {
            Some(socket) => {
                reader.layout = Some(socket.layout());
                socket
            }
            None => reader.expected("socket"),
        }
    }
}

impl<'a> Argument<'a> for &'a Memory {
    #[inline(always)]
    fn read(reader: &mut Reader) -> Self {
        let index = reader.advance();
        userdata::check::<Memory>(reader.stack, index).unwrap_or_else(|| reader.expected("buffer"))
    }
}

/// Bytes to be read: a string, a number taken as one, or a buffer.
#[derive(Clone, Copy)]
pub(crate) struct Bytes<'a>(pub(crate) &'a [Cell<u8>]);

impl<'a> Argument<'a> for Bytes<'a> {
    #[inline(always)]
    fn read(reader: &mut Reader) -> Self {
        let index = reader.advance();
        match reader.stack.bytes(index) {
            Some(bytes) => Bytes::of_string(bytes),
            None => match userdata::check::<Memory>(reader.stack, index) {
                Some(memory) => Bytes(memory.cells()),
                None => reader.expected("string"),
            },
        }
    }
}

impl<'a> Bytes<'a> {
    /// The bytes as Lua's copy of them is made.
    pub(super) fn push(&self, stack: Stack) {
        // SAFETY: nothing writes to the cells while Lua copies them.
        stack.push_bytes(unsafe { &*(std::ptr::from_ref(self.0) as *const [u8]) });
    }

    #[inline(always)]
    fn of_string(bytes: &'a [u8]) -> Self {
        // SAFETY: the same layout; a Bytes is only ever read from (no verb writes through one), so the string stays.
        Bytes(unsafe { &*(std::ptr::from_ref(bytes) as *const [Cell<u8>]) })
    }
}

/// The bytes of a string, or of a number taken as one.
impl<'a> Argument<'a> for &'a [u8] {
    #[inline(always)]
    fn read(reader: &mut Reader) -> Self {
        let index = reader.advance();
        reader.stack.bytes(index).unwrap_or_else(|| reader.expected("string"))
    }
}

impl<'a> Argument<'a> for c_int {
    #[inline(always)]
    fn read(reader: &mut Reader) -> Self {
        match c_int::try_from(reader.integer()) {
            Ok(value) => value,
            Err(_) => reader.refuse(b"number out of range"),
        }
    }
}

impl<'a> Argument<'a> for u32 {
    fn read(reader: &mut Reader) -> Self {
        match u32::try_from(reader.integer()) {
            Ok(value) => value,
            Err(_) => reader.refuse(b"number out of range"),
        }
    }
}

impl<'a> Argument<'a> for u8 {
    fn read(reader: &mut Reader) -> Self {
        match u8::try_from(reader.integer()) {
            Ok(value) => value,
            Err(_) => reader.refuse(b"byte out of range"),
        }
    }
}

impl<'a> Argument<'a> for i64 {
    fn read(reader: &mut Reader) -> Self {
        reader.integer()
    }
}

impl<'a> Argument<'a> for bool {
    fn read(reader: &mut Reader) -> Self {
        let index = reader.advance();
        match reader.stack.type_of(index) {
            Type::Boolean => reader.stack.boolean(index),
            _ => reader.expected("boolean"),
        }
    }
}

impl<'a, T: Argument<'a>> Argument<'a> for Option<T> {
    const COUNTS: bool = true;

    #[inline(always)]
    fn read(reader: &mut Reader) -> Self {
        match reader.peek() {
            Type::Nothing | Type::Nil => {
                reader.advance();
                None
            }
            _ => Some(T::read(reader)),
        }
    }
}

impl<'a, T: Argument<'a>, const N: usize> Argument<'a> for [T; N] {
    const COUNTS: bool = T::COUNTS;

    fn read(reader: &mut Reader) -> Self {
        std::array::from_fn(|_| T::read(reader))
    }
}

/// A number of bytes, from 0 to 2³¹ - 1, more than any system moves in one call.
#[derive(Clone, Copy)]
pub(crate) struct Size(pub(crate) usize);

impl<'a> Argument<'a> for Size {
    #[inline(always)]
    fn read(reader: &mut Reader) -> Self {
        let size = reader.integer();
        if (0..=i64::from(i32::MAX)).contains(&size) {
            Size(size as usize)
        } else {
            reader.refuse(b"size out of range")
        }
    }
}

/// The flags of a transfer, 0 when left out.
#[derive(Clone, Copy)]
pub(crate) struct Flags(pub(crate) c_int);

impl<'a> Argument<'a> for Flags {
    const COUNTS: bool = true;

    #[inline(always)]
    fn read(reader: &mut Reader) -> Self {
        Flags(Option::read(reader).unwrap_or(0))
    }
}

/// An optional number that stands before a required argument.
#[derive(Clone, Copy)]
pub(crate) struct Leading<T>(pub(crate) Option<T>);

impl<'a, T: Argument<'a>> Argument<'a> for Leading<T> {
    const COUNTS: bool = true;

    #[inline(always)]
    fn read(reader: &mut Reader) -> Self {
        match reader.peek() {
            Type::Number => Leading(Some(T::read(reader))),
            Type::Nil if reader.index + 1 < reader.count => {
                reader.advance();
                Leading(None)
            }
            _ => Leading(None),
        }
    }
}

/// A timeout in seconds, at most 2⁶³ nanoseconds; `nil` (which must be given) for none.
#[derive(Clone, Copy)]
pub(crate) struct Seconds(pub(crate) Option<f64>);

impl<'a> Argument<'a> for Seconds {
    fn read(reader: &mut Reader) -> Self {
        const LONGEST: f64 = i64::MAX as f64 / 1e9;
        let index = reader.advance();
        if reader.stack.type_of(index) == Type::Nil {
            return Seconds(None);
        }
        match reader.stack.number(index) {
            Some(seconds) if (0.0..=LONGEST).contains(&seconds) => Seconds(Some(seconds)),
            Some(_) => reader.refuse(b"timeout out of range"),
            None => reader.expected("number"),
        }
    }
}

/// The value of a socket option.
#[derive(Clone, Copy)]
pub(crate) enum Value<'a> {
    Nil,
    Integer(c_int),
    Bytes(Bytes<'a>),
}

impl<'a> Argument<'a> for Value<'a> {
    const COUNTS: bool = true;

    fn read(reader: &mut Reader) -> Self {
        match reader.peek() {
            Type::Nil => {
                reader.advance();
                Value::Nil
            }
            Type::Number => Value::Integer(c_int::read(reader)),
            Type::String | Type::Userdata => Value::Bytes(Bytes::read(reader)),
            _ => {
                reader.advance();
                reader.expected("number, string or buffer")
            }
        }
    }
}

/// What a buffer is made of: a size, or the bytes to copy.
#[derive(Clone, Copy)]
pub(crate) enum Content<'a> {
    Size(usize),
    Bytes(Bytes<'a>),
}

impl<'a> Argument<'a> for Content<'a> {
    const COUNTS: bool = true;

    fn read(reader: &mut Reader) -> Self {
        match reader.peek() {
            Type::Number => Content::Size(Size::read(reader).0),
            Type::String | Type::Userdata => Content::Bytes(Bytes::read(reader)),
            _ => {
                reader.advance();
                reader.expected("number or string")
            }
        }
    }
}

/// What a buffer is indexed by.
#[derive(Clone, Copy)]
pub(crate) enum Key<'a> {
    Place(i64),
    Name(&'a [u8]),
    Other,
}

impl<'a> Argument<'a> for Key<'a> {
    fn read(reader: &mut Reader) -> Self {
        let index = reader.advance();
        match reader.stack.type_of(index) {
            Type::Number => reader.stack.integer(index).map_or(Key::Other, Key::Place),
            Type::String => Key::Name(reader.stack.bytes(index).unwrap_or_default()),
            _ => Key::Other,
        }
    }
}

/// A service: a name, or a port number that becomes one.
#[derive(Clone, Copy)]
pub(crate) struct Port<'a>(pub(crate) &'a [u8]);

impl<'a> Argument<'a> for Port<'a> {
    const COUNTS: bool = true;

    fn read(reader: &mut Reader) -> Self {
        match reader.peek() {
            Type::Number => {
                let index = reader.index + 1;
                reader.integer();
                Port(reader.stack.bytes(index).unwrap_or_default())
            }
            Type::String => Port(Argument::read(reader)),
            _ => {
                reader.advance();
                reader.expected("string or number")
            }
        }
    }
}

/// Names under which the arguments from here on may be given in one table instead.
pub(crate) trait Names {
    const NAMES: &'static [&'static str];
}

/// Stands before arguments that may also come as an options table, in place of the first of them that is left out.
pub(crate) struct Named<T>(PhantomData<T>);

impl<'a, T: Names> Argument<'a> for Named<T> {
    const COUNTS: bool = true;

    #[inline(always)]
    fn read(reader: &mut Reader) -> Self {
        let first = reader.index + 1;
        let last = reader.count;
        if last >= first && reader.stack.type_of(last) == Type::Table {
            spread(reader, (last - first) as usize, T::NAMES);
        }
        Named(PhantomData)
    }
}

/// Replaces an options table, the last argument, by the values of its fields. `given` of them came by position.
#[cold]
fn spread(reader: &mut Reader, given: usize, names: &[&str]) {
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
    for name in names {
        stack.get_field(table, name);
    }
    // The table stays below its values, out of the way: the walk goes on over a shifted range.
    stack.remove(table);
    reader.count = table - 1 + names.len() as c_int;
}

/// An address of the socket's family, still in pieces.
impl<'a> Argument<'a> for Given<'a> {
    #[inline(always)]
    fn read(reader: &mut Reader) -> Self {
        let index = reader.advance();
        let layout = reader.layout.expect("an address is read after its socket");
        let mut fields = [Field::Absent; MAX_FIELDS];
        match reader.stack.type_of(index) {
            Type::Table => {
                for (n, name) in layout.fields.iter().enumerate() {
                    fields[n] = field(reader.stack, index, n, name);
                }
            }
            Type::String if layout.fields.len() == 1 => fields[0] = field_at(reader.stack, index, Type::String),
            _ => reader.expected("address"),
        }
        Given { index, fields }
    }
}

/// A field of an address table, by position or else by name.
#[inline(always)]
fn field<'a>(stack: Stack, table: c_int, n: usize, name: &str) -> Field<'a> {
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
