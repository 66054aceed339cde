//! The limits for scripts that [`Builder`] sets.

use std::time::Duration;

use super::Builder;
use crate::limits::{LimitSettings, Switch};

impl Builder {
    /// Limits how many sockets a state has open.
    ///
    /// All count: those that are made, accepted, duplicated, made of a descriptor or given by the host, each until it
    /// is closed or collected, a closed one that has open streams as well; a selector counts as a socket. Beyond the
    /// number they fail with `EMFILE`, [`give`](crate::give) too. `accept` leaves the connection in the queue then.
    ///
    /// Descriptors that a script has as numbers are not counted: see [`Builder::without_descriptors`].
    pub fn max_sockets(mut self, count: usize) -> Self {
        self.limits.max_sockets = Some(count);
        self
    }

    /// Sets whom scripts may reach: rules, of which the first that fits decides. What none fits is denied. Further calls
    /// append rules. Includes [`Builder::without_descriptors`].
    ///
    /// | rule | is about |
    /// | --- | --- |
    /// | `allow PLACE`, `allow PLACE port PORTS` | addresses to connect and to send to |
    /// | `allow bind PLACE`, `allow bind PLACE port PORTS` | addresses to bind to and to listen on |
    /// | `allow host NAME` | names to look up; `*.example.org` fits all names with this end |
    /// | `allow unix PATH` | Unix sockets to connect and to bind to; `/run/app/*` fits all paths with this beginning, `@` stands for the NUL of an abstract name |
    /// | `allow family AF_NETLINK` | sockets of a family whose addresses are not judged |
    /// | `allow raw` | Internet sockets of other types and protocols than those of TCP and UDP |
    ///
    /// and the same with `deny`. PLACE is an address, a network such as `10.0.0.0/8`, or a word: `any`, `loopback`,
    /// `private`, `link_local`, `multicast`, or `public` for what is none of these nor reserved. PORTS are like
    /// `80,8000-8010,49152-`.
    ///
    /// Judged is the address that the system gets. That a name may be looked up allows none of its addresses. An
    /// IPv4 address is the same in IPv6, `0.0.0.0` and `::` are this machine to connect to and all of its interfaces to
    /// bind to. What is denied fails with `EACCES`, and so do options and control messages that could lead elsewhere.
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
    /// [`Builder::module`] fails for a rule that it cannot understand.
    pub fn reach<'a>(mut self, rules: impl IntoIterator<Item = &'a str>) -> Self {
        self.rules.get_or_insert_default().extend(rules.into_iter().map(str::to_owned));
        self.without_descriptors()
    }

    /// Limits how many tasks a state has that have not ended. Beyond the number `spawn`, of groups too, and `run` fail
    /// with `EAGAIN`.
    pub fn max_tasks(mut self, count: usize) -> Self {
        self.limits.max_tasks = Some(count);
        self
    }

    /// Limits for how long one call of a script may hold up the thread; zero: no call waits.
    ///
    /// A call that reaches the limit fails as one whose time is over: with `"timeout"` where the socket has a timeout,
    /// with `EAGAIN` where it has none, as a system call does after `SO_RCVTIMEO`. The limit is for a whole call of
    /// many system calls, also where more bytes keep coming and it never waits (for which it has a millisecond at least).
    /// `select` finds nothing ready then, `tasks.run` cancels what it started.
    /// What waits in a task holds nothing up and is not limited, except by `tasks.run` and `tasks.step` themselves.
    ///
    /// `close` does not wait for the peer (`SO_LINGER`), and [`Builder::without_threads`] lets only numeric hosts be
    /// looked up.
    pub fn max_wait(mut self, time: Duration) -> Self {
        self.limits.max_wait = Some(time);
        self
    }

    /// Limits how many bytes all streams of a state hold together, of what was received and not read and of what was
    /// written and not sent.
    ///
    /// A read that would need more fails with `EMSGSIZE`, and what was received stays readable. A write sends earlier
    /// than it would; where that fails, the bytes behind those that fit are not taken, as the fourth result tells, and
    /// where not a byte fits it fails with `ENOBUFS`. `MSG_WAITALL` in a task returns what has come. `recvall` fails with
    /// `EMSGSIZE` once it has received that many bytes, and while a task waits for the others those that came count too.
    pub fn max_buffered(mut self, bytes: usize) -> Self {
        self.limits.max_buffered = Some(bytes);
        self
    }

    /// Limits how many bytes a second all sockets of a state send and receive; `None` for no limit.
    ///
    /// A call moves what it moves, and what is too much the next one waits for, within the socket's timeout: in a task it
    /// parks, on a non-blocking socket it fails with `EAGAIN`. A direction that was idle has a tenth of a second's bytes
    /// at once.
    pub fn bandwidth(mut self, send: Option<u64>, receive: Option<u64>) -> Self {
        self.limits.bandwidth = (send, receive);
        self
    }

    /// Has the states count what their sockets do, for [`stats`](crate::stats) and [`sockets`](crate::sockets). Other limits of calls include it.
    pub fn counters(mut self) -> Self {
        self.limits.counts = true;
        self
    }

    /// Lets scripts see what the sockets of their state have done, by `socket.stats()`. Includes [`Builder::counters`].
    pub fn with_stats(mut self) -> Self {
        self.shows_stats = true;
        self.counters()
    }

    /// Connects the states that are opened with a [`Switch`], which ends what their scripts do, from any thread.
    ///
    /// Calls do not sleep where the switch could not end them: they wait by poll(2). `close` does not wait for the peer
    /// (`SO_LINGER`), and [`Builder::without_threads`] lets only numeric hosts be looked up. Each state has two
    /// descriptors more.
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
