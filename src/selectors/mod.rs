//! `bsdsocket.selectors`: waiting for any number of sockets at once.

mod poller;
mod watch;

use std::cell::RefCell;
use std::time::{Duration, Instant};

use poller::Poller;
pub(crate) use watch::Place;
use watch::Watch;

use crate::error::{Cause, Error, Result};
use crate::lua::{
    Batch, Caller, Context, Either, Emptied, Events, Function, KeyMap, Limit, Lost, NewKey, NewSelector, NextEvent,
    OldKey, Owner, Watched, function, method,
};
use crate::socket::admit;
use crate::sys::{Descriptor, Errno, Ready};

/// What is watched for, as documented.
pub(crate) const EVENTS: &[(&str, i64)] =
    &[("EVENT_READ", Ready::READ.0 as i64), ("EVENT_WRITE", Ready::WRITE.0 as i64)];

/// The functions of the module.
pub(crate) static INDEX: &[Function] = &[
    function("DefaultSelector", default),
    #[cfg(linux_like)]
    function("EpollSelector", queue),
    #[cfg(any(apple, bsd))]
    function("KqueueSelector", queue),
    function("PollSelector", poll),
];

/// The methods of a selector.
pub(crate) static METHODS: &[Function] = &[
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
pub(crate) static METAMETHODS: &[Function] =
    &[method("__gc", collect), method("__close", close), method("__len", length), method("__tostring", describe)];

/// The iterator that `select` returns; it carries the selector.
pub(crate) static NEXT_EVENT: Function = function("select", next_event);

/// A selector: nothing when it is closed. What belongs to a registration in Lua, its key and its object, a table of the
/// userdata holds under the number of its place.
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

    /// Whether a place is still the registration that it was.
    pub(crate) fn has(&self, place: Place) -> bool {
        self.0.borrow().as_ref().is_some_and(|watch| watch.has(place))
    }

    /// The registration that is at a place now.
    pub(crate) fn at(&self, number: usize) -> Option<Place> {
        self.0.borrow().as_ref()?.at(number)
    }

    /// Takes back what `register` or `modify` did; `events` are those from before, if any.
    pub(crate) fn undo(&self, place: Place, events: Option<Ready>) {
        if let Some(watch) = &mut *self.0.borrow_mut() {
            watch.undo(place, events);
        }
    }
}

fn make(context: Context, poller: impl FnOnce() -> std::result::Result<Poller, Errno>) -> Result<NewSelector> {
    let place = admit(context.caller)?;
    Ok(NewSelector(Selector(RefCell::new(Some(Watch::new(place, poller()?))))))
}

/// `selectors.DefaultSelector()`: the best that the system has.
fn default(context: Context) -> Result<NewSelector> {
    make(context, Poller::best)
}

/// `selectors.EpollSelector()`, `selectors.KqueueSelector()`.
#[cfg(unix)]
fn queue(context: Context) -> Result<NewSelector> {
    make(context, Poller::queue)
}

/// `selectors.PollSelector()`.
fn poll(context: Context) -> Result<NewSelector> {
    make(context, || Ok(Poller::poll()))
}

/// `selector:register(object, events [, data])`.
fn register<'a>(_: Context, selector: &'a Selector, object: Watched, events: Events) -> Result<NewKey<'a>> {
    let place = selector.open(|watch| watch.register(object, events.0))?;
    Ok(NewKey { selector, place, fd: object.fd, events: events.0, before: None })
}

/// `selector:unregister(object)`: gives the key.
fn unregister(_: Context, selector: &Selector, object: Watched) -> Result<OldKey> {
    let place = selector.open(|watch| {
        let place = watch.registered(object)?;
        watch.unregister(place);
        Ok(place)
    })?;
    Ok(OldKey { place, goes: true })
}

/// `selector:modify(object, events [, data])`: gives a new key. What cannot be watched so is registered no more.
fn modify<'a>(
    _: Context,
    selector: &'a Selector,
    object: Watched,
    Events(events): Events,
) -> Result<Either<NewKey<'a>, Lost>> {
    selector.open(|watch| {
        let place = watch.registered(object)?;
        let (fd, before) = watch.watched(place);
        Ok(match watch.modify(place, events) {
            Ok(()) => Either::Left(NewKey { selector, place, fd, events, before: Some(before) }),
            Err(errno) => {
                watch.unregister(place);
                Either::Right(Lost { place, errno })
            }
        })
    })
}

/// `selector:select([timeout])`: an iterator over what is ready. A wait that a signal interrupts goes on with the time
/// that is left, unless the Lua state has a hook waiting to run.
fn select(context: Context, selector: &Selector, Limit(limit): Limit) -> Result<Batch> {
    let limit = match context.caller.limits() {
        Some(limits) => limits.shorten(limit).unwrap_or(Some(Duration::ZERO)),
        None => limit,
    };
    let waits = limit.is_none_or(|limit| !limit.is_zero());
    let end = limit.filter(|_| waits).and_then(|limit| Instant::now().checked_add(limit));
    let mut time = limit;
    selector.open(|watch| {
        loop {
            match wait(context.caller, watch, time) {
                Ok(found) if found || !waits => return Ok(Batch(watch.batch())),
                Ok(_) | Err(Errno::INTERRUPTED) => {}
                Err(errno) => return Err(errno.into()),
            }
            if let Some(end) = end {
                let left = end.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Ok(Batch(watch.batch()));
                }
                time = Some(left);
            }
            if context.caller.has_pending_hook() {
                return Err(Cause::Interrupted.into());
            }
        }
    })
}

/// Waits once, no longer than the host allows.
fn wait(caller: Caller, watch: &mut Watch, time: Option<Duration>) -> std::result::Result<bool, Errno> {
    let Some(waker) = caller.limits().and_then(|limits| limits.waker()) else { return watch.wait(time) };
    let found = watch.wait_or_wake(waker, time)?;
    if caller.heed_switch() { Err(Errno::CANCELED) } else { Ok(found) }
}

/// The next event of a batch, by default the last one; nothing when it is over or another one began.
fn next_event(_: Context, Owner(selector): Owner, batch: Option<i64>) -> Result<NextEvent> {
    let next = selector.0.borrow_mut().as_mut().and_then(|watch| watch.next(batch));
    Ok(next.map_or(NextEvent::None, |(place, ready)| NextEvent::Of(place, ready)))
}

/// `selector:close()`; also how a selector ends that goes out of scope.
fn close(_: Context, selector: &Selector) -> Result<Emptied> {
    selector.0.take();
    Ok(Emptied)
}

/// The end of a selector that nobody refers to any more.
fn collect(_: Context, selector: &Selector) -> Result<()> {
    selector.0.take();
    Ok(())
}

/// `selector:get_key(object)`.
fn get_key(_: Context, selector: &Selector, object: Watched) -> Result<OldKey> {
    let place = selector.open(|watch| watch.registered(object))?;
    Ok(OldKey { place, goes: false })
}

/// `selector:get_map()`: a table of the keys by their objects.
fn get_map(_: Context, selector: &Selector) -> Result<KeyMap> {
    Ok(KeyMap(selector.open(|watch| Ok(watch.count()))?))
}

/// `selector:fileno()`: the descriptor of the kernel's queue.
fn fileno(context: Context, selector: &Selector) -> Result<Descriptor> {
    selector.open(|watch| {
        let named = context.caller.shared().names_descriptors.get();
        Ok(watch.fd().filter(|_| named).ok_or(Errno::NOT_SUPPORTED)?)
    })
}

/// `#selector`: how many objects are registered.
fn length(_: Context, selector: &Selector) -> Result<usize> {
    Ok(selector.0.borrow().as_ref().map_or(0, Watch::count))
}

fn describe(_: Context, selector: &Selector) -> Result<String> {
    Ok(match &*selector.0.borrow() {
        Some(watch) => format!("selector ({}, {} registered)", watch.name(), watch.count()),
        None => "selector (closed)".to_owned(),
    })
}
