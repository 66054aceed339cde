//! The library's own userdata: a tag that tells the type, then the value.
//!
//! An object is known by its size and its tag, which costs two calls into Lua where a metatable costs four. The tag is a
//! random number of the process, so that no script makes the userdata of another library, whose bytes it may choose,
//! look like one of these; and scripts never see the tag. The metatables are protected, so that no script puts them on
//! something else.

use std::cell::Cell;
use std::ffi::c_int;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering};

use super::arguments::{Argument, Format, Formats, Reader};
use super::caller::shared;
use super::results::Results;
use super::stack::{OWN, Stack, WOULD_BLOCK, upvalue};
use crate::selectors::Selector;
use crate::socket::Socket;
use crate::stream::{NEXT_LINE, Settings, Stream};
use crate::tasks::Task;

/// A type that Lua holds as a userdata. It is never dropped: what it owns, its `__gc` gives back.
pub(crate) trait Userdata: Sized + 'static {
    /// True when more bytes may follow the value in its block.
    const OPEN_ENDED: bool;

    /// True when it carries a table as its user value.
    const USER_VALUE: bool = false;

    /// What tells the type apart from the others.
    const TYPE: u64;
}

impl Userdata for Selector {
    const OPEN_ENDED: bool = false;
    const USER_VALUE: bool = true;
    const TYPE: u64 = 4;
}

impl Userdata for Task {
    const OPEN_ENDED: bool = false;
    const USER_VALUE: bool = true;
    const TYPE: u64 = 5;
}

impl Userdata for Stream {
    const OPEN_ENDED: bool = false;
    const TYPE: u64 = 3;
}

impl Userdata for Socket {
    const OPEN_ENDED: bool = false;
    const TYPE: u64 = 1;
}

impl Userdata for Memory {
    const OPEN_ENDED: bool = true;
    const TYPE: u64 = 2;
}

/// The random number that the tags of this process are made of; 0 until it is drawn.
static SECRET: AtomicU64 = AtomicU64::new(0);

/// Draws the random number. Every state does so before it has any userdata.
pub(super) fn draw_secret() {
    if SECRET.load(Ordering::Relaxed) == 0 {
        // The keys of the hasher come from the system's random numbers.
        let drawn = RandomState::new().build_hasher().finish().max(1);
        // Whoever comes second takes the first one's.
        let _ = SECRET.compare_exchange(0, drawn, Ordering::Relaxed, Ordering::Relaxed);
    }
}

#[repr(C)]
struct Tagged<T> {
    tag: u64,
    value: T,
}

impl<T: Userdata> Tagged<T> {
    #[inline(always)]
    fn tag() -> u64 {
        SECRET.load(Ordering::Relaxed).wrapping_add(T::TYPE)
    }
}

/// The value of a userdata of type `T`. It lives as long as its place on the stack holds it.
#[inline(always)]
pub(super) fn check<'a, T: Userdata>(stack: Stack, index: c_int) -> Option<&'a T> {
    let block = stack.userdata(index).cast::<Tagged<T>>();
    if block.is_null() {
        return None;
    }
    let (size, length) = (size_of::<Tagged<T>>(), stack.raw_length(index));
    let fits = if T::OPEN_ENDED { length >= size } else { length == size };
    // SAFETY: a userdata block of at least this size, aligned for any type. Only `push` knows the tag and writes it, so the
    // block holds a value of this type. A light userdata has the length 0. A value is only ever shared, so a reference may live beside others.
    unsafe { (fits && (*block).tag == Tagged::<T>::tag()).then(|| &(*block).value) }
}

/// Pushes a userdata, without a metatable yet, with `extra` bytes after its value. The value is made last, when no Lua error can come between:
/// `make` receives the address of the extra bytes. The value lives as long as its place on the stack holds it.
pub(super) fn push<'a, T: Userdata>(stack: Stack, extra: usize, make: impl FnOnce(*mut u8) -> T) -> &'a T {
    let size = size_of::<Tagged<T>>();
    let block = stack.push_userdata_with(size + extra, T::USER_VALUE).cast::<Tagged<T>>();
    // SAFETY: a fresh block of that size, aligned for any type; the extra bytes begin behind the value.
    unsafe {
        let value = make(block.cast::<u8>().add(size));
        block.write(Tagged { tag: Tagged::<T>::tag(), value });
        &(*block).value
    }
}

/// The bytes of a buffer, or of a view of one.
pub(crate) struct Memory {
    start: *const Cell<u8>,
    length: usize,
}

impl Memory {
    /// The bytes. Nothing else than cells may point there: several views share them.
    #[inline(always)]
    pub(crate) fn cells(&self) -> &[Cell<u8>] {
        // SAFETY: the bytes follow this header in its block, or belong to a block that the parent table keeps alive.
        unsafe { std::slice::from_raw_parts(self.start, self.length) }
    }

    /// Copies bytes that may overlap; both have the same length.
    pub(crate) fn copy(from: &[Cell<u8>], to: &[Cell<u8>]) {
        assert_eq!(from.len(), to.len());
        // SAFETY: as many bytes, which may be written through cells.
        unsafe { to.as_ptr().cast_mut().cast::<u8>().copy_from(from.as_ptr().cast(), from.len()) }
    }
}

/// Where the registry keeps the metatable of buffers, and which buffer each view is of.
pub(super) static MEMORY_METATABLE: u8 = 2;
pub(super) static PARENTS: u8 = 3;

/// A new buffer: `size` bytes, the first of them a copy of `contents`, the rest zero.
pub(crate) struct Block<'a> {
    pub(crate) size: usize,
    pub(crate) contents: &'a [Cell<u8>],
}

impl Results for Block<'_> {
    fn push(&mut self, stack: Stack) -> c_int {
        let (size, contents) = (self.size, self.contents);
        push::<Memory>(stack, size, |start| {
            let copied = contents.len().min(size);
            // SAFETY: `size` bytes of a fresh block.
            unsafe {
                start.copy_from_nonoverlapping(contents.as_ptr().cast(), copied);
                start.add(copied).write_bytes(0, size - copied);
            }
            Memory { start: start.cast(), length: size }
        });
        stack.get_registered(&MEMORY_METATABLE);
        stack.set_metatable(-2);
        1
    }
}

/// A view of a part of the buffer that the method was called on, sharing its bytes.
pub(crate) struct View<'a>(pub(crate) &'a [Cell<u8>]);

impl Results for View<'_> {
    fn push(&mut self, stack: Stack) -> c_int {
        let (start, length) = (self.0.as_ptr(), self.0.len());
        push::<Memory>(stack, 0, |_| Memory { start, length });
        keep_object(stack);
        stack.get_registered(&MEMORY_METATABLE);
        stack.set_metatable(-2);
        1
    }
}

/// Keeps the object that the method was called on for as long as the userdata on the top lives. May raise.
fn keep_object(stack: Stack) {
    stack.get_registered(&PARENTS);
    stack.push_value(-2);
    stack.push_value(1);
    stack.set(-3);
    stack.pop(1);
}

/// A reference to an object that another one keeps alive: a stream by the parent table, a selector by its user value.
pub(crate) struct Anchored<T>(*const T);

impl<T> Anchored<T> {
    /// The object, for as long as a call has it or something that it uses holds it.
    pub(super) fn get<'a>(self) -> &'a T {
        // SAFETY: as for `deref`.
        unsafe { &*self.0 }
    }

    /// Of an object on the stack. Who holds it longer than the call sees to it that the object lives as long.
    pub(super) fn new(object: &T) -> Self {
        Anchored(object)
    }
}

impl<T> Clone for Anchored<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Anchored<T> {}

impl<T> Deref for Anchored<T> {
    type Target = T;

    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: whoever holds a Anchored is a call that has the object on its stack, or a userdata that keeps the object.
        unsafe { &*self.0 }
    }
}

/// Where the registry keeps the metatable of streams.
pub(super) static STREAM_METATABLE: u8 = 10;

/// A stream over the socket that the method was called on.
pub(crate) struct NewStream<'a> {
    pub(crate) socket: &'a Socket,
    pub(crate) settings: Settings,
}

impl Results for NewStream<'_> {
    fn push(&mut self, stack: Stack) -> c_int {
        let (socket, settings) = (self.socket, self.settings);
        let streams = shared(stack).held.streams();
        if !streams.reserve() {
            stack.raise_message(b"not enough memory");
        }
        stack.get_registered(&STREAM_METATABLE);
        let stream = push::<Stream>(stack, 0, |_| Stream::new(Anchored(socket), settings));
        keep_object(stack);
        // A finalizer that ran since the socket was asked may have made streams of it.
        if !socket.lend() {
            stack.raise_message(b"too many streams");
        }
        // From here on nothing raises: the stream counts exactly when its end is seen to. It owned nothing before.
        streams.add(stream);
        stack.push_value(-2);
        stack.set_metatable(-2);
        1
    }
}

/// The function that `lines` returns: it carries the stream that the method was called on, and the formats.
pub(crate) struct Lines<'a>(pub(crate) Formats<'a>);

impl Results for Lines<'_> {
    fn push(&mut self, stack: Stack) -> c_int {
        for place in 1..=WOULD_BLOCK {
            stack.push_value(upvalue(place));
        }
        stack.push_value(1);
        let formats = self.0.all();
        let block = stack.push_userdata(size_of_val(formats)).cast::<Format>();
        // SAFETY: a fresh block of that size.
        unsafe { block.copy_from_nonoverlapping(formats.as_ptr(), formats.len()) };
        stack.push_function(NEXT_LINE.entry, OWN + 1);
        1
    }
}

/// What the function that `lines` returned carries.
pub(crate) struct LinesState<'a>(pub(crate) &'a Stream, pub(crate) Formats<'a>);

impl<'a> Argument<'a> for LinesState<'a> {
    fn read(reader: &mut Reader) -> Self {
        let stack = reader.stack();
        let formats = upvalue(OWN + 1);
        let count = stack.raw_length(formats) / size_of::<Format>();
        // SAFETY: only `Lines` makes such functions: a userdata with so many formats.
        let formats = unsafe { std::slice::from_raw_parts(stack.userdata(formats).cast::<Format>(), count) };
        match check::<Stream>(stack, upvalue(OWN)) {
            Some(stream) => LinesState(stream, Formats::new(formats)),
            None => stack.raise_message(b"no stream to read from"),
        }
    }
}

/// What indexing a buffer gives.
pub(crate) enum Member<'a> {
    Byte(u8),
    Method(&'a [u8]),
    Nothing,
}

/// Where the registry keeps the methods of buffers.
pub(super) static MEMORY_METHODS: u8 = 8;

impl Results for Member<'_> {
    fn push(&mut self, stack: Stack) -> c_int {
        match self {
            Member::Byte(byte) => stack.push_integer((*byte).into()),
            Member::Nothing => stack.push_nil(),
            Member::Method(name) => {
                stack.get_registered(&MEMORY_METHODS);
                stack.push_bytes(name);
                stack.get(-2);
            }
        }
        1
    }
}

#[cfg(test)]
mod tests;
