//! A [`Switch`] for hosts in C and C++, as `include/bsdsocket.h` declares it.

use crate::limits::Switch;

/// `bsdsocket_switch_new`: a switch, which `bsdsocket_switch_free` frees.
#[unsafe(no_mangle)]
pub extern "C" fn bsdsocket_switch_new() -> *mut Switch {
    Box::into_raw(Box::new(Switch::new()))
}

/// `bsdsocket_cancel`: see [`Switch::cancel`].
///
/// # Safety
/// `switch` is of [`bsdsocket_switch_new`] and was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bsdsocket_cancel(switch: *const Switch) {
    // SAFETY: the caller's promise.
    unsafe { (*switch).cancel() }
}

/// `bsdsocket_close_all`: see [`Switch::close_all`].
///
/// # Safety
/// As for [`bsdsocket_cancel`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bsdsocket_close_all(switch: *const Switch) {
    // SAFETY: the caller's promise.
    unsafe { (*switch).close_all() }
}

/// `bsdsocket_switch_free`: the states go on, and the switch no longer ends what they do.
///
/// # Safety
/// As for [`bsdsocket_cancel`]; null is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bsdsocket_switch_free(switch: *mut Switch) {
    if !switch.is_null() {
        // SAFETY: the caller's promise.
        drop(unsafe { Box::from_raw(switch) });
    }
}
