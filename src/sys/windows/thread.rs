//! Threads of the library.

use windows_sys::Win32::System::LibraryLoader::{
    GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, GET_MODULE_HANDLE_EX_FLAG_PIN, GetModuleHandleExW,
};

use super::*;

/// Runs something in a new thread. The library stays loaded from then on.
pub(crate) fn spawn(work: impl FnOnce() + Send + 'static) -> Result<(), Errno> {
    stay_loaded();
    let made = std::thread::Builder::new().name("bsdsocket".to_owned()).spawn(work);
    made.map(drop).map_err(Errno::from)
}

pub(crate) fn stay_loaded() {
    let flags = GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS;
    let mut handle = std::ptr::null_mut();
    // SAFETY: with this flag the name is an address in the library.
    unsafe { GetModuleHandleExW(flags, (stay_loaded as fn() as *const u16).cast(), &mut handle) };
}

/// The system has no such signal.
pub(crate) fn ignore_sigpipe() {}

/// How many descriptors the process may have: the system has no limit of its own.
pub(crate) fn descriptor_limit() -> i64 {
    i32::MAX.into()
}
