//! Step one of a call: what the caller gave, as values that need no drop. A wrong one raises, in Lua's own words.

use std::cell::Cell;
use std::ffi::c_int;
use std::marker::PhantomData;

use super::stack::{Stack, Type};
use super::trampoline::refuse;
use super::userdata::{self, Memory, Userdata};
use crate::address::{self, Field, Given, Layout, MAX_FIELDS};
use crate::socket::Socket;
use crate::stream::Stream;
use crate::sys::{File, Item, LONGEST_ITEM, Piece};
use crate::text::Text;

/// Walks over the arguments of a call.
pub(crate) struct Reader {
    stack: Stack,
    count: c_int,
    index: c_int,
    /// Where on the stack the argument that was just read is.
    place: c_int,
    counts: bool,
    method: bool,
    /// Where the arguments of an options table begin, and their names.
    options: Option<(c_int, &'static [&'static str])>,
    /// How addresses of the socket that was read look; none before a socket.
    layout: Option<&'static Layout>,
}

impl Reader {
    /// `counts` tells whether the arguments have to be counted: that is a call into Lua.
    #[inline(always)]
    pub(super) fn new(stack: Stack, method: bool, counts: bool) -> Self {
        let count = if counts { stack.top() } else { 0 };
        Reader { stack, count, index: 0, place: 0, counts, method, options: None, layout: None }
    }

    #[inline(always)]
    fn advance(&mut self) -> c_int {
        self.index += 1;
        // What reading left on the stack above the arguments is none.
        self.place = if self.counts && self.index > self.count { self.stack.top() + 1 } else { self.index };
        self.place
    }

    pub(super) fn stack(&self) -> Stack {
        self.stack
    }

    /// How many arguments are left.
    #[inline(always)]
    fn left(&self) -> usize {
        (self.count - self.index).max(0) as usize
    }

    /// The next argument's type, without a call into Lua when there is none.
    #[inline(always)]
    fn peek(&self) -> Type {
        if self.index >= self.count { Type::Nothing } else { self.stack.type_of(self.index + 1) }
    }

    /// Raises `bad argument` for the argument that was just read.
    #[cold]
    fn refuse(&self, reason: &[u8]) -> ! {
        let Some((first, names)) = self.options.filter(|(first, _)| self.index >= *first) else {
            refuse(self.stack, self.method, self.index, reason)
        };
        let name = names.get((self.index - first) as usize).copied().unwrap_or_default();
        let mut text = Text::<120>::format(format_args!("option '{name}': "));
        text.push(reason);
        refuse(self.stack, self.method, first, text.as_bytes())
    }

    /// Raises `bad argument … (what expected, got …)`.
    #[cold]
    #[inline(never)]
    fn expected(&self, what: &str) -> ! {
        let mut reason = Text::<120>::format(format_args!("{what} expected, got "));
        reason.push(self.stack.type_name(self.place));
        self.refuse(reason.as_bytes())
    }

    #[cold]
    #[inline(never)]
    fn not_integer(&self) -> ! {
        match self.stack.number(self.place) {
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

/// A value of any type, kept when it is a `T`.
#[derive(Clone, Copy)]
pub(crate) struct Maybe<T>(pub(crate) Option<T>);

impl<'a, T: Userdata> Argument<'a> for Maybe<&'a T> {
    fn read(reader: &mut Reader) -> Self {
        let index = reader.advance();
        Maybe(userdata::check::<T>(reader.stack, index))
    }
}

impl<'a> Argument<'a> for &'a Memory {
    #[inline(always)]
    fn read(reader: &mut Reader) -> Self {
        let index = reader.advance();
        userdata::check::<Memory>(reader.stack, index).unwrap_or_else(|| reader.expected("buffer"))
    }
}

impl<'a> Argument<'a> for &'a Stream {
    #[inline(always)]
    fn read(reader: &mut Reader) -> Self {
        let index = reader.advance();
        userdata::check::<Stream>(reader.stack, index).unwrap_or_else(|| reader.expected("stream"))
    }
}

/// What `read` of a file takes.
#[derive(Clone, Copy)]
pub(crate) enum Format {
    Line,
    LineWithEnd,
    Number,
    All,
    Count(usize),
}

/// The formats of a call, a line when there are none.
#[derive(Clone, Copy)]
pub(crate) struct Formats<'a> {
    first: Format,
    count: usize,
    /// All of them, when there is more than one.
    several: &'a [Format],
}

impl<'a> Formats<'a> {
    pub(super) fn new(formats: &'a [Format]) -> Self {
        Formats { first: formats.first().copied().unwrap_or(Format::Line), count: formats.len(), several: formats }
    }

    /// The format when it is a single one.
    #[inline(always)]
    pub(crate) fn only(&self) -> Option<Format> {
        (self.count <= 1).then_some(self.first)
    }

    pub(crate) fn all(&self) -> &[Format] {
        if self.count <= 1 { std::slice::from_ref(&self.first) } else { self.several }
    }
}

impl<'a> Argument<'a> for Formats<'a> {
    const COUNTS: bool = true;

    #[inline(always)]
    fn read(reader: &mut Reader) -> Self {
        match reader.left() {
            0 => Formats { first: Format::Line, count: 0, several: &[] },
            1 => Formats { first: format(reader), count: 1, several: &[] },
            _ => Formats::new(rest(reader, format)),
        }
    }
}

fn format(reader: &mut Reader) -> Format {
    if reader.peek() == Type::Number {
        return Format::Count(Size::read(reader).0);
    }
    let text: &[u8] = Argument::read(reader);
    // Before 5.3 a format begins with an asterisk.
    match text.strip_prefix(b"*").unwrap_or(text).first() {
        Some(b'l') => Format::Line,
        Some(b'L') => Format::LineWithEnd,
        Some(b'n') => Format::Number,
        Some(b'a') => Format::All,
        _ => reader.refuse(b"invalid format"),
    }
}

/// All arguments that are left, as bytes.
#[derive(Clone, Copy)]
pub(crate) struct Rest<'a> {
    first: Option<Bytes<'a>>,
    several: &'a [Bytes<'a>],
}

impl<'a> Rest<'a> {
    pub(crate) fn all(&self) -> &[Bytes<'a>] {
        if self.several.is_empty() { self.first.as_slice() } else { self.several }
    }
}

impl<'a> Argument<'a> for Rest<'a> {
    const COUNTS: bool = true;

    #[inline(always)]
    fn read(reader: &mut Reader) -> Self {
        match reader.left() {
            0 => Rest { first: None, several: &[] },
            1 => Rest { first: Some(Bytes::read(reader)), several: &[] },
            _ => Rest { first: None, several: rest(reader, Bytes::read) },
        }
    }
}

/// Reads all arguments that are left into a userdata, which the collector takes back.
fn rest<'a, T: Copy>(reader: &mut Reader, read: impl Fn(&mut Reader) -> T) -> &'a [T] {
    let count = reader.left();
    reader.stack.reserve(4);
    let block = reader.stack.push_userdata(count * size_of::<T>()).cast::<T>();
    for n in 0..count {
        let item = read(reader);
        // SAFETY: the block has room for `count` of them.
        unsafe { block.add(n).write(item) };
    }
    // SAFETY: all were written; the block stays on the stack for the whole call.
    unsafe { std::slice::from_raw_parts(block, count) }
}

/// Bytes to be read: a string, a number taken as one, or a buffer.
#[derive(Clone, Copy)]
pub(crate) struct Bytes<'a>(pub(crate) &'a [Cell<u8>]);

impl<'a> Argument<'a> for Bytes<'a> {
    #[inline(always)]
    fn read(reader: &mut Reader) -> Self {
        let index = reader.advance();
        Bytes::at(reader.stack, index).unwrap_or_else(|| reader.expected("string"))
    }
}

impl<'a> Bytes<'a> {
    /// Appends a copy.
    pub(crate) fn append_to(self, out: &mut Vec<u8>) {
        // SAFETY: nothing writes to the cells meanwhile; `out` is memory of its own.
        out.extend_from_slice(unsafe { &*(std::ptr::from_ref(self.0) as *const [u8]) });
    }

    /// A copy.
    pub(crate) fn to_vec(self) -> Vec<u8> {
        self.0.iter().map(Cell::get).collect()
    }

    #[inline(always)]
    fn at(stack: Stack, index: c_int) -> Option<Self> {
        match stack.bytes(index) {
            Some(bytes) => Some(Bytes::of_string(bytes)),
            None => userdata::check::<Memory>(stack, index).map(|memory| Bytes(memory.cells())),
        }
    }

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

macro_rules! integers {
    ($($integer:ty)*) => {
        $(impl<'a> Argument<'a> for $integer {
            #[inline(always)]
            fn read(reader: &mut Reader) -> Self {
                match <$integer>::try_from(reader.integer()) {
                    Ok(value) => value,
                    Err(_) => reader.refuse(b"number out of range"),
                }
            }
        })*
    };
}

integers! { i32 u8 u16 u32 }

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

/// The option `timeout`: nothing for the default, `false` for none, else a timeout in seconds.
#[derive(Clone, Copy)]
pub(crate) enum TimeoutOption {
    Default,
    Given(Option<f64>),
}

impl<'a> Argument<'a> for TimeoutOption {
    const COUNTS: bool = true;

    fn read(reader: &mut Reader) -> Self {
        match reader.peek() {
            Type::Nothing | Type::Nil => {
                reader.advance();
                TimeoutOption::Default
            }
            Type::Boolean if !reader.stack.boolean(reader.index + 1) => {
                reader.advance();
                TimeoutOption::Given(None)
            }
            _ => TimeoutOption::Given(Seconds::read(reader).0),
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
    // The values go where the table is, below what was left on the stack above the arguments.
    for (n, name) in names.iter().enumerate() {
        stack.get_field(table, name);
        stack.insert(table + 1 + n as c_int);
    }
    stack.remove(table);
    reader.count = table - 1 + names.len() as c_int;
    reader.options = Some((table, names));
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
    fn read(reader: &mut Reader) -> Self {
        let family = u16::read(reader);
        reader.layout = Some(address::layout(family));
        Family(family)
    }
}

/// The items of a sequence, each read by `read` from the top of the stack, where it stays.
///
/// They lie in a userdata, which the collector takes back whatever happens to the call.
fn list<'a, T: Copy>(reader: &mut Reader, read: impl Fn(&Reader, usize) -> T) -> &'a [T] {
    const { assert!(!std::mem::needs_drop::<T>() && align_of::<T>() <= 8) };
    let (stack, table) = (reader.stack, reader.advance());
    if stack.type_of(table) != Type::Table {
        reader.expected("table");
    }
    let count = stack.raw_length(table);
    // Far more than any call can use, and far less than the stack can hold.
    if count > 4096 {
        reader.refuse(b"too many items");
    }
    stack.reserve(count as c_int + 20);
    let block = stack.push_userdata(count * size_of::<T>()).cast::<T>();
    for n in 0..count {
        stack.get_item(table, n as c_int + 1);
        let item = read(reader, n + 1);
        // SAFETY: the block has room for `count` of them.
        unsafe { block.add(n).write(item) };
    }
    // SAFETY: all were written; the block stays on the stack for the whole call.
    unsafe { std::slice::from_raw_parts(block, count) }
}

impl Reader {
    /// Raises `bad argument … (item n: what expected, got …)` for the item on the top of the stack.
    #[cold]
    fn expected_item(&self, n: usize, what: &str) -> ! {
        let mut reason = Text::<120>::format(format_args!("item {n}: {what} expected, got "));
        reason.push(self.stack.type_name(-1));
        self.refuse(reason.as_bytes())
    }
}

/// Bytes from several places: a sequence of strings and buffers.
#[derive(Clone, Copy)]
pub(crate) struct Gather<'a>(pub(crate) &'a [Piece<'a>]);

impl<'a> Argument<'a> for Gather<'a> {
    const COUNTS: bool = true;

    fn read(reader: &mut Reader) -> Self {
        Gather(list(reader, |reader, n| match Bytes::at(reader.stack, -1) {
            Some(Bytes(bytes)) => Piece::new(bytes),
            None => reader.expected_item(n, "string"),
        }))
    }
}

/// Room in several places: a sequence of buffers.
#[derive(Clone, Copy)]
pub(crate) struct Scatter<'a>(pub(crate) &'a [Piece<'a>]);

impl<'a> Argument<'a> for Scatter<'a> {
    const COUNTS: bool = true;

    fn read(reader: &mut Reader) -> Self {
        Scatter(list(reader, |reader, n| match userdata::check::<Memory>(reader.stack, -1) {
            Some(memory) => Piece::new(memory.cells()),
            None => reader.expected_item(n, "buffer"),
        }))
    }
}

/// Descriptors: a sequence of numbers, as the bytes of them all.
#[derive(Clone, Copy)]
pub(crate) struct Descriptors<'a>(pub(crate) &'a [Cell<u8>]);

impl<'a> Argument<'a> for Descriptors<'a> {
    const COUNTS: bool = true;

    fn read(reader: &mut Reader) -> Self {
        let numbers: &[c_int] = list(reader, |reader, n| {
            let number = reader.stack.integer(-1).and_then(|number| c_int::try_from(number).ok());
            number.unwrap_or_else(|| reader.expected_item(n, "descriptor"))
        });
        // SAFETY: the bytes of those numbers, which are only read.
        Descriptors(unsafe { std::slice::from_raw_parts(numbers.as_ptr().cast(), size_of_val(numbers)) })
    }
}

/// Ancillary data: a sequence of tables with level, type and data, by position or by name.
#[derive(Clone, Copy)]
pub(crate) struct Items<'a>(pub(crate) &'a [Item<'a>]);

impl<'a> Argument<'a> for Items<'a> {
    const COUNTS: bool = true;

    fn read(reader: &mut Reader) -> Self {
        Items(list(reader, |reader, n| {
            let stack = reader.stack;
            if stack.type_of(-1) != Type::Table {
                reader.expected_item(n, "table");
            }
            let item = stack.top();
            let number = |place, name| match field(stack, item, place, name) {
                Field::Integer(number) => c_int::try_from(number).ok(),
                _ => None,
            };
            let level = number(0, "level").unwrap_or_else(|| reader.expected_item(n, "level"));
            let kind = number(1, "type").unwrap_or_else(|| reader.expected_item(n, "type"));
            stack.set_top(item);
            field(stack, item, 2, "data");
            match Bytes::at(stack, -1) {
                Some(Bytes(data)) if data.len() <= LONGEST_ITEM as usize => Item { level, kind, data },
                _ => reader.expected_item(n, "data"),
            }
        }))
    }
}

/// A file of Lua's io library; nothing when it is closed.
#[derive(Clone, Copy)]
pub(crate) struct OpenFile<'a>(pub(crate) Option<File<'a>>);

impl<'a> Argument<'a> for OpenFile<'a> {
    fn read(reader: &mut Reader) -> Self {
        let index = reader.advance();
        match reader.stack.file(index) {
            // SAFETY: an open stream of the io library; no Lua runs during the call that could close it.
            Some(stream) => OpenFile(stream.map(|stream| unsafe { File::new(stream) })),
            None => reader.expected("file"),
        }
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
