//! Audit hooks: functions that are called before an event and may refuse it with an error.

use crate::error::Result;
use crate::lua::{Body, Context, Results, add_hook, set_trace};

/// `socket.addaudithook(hook)`.
pub(crate) fn addaudithook(_: Context, _: Body) -> Result<impl Results> {
    Ok(add_hook())
}

/// An object that calls a function when it is finalized, before older objects are.
pub(crate) fn finalizer(_: Context, _: Body) -> Result<impl Results> {
    Ok(crate::lua::finalizer())
}

/// Makes functions refuse descriptors that scripts pass as numbers.
pub(crate) fn refuse_descriptors(context: Context) -> Result<()> {
    context.caller.shared().names_descriptors.set(false);
    Ok(())
}

/// Sets the function that is told what calls have done.
pub(crate) fn settrace(_: Context, _: Body) -> Result<impl Results> {
    Ok(set_trace())
}
