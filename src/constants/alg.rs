//! The kernel crypto API (AF_ALG), from `linux/if_alg.h`.

use super::constants;

/// The level, its options, types of control messages, and operations.
pub(crate) const ALG: &[(&str, i64)] = constants! {
    #[cfg(linux_like)] {
        ALG_OP_DECRYPT
        ALG_OP_ENCRYPT
        ALG_OP_SIGN = 2 // documented, though linux/if_alg.h never had it
        ALG_OP_VERIFY = 3 // documented, though linux/if_alg.h never had it
        ALG_SET_AEAD_ASSOCLEN
        ALG_SET_AEAD_AUTHSIZE
        ALG_SET_IV
        ALG_SET_KEY
        ALG_SET_OP
        ALG_SET_PUBKEY = 6 // documented, though linux/if_alg.h never had it
        SOL_ALG
    }
};
