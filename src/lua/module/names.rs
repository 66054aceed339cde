//! The names of the module that are no functions: its constants, in groups as the headers have them, and its
//! enumerations, each a group of its own.
//!
//! They would be more than half of the memory and the time that opening the library takes. Where Lua has `__pairs`, a
//! group is put into the module when one of its names is first looked for, set or traversed; elsewhere all of them are
//! when the library is opened.

use std::ffi::c_int;

use mlua::ffi::lua_State;

use crate::constants::{self, ENUMS, ERRNO, INTEGERS};
use crate::lua::registry::RegistryKey;
use crate::lua::stack::{RaisingStack, Stack, Type};
use crate::lua::state::shared;

/// Whether groups can be put into the module later.
const LATE: bool = !cfg!(any(feature = "lua51", feature = "luajit"));

const GROUPS: usize = INTEGERS.len() + ENUMS.len() + 1;

/// The number of names that are put into the module when the library is opened.
pub(super) fn count() -> usize {
    if LATE { 0 } else { INTEGERS.iter().map(|group| group.len()).sum::<usize>() + ENUMS.len() + 1 }
}

/// Gives the module, on the top, its names; the State is at an index.
pub(super) fn add(stack: RaisingStack, state: c_int) {
    const { assert!(GROUPS <= u64::BITS as usize) };
    if !LATE {
        return (0..GROUPS).for_each(|group| fill(stack, group));
    }
    stack.push_table(0, 4);
    for (name, entry) in [("__index", index as _), ("__newindex", newindex as _), ("__pairs", pairs as _)] {
        stack.push_value(state);
        stack.push_function(entry, 1);
        stack.set_field(-2, name);
    }
    // With another metatable the module would lack names.
    stack.push_boolean(false);
    stack.set_field(-2, "__metatable");
    stack.set_metatable(-2);
}

/// Puts the names of a group into the table on the top.
fn fill(stack: RaisingStack, group: usize) {
    if let Some(constants) = INTEGERS.get(group) {
        for (name, value) in *constants {
            stack.push_bytes(name.as_bytes());
            stack.push_integer(*value);
            stack.set(-3);
        }
    } else if let Some((name, prefix, constants)) = ENUMS.get(group - INTEGERS.len()) {
        push_both_ways(stack, constants::members(prefix, constants));
        stack.set_field(-2, name);
    } else {
        push_both_ways(stack, ERRNO.iter());
        stack.set_field(-2, "errno");
    }
}

/// The group that has a name.
fn group_of(name: &[u8]) -> Option<usize> {
    let is_name = |known: &str| known.as_bytes() == name;
    let constants = || INTEGERS.iter().position(|group| group.iter().any(|(known, _)| is_name(known)));
    let enumerations = || ENUMS.iter().position(|(known, ..)| is_name(known)).map(|place| INTEGERS.len() + place);
    constants().or_else(enumerations).or_else(|| is_name("errno").then_some(GROUPS - 1))
}

/// Puts a group into the module, on the top, unless it is there: a script may have changed it since.
fn fill_once(stack: RaisingStack, group: usize) {
    let filled = &shared(stack.stack()).filled;
    if filled.get() & 1 << group == 0 {
        fill(stack, group);
        filled.set(filled.get() | 1 << group);
    }
}

/// Pushes the module, with the group of the name that is the second argument.
fn push_module_for_name(stack: RaisingStack) {
    let name = stack.string(2);
    stack.get_registered(RegistryKey::Module);
    if let Some(group) = group_of(name) {
        fill_once(stack, group);
    }
}

unsafe extern "C-unwind" fn index(state: *mut lua_State) -> c_int {
    // SAFETY: Lua passes the state that runs this call; this frame has nothing to drop.
    let stack = unsafe { Stack::new(state).raising() };
    stack.set_top(2);
    push_module_for_name(stack);
    stack.push_value(2);
    stack.get(3);
    1
}

unsafe extern "C-unwind" fn newindex(state: *mut lua_State) -> c_int {
    // SAFETY: as above.
    let stack = unsafe { Stack::new(state).raising() };
    stack.set_top(3);
    push_module_for_name(stack);
    stack.push_value(2);
    stack.push_value(3);
    stack.set(4);
    0
}

unsafe extern "C-unwind" fn pairs(state: *mut lua_State) -> c_int {
    // SAFETY: as above.
    let stack = unsafe { Stack::new(state).raising() };
    stack.push_function(next, 0);
    stack.get_registered(RegistryKey::Module);
    (0..GROUPS).for_each(|group| fill_once(stack, group));
    stack.push_nil();
    3
}

unsafe extern "C-unwind" fn next(state: *mut lua_State) -> c_int {
    // SAFETY: as above.
    let stack = unsafe { Stack::new(state).raising() };
    stack.set_top(2);
    if stack.type_of(1) != Type::Table {
        stack.raise_message(b"table expected");
    }
    if stack.next(1) { 2 } else { 0 }
}

/// Pushes a table that maps name to number and number to name.
fn push_both_ways<'a>(stack: RaisingStack, names: impl DoubleEndedIterator<Item = &'a (&'static str, i64)> + Clone) {
    let fields = 2 * names.clone().count();
    // A few small numbers in the array part often halve the other one, whose size is a power of two.
    let half = fields.next_power_of_two() / 2;
    let items = if fields - half <= half / 4 { fields - half } else { 0 };
    stack.push_table(items, fields - items);
    // A number with several names maps to the first of them, which is set last.
    for (name, value) in names.rev() {
        stack.push_integer(*value);
        stack.push_bytes(name.as_bytes());
        stack.push_value(-1);
        stack.push_integer(*value);
        stack.set(-5);
        stack.set(-3);
    }
}

#[cfg(test)]
mod tests {
    use super::{ENUMS, GROUPS, INTEGERS, group_of};

    #[test]
    fn a_name_is_in_one_group() {
        let constants =
            INTEGERS.iter().enumerate().flat_map(|(place, group)| group.iter().map(move |each| (each.0, place)));
        let enumerations = ENUMS.iter().enumerate().map(|(place, each)| (each.0, INTEGERS.len() + place));
        for (name, group) in constants.chain(enumerations).chain([("errno", GROUPS - 1)]) {
            assert_eq!(group_of(name.as_bytes()), Some(group), "{name}");
        }
        assert_eq!(group_of(b"AF_"), None);
    }
}
