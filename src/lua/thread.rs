//! Protected calls on Lua 5.5, each in a separate thread.
//!
//! There, `coroutine.close` of the running coroutine unwinds it up to the outermost protected call in it: a `lua_pcall`
//! in between does not return. It cannot unwind more than the thread that it runs in.

use std::cell::Cell;
use std::ffi::c_int;

use super::stack::{MINSTACK, REGISTRY, RaisingStack, Stack};

/// The threads that protected calls run in, one for each depth. The registry keeps them for reuse.
pub(super) struct Threads {
    /// The key in the registry of a list: the messages below, then the threads.
    place: c_int,
    count: Cell<c_int>,
    /// The number of calls that are running, each within the one before.
    depth: Cell<c_int>,
}

/// Messages that exist before they are needed, where nothing may raise. Lua itself compares errors with the second.
const MESSAGES: [&str; 2] = ["the coroutine was closed during the call", "C stack overflow"];
const CLOSED: c_int = 1;
const OVERFLOW: c_int = 2;

/// The number of threads that a call must find free: one for itself, and one for a finalizer that runs while the next
/// thread is made.
const SPARES: c_int = 2;

impl Threads {
    pub(super) fn new(stack: RaisingStack) -> Self {
        stack.push_table(MESSAGES.len() + SPARES as usize, 0);
        for (n, message) in MESSAGES.iter().enumerate() {
            stack.push_bytes(message.as_bytes());
            stack.set_item(-2, n + 1);
        }
        let threads = Threads { place: stack.anchor(), count: Cell::new(0), depth: Cell::new(0) };
        threads.prepare(stack);
        threads
    }

    /// Makes the threads for calls within the running one. May run finalizers.
    pub(super) fn prepare(&self, stack: RaisingStack) {
        if self.count.get() >= self.depth.get() + SPARES {
            return;
        }
        stack.push_item(REGISTRY, self.place);
        while self.count.get() < self.depth.get() + SPARES {
            stack.push_thread();
            let count = self.count.get() + 1;
            stack.set_item(-2, MESSAGES.len() + count as usize);
            self.count.set(count);
        }
        stack.pop(1);
    }

    /// Calls a function of the registry with the values at some indexes, as [`Threads::call_top`] does.
    pub(super) fn call(&self, stack: Stack, function: c_int, values: &[c_int]) -> bool {
        stack.push_item(REGISTRY, function);
        for index in values {
            stack.push_value(*index);
        }
        self.call_top(stack, values.len() as c_int)
    }

    /// Calls the function below its arguments and takes both from the stack. Pushes its results and returns true, or
    /// the error and returns false. When the thread was closed, it pushes nothing and returns true.
    pub(super) fn call_top(&self, stack: Stack, arguments: c_int) -> bool {
        let depth = self.depth.get() + 1;
        if depth > self.count.get() {
            stack.pop(arguments + 1);
            self.push(stack, OVERFLOW);
            return false;
        }
        self.push(stack, MESSAGES.len() as c_int + depth);
        let thread = stack.thread(-1);
        stack.pop(1);
        if arguments >= MINSTACK && !thread.try_reserve(arguments + 1) {
            stack.pop(arguments + 1);
            self.push(stack, OVERFLOW);
            return false;
        }
        stack.move_to(thread, arguments + 1);
        stack.copy_hook_to(thread);
        self.depth.set(depth);
        let mut done = thread.resume(stack, arguments);
        if !done {
            thread.close(stack);
        }
        self.depth.set(depth - 1);
        let count = thread.top();
        if stack.try_reserve(count) {
            thread.move_to(stack, count);
        } else {
            thread.set_top(0);
            self.push(stack, OVERFLOW);
            done = false;
        }
        done
    }

    /// Pushes the error for a call whose thread was closed.
    pub(super) fn push_closed(&self, stack: Stack) {
        self.push(stack, CLOSED);
    }

    fn push(&self, stack: Stack, item: c_int) {
        stack.push_item(REGISTRY, self.place);
        stack.push_item(-1, item);
        stack.remove(-2);
    }
}
