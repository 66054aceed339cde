//! `receive` of streams.

use std::cell::RefMut;

use super::class::CLIENT;
use super::object::Object;
use super::words::words;
use crate::error::{Error, Result};
use crate::lua::{Context, Format, Of, Pattern, Reading, Reply, Words};
use crate::memory;
use crate::socket::{Call, Deadline};
use crate::stream::{FEW_LEFT, Incoming};
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
    let mut incoming = object.incoming.borrow_mut();
    // What was received before may be enough.
    let outcome = match pattern.find(incoming.unread(), incoming.searched(Format::Line, 0)) {
        Some(found) => deliver(context, object, &mut incoming, found, prefix),
        None => fetch(context, object, incoming, pattern, prefix),
    };
    if caller.limits().is_some() {
        object.settle(caller);
    }
    match outcome {
        Ok(reply) => Ok(reply),
        // There was no memory for what was received.
        Err(error) => end(object, Reading::One(Some(b"")), prefix, Some(error)),
    }
}

/// The result of a call, from the object's buffer.
#[inline(always)]
fn deliver<'a>(
    context: Context<'a>,
    object: &'a Object,
    incoming: &mut Incoming,
    (to, used, is_clean): (usize, usize, bool),
    prefix: &'a [u8],
) -> Result<Reply<'a>> {
    let stays = incoming.unread().len() - used >= FEW_LEFT && to <= MANY;
    let data = match Reading::lent(object, incoming.place(to)).filter(|_| stays && is_clean) {
        Some(lent) => {
            incoming.consume(used);
            lent
        }
        None => take(context, incoming, (to, used, is_clean))?,
    };
    object.count_received(used);
    Ok(Reply { prefix, data, failure: None })
}

/// Takes what was found from the buffer.
fn take<'a>(
    context: Context<'a>,
    incoming: &mut Incoming,
    (to, used, is_clean): (usize, usize, bool),
) -> Result<Reading<'a>> {
    if to > MANY
        && let Some((bytes, range)) = incoming.give_up(&(0..to), used)?
    {
        return if is_clean { Ok(Reading::Block(bytes, range)) } else { without_returns(&bytes[range]) };
    }
    let bytes = &incoming.unread()[..to];
    let kept = if is_clean { bytes } else { bytes.strip_suffix(b"\r").unwrap_or(bytes) };
    let data = if is_clean || memchr::memchr(b'\r', kept).is_none() {
        Reading::One(Some(context.space.copy(kept)?))
    } else {
        without_returns(kept)?
    };
    incoming.consume(used);
    incoming.shrink();
    Ok(data)
}

/// Receives until the pattern is there.
#[inline(never)]
fn fetch<'a>(
    context: Context<'a>,
    object: &'a Object,
    mut incoming: RefMut<Incoming>,
    pattern: Pattern,
    prefix: &'a [u8],
) -> Result<Reply<'a>> {
    let caller = context.caller;
    let mut deadline = Deadline::NotStarted;
    let (call, flags) = Call::to_read(caller, &object.socket).with_flags(0);
    let room = match pattern {
        Pattern::Count(count) if count <= FEW => FEW,
        Pattern::Count(count) => count,
        Pattern::Arrived => MANY,
        Pattern::Line | Pattern::All => 0,
    };
    let limits_buffers = caller.limits().is_some_and(|limits| limits.limits_buffers());
    if !incoming.unread().is_empty() || !(1..=MANY).contains(&room) || limits_buffers {
        return gather(context, call, flags, object, incoming, pattern, prefix);
    }
    let mut data = context.space.take(room)?;
    let error = loop {
        let left = data.left();
        match call.complete_by(&mut deadline, |fd| sys::recv(fd, &mut data, flags)) {
            Ok(0) => break None,
            Ok(count) => {
                call.received(count, left);
                if let Some((to, used, _)) = pattern.find(data.filled(), 0) {
                    incoming.add(&data.filled()[used..])?;
                    object.count_received(used);
                    let data = Reading::One(Some(&data.into_filled()[..to]));
                    return Ok(Reply { prefix, data, failure: None });
                }
            }
            Err(Error::Parked) => {
                incoming.add(data.filled())?;
                return Err(Error::Parked);
            }
            Err(error) => break Some(error),
        }
    };
    object.count_received(data.filled().len());
    end(object, Reading::One(Some(data.into_filled())), prefix, error)
}

/// Receives into the object's buffer until the pattern is there.
#[inline(never)]
fn gather<'a>(
    context: Context<'a>,
    call: Call,
    flags: i32,
    object: &'a Object,
    mut incoming: RefMut<Incoming>,
    pattern: Pattern,
    prefix: &'a [u8],
) -> Result<Reply<'a>> {
    let mut deadline = Deadline::NotStarted;
    let error = loop {
        let searched = incoming.unread().len();
        match more(call, flags, &mut deadline, object, &mut incoming, pattern) {
            Ok(true) => {}
            Ok(false) => break None,
            Err(Error::Parked) => {
                incoming.searched = matches!(pattern, Pattern::Line).then_some((Format::Line, 0, searched));
                incoming.shrink();
                return Err(Error::Parked);
            }
            Err(error) => break Some(error),
        }
        if let Some(found) = pattern.find(incoming.unread(), searched) {
            return deliver(context, object, &mut incoming, found, prefix);
        }
    };
    let length = incoming.unread().len();
    let is_clean = !matches!(pattern, Pattern::Line);
    let data = take(context, &mut incoming, (length, length, is_clean))?;
    object.count_received(length);
    // Everything until the end is what was asked for.
    if error.is_none() && matches!(pattern, Pattern::All) && length > 0 {
        return Ok(Reply { prefix, data, failure: None });
    }
    end(object, data, prefix, error)
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
        Pattern::Line if length <= MANY / 2 => MANY - length,
        Pattern::Line | Pattern::Arrived => MANY,
    };
    let allowed = call.room_to_buffer(object.held.get());
    incoming.most = allowed;
    let size = size.min(allowed.saturating_sub(length));
    if size == 0 {
        return Err(Error::named(Errno::MESSAGE_SIZE, "more bytes than the host allows"));
    }
    match pattern {
        Pattern::Line if allowed == usize::MAX => incoming.make_room_in_spare(size)?,
        _ => incoming.make_room(size)?,
    }
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
        None => Words::Known("closed"),
    };
    let failure = Some(if object.socket.open_fd().is_ok() { failure } else { Words::Known("closed") });
    Ok(Reply { prefix, data, failure })
}

impl Pattern {
    /// Finds the result of the pattern: where it ends, how many bytes are used up, and whether there is no `\r` in it, which
    /// a line has to lose. `None` if more bytes have to arrive. The first ones were searched before.
    #[inline(always)]
    fn find(self, bytes: &[u8], searched: usize) -> Option<(usize, usize, bool)> {
        match self {
            Pattern::Line => {
                let place = searched + memchr::memchr2(b'\r', b'\n', &bytes[searched..])?;
                let is_clean = searched == 0;
                match bytes[place..] {
                    [b'\n', ..] => Some((place, place + 1, is_clean)),
                    [b'\r', b'\n', ..] => Some((place, place + 2, is_clean)),
                    _ => {
                        let end = place + memchr::memchr(b'\n', &bytes[place..])?;
                        Some((end, end + 1, false))
                    }
                }
            }
            // `receive(0)` waits for data.
            Pattern::Count(count) => (bytes.len() >= count.max(1)).then_some((count, count, true)),
            Pattern::Arrived => (!bytes.is_empty()).then_some((bytes.len(), bytes.len(), true)),
            Pattern::All => None,
        }
    }
}

#[cold]
fn without_returns(line: &[u8]) -> Result<Reading<'static>> {
    let mut bytes = memory::with_room(line.len())?;
    let mut from = 0;
    for place in memchr::memchr_iter(b'\r', line) {
        bytes.extend_from_slice(&line[from..place]);
        from = place + 1;
    }
    bytes.extend_from_slice(&line[from..]);
    let range = 0..bytes.len();
    Ok(Reading::Block(bytes, range))
}
