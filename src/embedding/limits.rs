//! The limits for scripts that [`Builder`] sets.

use std::time::Duration;

use super::Builder;
use crate::limits::{LimitSettings, Switch};

impl Builder {
    /// Limits how many sockets a state has open.
    ///
    /// Every socket counts, however it was made, until it is closed or collected; a closed one with open streams counts
    /// too, and so does a selector. At the limit, making another one fails with `EMFILE`, by [`give`](crate::give) too;
    /// `accept` leaves the connection in the queue then.
    ///
    /// Descriptors that a script has as numbers are not counted: see [`Builder::without_descriptors`].
    pub fn max_sockets(mut self, count: usize) -> Self {
        self.limits.max_sockets = Some(count);
        self
    }

    /// Sets rules for the addresses and names that scripts may use. The first rule that fits decides; what no rule fits
    /// is denied. Further calls append rules. Includes [`Builder::without_descriptors`].
    ///
    /// | rule | is about |
    /// | --- | --- |
    /// | `allow PLACE`, `allow PLACE port PORTS` | addresses to connect and to send to |
    /// | `allow bind PLACE`, `allow bind PLACE port PORTS` | addresses to bind to and to listen on |
    /// | `allow host NAME` | names to look up; `*.example.org` fits all names with this end |
    /// | `allow unix PATH` | Unix sockets to connect and to bind to; `/run/app/*` fits all paths with this beginning, `@` stands for the NUL of an abstract name |
    /// | `allow family AF_NETLINK` | sockets of a family, with any address |
    /// | `allow raw` | Internet sockets of other types and protocols than those of TCP and UDP |
    ///
    /// and the same with `deny`. PLACE is an address, a network such as `10.0.0.0/8`, or a word: `any`, `loopback`,
    /// `private`, `link_local`, `multicast`, or `public` for what is none of these and not reserved. PORTS are like
    /// `80,8000-8010,49152-`.
    ///
    /// The rules are about the address that is passed to the system: that a name may be looked up allows none of its
    /// addresses. An IPv4-mapped IPv6 address counts as the IPv4 address. `0.0.0.0` and `::` mean this machine when
    /// connecting, and all of its interfaces when binding. What is denied fails with `EACCES`, and so do socket options
    /// and control messages that could change where packets go.
    ///
    /// # Examples
    ///
    /// ```
    /// let lua = mlua::Lua::new();
    /// bsdsocket::Builder::new().reach(["allow loopback", "allow bind loopback"]).preload(&lua)?;
    /// lua.load(r#"
    ///     local socket = require "bsdsocket"
    ///     local server = assert(socket.create_server { "127.0.0.1", 0 })
    ///     assert(socket.create_connection(server:getsockname()))
    ///     local s, message, code = socket.create_connection { "192.0.2.1", 80 }
    ///     assert(code == "EACCES")
    ///     assert(message == "create_connection 192.0.2.1:80: the host does not allow it")
    /// "#).exec()?;
    /// # Ok::<(), mlua::Error>(())
    /// ```
    ///
    /// [`Builder::module`] fails for a rule of another form.
    pub fn reach<'a>(mut self, rules: impl IntoIterator<Item = &'a str>) -> Self {
        self.rules.get_or_insert_default().extend(rules.into_iter().map(str::to_owned));
        self.without_descriptors()
    }

    /// Limits how many tasks of a state there are that have not ended. At the limit `spawn`, of groups too, and `run`
    /// fail with `EAGAIN`.
    pub fn max_tasks(mut self, count: usize) -> Self {
        self.limits.max_tasks = Some(count);
        self
    }

    /// Limits for how long one call of a script may block the thread; with zero no call waits.
    ///
    /// A call that reaches the limit fails as after a timeout: with `"timeout"` where the socket has a timeout, with
    /// `EAGAIN` where it has none, as a system call does after `SO_RCVTIMEO`. The limit holds for the whole of a call
    /// that makes many system calls, also for one that never waits because more bytes keep coming (which has at least a
    /// millisecond). `select` returns no event then, and `tasks.run` cancels the tasks that it started.
    /// A call that waits in a task does not block the thread, and is not limited; `tasks.run` and `tasks.step` are.
    ///
    /// `close` does not wait for the peer (`SO_LINGER`), and [`Builder::without_threads`] lets only numeric hosts be
    /// looked up.
    pub fn max_wait(mut self, time: Duration) -> Self {
        self.limits.max_wait = Some(time);
        self
    }

    /// Limits how many bytes all streams of a state buffer together: bytes that were received and not read, and bytes
    /// that were written and not sent.
    ///
    /// A read that would need more fails with `EMSGSIZE`, and what was received stays readable. A write sends earlier
    /// than without the limit; if that fails, it takes only the bytes that fit, whose number is the fourth result; if
    /// none fits, it fails with `ENOBUFS`. A receive with `MSG_WAITALL` in a task returns the bytes that have arrived.
    /// `recvall` fails with `EMSGSIZE` once it has received that many bytes; in a task that waits for the rest, the bytes
    /// that it has received count too.
    pub fn max_buffered(mut self, bytes: usize) -> Self {
        self.limits.max_buffered = Some(bytes);
        self
    }

    /// Limits how many bytes a second all sockets of a state send and receive; `None` for no limit.
    ///
    /// A call may exceed the rate; the next call waits until the average is met, within the socket's timeout: in a
    /// task it parks, on a non-blocking socket it fails with `EAGAIN`. After a pause, the bytes of a tenth of a second
    /// may go at once.
    pub fn bandwidth(mut self, send: Option<u64>, receive: Option<u64>) -> Self {
        self.limits.bandwidth = (send, receive);
        self
    }

    /// Counts what the sockets of a state do, for [`stats`](crate::stats) and [`sockets`](crate::sockets). Limits that
    /// calls have to check include it.
    pub fn counters(mut self) -> Self {
        self.limits.counts = true;
        self
    }

    /// Lets scripts see what the sockets of their state have done, by `socket.stats()`. Includes [`Builder::counters`].
    pub fn with_stats(mut self) -> Self {
        self.shows_stats = true;
        self.counters()
    }

    /// Sets a [`Switch`], which cancels the calls of scripts, or closes their sockets, from any thread.
    ///
    /// Calls do not block in a system call that the switch could not end: they wait by poll(2). `close` does not wait
    /// for the peer (`SO_LINGER`), and [`Builder::without_threads`] lets only numeric hosts be looked up. Each state needs
    /// two more descriptors.
    pub fn switch(mut self, switch: &Switch) -> Self {
        self.limits.switch = Some(switch.clone());
        self
    }

    pub(super) fn settings(&self) -> Result<LimitSettings, String> {
        let mut limits = self.limits.clone();
        if let Some(texts) = &self.rules {
            let rules = limits.rules.get_or_insert_default();
            texts.iter().try_for_each(|text| rules.add(text))?;
        }
        Ok(limits)
    }
}
