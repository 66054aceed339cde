//! Calling audit hooks.

use std::ffi::c_int;
use std::sync::atomic::{AtomicBool, Ordering};

use super::caller::Caller;
use super::registry::RegistryKey;
use super::results::{Results, values};
use super::stack::RaisingStack;
use super::state::{push_kept, shared};
use super::userdata;
use crate::error::{Error, Result};
use crate::socket::{NewSocket, Socket};

/// Whether any Lua state of the process ever had a hook. Until then the check for hooks needs no call into Lua.
static HOOKED: AtomicBool = AtomicBool::new(false);

/// The most calls of hooks within each other. A hook may raise events itself, and LuaJIT does not limit the C stack.
const MAX_HOOK_DEPTH: u32 = 40;

impl Caller<'_> {
    /// Whether an audit hook is installed.
    #[inline(always)]
    pub(crate) fn has_hooks(self) -> bool {
        HOOKED.load(Ordering::Relaxed) && self.shared().hooks.get() > 0
    }

    /// Calls the hooks for an event. Fails when one of them raises an error, which the native function then returns.
    #[inline(always)]
    pub(crate) fn audit<A: Results>(self, event: &'static str, arguments: impl FnOnce() -> A) -> Result<()> {
        if self.has_hooks() { self.call_hooks(event, None, arguments()) } else { Ok(()) }
    }

    /// The same for an event whose first argument is the object that the method was called on.
    #[inline(always)]
    pub(crate) fn audit_self<A: Results>(self, event: &'static str, arguments: impl FnOnce() -> A) -> Result<()> {
        if self.has_hooks() { self.call_hooks(event, Some(1), arguments()) } else { Ok(()) }
    }

    /// The same for an event whose first argument is a socket that is not in a Lua object yet. The hooks get it in a
    /// temporary one.
    pub(crate) fn audit_new<A: Results>(
        self,
        event: &'static str,
        socket: &Socket,
        arguments: impl FnOnce() -> A,
    ) -> Result<()> {
        if self.has_hooks() { self.call_hooks_with_new(event, socket, arguments()) } else { Ok(()) }
    }

    #[cold]
    fn call_hooks_with_new(self, event: &'static str, socket: &Socket, arguments: impl Results) -> Result<()> {
        let stack = self.stack();
        let mut object = NewSocket::closed(socket);
        self.shared().protect(stack, |stack| object.push(stack)).ok_or(Error::Vetoed)?;
        let place = stack.top();
        let temporary = userdata::check::<Socket>(stack, place).expect("a socket was pushed");
        socket.hand_to(temporary);
        let outcome = self.call_hooks(event, Some(place), arguments);
        temporary.hand_to(socket);
        if outcome.is_ok() {
            stack.pop(1);
        }
        outcome
    }

    #[cold]
    #[inline(never)]
    fn call_hooks(self, event: &'static str, object: Option<c_int>, mut arguments: impl Results) -> Result<()> {
        if self.task_call().is_some_and(|task_call| task_call.task.was_raised()) {
            return Ok(());
        }
        let (stack, shared) = (self.stack(), self.shared());
        let depth = shared.hook_depth.get();
        shared.hook_depth.set(depth + 1);
        let call_all = |stack: RaisingStack| {
            if depth == MAX_HOOK_DEPTH {
                stack.raise_message(b"stack overflow (audit hooks)");
            }
            for n in 1..=shared.hooks.get() {
                push_kept(stack, RegistryKey::Hooks);
                stack.push_item(-1, n);
                stack.remove(-2);
                stack.push_bytes(event.as_bytes());
                if object.is_some() {
                    stack.push_value(1);
                }
                // Each hook gets arguments of its own: it may change tables among them.
                let count = arguments.push(stack);
                stack.call(1 + c_int::from(object.is_some()) + count, 0);
            }
            0
        };
        let begun = shared.limits.traced_since();
        let outcome = self.outside_of_task(|| shared.protect_with(stack, object.as_slice(), call_all));
        shared.limits.trace_since(begun);
        shared.hook_depth.set(depth);
        outcome.map(drop).ok_or(Error::Vetoed)
    }
}

/// Adds the first argument, a function, behind the other hooks, in a table that scripts cannot reach. Returns `true`.
pub(crate) fn add_hook() -> impl Results {
    values(|stack| {
        let shared = shared(stack.stack());
        let count = shared.hooks.get() + 1;
        push_kept(stack, RegistryKey::Hooks);
        stack.push_value(1);
        stack.set_item(-2, count as usize);
        shared.hooks.set(count);
        HOOKED.store(true, Ordering::Relaxed);
        ().push(stack)
    })
}

/// An object whose finalizer is the first argument, a function.
pub(crate) fn finalizer() -> impl Results {
    values(|stack| {
        stack.push_userdata(0);
        stack.push_table(0, 1);
        stack.push_value(1);
        stack.set_field(-2, "__gc");
        stack.set_metatable(-2);
        1
    })
}
