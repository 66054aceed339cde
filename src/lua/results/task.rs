//! Results of tasks.
//!
//! The registry has a table with the object of the task at place n under 2n + 1 and its coroutine under 2n + 2, until the
//! task has ended. The user value of the object has the results then, or the error and a traceback.

use std::ffi::c_int;

use super::Results;
use crate::lua::arguments::Body;
use crate::lua::caller::Caller;
use crate::lua::coroutine::{is_parked, push_object, push_traceback, unregister};
use crate::lua::registry::RegistryKey;
use crate::lua::stack::{MINSTACK, REGISTRY, RaisingStack, Stack, Type};
use crate::lua::state::shared;
use crate::lua::userdata::{self, Anchored};
use crate::tasks::{Status, Task};

/// A new task, and the group that it belongs to, if any.
pub(crate) struct NewTask {
    pub(crate) body: Body,
    pub(crate) group: Option<i64>,
}

impl Results for NewTask {
    fn push(&mut self, stack: RaisingStack) -> c_int {
        let Body { first, count } = self.body;
        let shared = shared(stack.stack());
        stack.reserve(count + MINSTACK);
        let task = userdata::push::<Task>(stack, 0, |_| Task::new());
        let object = stack.top();
        stack.get_registered(RegistryKey::TaskMetatable);
        stack.set_metatable(object);
        stack.push_thread();
        let thread = stack.thread(-1);
        if count >= MINSTACK && !thread.try_reserve(count) {
            stack.raise_message(b"not enough memory");
        }
        stack.push_item(REGISTRY, shared.running.objects.get());
        // A finalizer that runs meanwhile may make a task, which takes the place.
        loop {
            let place = shared.open_objects.scheduler.next_place();
            stack.push_value(object);
            stack.set_item(-2, 2 * place as usize + 1);
            stack.push_value(object + 1);
            stack.set_item(-2, 2 * place as usize + 2);
            if place == shared.open_objects.scheduler.next_place() {
                break;
            }
        }
        #[cfg(feature = "lua51")]
        if stack.is_native(first) {
            stack.push_item(REGISTRY, shared.running.caller.get());
            stack.move_to(thread, 1);
        }
        for index in first..first + count {
            stack.push_value(index);
        }
        stack.move_to(thread, count);
        task.thread.set(thread.as_thread());
        shared.open_objects.scheduler.add(Anchored::new(task));
        if let Some(group) = self.group {
            shared.open_objects.scheduler.join_group(group, task);
        }
        stack.set_top(object);
        1
    }
}

/// The object of a task that has not ended, or of none: `nil`.
pub(crate) struct Object(pub(crate) Option<u32>);

impl Results for Object {
    fn push(&mut self, stack: RaisingStack) -> c_int {
        match self.0 {
            Some(place) => push_object(stack.stack(), place),
            None => stack.push_nil(),
        }
        1
    }
}

/// A list of all tasks.
pub(crate) struct All(pub(crate) Vec<u32>);

impl Results for All {
    fn push(&mut self, stack: RaisingStack) -> c_int {
        stack.push_table(self.0.len(), 0);
        for (n, place) in self.0.iter().enumerate() {
            push_object(stack.stack(), *place);
            stack.set_item(-2, n + 1);
        }
        1
    }
}

/// What a task raises whose results or error found no memory.
const LOST: &[u8] = b"not enough memory";

/// The outcome of a task: `true` and its results, or `false`, the error and a traceback. The task is the argument at the
/// index.
pub(crate) struct Joined<'a>(pub(crate) &'a Task, pub(crate) c_int);

impl Results for Joined<'_> {
    fn push(&mut self, stack: RaisingStack) -> c_int {
        let count = self.0.held.get().unwrap_or(0);
        stack.reserve(count + 4);
        let failed = self.0.status.get() != Status::Done && self.0.has_failed();
        stack.push_boolean(!failed);
        if count > 0 {
            stack.get_uservalue(self.1);
            let table = stack.top();
            for n in 1..=count {
                stack.push_item(table, n);
            }
            stack.remove(table);
        } else if failed {
            stack.push_bytes(LOST);
            return 2;
        }
        1 + count
    }
}

/// `true`, the error and a traceback of the task of a group that failed first, whose object leaves the registry; no
/// value when none failed.
pub(crate) struct Values(pub(crate) Option<u32>);

impl Results for Values {
    fn push(&mut self, stack: RaisingStack) -> c_int {
        let Some(place) = self.0 else { return 0 };
        push_object(stack.stack(), place);
        let object = stack.top();
        stack.push_boolean(true);
        let count = match userdata::check::<Task>(stack.stack(), object) {
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
        let shared = shared(stack.stack());
        shared.open_objects.scheduler.free_place(place);
        unregister(stack, place);
        if count == 0 {
            stack.push_bytes(LOST);
        }
        1 + count.max(1)
    }
}

/// The traceback of a task that has not ended.
pub(crate) struct Trace<'a>(pub(crate) &'a Task);

impl Results for Trace<'_> {
    fn push(&mut self, stack: RaisingStack) -> c_int {
        push_traceback(stack, Stack::of(self.0.thread.get()));
        1
    }
}

/// Sets the first argument as the handler of errors, and returns the previous one.
pub(crate) struct Handler;

impl Results for Handler {
    fn push(&mut self, stack: RaisingStack) -> c_int {
        let place = shared(stack.stack()).running.handler.get();
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

/// Makes the first argument the running coroutine of the task. Returns whether the last of the other arguments, which
/// the coroutine yielded, is the function that parked.
pub(crate) struct Switch;

impl Results for Switch {
    fn push(&mut self, stack: RaisingStack) -> c_int {
        let running = &shared(stack.stack()).running;
        let parked = stack.top() > 1 && is_parked(stack.stack(), running);
        if stack.type_of(1) == Type::Thread {
            Caller::new(stack.stack()).switch_to(stack.thread(1).state());
        }
        stack.push_boolean(parked);
        1
    }
}
