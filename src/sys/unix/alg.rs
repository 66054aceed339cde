//! The kernel's cryptography: what goes with a message to it.

use std::cell::Cell;

use crate::sys::ControlMessage;

/// The family, the protocol level, and the types of ancillary data.
#[cfg(any(target_os = "linux", target_os = "android"))]
use libc::{AF_ALG, ALG_SET_AEAD_ASSOCLEN, ALG_SET_IV, ALG_SET_OP, SOL_ALG};

/// Other systems have no such family; nothing else is ever looked at.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod absent {
    pub(super) const AF_ALG: i32 = -1;
    pub(super) const ALG_SET_AEAD_ASSOCLEN: i32 = -1;
    pub(super) const ALG_SET_IV: i32 = -1;
    pub(super) const ALG_SET_OP: i32 = -1;
    pub(super) const SOL_ALG: i32 = -1;
}
#[cfg(not(any(target_os = "linux", target_os = "android")))]
use absent::*;

/// Whether sockets of the family work for the kernel's cryptography.
pub(crate) fn is_alg(family: u16) -> bool {
    i32::from(family) == AF_ALG
}

fn item(kind: i32, data: &[Cell<u8>]) -> ControlMessage<'_> {
    ControlMessage { level: SOL_ALG, kind, data }
}

/// What to do: encrypt, decrypt, sign, verify. The bytes are those of the number.
pub(crate) fn operation(op: &[Cell<u8>]) -> ControlMessage<'_> {
    item(ALG_SET_OP, op)
}

/// The initialisation vector, with its length before it as four bytes.
pub(crate) fn initialisation_vector(iv: &[Cell<u8>]) -> ControlMessage<'_> {
    item(ALG_SET_IV, iv)
}

/// How many bytes at the beginning are authenticated only. The bytes are those of the number.
pub(crate) fn associated_length(length: &[Cell<u8>]) -> ControlMessage<'_> {
    item(ALG_SET_AEAD_ASSOCLEN, length)
}
