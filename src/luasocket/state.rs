//! Timeouts, counts and descriptors of objects.

use super::class::{ANY, CLIENT};
use super::object::Object;
use crate::error::{Error, Result};
use crate::lua::{Context, Of, Results, no_values};
use crate::socket::{self, Socket};
use crate::sys::{self, Descriptor};

/// The longest timeout in seconds; a longer one means none.
const LONGEST: f64 = 1e9;

/// `object:settimeout([seconds [, mode]])`.
pub(super) fn settimeout(_: Context, Of(object): Of<ANY>, seconds: Option<f64>, mode: Option<&[u8]>) -> Result<i32> {
    let seconds = seconds.unwrap_or(-1.0);
    match mode.map_or(Some(&b'b'), |mode| mode.first()) {
        Some(b'b') => object.block.set(seconds),
        Some(b'r' | b't') => object.total.set(seconds),
        _ => return Err(Error::misuse(3, "invalid timeout mode")),
    }
    object.socket.timeout.set(object.limit());
    Ok(1)
}

/// `object:gettimeout()`.
pub(super) fn gettimeout(_: Context, Of(object): Of<ANY>) -> Result<(f64, f64)> {
    Ok((object.block.get(), object.total.get()))
}

impl Object {
    /// The time for a call, counted from its first wait: the shorter one; negative for none.
    fn limit(&self) -> f64 {
        let times = [self.block.get(), self.total.get()].map(|time| match time {
            time if time.is_nan() => 0.0,
            time if (0.0..=LONGEST).contains(&time) => time,
            _ => f64::INFINITY,
        });
        let shorter = times[0].min(times[1]);
        if shorter.is_finite() { shorter } else { -1.0 }
    }

    pub(super) fn count_received(&self, count: usize) {
        self.received.set(self.received.get() + count as f64);
    }
}

/// `object:getstats()`: bytes received and sent, and the age in seconds.
pub(super) fn getstats(_: Context, Of(object): Of<CLIENT>) -> Result<(i64, i64, f64)> {
    Ok((object.received.get() as i64, object.sent.get() as i64, sys::monotonic() - object.born.get()))
}

/// `object:setstats([received [, sent [, age]]])`.
pub(super) fn setstats(
    _: Context,
    Of(object): Of<CLIENT>,
    received: Option<f64>,
    sent: Option<f64>,
    age: Option<f64>,
) -> Result<i32> {
    for (count, value) in [(&object.received, received), (&object.sent, sent)] {
        count.set(value.unwrap_or(count.get()));
    }
    if let Some(age) = age {
        object.born.set(sys::monotonic() - age);
    }
    Ok(1)
}

/// `object:dirty()`: whether received bytes are buffered.
pub(super) fn dirty(_: Context, Of(object): Of<ANY>) -> Result<bool> {
    Ok(object.is_dirty())
}

/// `object:getfd()`. Who asks for the descriptor expects that its calls do not block, as with LuaSocket's.
pub(super) fn getfd(_: Context, Of(object): Of<ANY>) -> Result<Descriptor> {
    let Ok(fd) = object.socket.open_fd() else { return Ok(sys::NO_DESCRIPTOR) };
    object.socket.stop_blocking();
    Ok(fd)
}

/// `object:setfd(fd)`: lets go of the descriptor without closing it, and takes another one, if it is not negative.
pub(super) fn setfd(context: Context, Of(object): Of<ANY>, fd: f64) -> Result<impl Results> {
    let caller = context.caller;
    if !caller.shared().names_descriptors.get() {
        return Err(Error::misuse(2, "descriptors are not accepted here"));
    }
    object.socket.let_go(&caller.shared().open_objects);
    if fd >= 0.0 {
        // LuaSocket reports no failure: the object is closed then.
        match socket::over(caller, fd as Descriptor) {
            Ok(new) => {
                new.socket.keep_time();
                caller.shared().adopt(&object.socket, new)?;
            }
            Err(error @ (Error::Vetoed | Error::Misuse(..))) => return Err(error),
            Err(_) => {}
        }
    }
    Ok(no_values())
}

impl Object {
    /// Whether received bytes are buffered.
    pub(crate) fn is_dirty(&self) -> bool {
        !self.incoming.borrow().unread().is_empty()
    }
}

impl Socket {
    /// Sets O_NONBLOCK where no flag keeps a call from sleeping in the kernel, past the object's timeouts.
    pub(super) fn keep_time(&self) {
        if socket::LACKS_FLAG {
            self.stop_blocking();
        }
    }

    /// Sets O_NONBLOCK; calls of the socket wait all the same.
    pub(super) fn stop_blocking(&self) {
        if !self.has(Socket::UNBLOCKED) && sys::set_nonblocking(self.fd(), true).is_ok() {
            self.set(Socket::UNBLOCKED, true);
        }
    }
}
