//! Protected calls on Lua 5.5, each in a thread of its own.
//!
//! `coroutine.close` of the running coroutine ends it there, up to the outermost protected call in it, so that a
//! `lua_pcall` in between never returns. A thread that runs nothing but the call is all that such an end can reach.

use std::cell::Cell;
use std::ffi::c_int;

use super::stack::{MINSTACK, REGISTRY, Stack};

/// The threads that calls run in, one for each depth. They stay in the registry, to be used again.
pub(super) struct Threads {
    /// Where the registry keeps the table of the messages below, and of the threads behind them.
    place: c_int,
    count: Cell<c_int>,
    /// How many calls are running, each within the one before.
    depth: Cell<c_int>,
}

/// What failures have to say where nothing may raise. Lua itself looks for the second where calls go too deep.
const MESSAGES: [&str; 2] = ["the coroutine was closed during the call", "C stack overflow"];
const CLOSED: c_int = 1;
const OVERFLOW: c_int = 2;

/// How many threads wait for calls within a call: one for its own, and one for a finalizer that runs while another
/// thread is made.
const SPARES: c_int = 2;

impl Threads {
    /// May raise.
    pub(super) fn new(stack: Stack) -> Self {
        stack.push_table(MESSAGES.len() + SPARES as usize, 0);
        for (n, message) in MESSAGES.iter().enumerate() {
            stack.push_bytes(message.as_bytes());
            stack.set_item(-2, n + 1);
        }
        let threads = Threads { place: stack.anchor(), count: Cell::new(0), depth: Cell::new(0) };
        threads.prepare(stack);
        threads
    }

    /// Sees that calls within the running one have their threads. May raise, and run finalizers.
    pub(super) fn prepare(&self, stack: Stack) {
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

    /// Calls a function that the registry keeps, with the values at some indexes.
    pub(super) fn call(&self, stack: Stack, function: c_int, values: &[c_int]) -> bool {
        stack.push_item(REGISTRY, function);
        for index in values {
            stack.push_value(*index);
        }
        self.call_top(stack, values.len() as c_int)
    }

    /// Calls the function below its arguments. What it returns comes onto the stack, and `true`; or the error and
    /// `false`. When the thread was closed there is nothing, and `true`.
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
        if arguments >= MINSTACK && !thread.has_room(arguments + 1) {
            stack.pop(arguments + 1);
            self.push(stack, OVERFLOW);
            return false;
        }
        stack.hand_to(thread, arguments + 1);
        stack.lend_hook_to(thread);
        self.depth.set(depth);
        let mut done = thread.resume(stack, arguments);
        if !done {
            thread.close(stack);
        }
        self.depth.set(depth - 1);
        let count = thread.top();
        if stack.has_room(count) {
            thread.hand_to(stack, count);
        } else {
            thread.set_top(0);
            self.push(stack, OVERFLOW);
            done = false;
        }
        done
    }

    /// Pushes what a call raises whose thread was closed.
    pub(super) fn push_closed(&self, stack: Stack) {
        self.push(stack, CLOSED);
    }

    fn push(&self, stack: Stack, item: c_int) {
        stack.push_item(REGISTRY, self.place);
        stack.push_item(-1, item);
        stack.remove(-2);
    }
}
