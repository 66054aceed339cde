//! Audit hooks: what wants to be told of an act before it happens, and may forbid it.

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

/// From now on no script names a descriptor by its number.
pub(crate) fn refuse_descriptors(context: Context) -> Result<()> {
    context.caller.shared().names_descriptors.set(false);
    Ok(())
}
