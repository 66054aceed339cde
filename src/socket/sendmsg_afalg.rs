//! sendmsg_afalg: messages to the kernel crypto API.

use super::{Socket, message};
use crate::error::{Error, Result};
use crate::lua::{Context, OptionsTable, options};
use crate::memory;
use crate::sys::{self, Bytes, IoSlice};

/// `socket:sendmsg_afalg{msg=, op=, iv=, assoclen=, flags=}`.
pub(super) fn sendmsg_afalg(
    context: Context,
    socket: &Socket,
    _: OptionsTable<{ options::SENDMSG_AFALG }>,
    buffers: Option<&[IoSlice<Bytes>]>,
    op: Option<u32>,
    iv: Option<Bytes>,
    (assoclen, flags): (Option<u32>, Option<i32>),
) -> Result<usize> {
    if !sys::is_alg(socket.family()) {
        return Err(Error::misuse(1, "algset is only supported for AF_ALG"));
    }
    let op = op.ok_or_else(|| Error::misuse(3, "number expected, got nil"))?.to_ne_bytes();
    let vector = iv.map(initialisation_vector).transpose()?;
    let length = assoclen.map(u32::to_ne_bytes);

    let mut items = vec![sys::alg_set_op(op[..].into())];
    items.extend(vector.as_ref().map(|vector| sys::alg_set_iv(vector[..].into())));
    items.extend(length.as_ref().map(|length| sys::alg_set_aead_assoclen(length[..].into())));
    let pieces = buffers.unwrap_or_default();
    message::deliver(context.caller, socket, pieces, &items, flags.unwrap_or(0), None)
}

/// Bytes with their length in front, as `struct af_alg_iv` has them.
fn initialisation_vector(iv: Bytes) -> Result<Vec<u8>> {
    let mut vector = memory::with_room(size_of::<u32>() + iv.len())?;
    vector.extend_from_slice(&(iv.len() as u32).to_ne_bytes());
    iv.append_to(&mut vector)?;
    Ok(vector)
}
