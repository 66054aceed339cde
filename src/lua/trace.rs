//! Telling the host what calls have done.
//!
//! The host's function is a Lua function, called in a protected call, as audit hooks are: it may use the Lua state, and
//! what it raises changes nothing.

use super::arguments::operation;
use super::caller::Caller;
use super::records::Record;
use super::registry::RegistryKey;
use super::results::{Results, values};
use super::state::push_kept;
use crate::error::{Cause, Error};
use crate::socket::Socket;
use crate::sys::{self, Address, Errno};
use crate::text::Text;

/// The place of the host's function in the list of audit hooks.
const PLACE: usize = 0;

impl Caller<'_> {
    /// Whether the host is told what calls have done.
    #[inline(always)]
    fn traces(self) -> bool {
        self.limits().is_some_and(|limits| limits.traces())
    }

    /// A call begins. One that a task makes again has begun before.
    pub(super) fn begin_trace(self) {
        if let Some(limits) = self.limits().filter(|limits| limits.traces()) {
            let task = self.task_call().map(|task_call| (task_call.task.id.get().place(), task_call.again));
            limits.begin_trace(task);
            self.tell_closed();
        }
    }

    /// Tells the host that the running call has succeeded, with the address that it was about.
    pub(crate) fn trace_success(self, address: impl FnOnce() -> Option<Address>) {
        if self.traces() {
            self.tell(operation(self.stack()), address(), None, None);
        }
    }

    /// Tells the host that the running call has failed, unless it only would have had to wait.
    #[cold]
    #[inline(never)]
    pub(crate) fn trace_failure(self, error: &Error) {
        let Some(cause) = error.cause().filter(|_| self.traces()) else { return };
        self.tell_closed();
        if let Cause::System(Errno::WOULD_BLOCK | Errno::IN_PROGRESS) = cause {
            return;
        }
        self.tell(operation(self.stack()), error.address(), Some(error), None);
    }

    /// Closes a socket by `close`, and tells the host if its descriptor was closed.
    pub(crate) fn trace_close(
        self,
        socket: &Socket,
        close: impl FnOnce() -> Option<crate::error::Result<()>>,
    ) -> crate::error::Result<()> {
        let closing = self.traces().then(|| self.closing(socket));
        let Some(closed) = close() else { return Ok(()) };
        if let (Some((peer, record)), Ok(())) = (closing, &closed) {
            self.tell(b"close", peer, None, record);
        }
        closed
    }

    /// What the host is told of a socket that is going to be closed.
    fn closing(self, socket: &Socket) -> (Option<Address>, Option<Record>) {
        let peer = sys::getpeername(socket.lent_fd()).ok().map(|address| address.of(socket.proto()));
        (peer, self.shared().open_objects.record(socket))
    }

    /// Closes all sockets, also while a call waits, in which no Lua code may run: the host is told later.
    pub(super) fn close_sockets(self) {
        let open_objects = &self.shared().open_objects;
        let mut closed = open_objects.closed.borrow_mut();
        if self.traces() && closed.try_reserve(open_objects.count_sockets()).is_ok() {
            let _ = open_objects.each_socket(|socket| {
                closed.push(self.closing(socket));
                Ok(())
            });
        }
        open_objects.close_sockets();
    }

    /// Tells the host of the sockets that were closed.
    fn tell_closed(self) {
        for (peer, record) in self.shared().open_objects.closed.take() {
            self.tell(b"close", peer, None, record);
        }
    }

    /// Calls the host's function, in which calls are not told of. With the record of a socket it is told what the socket
    /// has moved, and since when it was there.
    #[cold]
    fn tell(self, name: &[u8], address: Option<Address>, error: Option<&Error>, record: Option<Record>) {
        let (shared, stack) = (self.shared(), self.stack());
        let Some(begun) = shared.limits.pause_trace() else { return };
        let time = record.map_or(begun, |record| record.since).elapsed().as_secs_f64();
        let (received, sent) =
            record.map_or_else(|| error.map_or((0, 0), moved), |record| (record.received, record.sent));
        let failure = error.and_then(|error| Some((error.message(name), error.cause()?.code())));
        let (message, code) = failure.unzip();
        let top = stack.top();
        self.outside_of_task(|| {
            shared.protect(stack, |stack| {
                push_kept(stack, RegistryKey::Hooks);
                stack.push_item(-1, PLACE as i32);
                stack.push_bytes(name);
                match address {
                    Some(address) => {
                        let mut text = Text::<320>::new();
                        address.describe(&mut text);
                        stack.push_bytes(text.as_bytes());
                    }
                    None => stack.push_nil(),
                }
                (message, code, time, received, sent).push(stack);
                stack.call(7, 0);
                0
            })
        });
        stack.set_top(top);
        shared.limits.resume_trace(begun);
    }
}

/// The number of bytes that were received and sent before a failure.
fn moved(error: &Error) -> (u64, u64) {
    match error {
        Error::Detailed(failure) | Error::Raised(failure) => {
            let received = failure.received.as_ref().map_or(0, Vec::len);
            (received as u64, failure.sent.unwrap_or(0) as u64)
        }
        _ => (0, 0),
    }
}

/// Makes the first argument, a function, the one that is told what calls have done. Returns `true`.
pub(crate) fn set_trace() -> impl Results {
    values(|stack| {
        push_kept(stack, RegistryKey::Hooks);
        stack.push_value(1);
        stack.set_item(-2, PLACE);
        ().push(stack)
    })
}
