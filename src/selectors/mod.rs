//! `bsdsocket.selectors`: waiting for any number of sockets at once.

mod watch;

use std::cell::RefCell;
use std::time::{Duration, Instant};

use watch::Watch;

use crate::error::{Cause, Error, Result};
use crate::lua::selector_results::{self, batch, closed, event, failed_to_modify, key, keys, new_key};
use crate::lua::{Anchored, Caller, Context, Either, Limit, NativeFunction, Results, Watched, function, method};
use crate::socket::admit;
use crate::sys::{Descriptor, Errno, Poller, Ready};

/// The constants of the module.
pub(crate) const EVENTS: &[(&str, i64)] =
    &[("EVENT_READ", Ready::READ.0 as i64), ("EVENT_WRITE", Ready::WRITE.0 as i64)];

/// The functions of the module.
pub(crate) static INDEX: &[NativeFunction] = &[
    function("DefaultSelector", default),
    #[cfg(linux_like)]
    function("EpollSelector", queue),
    #[cfg(any(apple, bsd))]
    function("KqueueSelector", queue),
    function("PollSelector", poll),
];

/// The methods of a selector.
pub(crate) static METHODS: &[NativeFunction] = &[
    method("register", register),
    method("unregister", unregister),
    method("modify", modify),
    method("select", select),
    method("close", close),
    method("get_key", get_key),
    method("get_map", get_map),
    method("fileno", fileno),
];

/// The metamethods of a selector.
pub(crate) static METAMETHODS: &[NativeFunction] =
    &[method("__gc", collect), method("__close", close), method("__len", length), method("__tostring", describe)];

/// The iterator that `select` returns; it carries the selector.
pub(crate) static NEXT_EVENT: NativeFunction = function("select", next_event);

/// A selector; `None` if it is closed. The keys and the registered objects are in a table of the userdata, by the
/// numbers of the registrations.
pub(crate) struct Selector(RefCell<Option<Watch>>);

impl Selector {
    /// A selector that is closed.
    pub(crate) fn closed() -> Self {
        Selector(RefCell::new(None))
    }

    fn open<T>(&self, act: impl FnOnce(&mut Watch) -> Result<T>) -> Result<T> {
        match &mut *self.0.borrow_mut() {
            Some(watch) => act(watch),
            None => Err(Error::named(Errno::BAD_DESCRIPTOR, "the selector is closed")),
        }
    }

    /// Whether a registration still exists.
    pub(crate) fn has(&self, token: usize) -> bool {
        self.0.borrow().as_ref().is_some_and(|watch| watch.has(token))
    }

    /// The number of a registration, counted from 0.
    pub(crate) fn number(token: usize) -> usize {
        watch::number(token)
    }

    /// The token of the registration with a number.
    pub(crate) fn at(&self, number: usize) -> Option<usize> {
        self.0.borrow().as_ref()?.at(number)
    }

    /// Undoes `register`, or with the previous `events` `modify`.
    pub(crate) fn undo(&self, token: usize, events: Option<Ready>) {
        if let Some(watch) = &mut *self.0.borrow_mut() {
            watch.undo(token, events);
        }
    }
}

fn make(context: Context, poller: impl FnOnce() -> std::result::Result<Poller, Errno>) -> Result<impl Results> {
    let place = admit(context.caller)?;
    Ok(selector_results::new_selector(Selector(RefCell::new(Some(Watch::new(place, poller()?))))))
}

/// `selectors.DefaultSelector()`.
fn default(context: Context) -> Result<impl Results> {
    make(context, Poller::new)
}

/// `selectors.EpollSelector()`, `selectors.KqueueSelector()`.
#[cfg(unix)]
fn queue(context: Context) -> Result<impl Results> {
    make(context, || Ok(Poller::over(Some(crate::sys::Queue::new()?))))
}

/// `selectors.PollSelector()`.
fn poll(context: Context) -> Result<impl Results> {
    make(context, || Ok(Poller::over(None)))
}

/// `selector:register(object, events [, data])`.
fn register(_: Context, selector: &Selector, object: Watched, events: Ready) -> Result<impl Results> {
    let token = selector.open(|watch| watch.register(object, events))?;
    Ok(new_key(selector, token, object.fd, events, None))
}

/// `selector:unregister(object)`: returns the key.
fn unregister(_: Context, selector: &Selector, object: Watched) -> Result<impl Results> {
    let token = selector.open(|watch| {
        let token = watch.registered(object)?;
        watch.unregister(token);
        Ok(token)
    })?;
    Ok(key(token, true))
}

/// `selector:modify(object, events [, data])`: returns a new key. If the system call fails, unregisters the object.
fn modify(_: Context, selector: &Selector, object: Watched, events: Ready) -> Result<impl Results> {
    selector.open(|watch| {
        let token = watch.registered(object)?;
        let (fd, before) = watch.watched(token);
        Ok(match watch.modify(token, events) {
            Ok(()) => Either::Left(new_key(selector, token, fd, events, Some(before))),
            Err(errno) => {
                watch.unregister(token);
                Either::Right(failed_to_modify(token, errno))
            }
        })
    })
}

/// `selector:select([timeout])`: returns an iterator over what is ready. After EINTR waits for the remaining time,
/// unless the Lua state has a pending debug hook.
fn select(context: Context, selector: &Selector, Limit(limit): Limit) -> Result<impl Results> {
    let limit = match context.caller.limits() {
        Some(limits) => limits.shorten(limit).unwrap_or(Some(Duration::ZERO)),
        None => limit,
    };
    let waits = limit.is_none_or(|limit| !limit.is_zero());
    let end = limit.filter(|_| waits).and_then(|limit| Instant::now().checked_add(limit));
    let may_sleep = !context.caller.is_in_step();
    let mut time = if may_sleep { limit } else { Some(Duration::ZERO) };
    selector.open(|watch| {
        loop {
            match wait(context.caller, watch, time) {
                Ok(found) if found || !waits => return Ok(batch(watch.batch())),
                Ok(_) if !may_sleep => {
                    let words = "cannot wait in a task (tasks.wait of a descriptor can)";
                    return Err(Error::named(Errno::DEADLOCK, words).raised());
                }
                Ok(_) | Err(Errno::INTERRUPTED) => {}
                Err(errno) => return Err(errno.into()),
            }
            if let Some(end) = end {
                let left = end.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Ok(batch(watch.batch()));
                }
                time = Some(left);
            }
            if context.caller.has_pending_hook() {
                return Err(Cause::Interrupted.into());
            }
        }
    })
}

/// Waits once, for no longer than the host allows.
fn wait(caller: Caller, watch: &mut Watch, time: Option<Duration>) -> std::result::Result<bool, Errno> {
    let Some(waker) = caller.limits().and_then(|limits| limits.waker()) else { return watch.wait(time) };
    let found = watch.wait_or_wake(waker, time)?;
    if caller.heed_switch() { Err(Errno::CANCELED) } else { Ok(found) }
}

/// The next event of a batch, by default the current one. Returns nothing at its end, and if it is not the current one.
fn next_event(_: Context, selector: Anchored<Selector>, batch: Option<i64>) -> Result<impl Results> {
    let next = selector.0.borrow_mut().as_mut().and_then(|watch| watch.next(batch));
    Ok(next.map(|(number, ready)| event(number, ready)))
}

/// `selector:close()`, and `__close`.
fn close(_: Context, selector: &Selector) -> Result<impl Results> {
    selector.0.take();
    Ok(closed())
}

/// `__gc`.
fn collect(_: Context, selector: &Selector) -> Result<()> {
    selector.0.take();
    Ok(())
}

/// `selector:get_key(object)`.
fn get_key(_: Context, selector: &Selector, object: Watched) -> Result<impl Results> {
    let token = selector.open(|watch| watch.registered(object))?;
    Ok(key(token, false))
}

/// `selector:get_map()`: returns a table of the keys by their objects.
fn get_map(_: Context, selector: &Selector) -> Result<impl Results> {
    Ok(keys(selector.open(|watch| Ok(watch.count()))?))
}

/// `selector:fileno()`: returns the descriptor of the epoll set or kqueue.
fn fileno(context: Context, selector: &Selector) -> Result<Descriptor> {
    selector.open(|watch| {
        let named = context.caller.shared().names_descriptors.get();
        Ok(watch.fd().filter(|_| named).ok_or(Errno::NOT_SUPPORTED)?)
    })
}

/// `#selector`: the number of registered objects.
fn length(_: Context, selector: &Selector) -> Result<usize> {
    Ok(selector.0.borrow().as_ref().map_or(0, Watch::count))
}

fn describe(_: Context, selector: &Selector) -> Result<String> {
    Ok(match &*selector.0.borrow() {
        Some(watch) => format!("selector ({}, {} registered)", watch.name(), watch.count()),
        None => "selector (closed)".to_owned(),
    })
}
