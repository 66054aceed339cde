//! The lists of objects that `select` of LuaSocket's interface waits for.

use super::{Argument, Reader};
use crate::lua::stack::{RaisingStack, Type};
use crate::lua::state::shared;
use crate::lua::userdata;
use crate::luasocket::Object;
use crate::socket::Socket;
use crate::sys::{self, NO_DESCRIPTOR, PollEntry};
use crate::text::Text;

/// The entries of both lists, first the one to read: an entry for each object, in the order of the list. Those of the
/// second have the event POLLOUT. One that is dirty, which only the first has, has no events.
impl<'a> Argument<'a> for &'a mut [PollEntry] {
    const COUNTS: bool = true;

    fn read(reader: &mut Reader<'a>) -> Self {
        let stack = reader.stack;
        let lists = [reader.advance(), reader.advance()];
        let mut counts = [0; 2];
        for (n, list) in lists.into_iter().enumerate() {
            match stack.type_of(list) {
                Type::Nothing | Type::Nil => {}
                Type::Table => counts[n] = length(stack, list),
                _ => {
                    let mut reason = Text::<120>::format(format_args!("table expected, got "));
                    reason.push(stack.type_name(list));
                    reader.refuse_at(list, reason.as_bytes());
                }
            }
        }
        let total = counts[0] + counts[1];
        let block = stack.push_userdata(total * size_of::<PollEntry>()).cast::<PollEntry>();
        for n in 0..total {
            let events = if n < counts[0] { sys::POLLIN } else { sys::POLLOUT };
            // SAFETY: the block has space for so many entries.
            unsafe { block.add(n).write(sys::poll_entry(NO_DESCRIPTOR, events)) };
        }
        // SAFETY: all entries were written; the block stays on the stack for the whole call, and only this call has it.
        let entries = unsafe { std::slice::from_raw_parts_mut(block, total) };
        let mut has_asked = false;
        for pass in 0..2 {
            let (reading, writing) = entries.split_at_mut(counts[0]);
            for (list, reads, entries) in [(lists[0], true, reading), (lists[1], false, writing)] {
                fill(stack, list, reads, entries, if pass == 0 { Some(&mut has_asked) } else { None });
            }
            // What was asked may have closed sockets.
            if !has_asked {
                break;
            }
        }
        entries
    }
}

/// The number of objects in a list, which its first `nil` ends.
fn length(stack: RaisingStack, list: i32) -> usize {
    let mut count = stack.raw_length(list);
    // An entry behind the length may come from a metamethod.
    while push_listed(stack, list, count) {
        stack.pop(1);
        count += 1;
    }
    stack.pop(1);
    count
}

/// Pushes an object of a list; false for `nil`.
pub(in crate::lua) fn push_listed(stack: RaisingStack, list: i32, n: usize) -> bool {
    if stack.get_item(list, n as i32 + 1) != Type::Nil {
        return true;
    }
    stack.pop(1);
    stack.push_integer(n as i64 + 1);
    stack.get_indexed(list) != Type::Nil
}

/// Fills the entries of a list. Other libraries' objects are asked, and it is told that they were, or left as they are.
fn fill(stack: RaisingStack, list: i32, reads: bool, entries: &mut [PollEntry], mut asks: Option<&mut bool>) {
    let events = if reads { sys::POLLIN } else { sys::POLLOUT };
    for (n, entry) in entries.iter_mut().enumerate() {
        let listed = push_listed(stack, list, n);
        let (fd, dirty) = if let Some(object) = userdata::check::<Object>(stack.stack(), -1) {
            (object.socket.fd(), reads && object.is_dirty())
        } else if let Some(socket) = userdata::check::<Socket>(stack.stack(), -1) {
            (socket.fd(), false)
        } else if listed {
            let Some(has_asked) = asks.as_deref_mut() else {
                stack.pop(1);
                continue;
            };
            *has_asked = true;
            ask(stack, reads)
        } else {
            // The first `nil` ends the list.
            stack.pop(1);
            return;
        };
        stack.pop(1);
        match (sys::is_open(fd), dirty) {
            (true, false) => *entry = sys::poll_entry(fd, events),
            (_, true) => *entry = sys::poll_entry(NO_DESCRIPTOR, 0),
            (false, false) => *entry = sys::poll_entry(NO_DESCRIPTOR, events),
        }
    }
}

/// The descriptor of another library's object on the top, and whether it is dirty: calls its methods, which may do
/// anything.
#[cold]
fn ask(stack: RaisingStack, reads: bool) -> (sys::Descriptor, bool) {
    let object = stack.top();
    let mut fd = NO_DESCRIPTOR;
    if stack.get_method(object, c"getfd") != Type::Nil {
        if !shared(stack.stack()).names_descriptors.get() {
            stack.raise_message(b"descriptors are not accepted here");
        }
        stack.push_value(object);
        stack.call(1, 1);
        let number = stack.number(-1).filter(|number| (0.0..=f64::from(i32::MAX)).contains(number));
        fd = number.map_or(NO_DESCRIPTOR, |number| number as sys::Descriptor);
    }
    stack.set_top(object);
    let mut dirty = false;
    if reads && sys::is_open(fd) && stack.get_method(object, c"dirty") != Type::Nil {
        stack.push_value(object);
        stack.call(1, 1);
        dirty = stack.boolean(-1);
    }
    stack.set_top(object);
    (fd, dirty)
}
