//! Results of tasks.
//!
//! The registry has a list of the objects of the tasks that have not ended, by place. The user value of a task that has
//! ended has its results, or its error and a traceback.

use std::ffi::c_int;

use super::{Results, values};
use crate::lua::arguments::Body;
use crate::lua::caller::Caller;
use crate::lua::coroutine::{is_parked, push_object, push_traceback, register, unregister};
use crate::lua::registry::RegistryKey;
use crate::lua::stack::{MINSTACK, REGISTRY, Stack, Type};
use crate::lua::state::shared;
use crate::lua::userdata::{self, Anchored};
use crate::tasks::{Status, Task};

/// A new task, which belongs to the group, if there is one.
pub(crate) fn new_task(body: Body, group: Option<i64>) -> impl Results {
    values(move |stack| {
        let Body { first, count } = body;
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
        register(stack, object, object + 1, || shared.open_objects.scheduler.next_place());
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
        if let Some(group) = group {
            shared.open_objects.scheduler.join_group(group, task);
        }
        stack.set_top(object);
        1
    })
}

/// The object of a task that has not ended.
pub(crate) fn object(place: u32) -> impl Results {
    values(move |stack| {
        push_object(stack.stack(), place);
        1
    })
}

/// The error of a task whose results or error could not be stored because there was no memory.
const LOST: &[u8] = b"not enough memory";

/// The outcome of a task: `true` and its results, or `false`, the error and a traceback. The task is the argument at
/// the index.
pub(crate) fn outcome(task: &Task, index: c_int) -> impl Results {
    values(move |stack| {
        let count = task.held.get().max(0);
        stack.reserve(count + 4);
        let failed = task.status.get() != Status::Done && task.has_failed();
        stack.push_boolean(!failed);
        if count > 0 {
            stack.get_uservalue(index);
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
    })
}

/// `true`, the error and the traceback of the task of a group that has failed first, which is removed from the
/// registry; no value if none has failed.
pub(crate) fn group_outcome(failed: Option<u32>) -> impl Results {
    values(move |stack| {
        let Some(place) = failed else { return 0 };
        push_object(stack.stack(), place);
        let object = stack.top();
        stack.push_boolean(true);
        let count = match userdata::check::<Task>(stack.stack(), object) {
            Some(task) => task.held.get().max(0),
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
    })
}

/// The traceback of a task that has not ended.
pub(crate) fn traceback(task: &Task) -> impl Results {
    values(move |stack| {
        push_traceback(stack, Stack::of(task.thread.get()));
        1
    })
}

/// Sets the first argument as the function that is called for errors, and returns the previous one.
pub(crate) fn exchange_handler() -> impl Results {
    values(|stack| {
        let place = shared(stack.stack()).running.handler.get();
        stack.push_item(REGISTRY, place);
        match stack.type_of(1) {
            // A key with nil would be given out again.
            Type::Nil => stack.push_boolean(false),
            _ => stack.push_value(1),
        }
        stack.set_item(REGISTRY, place as usize);
        if stack.type_of(-1) == Type::Boolean {
            stack.pop(1);
            stack.push_nil();
        }
        1
    })
}

/// Makes the first argument the running coroutine of the task. Returns whether the last of the other arguments, which
/// the coroutine yielded, is the function that parked.
pub(crate) fn switch_coroutine() -> impl Results {
    values(|stack| {
        let running = &shared(stack.stack()).running;
        let parked = stack.top() > 1 && is_parked(stack.stack(), running);
        if stack.type_of(1) == Type::Thread {
            Caller::new(stack.stack()).switch_to(stack.thread(1).state());
        }
        stack.push_boolean(parked);
        1
    })
}
