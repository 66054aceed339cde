//! Objects as arguments: the library's, and files of Lua's io library.

#[cfg(all(unix, feature = "testkit"))]
use std::cell::RefCell;

use super::{Argument, Reader, operation};
use crate::lua::stack::Type;
use crate::lua::userdata::{self, Memory, Userdata};
use crate::luasocket::{Object, describe_classes};
use crate::socket::Socket;
use crate::stream::Stream;
#[cfg(all(unix, feature = "testkit"))]
use crate::sys::Process;
use crate::sys::{Errno, File};
use crate::text::Text;

impl<'a> Argument<'a> for &'a Socket {
    #[inline(always)]
    fn read(reader: &mut Reader<'a>) -> Self {
        let index = reader.advance();
        match userdata::check::<Socket>(reader.stack.stack(), index) {
            Some(socket) => {
                reader.family = Some((socket.family(), socket.proto()));
                socket
            }
            None => reader.expected("socket"),
        }
    }
}

/// A value of any type; an error when it is no `T`.
impl<'a, T: Userdata> Argument<'a> for Result<&'a T, ()> {
    const COUNTS: bool = true;

    fn read(reader: &mut Reader<'a>) -> Self {
        let index = reader.advance();
        if reader.stack.type_of(index) == Type::Nothing {
            reader.refuse(b"value expected");
        }
        userdata::check::<T>(reader.stack.stack(), index).ok_or(())
    }
}

impl<'a> Argument<'a> for &'a Memory {
    #[inline(always)]
    fn read(reader: &mut Reader<'a>) -> Self {
        let index = reader.advance();
        userdata::check::<Memory>(reader.stack.stack(), index).unwrap_or_else(|| reader.expected("buffer"))
    }
}

impl<'a> Argument<'a> for &'a Stream {
    #[inline(always)]
    fn read(reader: &mut Reader<'a>) -> Self {
        let index = reader.advance();
        userdata::check::<Stream>(reader.stack.stack(), index).unwrap_or_else(|| reader.expected("stream"))
    }
}

/// A program that a test has started.
#[cfg(all(unix, feature = "testkit"))]
impl<'a> Argument<'a> for &'a RefCell<Option<Process>> {
    fn read(reader: &mut Reader<'a>) -> Self {
        let index = reader.advance();
        userdata::check(reader.stack.stack(), index).unwrap_or_else(|| reader.expected("program"))
    }
}

/// A file of Lua's io library; EBADF when it is closed.
impl<'a> Argument<'a> for Result<File<'a>, Errno> {
    fn read(reader: &mut Reader<'a>) -> Self {
        let index = reader.advance();
        match reader.stack.file(index) {
            // SAFETY: an open stream of the io library; no Lua runs during the call that could close it.
            Some(stream) => stream.map(|stream| unsafe { File::new(stream) }).ok_or(Errno::BAD_DESCRIPTOR),
            None => reader.expected("file"),
        }
    }
}

/// An object of LuaSocket's interface, of one of a set of classes.
#[derive(Clone, Copy)]
pub(crate) struct Of<'a, const CLASSES: u16>(pub(crate) &'a Object);

impl<'a, const CLASSES: u16> Argument<'a> for Of<'a, CLASSES> {
    #[inline(always)]
    fn read(reader: &mut Reader<'a>) -> Self {
        let index = reader.advance();
        let object = userdata::check::<Object>(reader.stack.stack(), index);
        match object.filter(|object| object.class.get() & CLASSES != 0) {
            Some(object) => Of(object),
            None => refuse_class(reader, CLASSES, object),
        }
    }
}

/// Raises the error for an object of another class, in LuaSocket's words.
#[cold]
#[inline(never)]
fn refuse_class(reader: &Reader, classes: u16, object: Option<&Object>) -> ! {
    let expected = describe_classes(classes, object.map(|object| object.class.get()));
    let mut message = Text::<200>::format(format_args!("calling '"));
    message.push(operation(reader.stack.stack()));
    message.push(b"' on bad self (");
    message.push(expected.as_bytes());
    message.push(b" expected)");
    reader.stack.raise_message(message.as_bytes())
}
