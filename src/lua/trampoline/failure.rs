//! What a call that fails returns: `nil`, a message, a code, and what it has sent or received.

use std::ffi::c_int;
use std::mem::ManuallyDrop;

use crate::error::{Cause, Failure};
use crate::lua::arguments::{name_in, operation};
use crate::lua::caller::Caller;
use crate::lua::registry::RegistryKey;
use crate::lua::stack::{NAME, RaisingStack, Stack, Type, upvalue};
use crate::lua::state::push_kept;
use crate::sys::Errno;
use crate::text::Text;

/// Pushes `nil, message, code`.
#[cold]
#[inline(never)]
pub(in crate::lua) fn push_failure(stack: RaisingStack, cause: Cause) -> c_int {
    push_message(stack, cause, || cause.message(operation(stack.stack())), true)
}

/// The same with the failure's message; it is plain when it contains only the operation and the cause. For the common
/// failures, EWOULDBLOCK and timeouts, the strings are kept once they have been made.
fn push_message(stack: RaisingStack, cause: Cause, message: impl FnOnce() -> Text, is_plain: bool) -> c_int {
    stack.push_nil();
    match cause {
        Cause::System(Errno::WOULD_BLOCK) => {
            stack.push_value(upvalue(NAME));
            let text = stack.string_of(Type::String, -1);
            if name_in(text).len() == text.len() {
                stack.push_bytes(cause.message(text).as_bytes());
                stack.push_value(-1);
                stack.replace(upvalue(NAME));
                stack.remove(-2);
            }
        }
        Cause::Timeout if is_plain => push_timed_out(stack, message),
        _ => stack.push_bytes(message().as_bytes()),
    }
    stack.push_bytes(cause.code().as_bytes());
    3
}

/// Pushes the message of a timeout from the table of these messages, which is filled as functions time out.
fn push_timed_out(stack: RaisingStack, message: impl FnOnce() -> Text) {
    push_kept(stack, RegistryKey::TimeoutMessages);
    stack.push_value(upvalue(NAME));
    if stack.get(-2) == Type::Nil {
        stack.pop(1);
        stack.push_value(upvalue(NAME));
        stack.push_bytes(message().as_bytes());
        stack.set(-3);
        stack.push_value(upvalue(NAME));
        stack.get(-2);
    }
    stack.remove(-2);
}

/// The same for a failure with a subject, which is part of the message, or with partial progress, which is the fourth
/// value.
#[cold]
#[inline(never)]
pub(super) fn push_details(stack: Stack, caller: Caller, mut failure: Failure) -> c_int {
    let (text, is_plain) = (failure.message(operation(stack)), failure.is_plain());
    let (cause, sent, received) = (failure.cause, failure.sent, failure.received.take());
    drop(failure);
    let message = || text;
    // SAFETY: only used where nothing is left of the failure that needs dropping.
    let raising = unsafe { stack.raising() };
    match (sent, received) {
        (None, None) => push_message(raising, cause, message, is_plain),
        (Some(count), _) => {
            push_message(raising, cause, message, is_plain);
            stack.push_integer(count as i64);
            4
        }
        // The bytes are pushed first and freed: what follows may raise.
        (None, Some(bytes)) => {
            let mut bytes = ManuallyDrop::new(bytes);
            let pushed = caller.shared().protect(stack, |stack| {
                let length = bytes.len();
                stack.push_range(&mut bytes, 0..length);
                1
            });
            drop(ManuallyDrop::into_inner(bytes));
            if pushed.is_none() {
                raising.raise();
            }
            let partial = stack.top();
            push_message(raising, cause, message, is_plain);
            stack.push_value(partial);
            4
        }
    }
}

/// Moves a value out of its box and frees the box.
#[allow(clippy::boxed_local, reason = "the box is freed here")]
pub(super) fn unbox<T>(boxed: Box<T>) -> T {
    *boxed
}
