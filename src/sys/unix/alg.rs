//! AF_ALG: the kernel crypto API.

use libc::{AF_ALG, ALG_SET_AEAD_ASSOCLEN, ALG_SET_IV, ALG_SET_OP, SOL_ALG};

use crate::sys::Bytes;

/// Whether the family is `AF_ALG`.
pub(crate) fn is_alg(family: u16) -> bool {
    i32::from(family) == AF_ALG
}

/// A control message `ALG_SET_OP`: encrypt, decrypt, sign or verify, as the bytes of a `u32`.
pub(crate) fn alg_set_op(op: Bytes<'_>) -> (i32, i32, Bytes<'_>) {
    (SOL_ALG, ALG_SET_OP, op)
}

/// `ALG_SET_IV`: the initialisation vector, after its length as a `u32`.
pub(crate) fn alg_set_iv(iv: Bytes<'_>) -> (i32, i32, Bytes<'_>) {
    (SOL_ALG, ALG_SET_IV, iv)
}

/// `ALG_SET_AEAD_ASSOCLEN`: how many bytes at the beginning are only authenticated, as the bytes of a `u32`.
pub(crate) fn alg_set_aead_assoclen(length: Bytes<'_>) -> (i32, i32, Bytes<'_>) {
    (SOL_ALG, ALG_SET_AEAD_ASSOCLEN, length)
}
