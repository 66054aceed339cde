//! Selectors as Lua has them.
//!
//! The userdata of a selector carries a table that no script sees. Under the number n of a registration, counted from 1,
//! it holds the key that scripts get; under -n the object; under an object that is no number n itself; and under 0 the
//! iterator over events. What a script does to a key changes nothing there.

use std::ffi::c_int;

use mlua::ffi::lua_State;

use super::caller::shared;
use super::module::{Opening, luaopen_bsdsocket, protect};
use super::results::Results;
use super::stack::{OWN, SHARED, Stack, Type, upvalue};
use super::trampoline::push_failure;
use super::userdata;
use crate::error::Cause;
use crate::selectors::{EVENTS, INDEX, METAMETHODS, METHODS, NEXT_EVENT, Place, Selector};
use crate::sys::{Descriptor, Errno, Ready};

/// Where the registry keeps the module, and the metatable of selectors.
static MODULE: u8 = 12;
static METATABLE: u8 = 13;

/// What `require "bsdsocket.selectors"` calls, and a C or C++ host: pushes the module table, made at the first call in a
/// Lua state.
///
/// # Safety
/// As for [`luaopen_bsdsocket`], which it calls.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn luaopen_bsdsocket_selectors(state: *mut lua_State) -> c_int {
    // SAFETY: the caller's promise.
    let stack = unsafe { Stack::new(state) };
    if stack.get_registered(&MODULE) == Type::Nil {
        // SAFETY: the caller's promise.
        unsafe { luaopen_bsdsocket(state) };
        stack.pop(2);
        let opening = Opening::again(stack);
        stack.push_table(0, METAMETHODS.len() + 3);
        opening.set_functions(METAMETHODS);
        protect(stack, "selector");
        stack.push_table(0, METHODS.len());
        opening.set_functions(METHODS);
        stack.set_field(-2, "__index");
        stack.set_registered(&METATABLE);
        stack.push_table(0, INDEX.len() + EVENTS.len());
        opening.set_functions(INDEX);
        for (name, value) in EVENTS {
            stack.push_integer(*value);
            stack.set_field(-2, name);
        }
        opening.end();
        stack.push_value(-1);
        stack.set_registered(&MODULE);
    }
    1
}

/// A new selector.
pub(crate) struct NewSelector(pub(crate) Selector);

impl Results for NewSelector {
    fn push(&mut self, stack: Stack) -> c_int {
        stack.push_table(0, 4);
        stack.get_registered(&METATABLE);
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
    fn push(&mut self, stack: Stack) -> c_int {
        const SELECTOR: c_int = 1;
        const OBJECT: c_int = 2;
        const DATA: c_int = 3;
        const KEY: c_int = 4;
        const TABLE: c_int = 5;
        let number = self.place.number as c_int + 1;
        stack.set_top(4);
        let pushed = shared(stack).protect_with(stack, &[1, 2, 4], |stack| {
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
fn put(stack: Stack, table: c_int, number: c_int, value: c_int) {
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
    fn push(&mut self, stack: Stack) -> c_int {
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
fn forget(stack: Stack, number: c_int) {
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
    fn push(&mut self, stack: Stack) -> c_int {
        stack.get_uservalue(1);
        forget(stack, self.place.number as c_int + 1);
        push_failure(stack, Cause::System(self.errno))
    }
}

/// The iterator over a batch of events, and the number of the batch, which `for` hands to it.
pub(crate) struct Batch(pub(crate) i64);

impl Results for Batch {
    #[inline(always)]
    fn push(&mut self, stack: Stack) -> c_int {
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
    fn push(&mut self, stack: Stack) -> c_int {
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
    fn push(&mut self, stack: Stack) -> c_int {
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
    fn push(&mut self, stack: Stack) -> c_int {
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
