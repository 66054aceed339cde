//! `bsdsocket.selectors`: waiting for any number of sockets at once.

mod selector;

use std::cell::RefCell;
use std::time::{Duration, Instant};

pub(crate) use selector::Selector;

use crate::error::{Cause, Error, Result};
use crate::lua::selector_results::{self, batch, closed, event, failed_to_modify, key, keys, new_key};
use crate::lua::{Anchored, Caller, Context, Either, NativeFunction, Results, Watched, function, method};
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

/// Does something with a selector that is not closed.
fn open<T>(selector: &RefCell<Option<Selector>>, act: impl FnOnce(&mut Selector) -> Result<T>) -> Result<T> {
    match &mut *selector.borrow_mut() {
        Some(selector) => act(selector),
        None => Err(Error::named(Errno::BAD_DESCRIPTOR, "the selector is closed")),
    }
}

fn make(context: Context, poller: impl FnOnce() -> std::result::Result<Poller, Errno>) -> Result<impl Results> {
    let place = admit(context.caller)?;
    Ok(selector_results::new_selector(Selector::new(place, poller()?)))
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
fn register(_: Context, selector: &RefCell<Option<Selector>>, object: Watched, events: Ready) -> Result<impl Results> {
    let token = open(selector, |selector| selector.register(object, events))?;
    Ok(new_key(selector, token, object.fd, events, None))
}

/// `selector:unregister(object)`: returns the key.
fn unregister(_: Context, selector: &RefCell<Option<Selector>>, object: Watched) -> Result<impl Results> {
    let token = open(selector, |selector| {
        let token = selector.registered(object)?;
        selector.unregister(token);
        Ok(token)
    })?;
    Ok(key(token, true))
}

/// `selector:modify(object, events [, data])`: returns a new key. If the system call fails, unregisters the object.
fn modify(_: Context, selector: &RefCell<Option<Selector>>, object: Watched, events: Ready) -> Result<impl Results> {
    open(selector, |opened| {
        let token = opened.registered(object)?;
        let (fd, before) = opened.watched(token);
        Ok(match opened.modify(token, events) {
            Ok(()) => Either::Left(new_key(selector, token, fd, events, Some(before))),
            Err(errno) => {
                opened.unregister(token);
                Either::Right(failed_to_modify(token, errno))
            }
        })
    })
}

/// `selector:select([timeout])`: returns an iterator over what is ready. After EINTR waits for the remaining time,
/// unless the Lua state has a pending debug hook.
fn select(context: Context, selector: &RefCell<Option<Selector>>, limit: Either<(), Duration>) -> Result<impl Results> {
    let limit = limit.given();
    let limit = match context.caller.limits() {
        Some(limits) => limits.shorten(limit).unwrap_or(Some(Duration::ZERO)),
        None => limit,
    };
    let waits = limit.is_none_or(|limit| !limit.is_zero());
    let end = limit.filter(|_| waits).and_then(|limit| Instant::now().checked_add(limit));
    let may_sleep = !context.caller.is_in_step();
    let mut time = if may_sleep { limit } else { Some(Duration::ZERO) };
    open(selector, |selector| {
        loop {
            match wait(context.caller, selector, time) {
                Ok(found) if found || !waits => return Ok(batch(selector.batch())),
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
                    return Ok(batch(selector.batch()));
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
fn wait(caller: Caller, selector: &mut Selector, time: Option<Duration>) -> std::result::Result<bool, Errno> {
    let Some(waker) = caller.limits().and_then(|limits| limits.waker()) else { return selector.wait(time) };
    let found = selector.wait_or_wake(waker, time)?;
    if caller.heed_switch() { Err(Errno::CANCELED) } else { Ok(found) }
}

/// The next event of a batch, by default the current one. Returns nothing at its end, and if it is not the current one.
fn next_event(_: Context, selector: Anchored<RefCell<Option<Selector>>>, batch: Option<i64>) -> Result<impl Results> {
    let next = selector.borrow_mut().as_mut().and_then(|selector| selector.next(batch));
    Ok(next.map(|(number, ready)| event(number, ready)))
}

/// `selector:close()`, and `__close`.
fn close(_: Context, selector: &RefCell<Option<Selector>>) -> Result<impl Results> {
    selector.take();
    Ok(closed())
}

/// `__gc`.
fn collect(_: Context, selector: &RefCell<Option<Selector>>) -> Result<()> {
    selector.take();
    Ok(())
}

/// `selector:get_key(object)`.
fn get_key(_: Context, selector: &RefCell<Option<Selector>>, object: Watched) -> Result<impl Results> {
    let token = open(selector, |selector| selector.registered(object))?;
    Ok(key(token, false))
}

/// `selector:get_map()`: returns a table of the keys by their objects.
fn get_map(_: Context, selector: &RefCell<Option<Selector>>) -> Result<impl Results> {
    Ok(keys(open(selector, |selector| Ok(selector.count()))?))
}

/// `selector:fileno()`: returns the descriptor of the epoll set or kqueue.
fn fileno(context: Context, selector: &RefCell<Option<Selector>>) -> Result<Descriptor> {
    open(selector, |selector| {
        let named = context.caller.shared().names_descriptors.get();
        Ok(selector.fd().filter(|_| named).ok_or(Errno::NOT_SUPPORTED)?)
    })
}

/// `#selector`: the number of registered objects.
fn length(_: Context, selector: &RefCell<Option<Selector>>) -> Result<usize> {
    Ok(selector.borrow().as_ref().map_or(0, Selector::count))
}

fn describe(_: Context, selector: &RefCell<Option<Selector>>) -> Result<String> {
    Ok(match &*selector.borrow() {
        Some(selector) => format!("selector ({}, {} registered)", selector.name(), selector.count()),
        None => "selector (closed)".to_owned(),
    })
}
