//! The library's userdata: a tag that identifies the type, then the value.
//!
//! An object is identified by its size and its tag, which takes two calls of the Lua API; a metatable would take four.
//! The tag is made of a random number of the process, which scripts never see, so that a script cannot forge an object
//! from a userdata of another library whose bytes it can choose. The metatables are protected, so that a script cannot
//! set them on other values.

use std::cell::{Cell, RefCell};
use std::ffi::c_int;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};

use super::arguments::{Argument, Format, Reader, Rest};
use super::registry::RegistryKey;
use super::results::{Results, values};
use super::stack::{NAME, OWN, REGISTRY, RaisingStack, Stack, upvalue};
use super::state::{push_kept, shared};
use crate::luasocket::Object;
use crate::selectors::Selector;
use crate::socket::Socket;
use crate::stream::{LINE_OR_FAILURE, NEXT_LINE, Stream};
use crate::sys::Bytes;
use crate::tasks::Task;

/// A type whose values are userdata. They are never dropped: their `__gc` closes what they own.
pub(crate) trait Userdata: Sized + 'static {
    /// True when more bytes may follow the value in its block.
    const OPEN_ENDED: bool;

    /// True when it has a user value, a table.
    const USER_VALUE: bool = false;

    /// A number that identifies the type.
    const TYPE: u64;
}

/// A selector; nothing once it is closed.
impl Userdata for RefCell<Option<Selector>> {
    const OPEN_ENDED: bool = false;
    const USER_VALUE: bool = true;
    const TYPE: u64 = 4;
}

impl Userdata for Task {
    const OPEN_ENDED: bool = false;
    const USER_VALUE: bool = true;
    const TYPE: u64 = 5;
}

impl Userdata for Object {
    const OPEN_ENDED: bool = false;
    const TYPE: u64 = 6;
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

/// The random number that the tags of this process are made of; 0 until it is set.
static SECRET: AtomicU64 = AtomicU64::new(0);

/// Sets the random number, before a Lua state has any userdata of the library.
pub(super) fn draw_secret() {
    if SECRET.load(Ordering::Relaxed) == 0 {
        // The keys of the hasher come from the system's random numbers.
        let drawn = RandomState::new().build_hasher().finish().max(1);
        // Another thread may have set it meanwhile.
        let _ = SECRET.compare_exchange(0, drawn, Ordering::Relaxed, Ordering::Relaxed);
    }
}

/// The tag of a type, which stands before the value in its block.
#[inline(always)]
fn tag<T: Userdata>() -> u64 {
    const { assert!(align_of::<T>() <= align_of::<u64>(), "the value follows the tag at once") };
    SECRET.load(Ordering::Relaxed).wrapping_add(T::TYPE)
}

/// The size of a tag and a value.
const fn size<T>() -> usize {
    size_of::<u64>() + size_of::<T>()
}

/// The value at an index when it is a userdata of type `T`. It lives as long as it is on the stack.
#[inline(always)]
pub(super) fn check<'a, T: Userdata>(stack: Stack<'a>, index: c_int) -> Option<&'a T> {
    let block = stack.userdata(index).cast::<u64>();
    if block.is_null() {
        return None;
    }
    let (size, length) = (size::<T>(), stack.raw_length(index));
    let fits = if T::OPEN_ENDED { length >= size } else { length == size };
    // SAFETY: a userdata block of at least this size, aligned for any type. Only `push` writes the tag,
    // so the block holds a value of this type. A light userdata has the length 0. There are only shared references.
    unsafe { (fits && *block == tag::<T>()).then(|| &*block.add(1).cast::<T>()) }
}

/// Pushes a userdata without a metatable, with `extra` bytes after its value. `make` receives the address of the extra
/// bytes; it is called last, so that no Lua error can leak the value. The value lives as long as it is on the stack.
pub(super) fn push<'a, T: Userdata>(stack: RaisingStack<'a>, extra: usize, make: impl FnOnce(*mut u8) -> T) -> &'a T {
    let size = size::<T>();
    let block = stack.push_userdata_with(size + extra, T::USER_VALUE).cast::<u64>();
    // SAFETY: a fresh block of that size, aligned for any type; the extra bytes begin behind the value.
    unsafe {
        let value = block.add(1).cast::<T>();
        value.write(make(block.cast::<u8>().add(size)));
        block.write(tag::<T>());
        &*value
    }
}

/// The bytes of a buffer, or of a view of one.
pub(crate) struct Memory {
    start: *const Cell<u8>,
    length: usize,
}

impl Memory {
    /// The bytes. Views share them, so that all references to them are to cells.
    #[inline(always)]
    pub(crate) fn cells(&self) -> &[Cell<u8>] {
        // SAFETY: the bytes follow this header in its block, or belong to a block that the parent table keeps alive.
        unsafe { std::slice::from_raw_parts(self.start, self.length) }
    }

    /// Copies bytes that may overlap; both have the same length.
    pub(crate) fn copy(from: Bytes, to: &[Cell<u8>]) {
        assert_eq!(from.len(), to.len());
        // SAFETY: as many bytes, which may be written through cells.
        unsafe { to.as_ptr().cast_mut().cast::<u8>().copy_from(from.as_ptr(), from.len()) }
    }
}

/// A new buffer: `size` bytes, the first of them a copy of `contents`, the rest zero.
pub(crate) fn new_buffer(size: usize, contents: Bytes) -> impl Results {
    values(move |stack| {
        push::<Memory>(stack, size, |start| {
            let copied = contents.len().min(size);
            // SAFETY: `size` bytes of a fresh block.
            unsafe {
                start.copy_from_nonoverlapping(contents.as_ptr(), copied);
                start.add(copied).write_bytes(0, size - copied);
            }
            Memory { start: start.cast(), length: size }
        });
        push_kept(stack, RegistryKey::BufferMetatable);
        stack.set_metatable(-2);
        1
    })
}

/// A view of a part of the buffer that the method was called on, sharing its bytes.
pub(crate) fn view(cells: &[Cell<u8>]) -> impl Results {
    values(move |stack| {
        let (start, length) = (cells.as_ptr(), cells.len());
        push::<Memory>(stack, 0, |_| Memory { start, length });
        anchor_object(stack);
        push_kept(stack, RegistryKey::BufferMetatable);
        stack.set_metatable(-2);
        1
    })
}

/// Keeps the object that the method was called on alive as long as the userdata on the top.
pub(super) fn anchor_object(stack: RaisingStack) {
    push_kept(stack, RegistryKey::Parents);
    stack.push_value(-2);
    stack.push_value(1);
    stack.set(-3);
    stack.pop(1);
}

/// A reference to an object that another one keeps alive: a stream by the parent table, a selector by its user value.
pub(crate) struct Anchored<T>(NonNull<T>);

impl<T> Anchored<T> {
    /// The object, for as long as the call has it on its stack or something else keeps it alive.
    pub(super) fn get<'a>(self) -> &'a T {
        // SAFETY: as for `deref`.
        unsafe { self.0.as_ref() }
    }

    /// Of an object on the stack. Who holds it longer than the call sees to it that the object lives as long.
    pub(super) fn new(object: &T) -> Self {
        Anchored(NonNull::from(object))
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
        // SAFETY: an `Anchored` is in a call that has the object on its stack, or a field of a userdata that keeps the
        // object alive; it is borrowed for no longer.
        unsafe { self.0.as_ref() }
    }
}

/// The iterator of `lines`: a function with the stream that it was called on and the formats as upvalues.
pub(crate) fn lines(formats: Rest<Format>) -> impl Results {
    values(move |stack| {
        // Where a call cannot raise after a wait, Lua code does.
        let maker = shared(stack.stack()).running.lines.get();
        if maker != 0 {
            stack.push_item(REGISTRY, maker);
        }
        for place in 1..=NAME {
            stack.push_value(upvalue(place));
        }
        stack.push_value(1);
        let formats = formats.all();
        let block = stack.push_userdata(size_of_val(formats)).cast::<Format>();
        // SAFETY: a fresh block of that size.
        unsafe { block.copy_from_nonoverlapping(formats.as_ptr(), formats.len()) };
        if maker == 0 {
            stack.push_function(NEXT_LINE.entry, OWN + 1);
        } else {
            stack.push_function(LINE_OR_FAILURE.entry, OWN + 1);
            stack.call(1, 1);
        }
        1
    })
}

/// The stream that the running iterator has as an upvalue.
impl<'a> Argument<'a> for Anchored<Stream> {
    fn read(reader: &mut Reader<'a>) -> Self {
        let stack = reader.stack();
        match check::<Stream>(stack.stack(), upvalue(OWN)) {
            Some(stream) => Anchored::new(stream),
            None => stack.raise_message(b"no stream to read from"),
        }
    }
}

/// Its formats, which are another one.
impl<'a> Argument<'a> for &'a [Format] {
    fn read(reader: &mut Reader<'a>) -> Self {
        let (stack, formats) = (reader.stack(), upvalue(OWN + 1));
        let count = stack.raw_length(formats) / size_of::<Format>();
        // SAFETY: the upvalues were pushed by `lines`: a userdata with so many formats.
        unsafe { std::slice::from_raw_parts(stack.userdata(formats).cast::<Format>(), count) }
    }
}

/// The method of buffers with that name, or `nil`.
pub(crate) fn buffer_method(name: &[u8]) -> impl Results {
    values(move |stack| {
        stack.get_registered(RegistryKey::BufferMethods);
        stack.push_bytes(name);
        stack.get(-2);
        1
    })
}

#[cfg(test)]
mod tests;
