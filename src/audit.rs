//! Audit hooks: what wants to be told of an act before it happens, and may forbid it.

use crate::error::Result;
use crate::lua::{Context, Finalizer, HookArgument};

/// `socket.addaudithook(hook)`.
pub(crate) fn addaudithook(_: Context, hook: HookArgument) -> Result<HookArgument> {
    Ok(hook)
}

/// Something that calls a function when it ends, before all that is older than it.
pub(crate) fn ending(_: Context, _: HookArgument) -> Result<Finalizer> {
    Ok(Finalizer)
}

/// From now on no script names a descriptor by its number.
pub(crate) fn refuse_descriptors(context: Context) -> Result<()> {
    context.caller.shared().names_descriptors.set(false);
    Ok(())
}
