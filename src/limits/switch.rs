//! Cancelling the calls of scripts, and closing their sockets, from any thread.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::Limits;
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

impl Limits {
    /// Has a switch end what the state does.
    pub(super) fn set_switch(&self, switch: &Switch) -> Result<(), Errno> {
        let waker = Arc::new(Waker::new()?);
        let mut wakers = switch.lock();
        wakers.retain(|waker| waker.strong_count() > 0);
        wakers.push(Arc::downgrade(&waker));
        self.closings.set(switch.closings.load(Ordering::SeqCst));
        *self.switch.borrow_mut() = Some((switch.clone(), waker));
        Ok(())
    }

    /// The descriptor that is readable after the switch was used.
    pub(crate) fn waker(&self) -> Option<Descriptor> {
        self.switch.borrow().as_ref().map(|(_, waker)| waker.fd())
    }

    /// Whether the host has cancelled the state.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.switch.borrow().as_ref().is_some_and(|(switch, _)| switch.cancelled.load(Ordering::Relaxed))
    }

    /// The same; true only for the first call.
    pub(crate) fn was_just_cancelled(&self) -> bool {
        self.is_cancelled() && !self.told.replace(true)
    }

    /// Whether the host has called `close_all` since this function was called: true once for each time.
    pub(crate) fn is_to_close(&self) -> bool {
        let switch = self.switch.borrow();
        let Some((switch, waker)) = &*switch else { return false };
        if self.closings.get() == switch.closings.load(Ordering::Relaxed) {
            return false;
        }
        // Later requests wake the thread again. For a cancelled state the descriptor stays readable.
        let _wakers = switch.lock();
        self.closings.set(switch.closings.load(Ordering::SeqCst));
        if !switch.is_cancelled() {
            waker.settle();
        }
        true
    }
}
