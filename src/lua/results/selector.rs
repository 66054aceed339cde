//! Results of selectors.
//!
//! The userdata of a selector carries a table that scripts cannot reach. Under the number n of a registration, counted
//! from 1, it holds the key that scripts get; under -n the object; under an object that is no number n itself; and under
//! 0 the iterator over events. A script that changes a key changes nothing there.

use std::cell::RefCell;
use std::ffi::c_int;

use super::{Results, values};
use crate::error::Cause;
use crate::lua::registry::RegistryKey;
use crate::lua::stack::{NAME, OWN, RaisingStack, Type, upvalue};
use crate::lua::state::shared;
use crate::lua::trampoline::push_failure;
use crate::lua::userdata;
use crate::selectors::{NEXT_EVENT, Selector};
use crate::sys::{Descriptor, Errno, Ready};

/// A new selector.
pub(crate) fn new_selector(selector: Selector) -> impl Results {
    let mut selector = Some(selector);
    values(move |stack| {
        stack.push_table(0, 4);
        stack.get_registered(RegistryKey::SelectorMetatable);
        userdata::push(stack, 0, |_| RefCell::new(selector.take()));
        stack.insert(-2);
        stack.set_metatable(-2);
        stack.push_value(-2);
        stack.set_uservalue(-2);
        let table = stack.top() - 1;
        for place in 1..NAME {
            stack.push_value(upvalue(place));
        }
        stack.push_bytes(NEXT_EVENT.name.as_bytes());
        stack.push_value(table + 1);
        stack.push_function(NEXT_EVENT.entry, OWN);
        stack.set_item(table, 0);
        1
    })
}

/// The key of a new registration, or with its previous events `before` of one that was modified.
pub(crate) fn new_key(
    selector: &RefCell<Option<Selector>>,
    token: usize,
    fd: Descriptor,
    events: Ready,
    before: Option<Ready>,
) -> impl Results {
    values(move |stack| {
        const SELECTOR: c_int = 1;
        const OBJECT: c_int = 2;
        const DATA: c_int = 3;
        const KEY: c_int = 4;
        const TABLE: c_int = 5;
        let number = Selector::number(token) as c_int + 1;
        stack.set_top(4);
        let pushed = shared(stack.stack()).protect_with(stack.stack(), &[1, 2, 4], |stack| {
            stack.push_table(0, 4);
            if before.is_some() {
                stack.get_uservalue(SELECTOR);
                stack.push_item(-1, -number);
                stack.remove(-2);
            } else {
                stack.push_value(OBJECT);
            }
            stack.set_field(KEY, "fileobj");
            { fd }.push(stack);
            stack.set_field(KEY, "fd");
            stack.push_integer(events.0.into());
            stack.set_field(KEY, "events");
            stack.push_value(DATA);
            stack.set_field(KEY, "data");
            // A finalizer may have removed the registration in the meantime. None runs from here on.
            if selector.borrow().as_ref().is_some_and(|selector| selector.has(token)) {
                stack.get_uservalue(SELECTOR);
                put(stack, TABLE, number, KEY);
                if before.is_none() {
                    put(stack, TABLE, -number, OBJECT);
                    if stack.type_of(OBJECT) != Type::Number {
                        stack.push_value(OBJECT);
                        stack.push_integer(number.into());
                        stack.set(TABLE);
                    }
                }
                stack.pop(1);
            }
            1
        });
        if pushed.is_none() {
            if let Some(selector) = &mut *selector.borrow_mut() {
                selector.undo(token, before);
            }
            stack.raise();
        }
        1
    })
}

/// Sets `table[number]` to the value at an index.
fn put(stack: RaisingStack, table: c_int, number: c_int, value: c_int) {
    stack.push_integer(number.into());
    stack.push_value(value);
    stack.set(table);
}

/// The key of a registration, which is removed with `removes`.
pub(crate) fn key(token: usize, removes: bool) -> impl Results {
    values(move |stack| {
        let number = Selector::number(token) as c_int + 1;
        stack.get_uservalue(1);
        stack.push_item(-1, number);
        stack.insert(-2);
        if removes {
            forget(stack, number);
        }
        stack.pop(1);
        1
    })
}

/// Removes a registration from the table on the top. All its fields exist, so that no memory is needed.
fn forget(stack: RaisingStack, number: c_int) {
    let table = stack.top();
    stack.push_nil();
    let nothing = table + 1;
    put(stack, table, number, nothing);
    if stack.get_item(table, -number) != Type::Number {
        stack.push_nil();
        stack.set(table);
    }
    stack.set_top(nothing);
    put(stack, table, -number, nothing);
    stack.set_top(table);
}

/// The failure of `modify`, which removes the registration.
pub(crate) fn failed_to_modify(token: usize, errno: Errno) -> impl Results {
    values(move |stack| {
        stack.get_uservalue(1);
        forget(stack, Selector::number(token) as c_int + 1);
        push_failure(stack, Cause::System(errno))
    })
}

/// The iterator over a batch of events, and the number of the batch, which `for` passes to it.
pub(crate) fn batch(number: i64) -> impl Results {
    values(move |stack| {
        stack.get_uservalue(1);
        stack.push_item(-1, 0);
        stack.push_integer(number);
        2
    })
}

/// An event: the key of the registration with that number, and what it is ready for.
#[inline(always)]
pub(crate) fn event(number: usize, ready: Ready) -> impl Results {
    values(move |stack| {
        stack.get_uservalue(upvalue(OWN));
        stack.push_item(-1, number as c_int + 1);
        stack.push_integer(ready.0.into());
        2
    })
}

/// A table of all keys by their objects; `count` is how many there are.
pub(crate) fn keys(count: usize) -> impl Results {
    values(move |stack| {
        stack.push_table(0, count);
        let map = stack.top();
        stack.get_uservalue(1);
        stack.push_nil();
        while stack.next(map + 1) {
            let number = if stack.type_of(-2) == Type::Number { stack.integer(-2) } else { None };
            if let Some(number) = number.filter(|&number| number > 0) {
                stack.push_item(map + 1, -number as c_int);
                stack.insert(-2);
                stack.set(map);
            } else {
                stack.pop(1);
            }
        }
        stack.pop(1);
        1
    })
}

/// Removes all registrations of a selector that was closed. Returns `true`.
pub(crate) fn closed() -> impl Results {
    values(|stack| {
        stack.get_uservalue(1);
        let table = stack.top();
        stack.push_nil();
        while stack.next(table) {
            stack.pop(1);
            stack.push_value(-1);
            stack.push_nil();
            stack.set(table);
        }
        ().push(stack)
    })
}
