//! Results of selectors.
//!
//! The userdata of a selector carries a table that scripts cannot reach. Under the number n of a registration, counted
//! from 1, it holds the key that scripts get; under -n the object; under an object that is no number n itself; and under
//! 0 the iterator over events. A script that changes a key changes nothing there.

use std::ffi::c_int;

use super::Results;
use crate::error::Cause;
use crate::lua::registry::RegistryKey;
use crate::lua::stack::{OWN, RaisingStack, SHARED, Type, upvalue};
use crate::lua::state::shared;
use crate::lua::trampoline::push_failure;
use crate::lua::userdata;
use crate::selectors::{NEXT_EVENT, Place, Selector};
use crate::sys::{Descriptor, Errno, Ready};

/// A new selector.
pub(crate) struct NewSelector(pub(crate) Selector);

impl Results for NewSelector {
    fn push(&mut self, stack: RaisingStack) -> c_int {
        stack.push_table(0, 4);
        stack.get_registered(RegistryKey::SelectorMetatable);
        userdata::push(stack, 0, |_| std::mem::replace(&mut self.0, Selector::closed()));
        stack.insert(-2);
        stack.set_metatable(-2);
        stack.push_value(-2);
        stack.set_uservalue(-2);
        let table = stack.top() - 1;
        for place in 1..=SHARED {
            stack.push_value(upvalue(place));
        }
        stack.push_bytes(NEXT_EVENT.name.as_bytes());
        // It waits for nothing, and needs no words for that.
        stack.push_nil();
        stack.push_value(table + 1);
        stack.push_function(NEXT_EVENT.entry, OWN);
        stack.set_item(table, 0);
        1
    }
}

/// The key of a new registration, or of one that was modified.
pub(crate) struct NewKey<'a> {
    pub(crate) selector: &'a Selector,
    pub(crate) place: Place,
    pub(crate) fd: Descriptor,
    pub(crate) events: Ready,
    /// What a registration was watched for that was modified.
    pub(crate) before: Option<Ready>,
}

impl Results for NewKey<'_> {
    fn push(&mut self, stack: RaisingStack) -> c_int {
        const SELECTOR: c_int = 1;
        const OBJECT: c_int = 2;
        const DATA: c_int = 3;
        const KEY: c_int = 4;
        const TABLE: c_int = 5;
        let number = self.place.number as c_int + 1;
        stack.set_top(4);
        let pushed = shared(stack.stack()).protect_with(stack.stack(), &[1, 2, 4], |stack| {
            stack.push_table(0, 4);
            if self.before.is_some() {
                stack.get_uservalue(SELECTOR);
                stack.push_item(-1, -number);
                stack.remove(-2);
            } else {
                stack.push_value(OBJECT);
            }
            stack.set_field(KEY, "fileobj");
            self.fd.push(stack);
            stack.set_field(KEY, "fd");
            stack.push_integer(self.events.0.into());
            stack.set_field(KEY, "events");
            stack.push_value(DATA);
            stack.set_field(KEY, "data");
            // A finalizer that ran meanwhile may have ended the registration. From here on none runs.
            if self.selector.has(self.place) {
                stack.get_uservalue(SELECTOR);
                put(stack, TABLE, number, KEY);
                if self.before.is_none() {
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
            self.selector.undo(self.place, self.before);
            stack.raise();
        }
        1
    }
}

/// Sets `table[number]` to the value at an index.
fn put(stack: RaisingStack, table: c_int, number: c_int, value: c_int) {
    stack.push_integer(number.into());
    stack.push_value(value);
    stack.set(table);
}

/// The key of a registration, which may be over with this.
pub(crate) struct OldKey {
    pub(crate) place: Place,
    pub(crate) goes: bool,
}

impl Results for OldKey {
    fn push(&mut self, stack: RaisingStack) -> c_int {
        let number = self.place.number as c_int + 1;
        stack.get_uservalue(1);
        stack.push_item(-1, number);
        stack.insert(-2);
        if self.goes {
            forget(stack, number);
        }
        stack.pop(1);
        1
    }
}

/// Takes a registration out of the table on the top. All fields are there, so that no memory is needed.
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

/// A registration that is over because it could not be modified: reads as the failure.
pub(crate) struct Lost {
    pub(crate) place: Place,
    pub(crate) errno: Errno,
}

impl Results for Lost {
    fn push(&mut self, stack: RaisingStack) -> c_int {
        stack.get_uservalue(1);
        forget(stack, self.place.number as c_int + 1);
        push_failure(stack, Cause::System(self.errno))
    }
}

/// The iterator over a batch of events, and the number of the batch, which `for` hands to it.
pub(crate) struct Batch(pub(crate) i64);

impl Results for Batch {
    #[inline(always)]
    fn push(&mut self, stack: RaisingStack) -> c_int {
        stack.get_uservalue(1);
        stack.push_item(-1, 0);
        stack.push_integer(self.0);
        2
    }
}

/// An event: the key of a registration, and what it is ready for.
pub(crate) enum NextEvent {
    Of(usize, Ready),
    None,
}

impl Results for NextEvent {
    #[inline(always)]
    fn push(&mut self, stack: RaisingStack) -> c_int {
        match self {
            NextEvent::Of(number, ready) => {
                stack.get_uservalue(upvalue(OWN));
                stack.push_item(-1, *number as c_int + 1);
                stack.push_integer(ready.0.into());
                2
            }
            NextEvent::None => {
                stack.push_nil();
                1
            }
        }
    }
}

/// So many keys by their objects.
pub(crate) struct KeyMap(pub(crate) usize);

impl Results for KeyMap {
    fn push(&mut self, stack: RaisingStack) -> c_int {
        stack.push_table(0, self.0);
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
    }
}

/// A selector that was closed lets go of what was registered; reads as `true`.
pub(crate) struct Emptied;

impl Results for Emptied {
    fn push(&mut self, stack: RaisingStack) -> c_int {
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
    }
}
