//! Calls from Lua into Rust: each native function has an instance of one generic C function.

use std::any::Any;
use std::ffi::c_int;
use std::mem::{ManuallyDrop, MaybeUninit, needs_drop};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;

mod failure;

pub(super) use failure::push_failure;
use failure::{push_details, unbox};
use mlua::ffi::{lua_CFunction, lua_State};

use super::arguments::{Argument, Reader, operation};
use super::caller::Caller;
use super::coroutine::park;
use super::results::Results;
use super::space::{SMALL, Scratch, Space};
use super::stack::{RaisingStack, Stack};
use crate::error::{Cause, Error, Result};
use crate::text::Text;

/// What a native function receives besides its arguments.
pub(crate) struct Context<'a> {
    /// The Lua state that called.
    pub(crate) caller: Caller<'a>,
    /// Memory to receive bytes into.
    pub(crate) space: Space<'a>,
}

/// A function that Lua can call: its documented name and its C function.
pub(crate) struct NativeFunction {
    pub(crate) name: &'static str,
    pub(super) entry: lua_CFunction,
}

/// A function of the module.
pub(crate) const fn function<'a, F, A, R>(name: &'static str, _function: F) -> NativeFunction
where
    F: RustFunction<'a, A, R>,
    A: Argument<'a>,
    R: Results,
{
    NativeFunction { name, entry: enter::<'a, F, A, R, false> }
}

/// A method: its first argument is the object, which error messages do not count.
pub(crate) const fn method<'a, F, A, R>(name: &'static str, _function: F) -> NativeFunction
where
    F: RustFunction<'a, A, R>,
    A: Argument<'a>,
    R: Results,
{
    NativeFunction { name, entry: enter::<'a, F, A, R, true> }
}

/// A safe Rust function that takes a [`Context`] and arguments: a named function or a closure without captures.
pub(crate) trait RustFunction<'a, A, R>: Copy {
    fn call(self, context: Context<'a>, arguments: A) -> Result<R>;
}

macro_rules! native_functions {
    ($($argument:ident)*) => {
        impl<'a, F, R, $($argument),*> RustFunction<'a, ($($argument,)*), R> for F
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

native_functions! {}
native_functions! { A }
native_functions! { A B }
native_functions! { A B C }
native_functions! { A B C D }
native_functions! { A B C D E }
native_functions! { A B C D E G }
native_functions! { A B C D E G H }

/// True where `lua_pushlstring` may run finalizers before it copies the bytes. A finalizer that receives must not get
/// the scratch block then.
pub(super) const COPIES_LATE: bool = cfg!(any(feature = "lua51", feature = "lua52", feature = "luajit"));

unsafe extern "C-unwind" fn enter<'a, F, A, R, const METHOD: bool>(state: *mut lua_State) -> c_int
where
    F: RustFunction<'a, A, R>,
    A: Argument<'a>,
    R: Results,
{
    const {
        assert!(size_of::<F>() == 0, "a native function captures nothing");
        assert!(!needs_drop::<A>(), "a Lua error may pass over arguments");
    }
    // SAFETY: Lua passes the state that runs this call; the value does not leave it.
    let stack = unsafe { Stack::<'a>::new(state) };
    let mut info = MaybeUninit::uninit();
    let info = &raw mut info;
    // SAFETY: it lives until this function returns, and is only used through this reference.
    let caller = Caller::looking(stack, unsafe { &mut *info });
    if let Some(limits) = caller.limits()
        && caller.heed(limits)
        && let Some(count) = caller.refuse_cancelled(stack)
    {
        return count;
    }

    // SAFETY: arguments and the reader need no drop, and nothing else is alive while they are read.
    let mut reader = Reader::new(unsafe { stack.raising() }, METHOD, A::COUNTS);
    let arguments = A::read(&mut reader);
    caller.begin();

    #[cfg(not(feature = "lua55"))]
    let scratch = Scratch::new();
    #[cfg(feature = "lua55")]
    let scratch = Scratch::of(stack);
    let mut address = MaybeUninit::uninit();
    let mut small = [const { MaybeUninit::uninit() }; SMALL];
    let (address, small, scratch) = (&raw mut address, &raw mut small, &raw const scratch);
    // SAFETY: all live until this function returns, and so do the results that borrow from them; `address` and `small`
    // are only used through these references.
    let (address, small, scratch) = unsafe { (&mut *address, &mut *small, &*scratch) };
    let context = Context { caller, space: Space::new(address, small, scratch) };
    // SAFETY: F has no size, so there is nothing to initialise; a value of it was passed to `function` or `method`.
    let function = unsafe { NonNull::<F>::dangling().read() };
    let outcome = catch_unwind(AssertUnwindSafe(|| function.call(context, arguments)));

    match outcome {
        Ok(Ok(mut results)) => {
            if results.owns() || (COPIES_LATE && scratch.is_here()) {
                let results = ManuallyDrop::new(results);
                return push_protected(stack, caller, scratch, results);
            }
            let oversized = scratch.restore();
            // SAFETY: the results own nothing, and the scratch block is no longer here.
            let count = results.push(unsafe { stack.raising() });
            if oversized {
                Scratch::trim();
            }
            count
        }
        Ok(Err(error)) => {
            scratch.give_back();
            if caller.limits().is_some() {
                caller.trace_failure(&error);
            }
            // SAFETY: only used once the error has been dropped.
            let raising = unsafe { stack.raising() };
            match error {
                Error::Plain(cause) => push_failure(raising, cause),
                Error::Parked => park(raising, caller, reader.given()),
                Error::Vetoed => {
                    caller.shared().running.places.set(false);
                    raising.raise()
                }
                Error::Detailed(failure) => push_details(stack, caller, unbox(failure)),
                Error::Raised(failure) => {
                    let message = failure.message(operation(stack));
                    let interrupted = matches!(failure.cause, Cause::Interrupted);
                    drop(failure);
                    caller.shared().running.places.set(true);
                    if interrupted {
                        raising.run_hook();
                    }
                    raising.raise_message(message.as_bytes())
                }
                Error::Misuse(index, words) => {
                    let reason = Text::<120>::format(format_args!("{words}"));
                    drop(words);
                    if METHOD && index == 1 {
                        refuse_object(raising, reason.as_bytes());
                    }
                    reader.refuse_at(index, reason.as_bytes())
                }
            }
        }
        Err(payload) => {
            scratch.give_back();
            let message = describe_panic(payload);
            // SAFETY: the payload was dropped.
            unsafe { stack.raising() }.raise_message(message.as_bytes())
        }
    }
}

/// Pushes results that own something: they are dropped before a Lua error is raised again.
#[cold]
#[inline(never)]
fn push_protected<R: Results>(stack: Stack, caller: Caller, scratch: &Scratch, mut results: ManuallyDrop<R>) -> c_int {
    let shared = caller.shared();
    let count = shared.protect(stack, |stack| {
        // What was received is pushed first.
        #[cfg(feature = "lua55")]
        scratch.restore_lua_block();
        results.push(stack)
    });
    if count.is_some() {
        results.after_push(shared);
    }
    drop(ManuallyDrop::into_inner(results));
    scratch.give_back();
    match count {
        Some(count) => count,
        // SAFETY: the results were dropped.
        None => unsafe { stack.raising() }.raise(),
    }
}

/// Raises `calling 'name' on bad self (reason)`, as Lua does for a method's object.
#[cold]
#[inline(never)]
fn refuse_object(stack: RaisingStack, reason: &[u8]) -> ! {
    let mut message = Text::<200>::format(format_args!("calling '"));
    message.push(operation(stack.stack()));
    message.push(b"' on bad self (");
    message.push(reason);
    message.push(b")");
    stack.raise_message(message.as_bytes())
}

/// The message of a panic. Drops the payload.
#[cold]
fn describe_panic(payload: Box<dyn Any + Send>) -> Text<200> {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let message = Text::format(format_args!("panic: {}", text.unwrap_or("unknown")));
    // Dropping the payload may panic again; the second payload is leaked.
    if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(second);
    }
    message
}

#[cfg(test)]
mod tests;
