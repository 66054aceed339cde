//! `receive` of streams.

use std::cell::RefMut;
use std::ops::Range;

use super::class::CLIENT;
use super::object::Object;
use super::words::{known, words};
use crate::error::{Error, Result};
use crate::lua::{Context, Format, Of, Pattern, Reading, Reply};
use crate::memory;
use crate::socket::{Call, Deadline};
use crate::stream::Incoming;
use crate::sys::{self, Errno};

/// How many bytes are received at once into memory that is there in any case, and where more may follow.
const FEW: usize = 2048;
const MANY: usize = 16 << 10;

/// The most that is received at once.
const MOST: usize = 1 << 20;

/// `object:receive([pattern [, prefix]])`. `*r`, for whatever has arrived, is not LuaSocket's.
pub(super) fn receive<'a>(
    context: Context<'a>,
    Of(object): Of<'a, CLIENT>,
    pattern: Pattern,
    prefix: Option<&'a [u8]>,
) -> Result<Reply<'a>> {
    let caller = context.caller;
    let prefix = prefix.unwrap_or_default();
    let pattern = match pattern {
        // Bytes of the prefix count.
        Pattern::Count(count) if !prefix.is_empty() => match count.checked_sub(prefix.len()) {
            None | Some(0) => return Ok(Reply { prefix, data: Reading::One(None), failure: None }),
            Some(left) => Pattern::Count(left),
        },
        pattern => pattern,
    };
    let outcome = fetch(context, object, pattern, prefix);
    if caller.limits().is_some() {
        object.settle(caller);
    }
    match outcome {
        Ok(reply) => Ok(reply),
        // There was no memory for what was received.
        Err(error) => end(object, Reading::One(Some(b"")), prefix, Some(error)),
    }
}

fn fetch<'a>(context: Context<'a>, object: &Object, pattern: Pattern, prefix: &'a [u8]) -> Result<Reply<'a>> {
    let caller = context.caller;
    let mut incoming = object.incoming.borrow_mut();
    // What was received before may be enough.
    if let Some((to, used)) = pattern.find(incoming.unread(), 0)
        && to <= MANY
    {
        let data = pattern.result(context.space.copy(&incoming.unread()[..to])?)?;
        incoming.consume(used);
        incoming.shrink();
        object.count_received(used);
        return Ok(Reply { prefix, data, failure: None });
    }
    let mut deadline = Deadline::NotStarted;
    let (call, flags) = Call::to_read(caller, &object.socket).with_flags(0);
    let room = match pattern {
        Pattern::Count(count) if count <= FEW => FEW,
        Pattern::Count(count) => count,
        Pattern::Line if !object.is_fast.get() => FEW,
        Pattern::Arrived => MANY,
        Pattern::Line | Pattern::All => 0,
    };
    let limits_buffers = caller.limits().is_some_and(|limits| limits.limits_buffers());
    if incoming.unread().is_empty() && (1..=MANY).contains(&room) && !limits_buffers {
        let mut data = context.space.take(room)?;
        loop {
            let before = data.filled().len();
            let received = call.complete_by(&mut deadline, |fd| sys::recv(fd, &mut data, flags));
            let error = match received {
                Ok(0) => None,
                Ok(count) => {
                    call.received(count, room - before);
                    object.is_fast.set(count == room - before && room == FEW);
                    match pattern.find(data.filled(), before) {
                        Some((to, used)) => {
                            incoming.add(&data.filled()[used..])?;
                            object.count_received(used);
                            let data = pattern.result(&data.into_filled()[..to])?;
                            return Ok(Reply { prefix, data, failure: None });
                        }
                        None if data.left() > 0 => continue,
                        None => {
                            incoming.add(data.filled())?;
                            break;
                        }
                    }
                }
                Err(Error::Parked) => {
                    incoming.add(data.filled())?;
                    return Err(Error::Parked);
                }
                Err(error) => Some(error),
            };
            object.count_received(data.filled().len());
            let data = pattern.result(data.into_filled())?;
            return end(object, data, prefix, error);
        }
    }
    gather(call, flags, deadline, object, incoming, pattern, prefix)
}

/// Receives into the object's buffer until the pattern is there.
#[cold]
#[inline(never)]
fn gather<'a>(
    call: Call,
    flags: i32,
    mut deadline: Deadline,
    object: &Object,
    mut incoming: RefMut<Incoming>,
    pattern: Pattern,
    prefix: &'a [u8],
) -> Result<Reply<'a>> {
    let mut searched = incoming.searched(Format::Line, 0);
    let error = loop {
        if let Some((to, used)) = pattern.find(incoming.unread(), searched) {
            let (bytes, range) = incoming.take(to, used)?;
            object.count_received(used);
            return Ok(Reply { prefix, data: pattern.block(bytes, range)?, failure: None });
        }
        searched = incoming.unread().len();
        incoming.searched = Some((Format::Line, 0, searched));
        let received = more(call, flags, &mut deadline, object, &mut incoming, pattern);
        match received {
            Ok(true) => {}
            Ok(false) => break None,
            Err(Error::Parked) => return Err(Error::Parked),
            Err(error) => break Some(error),
        }
    };
    let length = incoming.unread().len();
    let (bytes, range) = incoming.take(length, length)?;
    object.count_received(length);
    // Everything until the end is what was asked for.
    if error.is_none() && matches!(pattern, Pattern::All) && length > 0 {
        return Ok(Reply { prefix, data: Reading::Block(bytes, range), failure: None });
    }
    end(object, pattern.block(bytes, range)?, prefix, error)
}

/// Receives at least one byte into the object's buffer; false at the end of the stream.
fn more(
    call: Call,
    flags: i32,
    deadline: &mut Deadline,
    object: &Object,
    incoming: &mut Incoming,
    pattern: Pattern,
) -> Result<bool> {
    let length = incoming.unread().len();
    let size = match pattern {
        Pattern::Count(count) => (count - length).clamp(MANY, MOST),
        Pattern::All => length.clamp(MANY, MOST),
        Pattern::Line | Pattern::Arrived => MANY,
    };
    let allowed = call.room_to_buffer(object.held.get());
    incoming.most = allowed;
    let size = size.min(allowed.saturating_sub(length));
    if size == 0 {
        return Err(Error::named(Errno::MESSAGE_SIZE, "more bytes than the host allows"));
    }
    incoming.make_room(size)?;
    let count = incoming.fill(size, |room| call.complete_by(deadline, |fd| sys::recv(fd, room, flags)))?;
    call.received(count, size);
    incoming.end += count;
    Ok(count > 0)
}

/// The results of a call that failed, or that reached the end of the stream: what was received, and why no more.
#[cold]
fn end<'a>(object: &Object, data: Reading<'a>, prefix: &'a [u8], error: Option<Error>) -> Result<Reply<'a>> {
    let failure = match error {
        Some(error) => words(error, "closed")?,
        None => known("closed"),
    };
    let failure = Some(if object.socket.open_fd().is_ok() { failure } else { known("closed") });
    Ok(Reply { prefix, data, failure })
}

impl Pattern {
    /// Where in the bytes the result ends, and how many are used up; `None` if more have to arrive. The first ones
    /// were searched before.
    #[inline(always)]
    fn find(self, bytes: &[u8], searched: usize) -> Option<(usize, usize)> {
        match self {
            Pattern::Line => {
                let end = searched + memchr::memchr(b'\n', &bytes[searched..])?;
                Some((end, end + 1))
            }
            // `receive(0)` waits for data.
            Pattern::Count(count) => (bytes.len() >= count.max(1)).then_some((count, count)),
            Pattern::Arrived => (!bytes.is_empty()).then_some((bytes.len(), bytes.len())),
            Pattern::All => None,
        }
    }

    /// The bytes as the result: a line loses every `\r`.
    #[inline(always)]
    fn result(self, bytes: &[u8]) -> Result<Reading<'_>> {
        let Pattern::Line = self else { return Ok(Reading::One(Some(bytes))) };
        let kept = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        match memchr::memchr(b'\r', kept) {
            None => Ok(Reading::One(Some(kept))),
            Some(_) => without_returns(kept),
        }
    }

    /// The same for bytes with their buffer.
    fn block(self, bytes: Vec<u8>, range: Range<usize>) -> Result<Reading<'static>> {
        match self {
            Pattern::Line => without_returns(&bytes[range]),
            _ => Ok(Reading::Block(bytes, range)),
        }
    }
}

#[cold]
fn without_returns(line: &[u8]) -> Result<Reading<'static>> {
    let mut bytes = memory::with_room(line.len())?;
    bytes.extend(line.iter().filter(|&&byte| byte != b'\r'));
    let range = 0..bytes.len();
    Ok(Reading::Block(bytes, range))
}
