//! Cancelling the calls of scripts, and closing their sockets, from any thread.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::sys::{Descriptor, Errno, Waker};

/// Cancels the socket calls of scripts, or closes their sockets, from any thread. Scripts cannot prevent it.
///
/// [`Builder::switch`](crate::Builder::switch) gives it to the states that the builder opens. One switch may serve many
/// states. It does not keep a state alive, and may outlive it.
///
/// # Examples
///
/// ```
/// use std::time::{Duration, Instant};
///
/// let switch = bsdsocket::Switch::new();
/// let lua = mlua::Lua::new();
/// bsdsocket::Builder::new().switch(&switch).preload(&lua)?;
/// let other = switch.clone();
/// std::thread::spawn(move || {
///     std::thread::sleep(Duration::from_millis(20));
///     other.cancel();
/// });
/// lua.load(r#"
///     local socket = require "bsdsocket"
///     local one, other = assert(socket.socketpair())
///     local _, _, code = one:recv(1)
///     assert(code == "ECANCELED")
///     assert(select(3, socket.socket()) == "ECANCELED")
/// "#).exec()?;
/// # Ok::<(), mlua::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Switch {
    cancelled: Arc<AtomicBool>,
    /// How often `close_all` was called.
    closings: Arc<AtomicUsize>,
    wakers: Arc<Mutex<Vec<Weak<Waker>>>>,
}

impl Switch {
    /// Creates a switch.
    pub fn new() -> Self {
        Self::default()
    }

    /// Cancels the calls of the scripts, for good.
    ///
    /// Calls that wait, in tasks too, fail with `ECANCELED` at once, and so does each later call of the library, except
    /// `close` and what only describes an object. Sockets stay open until they are closed.
    pub fn cancel(&self) {
        self.signal(|| self.cancelled.store(true, Ordering::SeqCst));
    }

    /// Closes all open sockets. The thread of each state does it: at once where a call waits, else at its next call of
    /// the library. A call that waits for one of them fails with `EBADF`.
    ///
    /// Scripts can make new sockets afterwards, unless [`Switch::cancel`] was called.
    pub fn close_all(&self) {
        self.signal(|| {
            self.closings.fetch_add(1, Ordering::SeqCst);
        });
    }

    /// Whether [`Switch::cancel`] was called.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::SeqCst)
    }

    /// Makes a change and wakes all states, under the lock, so that no state sees one without the other.
    fn signal(&self, change: impl FnOnce()) {
        let wakers = self.lock();
        change();
        wakers.iter().filter_map(Weak::upgrade).for_each(|waker| waker.wake());
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Weak<Waker>>> {
        self.wakers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A switch as one Lua state uses it.
pub(super) struct SwitchWatch {
    switch: Switch,
    waker: Arc<Waker>,
    /// How many calls of `close_all` the state has done.
    closings: Cell<usize>,
}

impl SwitchWatch {
    pub(super) fn new(switch: &Switch) -> Result<Self, Errno> {
        let waker = Arc::new(Waker::new()?);
        let mut wakers = switch.lock();
        wakers.retain(|waker| waker.strong_count() > 0);
        wakers.push(Arc::downgrade(&waker));
        let closings = Cell::new(switch.closings.load(Ordering::SeqCst));
        Ok(SwitchWatch { switch: switch.clone(), waker, closings })
    }

    pub(super) fn fd(&self) -> Descriptor {
        self.waker.fd()
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.switch.cancelled.load(Ordering::Relaxed)
    }

    /// Whether the sockets are to be closed, once for each time that the host has asked for it.
    pub(super) fn is_to_close(&self) -> bool {
        if self.closings.get() == self.switch.closings.load(Ordering::Relaxed) {
            return false;
        }
        // Later requests wake the thread again. For a cancelled state the descriptor stays readable.
        let _wakers = self.switch.lock();
        self.closings.set(self.switch.closings.load(Ordering::SeqCst));
        if !self.switch.is_cancelled() {
            self.waker.settle();
        }
        true
    }
}
