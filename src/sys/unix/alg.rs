//! AF_ALG: the kernel crypto API.

use libc::{AF_ALG, ALG_SET_AEAD_ASSOCLEN, ALG_SET_IV, ALG_SET_OP, SOL_ALG};

use crate::sys::{Bytes, ControlMessage};

/// Whether the family is `AF_ALG`.
pub(crate) fn is_alg(family: u16) -> bool {
    i32::from(family) == AF_ALG
}

fn item(kind: i32, data: Bytes<'_>) -> ControlMessage<'_> {
    ControlMessage { level: SOL_ALG, kind, data }
}

/// `ALG_SET_OP`: encrypt, decrypt, sign or verify, as the bytes of a `u32`.
pub(crate) fn alg_set_op(op: Bytes<'_>) -> ControlMessage<'_> {
    item(ALG_SET_OP, op)
}

/// `ALG_SET_IV`: the initialisation vector, after its length as a `u32`.
pub(crate) fn alg_set_iv(iv: Bytes<'_>) -> ControlMessage<'_> {
    item(ALG_SET_IV, iv)
}

/// `ALG_SET_AEAD_ASSOCLEN`: how many bytes at the beginning are only authenticated, as the bytes of a `u32`.
pub(crate) fn alg_set_aead_assoclen(length: Bytes<'_>) -> ControlMessage<'_> {
    item(ALG_SET_AEAD_ASSOCLEN, length)
}
