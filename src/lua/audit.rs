//! Telling audit hooks what is about to happen.

use std::ffi::c_int;
use std::sync::atomic::{AtomicBool, Ordering};

use super::arguments::HookArgument;
use super::caller::{Caller, shared};
use super::results::Results;
use super::stack::{REGISTRY, Stack};
use super::userdata;
use crate::error::{Error, Result};
use crate::socket::{NewSocket, Socket};

/// Whether any Lua state of the process ever had a hook: until then nobody has to ask Lua for its own.
static HOOKED: AtomicBool = AtomicBool::new(false);

/// How deep hooks may cause events themselves: LuaJIT does not watch the C stack.
const DEEPEST: u32 = 40;

impl Caller<'_> {
    /// Whether anybody wants to be told.
    #[inline(always)]
    pub(crate) fn has_hooks(self) -> bool {
        HOOKED.load(Ordering::Relaxed) && self.shared().hooks.get() > 0
    }

    /// Tells the hooks of an event. Fails when one of them raised an error, which the call then passes on.
    #[inline(always)]
    pub(crate) fn audit<A: Results>(self, event: &'static str, arguments: impl FnOnce() -> A) -> Result<()> {
        if self.has_hooks() { self.tell(event, None, arguments()) } else { Ok(()) }
    }

    /// The same for an event of the object that the call was made with, the event's first argument.
    #[inline(always)]
    pub(crate) fn audit_self<A: Results>(self, event: &'static str, arguments: impl FnOnce() -> A) -> Result<()> {
        if self.has_hooks() { self.tell(event, Some(1), arguments()) } else { Ok(()) }
    }

    /// The same for an event of a socket that no Lua object holds yet: one holds it for the hooks.
    pub(crate) fn audit_new<A: Results>(
        self,
        event: &'static str,
        socket: &Socket,
        arguments: impl FnOnce() -> A,
    ) -> Result<()> {
        if self.has_hooks() { self.lend(event, socket, arguments()) } else { Ok(()) }
    }

    #[cold]
    fn lend(self, event: &'static str, socket: &Socket, arguments: impl Results) -> Result<()> {
        let stack = self.stack();
        let mut object = NewSocket::closed(socket);
        self.shared().protect(stack, |stack| object.push(stack)).ok_or(Error::Vetoed)?;
        let place = stack.top();
        let lent = userdata::check::<Socket>(stack, place).expect("a socket was pushed");
        socket.hand_to(lent);
        let told = self.tell(event, Some(place), arguments);
        lent.hand_to(socket);
        if told.is_ok() {
            stack.pop(1);
        }
        told
    }

    #[cold]
    #[inline(never)]
    fn tell(self, event: &'static str, object: Option<c_int>, mut arguments: impl Results) -> Result<()> {
        if self.turn().is_some_and(|turn| turn.task.progress.was_told()) {
            return Ok(());
        }
        let (stack, shared) = (self.stack(), self.shared());
        let depth = shared.telling.get();
        shared.telling.set(depth + 1);
        let task = |stack: Stack| {
            if depth == DEEPEST {
                stack.raise_message(b"stack overflow (audit hooks)");
            }
            for n in 1..=shared.hooks.get() {
                stack.push_item(REGISTRY, shared.hooks_place);
                stack.push_item(-1, n);
                stack.remove(-2);
                stack.push_bytes(event.as_bytes());
                if object.is_some() {
                    stack.push_value(1);
                }
                // What a hook does to its arguments, the next one does not see.
                let count = arguments.push(stack);
                stack.call(1 + c_int::from(object.is_some()) + count, 0);
            }
            0
        };
        let told = self.aside(|| shared.protect_with(stack, object.as_slice(), task));
        shared.telling.set(depth);
        told.map(drop).ok_or(Error::Vetoed)
    }
}

/// Puts a new hook behind the others; no script can reach it there. Reads as `true`.
impl Results for HookArgument {
    fn push(&mut self, stack: Stack) -> c_int {
        let shared = shared(stack);
        let count = shared.hooks.get() + 1;
        stack.push_item(REGISTRY, shared.hooks_place);
        stack.push_value(1);
        stack.set_item(-2, count as usize);
        shared.hooks.set(count);
        HOOKED.store(true, Ordering::Relaxed);
        ().push(stack)
    }
}

/// An object whose finalizer is the function that the call was made with.
pub(crate) struct Finalizer;

impl Results for Finalizer {
    fn push(&mut self, stack: Stack) -> c_int {
        stack.push_userdata(0);
        stack.push_table(0, 1);
        stack.push_value(1);
        stack.set_field(-2, "__gc");
        stack.set_metatable(-2);
        1
    }
}
