//! epoll(7).

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use libc::{c_int, epoll_event};

use super::*;
use crate::sys::poller::{NO_TOKEN, milliseconds};

/// An epoll instance. The kernel removes a descriptor when its last duplicate is closed, in whatever process that is:
/// until then events of a closed one that was not removed keep coming, and only `renew` ends that.
pub(crate) struct Queue {
    fd: Owned,
    events: Box<[epoll_event]>,
    /// A timer and an event counter that make the queue readable. Both are edge-triggered: nobody reads them, and the
    /// next wait takes their events.
    alarm: Option<(Owned, Owned)>,
}

unsafe extern "C" {
    // The crate `libc` lacks it for Android.
    fn dup3(old: c_int, new: c_int, flags: c_int) -> c_int;
}

/// Whether the system has epoll_pwait2(2), which takes nanoseconds.
static HAS_NANOSECONDS: AtomicBool = AtomicBool::new(true);

impl Queue {
    /// What a selector over it is called.
    pub(crate) const NAME: &str = "EpollSelector";

    /// epoll_create1(2).
    pub(crate) fn new() -> Result<Self, Errno> {
        let events = vec![epoll_event { events: 0, u64: 0 }; BATCH].into_boxed_slice();
        Ok(Queue { fd: create()?, events, alarm: None })
    }

    /// Adds a descriptor. What is there already was left by a closed one that had this number and is open again.
    pub(crate) fn add(&mut self, fd: Descriptor, watch: Ready, token: usize) -> Result<(), Errno> {
        match control(&self.fd, libc::EPOLL_CTL_ADD, fd, bits(watch), token) {
            Err(Errno::EXISTS) => self.change(fd, watch, token),
            added => added,
        }
    }

    /// Changes how a descriptor is watched.
    pub(crate) fn change(&mut self, fd: Descriptor, watch: Ready, token: usize) -> Result<(), Errno> {
        control(&self.fd, libc::EPOLL_CTL_MOD, fd, bits(watch), token)
    }

    /// Removes a descriptor. One that was closed may be there no more, or never be removed again.
    pub(crate) fn remove(&mut self, fd: Descriptor) {
        let _ = control(&self.fd, libc::EPOLL_CTL_DEL, fd, 0, 0);
    }

    /// Waits until a descriptor is ready, at most as long as given, and tells how many events there are. A time that is
    /// no whole number of milliseconds is rounded up where the system counts in these.
    pub(crate) fn wait(&mut self, time: Option<Duration>) -> Result<usize, Errno> {
        let (fd, room) = (self.fd.as_raw_fd(), self.events.as_mut_ptr());
        if let Some(time) = time.filter(|time| time.subsec_nanos() % 1_000_000 != 0)
            && HAS_NANOSECONDS.load(Ordering::Relaxed)
        {
            let time = [i64::try_from(time.as_secs()).unwrap_or(i64::MAX), time.subsec_nanos().into()];
            let no_mask = std::ptr::null::<libc::sigset_t>();
            // SAFETY: room for a batch, and a time as this call takes it on every machine: two numbers of 64 bits.
            let count =
                unsafe { libc::syscall(libc::SYS_epoll_pwait2, fd, room, BATCH, time.as_ptr(), no_mask, 0usize) };
            match check(count as isize) {
                // A filter of system calls that does not know it yet says the second.
                Err(Errno(libc::ENOSYS | libc::EPERM)) => HAS_NANOSECONDS.store(false, Ordering::Relaxed),
                count => return count,
            }
        }
        // SAFETY: room for a batch.
        check(unsafe { libc::epoll_wait(fd, room, BATCH as _, milliseconds(time)) } as isize)
    }

    /// An event of the last wait.
    pub(crate) fn event(&self, n: usize) -> (usize, Ready) {
        let event = self.events[n];
        let bits = event.events as i32;
        let ready = Ready::NONE
            .with(Ready::READ, bits & libc::EPOLLIN != 0)
            .with(Ready::WRITE, bits & libc::EPOLLOUT != 0)
            .with(Ready::URGENT, bits & libc::EPOLLPRI != 0)
            .with(Ready::READ_END, bits & libc::EPOLLRDHUP != 0)
            .with(Ready::HANGUP, bits & libc::EPOLLHUP != 0)
            .with(Ready::ERROR, bits & libc::EPOLLERR != 0);
        (event.u64 as usize, ready)
    }

    /// Begins again with these descriptors only, under the same number. Those that are closed by now are left out.
    pub(crate) fn renew(&mut self, descriptors: impl Iterator<Item = (Descriptor, Ready, usize)>) -> Result<(), Errno> {
        let fresh = create()?;
        for (fd, watch, token) in descriptors {
            match control(&fresh, libc::EPOLL_CTL_ADD, fd, bits(watch), token) {
                Err(Errno::BAD_DESCRIPTOR | Errno(libc::EPERM)) | Ok(()) => {}
                Err(errno) => return Err(errno),
            }
        }
        // SAFETY: two open descriptors.
        check(unsafe { dup3(fresh.as_raw_fd(), self.fd.as_raw_fd(), libc::O_CLOEXEC) } as isize).map(drop)
    }

    /// The descriptor of the queue itself, which is ready to read when there are events.
    pub(crate) fn fd(&self) -> Descriptor {
        self.fd.as_raw_fd()
    }

    /// timerfd_create(2) and eventfd(2): from now on `set_alarm` and `ring` make the queue readable.
    pub(crate) fn add_alarm(&mut self) -> Result<(), Errno> {
        // SAFETY: plain call.
        let timer = check(
            unsafe { libc::timerfd_create(libc::CLOCK_MONOTONIC, libc::TFD_NONBLOCK | libc::TFD_CLOEXEC) } as isize,
        )?;
        // SAFETY: a descriptor that was just made.
        let timer = unsafe { Owned::from_raw_fd(timer as Descriptor) };
        // SAFETY: plain call.
        let event = check(unsafe { libc::eventfd(0, libc::EFD_NONBLOCK | libc::EFD_CLOEXEC) } as isize)?;
        // SAFETY: a descriptor that was just made.
        let event = unsafe { Owned::from_raw_fd(event as Descriptor) };
        for fd in [&timer, &event] {
            control(&self.fd, libc::EPOLL_CTL_ADD, fd.as_raw_fd(), libc::EPOLLIN | libc::EPOLLET, NO_TOKEN)?;
        }
        self.alarm = Some((timer, event));
        Ok(())
    }

    pub(crate) fn has_alarm(&self) -> bool {
        self.alarm.is_some()
    }

    /// Makes the queue readable after a time, and not at the one that was set before. One of more than 68 years, which
    /// a time_t of 32 bits has no room for, ends then.
    pub(crate) fn set_alarm(&self, time: Option<Duration>) {
        let Some((timer, _)) = &self.alarm else { return };
        // SAFETY: all fields may be zero, which means no time.
        let mut setting: libc::itimerspec = unsafe { std::mem::zeroed() };
        if let Some(time) = time {
            let time = time.max(Duration::from_nanos(1));
            setting.it_value.tv_sec = time.as_secs().min(i32::MAX as u64) as _;
            setting.it_value.tv_nsec = time.subsec_nanos() as _;
        }
        // SAFETY: a timer, a setting, and no room for the one before.
        unsafe { libc::timerfd_settime(timer.as_raw_fd(), 0, &setting, std::ptr::null_mut()) };
    }

    /// Makes the queue readable now.
    pub(crate) fn ring(&self) {
        let Some((_, event)) = &self.alarm else { return };
        let one = 1u64.to_ne_bytes();
        // SAFETY: eight bytes.
        unsafe { libc::write(event.as_raw_fd(), one.as_ptr().cast(), one.len()) };
    }
}

fn create() -> Result<Owned, Errno> {
    // SAFETY: plain call.
    let fd = check(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) } as isize)?;
    // SAFETY: a descriptor that was just made.
    Ok(unsafe { Owned::from_raw_fd(fd as Descriptor) })
}

/// epoll_ctl(2).
fn control(queue: &Owned, act: i32, fd: Descriptor, bits: i32, token: usize) -> Result<(), Errno> {
    let mut event = epoll_event { events: bits as u32, u64: token as u64 };
    // SAFETY: an event.
    check(unsafe { libc::epoll_ctl(queue.as_raw_fd(), act, fd, &mut event) } as isize).map(drop)
}

fn bits(watch: Ready) -> i32 {
    if watch == Ready::EDGE {
        libc::EPOLLIN | libc::EPOLLOUT | libc::EPOLLRDHUP | libc::EPOLLPRI | libc::EPOLLET
    } else {
        (if watch.has(Ready::READ) { libc::EPOLLIN } else { 0 })
            | (if watch.has(Ready::WRITE) { libc::EPOLLOUT } else { 0 })
    }
}
