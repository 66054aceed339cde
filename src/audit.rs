//! Audit hooks: functions that are called before an event and may refuse it with an error.

use crate::error::Result;
use crate::lua::{Context, Finalizer, HookArgument};

/// `socket.addaudithook(hook)`.
pub(crate) fn addaudithook(_: Context, hook: HookArgument) -> Result<HookArgument> {
    Ok(hook)
}

/// An object that calls a function when it is finalized, before older objects are.
pub(crate) fn finalizer(_: Context, _: HookArgument) -> Result<Finalizer> {
    Ok(Finalizer)
}

/// Makes functions refuse descriptors that scripts pass as numbers.
pub(crate) fn refuse_descriptors(context: Context) -> Result<()> {
    context.caller.shared().names_descriptors.set(false);
    Ok(())
}
