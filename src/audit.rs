//! Audit hooks: functions that are called before an event and may refuse it with an error.

use crate::error::Result;
use crate::lua::{Context, Finalizer, HookArgument};

/// `socket.addaudithook(hook)`.
pub(crate) fn addaudithook(_: Context, hook: HookArgument) -> Result<HookArgument> {
    Ok(hook)
}

/// An object whose finalizer calls the function. At the end of a state that is before the finalizers of older objects.
pub(crate) fn ending(_: Context, _: HookArgument) -> Result<Finalizer> {
    Ok(Finalizer)
}

/// Makes functions refuse descriptors that scripts pass as numbers.
pub(crate) fn refuse_descriptors(context: Context) -> Result<()> {
    context.caller.shared().names_descriptors.set(false);
    Ok(())
}
