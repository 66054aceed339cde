//! The results of `select` of LuaSocket's interface.

use super::{Results, values};
use crate::lua::arguments::polled::push_listed;
use crate::lua::stack::{RaisingStack, Type};
use crate::sys::{self, PollEntry};

/// A table for each list: an array of the objects that are ready, the dirty ones first, and from each object to its place
/// in it; then `"timeout"` where none is.
pub(crate) fn selected(entries: &[PollEntry], found: bool) -> impl Results {
    values(move |stack| {
        let (first, second) = entries.split_at(entries.partition_point(|entry| entry.events != sys::POLLOUT));
        for (list, entries) in [(1, first), (2, second)] {
            stack.push_table(0, 0);
            if found {
                let mut count = 0;
                for is_dirty in [true, false] {
                    for (n, entry) in entries.iter().enumerate() {
                        if if is_dirty { entry.events == 0 } else { entry.revents != 0 } {
                            add(stack, list, n, &mut count);
                        }
                    }
                }
            }
        }
        if found {
            return 2;
        }
        stack.push_bytes(b"timeout");
        3
    })
}

/// Adds an object of a list to the table on the top, unless it is there.
fn add(stack: RaisingStack, list: i32, n: usize, count: &mut usize) {
    let table = stack.top();
    if push_listed(stack, list, n) {
        stack.push_value(-1);
        if stack.get(table) == Type::Nil {
            *count += 1;
            stack.push_value(table + 1);
            stack.push_integer(*count as i64);
            stack.set(table);
            stack.set_top(table + 1);
            stack.set_item(table, *count);
        }
    }
    stack.set_top(table);
}
