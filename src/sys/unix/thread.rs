//! Threads of the library.

use super::*;

/// Runs something in a new thread, in which all signals are blocked: they go to the threads of the program. The library
/// stays loaded from then on.
pub(crate) fn spawn(work: impl FnOnce() + Send + 'static) -> Result<(), Errno> {
    stay_loaded();
    // SAFETY: sets of signals, which the calls fill.
    let before = unsafe {
        let mut all = std::mem::zeroed();
        let mut before = std::mem::zeroed();
        libc::sigfillset(&mut all);
        libc::pthread_sigmask(libc::SIG_SETMASK, &all, &mut before);
        before
    };
    let made = std::thread::Builder::new().name("bsdsocket".to_owned()).spawn(work);
    // SAFETY: the set from above, and no place for the one before.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &before, std::ptr::null_mut()) };
    made.map(drop).map_err(Errno::from)
}

/// Keeps the library loaded until the process ends: on Linux it is since it was opened.
#[cfg(linux_like)]
pub(crate) fn stay_loaded() {}

#[cfg(not(linux_like))]
pub(crate) fn stay_loaded() {
    static STAYS: std::sync::Once = std::sync::Once::new();
    STAYS.call_once(|| {
        let own = stay_loaded as fn() as *const libc::c_void;
        // SAFETY: `own` is an address in this library; the loader owns the name. The handle is never closed.
        unsafe {
            let mut found: libc::Dl_info = std::mem::zeroed();
            if libc::dladdr(own, &mut found) != 0 && !found.dli_fname.is_null() {
                libc::dlopen(found.dli_fname, libc::RTLD_NOW);
            }
        }
    });
}

/// signal(2): a write to a pipe or socket that nobody reads fails with EPIPE in place of ending the process.
pub(crate) fn ignore_sigpipe() {
    // SAFETY: plain call.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_IGN) };
}

/// getrlimit(2): how many descriptors the process may have.
pub(crate) fn descriptor_limit() -> i64 {
    // SAFETY: all fields may be zero.
    let mut limit: libc::rlimit = unsafe { std::mem::zeroed() };
    // SAFETY: room for the limit.
    unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) };
    i64::from(i32::try_from(limit.rlim_cur).unwrap_or(i32::MAX))
}
