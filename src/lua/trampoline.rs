//! The one way from Lua into Rust.

use std::any::Any;
use std::ffi::c_int;
use std::mem::{ManuallyDrop, needs_drop};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, Ordering};

use mlua::ffi::{lua_CFunction, lua_State};

use super::arguments::{Arguments, Reader};
use super::caller::{Caller, shared};
use super::coroutine::park;
use super::results::Results;
use super::space::{Local, Scratch, Space};
use super::stack::{NAME, REGISTRY, Stack, Type, WOULD_BLOCK, upvalue};
use crate::error::{Cause, Error, Failure, Message, Progress, Result, Subject};
use crate::sys::Errno;
use crate::text::Text;

/// What a verb receives beside its arguments.
pub(crate) struct Context<'a> {
    /// The Lua that called.
    pub(crate) caller: Caller<'a>,
    /// Room to receive bytes into.
    pub(crate) space: Space<'a>,
}

/// A function that Lua can call: its documented name and its entry.
pub(crate) struct Function {
    pub(crate) name: &'static str,
    pub(super) entry: lua_CFunction,
}

/// A function of the module.
pub(crate) const fn function<'a, F, A, R>(name: &'static str, _verb: F) -> Function
where
    F: NativeFunction<'a, A, R>,
    A: Arguments<'a>,
    R: Results,
{
    Function { name, entry: enter::<'a, F, A, R, false> }
}

/// A method: its first argument is the object, which the numbering of the others leaves out.
pub(crate) const fn method<'a, F, A, R>(name: &'static str, _verb: F) -> Function
where
    F: NativeFunction<'a, A, R>,
    A: Arguments<'a>,
    R: Results,
{
    Function { name, entry: enter::<'a, F, A, R, true> }
}

/// A safe Rust function that takes a [`Context`] and arguments. It must be a named function or a closure without
/// captures.
pub(crate) trait NativeFunction<'a, A, R>: Copy {
    fn call(self, context: Context<'a>, arguments: A) -> Result<R>;
}

macro_rules! verbs {
    ($($argument:ident)*) => {
        impl<'a, F, R, $($argument),*> NativeFunction<'a, ($($argument,)*), R> for F
        where
            F: Fn(Context<'a>, $($argument),*) -> Result<R> + Copy,
        {
            #[inline(always)]
            #[allow(non_snake_case, reason = "the type's letter names the value too")]
            fn call(self, context: Context<'a>, ($($argument,)*): ($($argument,)*)) -> Result<R> {
                self(context, $($argument),*)
            }
        }
    };
}

verbs! {}
verbs! { A }
verbs! { A B }
verbs! { A B C }
verbs! { A B C D }
verbs! { A B C D E }
verbs! { A B C D E G }
verbs! { A B C D E G H }

/// Whether any Lua state of the process ever had tasks: until then no call asks whether it is one of a task.
static IN_TASKS: AtomicBool = AtomicBool::new(false);

/// Calls ask from now on.
pub(super) fn set_in_tasks() {
    IN_TASKS.store(true, Ordering::Relaxed);
}

/// True where `lua_pushlstring` runs finalizers before it copies, so that a block in use must not lie in reach.
const COPIES_LATE: bool = cfg!(any(feature = "lua51", feature = "lua52", feature = "luajit"));

unsafe extern "C-unwind" fn enter<'a, F, A, R, const METHOD: bool>(state: *mut lua_State) -> c_int
where
    F: NativeFunction<'a, A, R>,
    A: Arguments<'a>,
    R: Results,
{
    const {
        assert!(size_of::<F>() == 0, "a verb captures nothing");
        assert!(!needs_drop::<A>(), "a Lua error may pass over arguments");
    }
    // SAFETY: Lua passes the state that runs this call; the value does not leave it.
    let stack = unsafe { Stack::new(state) };
    let caller = Caller::new(stack);
    let caller = if IN_TASKS.load(Ordering::Relaxed) { caller.with_turn() } else { caller };

    let mut reader = Reader::new(stack, METHOD, A::COUNTS);
    let arguments = A::read(&mut reader);
    caller.begin();

    let (mut local, scratch) = (Local::new(), Scratch::new());
    let (local, scratch) = (&raw mut local, &raw const scratch);
    // SAFETY: both live until this function returns, and so do the results that borrow from them; `local` is only used
    // through this reference.
    let (local, scratch) = unsafe { (&mut *local, &*scratch) };
    let context = Context { caller, space: Space::new(local, scratch) };
    // SAFETY: F has no size, so there is nothing to initialise; a verb is a function that exists.
    let verb = unsafe { NonNull::<F>::dangling().read() };
    let outcome = catch_unwind(AssertUnwindSafe(|| verb.call(context, arguments)));

    match outcome {
        Ok(Ok(mut results)) => {
            if results.owns() || (COPIES_LATE && scratch.is_here()) {
                let results = ManuallyDrop::new(results);
                return push_protected(stack, caller, scratch, results);
            }
            let oversized = scratch.restore();
            let count = results.push(stack);
            if oversized {
                Scratch::trim();
            }
            count
        }
        Ok(Err(error)) => {
            scratch.give_back();
            match error {
                Error::Plain(cause) => push_failure(stack, cause),
                Error::Parked => park(stack, caller.turn(), reader.given()),
                Error::Vetoed => stack.raise(),
                Error::Detailed(failure) => push_details(stack, caller, unbox(failure)),
                Error::Raised(failure) => {
                    let message = failure.cause.message(operation(stack), &failure.subject);
                    let interrupted = matches!(failure.cause, Cause::Interrupted);
                    drop(failure);
                    if interrupted {
                        stack.run_hook();
                    }
                    stack.raise_message(message.as_bytes())
                }
                Error::Misuse(misuse) => {
                    let (index, reason) = (misuse.index, Text::<120>::format(format_args!("{}", misuse.reason)));
                    drop(misuse);
                    if METHOD && index == 1 {
                        refuse_object(stack, reason.as_bytes());
                    }
                    reader.refuse_at(index, reason.as_bytes())
                }
            }
        }
        Err(payload) => {
            scratch.give_back();
            let message = describe_panic(payload);
            stack.raise_message(message.as_bytes())
        }
    }
}

/// Pushes results that own something: a Lua error on the way drops them before it goes on.
#[cold]
#[inline(never)]
fn push_protected<R: Results>(stack: Stack, caller: Caller, scratch: &Scratch, mut results: ManuallyDrop<R>) -> c_int {
    let shared = caller.shared();
    let count = shared.protect(stack, |stack| results.push(stack));
    if count.is_some() {
        results.arrived(shared);
    }
    drop(ManuallyDrop::into_inner(results));
    scratch.give_back();
    match count {
        Some(count) => count,
        None => stack.raise(),
    }
}

/// `nil, message, code`.
#[cold]
#[inline(never)]
pub(super) fn push_failure(stack: Stack, cause: Cause) -> c_int {
    push_message(stack, cause, &cause.message(operation(stack), &Subject::Socket), true)
}

/// The same with the failure's own message, which is plain when it says nothing but the operation and the cause. The two
/// failures that programs meet all the time are made of strings that exist already.
fn push_message(stack: Stack, cause: Cause, message: &Message, is_plain: bool) -> c_int {
    stack.push_nil();
    match cause {
        Cause::System(Errno::WOULD_BLOCK) => stack.push_value(upvalue(WOULD_BLOCK)),
        Cause::Timeout if is_plain => push_timed_out(stack, message),
        _ => stack.push_bytes(message.as_bytes()),
    }
    stack.push_bytes(cause.code().as_bytes());
    3
}

/// The message of a timeout, from the table that keeps one for each function that ever timed out.
fn push_timed_out(stack: Stack, message: &Message) {
    stack.push_item(REGISTRY, shared(stack).timed_out_place);
    stack.push_value(upvalue(NAME));
    if stack.get(-2) == Type::Nil {
        stack.pop(1);
        stack.push_value(upvalue(NAME));
        stack.push_bytes(message.as_bytes());
        stack.set(-3);
        stack.push_value(upvalue(NAME));
        stack.get(-2);
    }
    stack.remove(-2);
}

/// The same for a failure that has more to tell: a message with its subject, and how far the work had come as a
/// fourth value.
#[cold]
#[inline(never)]
fn push_details(stack: Stack, caller: Caller, failure: Failure) -> c_int {
    let Failure { cause, subject, progress } = failure;
    let message = cause.message(operation(stack), &subject);
    let is_plain = matches!(subject, Subject::Socket);
    drop(subject);
    match progress {
        Progress::None => push_message(stack, cause, &message, is_plain),
        Progress::Sent(count) => {
            push_message(stack, cause, &message, is_plain);
            stack.push_integer(count as i64);
            4
        }
        // The bytes first, where their owner waits: what comes after them may raise.
        Progress::Received(bytes) => {
            let bytes = ManuallyDrop::new(bytes);
            let pushed = caller.shared().protect(stack, |stack| {
                stack.push_bytes(&bytes);
                1
            });
            drop(ManuallyDrop::into_inner(bytes));
            if pushed.is_none() {
                stack.raise();
            }
            let partial = stack.top();
            push_message(stack, cause, &message, is_plain);
            stack.push_value(partial);
            4
        }
    }
}

/// Takes a value out of its box, which is gone when this returns.
#[allow(clippy::boxed_local, reason = "it is there to be taken apart")]
fn unbox<T>(boxed: Box<T>) -> T {
    *boxed
}

/// The name of the running function.
pub(super) fn operation<'a>(stack: Stack) -> &'a [u8] {
    stack.bytes(upvalue(NAME)).unwrap_or_default()
}

/// Raises `bad argument #n to 'name' (reason)`. A method does not count the object that it is called on.
#[cold]
#[inline(never)]
pub(super) fn refuse(stack: Stack, method: bool, index: c_int, reason: &[u8]) -> ! {
    let number = if method && index > 1 { index - 1 } else { index };
    let mut message = Text::<200>::format(format_args!("bad argument #{number} to '"));
    message.push(operation(stack));
    message.push(b"' (");
    message.push(reason);
    message.push(b")");
    stack.raise_message(message.as_bytes())
}

/// Raises `calling 'name' on bad self (reason)`, as Lua does where a method is not for this object.
#[cold]
#[inline(never)]
fn refuse_object(stack: Stack, reason: &[u8]) -> ! {
    let mut message = Text::<200>::format(format_args!("calling '"));
    message.push(operation(stack));
    message.push(b"' on bad self (");
    message.push(reason);
    message.push(b")");
    stack.raise_message(message.as_bytes())
}

/// What a panic said. The payload is gone when this returns.
#[cold]
fn describe_panic(payload: Box<dyn Any + Send>) -> Text<200> {
    let said = payload.downcast_ref::<&str>().copied();
    let said = said.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let message = Text::format(format_args!("panic: {}", said.unwrap_or("unknown")));
    // A payload whose drop panics again is not worth the process.
    if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(second);
    }
    message
}

#[cfg(test)]
mod tests;
