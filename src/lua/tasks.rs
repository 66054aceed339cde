//! Tasks as Lua has them.
//!
//! The registry keeps, for the task at place n, its object under 2n + 1 and its coroutine under 2n + 2 until it has ended.
//! The object carries a table then: the results, or the error and a traceback.

use std::ffi::c_int;

use mlua::ffi::{self, lua_State};

use super::arguments::{Argument, Reader};
use super::caller::{Caller, shared};
use super::coroutine::{self, is_parked};
use super::module::{ModuleBuilder, load, luaopen_bsdsocket, protect};
use super::results::Results;
use super::stack::{MINSTACK, REGISTRY, Stack, Type};
use super::trampoline::set_in_tasks;
use super::userdata::{self, Anchored};
use crate::tasks::{BLOCKS, INDEX, Status, Task};

/// Where the registry keeps the module, and the metatable of tasks.
static MODULE: u8 = 16;
static METATABLE: u8 = 17;

/// The part that calls what may wait, for a function of ours cannot yield in the middle of a call on every Lua.
const SCRIPT: (&str, &str) = ("@lua/tasks.lua\0", include_str!("../../lua/tasks.lua"));

/// What `require "bsdsocket.tasks"` calls, and a C or C++ host: pushes the module table, made at the first call in a Lua
/// state.
///
/// # Safety
/// As for [`luaopen_bsdsocket`], which it calls.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn luaopen_bsdsocket_tasks(state: *mut lua_State) -> c_int {
    // SAFETY: the caller's promise.
    let stack = unsafe { Stack::new(state) };
    if stack.get_registered(&MODULE) == Type::Nil {
        // SAFETY: the caller's promise.
        unsafe { luaopen_bsdsocket(state) };
        stack.pop(2);
        let opening = ModuleBuilder::again(stack);
        let running = &opening.shared().running;
        stack.push_table(0, 0);
        running.objects.set(stack.anchor());
        stack.push_boolean(false);
        running.handler.set(stack.anchor());
        #[cfg(feature = "lua51")]
        {
            load(stack, ("=tasks\0", "local function call(f, ...) return f(...) end return call(...)"));
            running.caller.set(stack.anchor());
        }
        load(stack, SCRIPT);
        stack.push_table(0, INDEX.len());
        opening.set_functions(INDEX);
        stack.push_table(0, BLOCKS.len());
        opening.set_functions(BLOCKS);
        stack.set_field(-2, "blocks");
        // The first to be finalized when the state is closed, so that no task runs then.
        stack.push_userdata(0);
        stack.push_table(0, 1);
        stack.get_field(-3, "end");
        stack.set_field(-2, "__gc");
        stack.set_metatable(-2);
        stack.anchor();
        stack.push_table(0, 4);
        protect(stack, "task");
        stack.push_value(-1);
        stack.set_registered(&METATABLE);
        stack.call(2, 1);
        opening.end();
        stack.push_value(-1);
        stack.set_registered(&MODULE);
        set_in_tasks();
    }
    1
}

impl<'a> Argument<'a> for &'a Task {
    fn read(reader: &mut Reader) -> Self {
        let (stack, index) = (reader.stack(), reader.next_index());
        userdata::check::<Task>(stack, index).unwrap_or_else(|| reader.expect("task"))
    }
}

/// A function to run, and the arguments for it, which are all that are left.
#[derive(Clone, Copy)]
pub(crate) struct Body {
    first: c_int,
    count: c_int,
}

impl<'a> Argument<'a> for Body {
    const COUNTS: bool = true;

    fn read(reader: &mut Reader) -> Self {
        let first = reader.next_index();
        if reader.stack().type_of(first) != Type::Function {
            reader.expect("function");
        }
        Body { first, count: reader.given() - first + 1 }
    }
}

/// A new task, and the group that it belongs to, if any.
pub(crate) struct NewTask {
    pub(crate) body: Body,
    pub(crate) group: Option<i64>,
}

impl Results for NewTask {
    fn push(&mut self, stack: Stack) -> c_int {
        let Body { first, count } = self.body;
        let shared = shared(stack);
        stack.reserve(count + MINSTACK);
        let task = userdata::push::<Task>(stack, 0, |_| Task::new());
        let object = stack.top();
        stack.get_registered(&METATABLE);
        stack.set_metatable(object);
        stack.push_thread();
        let thread = stack.thread(-1);
        if count >= MINSTACK && !thread.has_room(count) {
            stack.raise_message(b"not enough memory");
        }
        stack.push_item(REGISTRY, shared.running.objects.get());
        // A finalizer may make a task meanwhile, which takes the place.
        loop {
            let place = shared.held.scheduler.next_place();
            stack.push_value(object);
            stack.set_item(-2, 2 * place as usize + 1);
            stack.push_value(object + 1);
            stack.set_item(-2, 2 * place as usize + 2);
            if place == shared.held.scheduler.next_place() {
                break;
            }
        }
        #[cfg(feature = "lua51")]
        if stack.is_native(first) {
            stack.push_item(REGISTRY, shared.running.caller.get());
            stack.hand_to(thread, 1);
        }
        for index in first..first + count {
            stack.push_value(index);
        }
        stack.hand_to(thread, count);
        task.thread.set(thread.as_thread());
        shared.held.scheduler.add(Anchored::new(task));
        if let Some(group) = self.group {
            shared.held.scheduler.join_group(group, task);
        }
        stack.set_top(object);
        1
    }
}

/// The object of a task that has not ended, or of none: `nil`.
pub(crate) struct Object(pub(crate) Option<u32>);

impl Results for Object {
    fn push(&mut self, stack: Stack) -> c_int {
        match self.0 {
            Some(place) => coroutine::push_object(stack, place),
            None => stack.push_nil(),
        }
        1
    }
}

/// A list of all tasks.
pub(crate) struct All(pub(crate) Vec<u32>);

impl Results for All {
    fn push(&mut self, stack: Stack) -> c_int {
        stack.push_table(self.0.len(), 0);
        for (n, place) in self.0.iter().enumerate() {
            coroutine::push_object(stack, *place);
            stack.set_item(-2, n + 1);
        }
        1
    }
}

/// What became of a task: `true` and its results, `false` with the error and a traceback, or nothing at all when the
/// memory for them was missing. The task is the argument at the index.
pub(crate) struct Joined<'a>(pub(crate) &'a Task, pub(crate) c_int);

impl Results for Joined<'_> {
    fn push(&mut self, stack: Stack) -> c_int {
        let count = self.0.held.get().unwrap_or(0);
        stack.reserve(count + 4);
        stack.push_boolean(self.0.status.get() == Status::Done || !self.0.has_failed());
        if count > 0 {
            stack.get_uservalue(self.1);
            let table = stack.top();
            for n in 1..=count {
                stack.push_item(table, n);
            }
            stack.remove(table);
        }
        1 + count
    }
}

/// What a group had of the task that failed first: the error and a traceback. Its object is let go.
pub(crate) struct Values(pub(crate) Option<u32>);

impl Results for Values {
    fn push(&mut self, stack: Stack) -> c_int {
        let Some(place) = self.0 else { return 0 };
        coroutine::push_object(stack, place);
        let object = stack.top();
        stack.push_boolean(true);
        let count = match userdata::check::<Task>(stack, object) {
            Some(task) => task.held.get().unwrap_or(0),
            None => 0,
        };
        if count > 0 {
            stack.get_uservalue(object);
            for n in 1..=count {
                stack.push_item(object + 2, n);
            }
            stack.remove(object + 2);
        }
        let shared = shared(stack);
        shared.held.scheduler.free_place(place);
        forget(stack, place);
        1 + count
    }
}

/// Where a task stands that has not ended, as a traceback.
pub(crate) struct Trace<'a>(pub(crate) &'a Task);

impl Results for Trace<'_> {
    fn push(&mut self, stack: Stack) -> c_int {
        traceback(stack, Stack::of(self.0.thread.get()));
        1
    }
}

/// Makes the first argument the handler of errors, and gives the one before.
pub(crate) struct Handler;

impl Results for Handler {
    fn push(&mut self, stack: Stack) -> c_int {
        let place = shared(stack).running.handler.get();
        stack.push_item(REGISTRY, place);
        stack.push_value(1);
        stack.set_item(REGISTRY, place as usize);
        if stack.type_of(-1) == Type::Boolean {
            stack.pop(1);
            stack.push_nil();
        }
        1
    }
}

/// A coroutine that runs in place of the task's own from now on; reads as whether the last of the other arguments, which
/// it yielded, says that it waits.
pub(crate) struct Switch;

impl Results for Switch {
    fn push(&mut self, stack: Stack) -> c_int {
        let running = &shared(stack).running;
        let parked = stack.top() > 1 && is_parked(stack, running);
        if stack.type_of(1) == Type::Thread {
            Caller::new(stack).switch_to(stack.thread(1).state());
        }
        stack.push_boolean(parked);
        1
    }
}

fn traceback(stack: Stack, thread: Stack) {
    // SAFETY: two live threads of one state.
    unsafe { ffi::luaL_traceback(stack.state(), thread.state(), std::ptr::null(), 0) }
}

/// Takes a task out of the registry. The fields are there, so that no memory is needed.
fn forget(stack: Stack, place: u32) {
    stack.push_item(REGISTRY, shared(stack).running.objects.get());
    for item in 1..=2 {
        stack.push_nil();
        stack.set_item(-2, 2 * place as usize + item);
    }
    stack.pop(1);
}

impl Caller<'_> {
    /// Keeps the results of a task that has ended, or its error and a traceback, with its object.
    pub(crate) fn settle(self, task: &Task, failed: bool) {
        let (stack, shared, place) = (self.stack(), self.shared(), task.id.get().place);
        let thread = Stack::of(task.thread.get());
        let count = if failed { 2 } else { thread.top() };
        task.held.set(Some(0));
        if count == 0 {
            return;
        }
        let kept = shared.protect(stack, |stack| {
            stack.push_table(count as usize, 0);
            if failed {
                traceback(stack, thread);
                stack.set_item(1, 2);
                close(stack, thread);
                thread.hand_to(stack, 1);
                stack.set_item(1, 1);
            } else {
                for n in (1..=count).rev() {
                    thread.hand_to(stack, 1);
                    stack.set_item(1, n as usize);
                }
            }
            coroutine::push_object(stack, place);
            stack.insert(1);
            stack.set_top(2);
            stack.set_uservalue(1);
            0
        });
        match kept {
            Some(_) => task.held.set(Some(count)),
            None => stack.pop(1),
        }
    }

    /// The error that a task ends with which no call raised.
    pub(crate) fn stray(self, task: &Task) {
        let (stack, thread) = (self.stack(), Stack::of(task.thread.get()));
        let pushed = self.shared().protect(stack, |stack| {
            stack.push_bytes(b"the coroutine of a task was resumed by hand, or yielded where nobody resumes it");
            1
        });
        if pushed.is_some() || thread.top() == 0 {
            stack.hand_to(thread, 1);
        }
    }

    /// Lets go of the object and the coroutine of a task that has ended.
    pub(crate) fn let_go(self, place: u32) {
        forget(self.stack(), place);
    }

    /// Lets go of the coroutine alone.
    pub(crate) fn let_go_thread(self, place: u32) {
        let stack = self.stack();
        stack.push_item(REGISTRY, self.shared().running.objects.get());
        stack.push_nil();
        stack.set_item(-2, 2 * place as usize + 2);
        stack.pop(1);
    }

    /// Calls the handler of errors for a task that failed, or says so on stderr.
    pub(crate) fn report(self, place: u32) {
        let (stack, shared) = (self.stack(), self.shared());
        let (objects, handler) = (shared.running.objects.get(), shared.running.handler.get());
        let told = shared.protect(stack, |stack| {
            stack.push_item(REGISTRY, handler);
            stack.push_item(REGISTRY, objects);
            stack.push_item(2, 2 * place as c_int + 1);
            stack.remove(2);
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
                print(stack, 3);
                print(stack, 4);
            }
            0
        });
        if told.is_none() {
            print(stack, stack.top());
            stack.pop(1);
        }
    }
}

/// Writes a value on stderr, as far as it is text.
fn print(stack: Stack, index: c_int) {
    use std::io::Write;
    let text = match stack.type_of(index) {
        Type::String => stack.bytes(index).unwrap_or_default(),
        _ => b"(error object is not a string)",
    };
    let mut stderr = std::io::stderr();
    let _ = stderr.write_all(if index == 3 { b"task failed: " } else { b"" });
    let _ = stderr.write_all(text);
    let _ = stderr.write_all(b"\n");
}

/// Closes what a coroutine that failed has to close, and leaves its error.
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

impl Task {
    /// Whether an error ended it.
    pub(crate) fn has_failed(&self) -> bool {
        self.status.get() == Status::Failed || self.failed.get()
    }
}
