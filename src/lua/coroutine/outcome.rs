//! The registry's list of tasks, and the outcome of a task.

use std::ffi::c_int;
use std::io::Write;

use mlua::ffi;

use super::Resumed;
use crate::lua::caller::Caller;
use crate::lua::stack::{REGISTRY, RaisingStack, Stack, Type};
use crate::lua::state::shared;
use crate::tasks::Task;

/// Whether the user value of a task is its coroutine, later replaced by its outcome. On Luas whose user values must be
/// tables, the list has the coroutine behind the task.
const OBJECT_KEEPS_THREAD: bool = cfg!(any(feature = "lua53", feature = "lua54", feature = "lua55"));

/// How many items of the list a task has.
const ITEMS: usize = if OBJECT_KEEPS_THREAD { 1 } else { 2 };

/// How many tasks a part of the list has. Lua would make room in one long table for up to twice as many as there are.
const PART: u32 = 64;

/// The first item of a task in its part of the list.
fn item(place: u32) -> usize {
    ITEMS * (place % PART) as usize + 1
}

/// Pushes the part of the list in which a task is, or nil.
fn push_part(stack: Stack, place: u32) {
    stack.push_item(REGISTRY, shared(stack).running.objects.get());
    stack.push_item(-1, (place / PART + 1) as c_int);
    stack.remove(-2);
}

/// The same, and makes the part if there is none. Lua may call finalizers here.
fn prepare_part(stack: RaisingStack, place: u32) {
    push_part(stack.stack(), place);
    if stack.type_of(-1) == Type::Nil {
        stack.push_item(REGISTRY, shared(stack.stack()).running.objects.get());
        stack.push_table(ITEMS * PART as usize, 0);
        // A finalizer may have made it.
        stack.push_item(-2, (place / PART + 1) as c_int);
        if stack.type_of(-1) == Type::Nil {
            stack.push_value(-2);
            stack.set_item(-4, (place / PART + 1) as usize);
        }
        stack.pop(4);
        push_part(stack.stack(), place);
    }
}

/// Pushes the object of a task that has not ended.
pub(in crate::lua) fn push_object(stack: Stack, place: u32) {
    push_part(stack, place);
    stack.push_item(-1, item(place) as c_int);
    stack.remove(-2);
}

/// Adds a new task to the list: its object and its coroutine are at these stack indexes. Tries again if a finalizer,
/// which Lua may call here, has created another task at the same place.
pub(in crate::lua) fn register(
    stack: RaisingStack,
    object: c_int,
    thread: c_int,
    next_place: impl Fn() -> Option<u32>,
) {
    if OBJECT_KEEPS_THREAD {
        stack.push_value(thread);
        stack.set_uservalue(object);
    }
    loop {
        let Some(place) = next_place() else { stack.raise_message(b"not enough memory") };
        prepare_part(stack, place);
        for (n, index) in [object, thread].into_iter().take(ITEMS).enumerate() {
            stack.push_value(index);
            stack.set_item(-2, item(place) + n);
        }
        stack.pop(1);
        if Some(place) == next_place() {
            return;
        }
    }
}

/// Removes a task from the list.
pub(in crate::lua) fn unregister(stack: RaisingStack, place: u32) {
    push_part(stack.stack(), place);
    for n in 0..ITEMS {
        stack.push_nil();
        stack.set_item(-2, item(place) + n);
    }
    stack.pop(1);
}

/// Pushes the traceback of a coroutine.
pub(in crate::lua) fn push_traceback(stack: RaisingStack, thread: Stack) {
    // SAFETY: two live threads of one state.
    unsafe { ffi::luaL_traceback(stack.state(), thread.state(), std::ptr::null(), 0) }
}

impl Caller<'_> {
    /// Stores the results of a task that has ended, or its error and a traceback, in the user value of its object. False
    /// when there is no memory for them.
    pub(crate) fn settle(self, task: &Task, end: Resumed) -> bool {
        let (stack, shared, place) = (self.stack(), self.shared(), task.id.get().place());
        let thread = Stack::of(task.thread.get());
        let ended = end == Resumed::Ended;
        let count = if ended { thread.top() } else { 2 };
        task.held.set(0);
        if count == 0 {
            self.drop_thread(place);
            return true;
        }
        let keep = |stack: RaisingStack| {
            stack.push_table(count as usize, 0);
            if ended {
                for n in (1..=count).rev() {
                    thread.move_to(stack.stack(), 1);
                    stack.set_item(1, n as usize);
                }
            } else {
                push_traceback(stack, thread);
                stack.set_item(1, 2);
                push_error(stack, thread, end);
                stack.set_item(1, 1);
            }
            push_object(stack.stack(), place);
            stack.insert(1);
            stack.set_top(2);
            stack.set_uservalue(1);
            0
        };
        let kept = self.without_hook(|| shared.protect(stack, keep));
        match kept {
            Some(_) => task.held.set(count),
            None => {
                stack.pop(1);
                self.drop_thread(place);
            }
        }
        kept.is_some()
    }

    /// Releases the coroutine that the user value of a task is.
    fn drop_thread(self, place: u32) {
        if OBJECT_KEEPS_THREAD {
            let stack = self.stack();
            push_object(stack, place);
            stack.push_nil();
            stack.set_uservalue(-2);
            stack.pop(1);
        }
    }

    /// Removes a task that has ended from the list.
    pub(crate) fn let_go(self, place: u32) {
        // SAFETY: nothing raises: a field that exists is set without an allocation.
        unregister(unsafe { self.stack().raising() }, place);
    }

    /// Removes only its coroutine from the list.
    pub(crate) fn let_go_thread(self, place: u32) {
        if OBJECT_KEEPS_THREAD {
            return;
        }
        // SAFETY: as above.
        let stack = unsafe { self.stack().raising() };
        push_part(stack.stack(), place);
        stack.push_nil();
        stack.set_item(-2, item(place) + 1);
        stack.pop(1);
    }

    /// Calls the function that was passed to `onerror` for a task that has failed, or writes its error to stderr.
    pub(crate) fn report(self, place: u32) {
        let (stack, shared) = (self.stack(), self.shared());
        let handler = shared.running.handler.get();
        let tell = |stack: RaisingStack| {
            stack.push_item(REGISTRY, handler);
            push_object(stack.stack(), place);
            let values = stack.top() + 1;
            stack.get_uservalue(2);
            if stack.type_of(values) == Type::Table {
                stack.push_item(values, 1);
                stack.push_item(values, 2);
                stack.remove(values);
            }
            if stack.type_of(1) == Type::Function {
                stack.call(stack.top() - 1, 0);
            } else {
                print(stack.stack(), 3);
                print(stack.stack(), 4);
            }
            0
        };
        let told = self.without_hook(|| shared.protect(stack, tell));
        if told.is_none() {
            print(stack, stack.top());
            stack.pop(1);
        }
    }
}

/// Writes a line to stderr: the string at an index.
fn print(stack: Stack, index: c_int) {
    let text = match stack.type_of(index) {
        Type::String => stack.string(index),
        _ => b"(error object is not a string)",
    };
    let mut stderr = std::io::stderr();
    let _ = stderr.write_all(if index == 3 { b"task failed: " } else { b"" });
    let _ = stderr.write_all(text);
    let _ = stderr.write_all(b"\n");
}

/// Pushes the error of a coroutine that has failed, or that other code has resumed, and closes its to-be-closed
/// variables.
fn push_error(stack: RaisingStack, thread: Stack, end: Resumed) {
    // SAFETY: a coroutine that the registry holds.
    let suspended = unsafe { ffi::lua_status(thread.state()) } == ffi::LUA_YIELD;
    if end == Resumed::Failed || suspended {
        close(stack.stack(), thread);
    }
    match end {
        Resumed::Failed => thread.move_to(stack.stack(), 1),
        _ => stack.push_bytes(b"the coroutine of a task was resumed with coroutine.resume, or called coroutine.yield"),
    }
}

/// Closes the to-be-closed variables of a coroutine that is not running.
fn close(stack: Stack, thread: Stack) {
    #[cfg(feature = "lua55")]
    // SAFETY: two live threads; this one does not run.
    unsafe {
        ffi::lua_closethread(thread.state(), stack.state());
    }
    #[cfg(feature = "lua54")]
    // SAFETY: as above.
    unsafe {
        let _ = stack;
        ffi::lua_resetthread(thread.state());
    }
    #[cfg(not(any(feature = "lua54", feature = "lua55")))]
    let _ = (stack, thread);
}
