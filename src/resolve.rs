//! `getaddrinfo`, and how a call waits for a look-up.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::address::{self, AddressArgument, Port};
use crate::error::{Cause, Error, Result};
use crate::lua::{Caller, Context, Either, OptionsTable, Results, options, sequence};
use crate::names;
use crate::resolver::{self, Answer, Question};
use crate::sys::{AddrInfo, Address, Errno, Ready, ResolverError, Waker};

/// Makes a `sockaddr` of an address argument. A host name is looked up, which may block.
#[inline(always)]
pub(crate) fn parse(caller: Caller, family: u16, given: &AddressArgument, address: &mut Address) -> Result<()> {
    address::parse(family, given, address, |family, host, port| audited_host(caller, family, host, port, given.index))
}

/// The first address of a host in a family, after the caller's audit hooks were called.
#[cold]
fn audited_host(caller: Caller, family: i32, host: &[u8], port: u16, index: i32) -> Result<Address> {
    caller.audit("socket.getaddrinfo", || (host, port, family, 0, 0))?;
    caller.check_name(Some(host))?;
    self::host(caller, family, host, Some(port).filter(|&port| port > 0), index)
}

/// The first address of a host in a family. `index` is that of the argument; `port` is for the message alone.
pub(crate) fn host(caller: Caller, family: i32, host: &[u8], port: Option<u16>, index: i32) -> Result<Address> {
    let name = names::terminated(host, index, "host")?;
    let port = port.map(|port| port.to_string());
    let subject = || names::subject(Some(host), port.as_ref().map(String::as_bytes));
    let found = addresses(caller, Question::Addresses(Some(name), None, [family, 0, 0, 0]), None, subject)?;
    found.first().map(|found| found.address).ok_or_else(|| Error::resolver(ResolverError::NO_NAME, &subject()))
}

/// `socket.getaddrinfo(host, port [, family [, type [, proto [, flags [, timeout]]]]])`, or the last ones in an options
/// table.
pub(crate) fn getaddrinfo(
    context: Context,
    host: Option<&[u8]>,
    _: OptionsTable<{ options::GETADDRINFO }>,
    port: Option<Port>,
    hints: [Option<i32>; 4],
    limit: Either<(), Duration>,
) -> Result<impl Results> {
    let limit = limit.given();
    let end = match context.caller.task_call() {
        Some(task_call) => task_call.deadline_after(limit),
        None => limit.and_then(|limit| Instant::now().checked_add(limit)),
    };
    resolve(context.caller, host, port, [1, 2], hints.map(Option::unwrap_or_default), end).map(sequence)
}

/// All addresses of a host and a service, which are the arguments of these indices, by a time at most.
pub(crate) fn resolve(
    caller: Caller,
    host: Option<&[u8]>,
    port: Option<Port>,
    indices: [i32; 2],
    hints: [i32; 4],
    end: Option<Instant>,
) -> Result<Vec<AddrInfo>> {
    let text = port.map(Port::to_vec).transpose()?;
    let node = host.map(|host| names::terminated(host, indices[0], "host")).transpose()?;
    let service = text.as_ref().map(|port| names::terminated(port, indices[1], "port")).transpose()?;
    let [family, kind, proto, _] = hints;
    caller.audit("socket.getaddrinfo", || (host, port, family, kind, proto))?;
    caller.check_name(host)?;
    addresses(caller, Question::Addresses(node, service, hints), end, || names::subject(host, text.as_deref()))
}

/// The addresses that a question asks for, whose failure has a subject.
fn addresses(
    caller: Caller,
    question: Question,
    end: Option<Instant>,
    subject: impl Fn() -> Vec<u8>,
) -> Result<Vec<AddrInfo>> {
    match ask(caller, question, end) {
        Ok(answer) => answer.addresses().map_err(|error| Error::resolver(error, &subject())),
        Err(error @ Error::Plain(_)) => Err(error.about(&subject())),
        Err(error) => Err(error),
    }
}

/// The answer to a question. In a task the others run meanwhile; elsewhere the thread waits, until a time at most, or
/// until the host ends the wait, where threads are allowed that it can leave behind.
pub(crate) fn ask(caller: Caller, question: Question, end: Option<Instant>) -> Result<Answer> {
    if !caller.must_not_sleep() && end.is_none() {
        return Ok(question.ask());
    }
    if let Some(answer) = question.ask_locally() {
        return Ok(answer);
    }
    let most = caller.shared().max_threads.get();
    match caller.task_call() {
        Some(task_call) if most > 0 => task_call.ask(question, most, end, |question| ask_in_place(caller, question)),
        None if most > 0 && (end.is_some() || caller.limits().is_some()) => ask_within(caller, question, most, end),
        task_call => {
            if task_call.is_none() {
                caller.may_block()?;
            }
            ask_in_place(caller, &question)
        }
    }
}

/// The same, where a hook that is due ends the wait: outside of tasks too a thread looks up, which is left behind then.
pub(crate) fn ask_aside(caller: Caller, question: Question) -> Result<Answer> {
    let most = caller.shared().max_threads.get();
    if caller.task_call().is_some() || most == 0 {
        return ask(caller, question, None);
    }
    match question.ask_locally() {
        Some(answer) => Ok(answer),
        None => ask_within(caller, question, most, None),
    }
}

fn ask_in_place(caller: Caller, question: &Question) -> Result<Answer> {
    caller.check_look_up_in_place()?;
    Ok(question.ask())
}

/// The answer of a thread, until a time at most, or until a hook is due.
fn ask_within(caller: Caller, question: Question, most: usize, end: Option<Instant>) -> Result<Answer> {
    caller.may_block()?;
    let waker = Arc::new(Waker::new()?);
    let Some(ticket) = resolver::submit(question.clone(), most, 0, waker.clone()) else {
        return ask_in_place(caller, &question);
    };
    loop {
        if let Some(answer) = ticket.answer() {
            return Ok(answer.clone());
        }
        let left = end.map(|end| end.saturating_duration_since(Instant::now()));
        if left.is_some_and(|left| left.is_zero()) {
            return Err(Cause::Timeout.into());
        }
        match caller.wait_for(waker.fd(), Ready::READ, left) {
            Ok(_) => {}
            Err(Cause::System(Errno::INTERRUPTED)) if caller.has_pending_hook() => {
                return Err(Cause::Interrupted.into());
            }
            // The host closed the sockets, of which this is none.
            Err(Cause::System(Errno::INTERRUPTED | Errno::BAD_DESCRIPTOR)) => {}
            Err(cause) => return Err(cause.into()),
        }
    }
}

/// The number of threads that may look up names, 0 for none: the host sets it.
pub(crate) fn setthreads(context: Context, most: u32) -> Result<()> {
    context.caller.shared().max_threads.set(most as usize);
    Ok(())
}
