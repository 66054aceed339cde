//! `send` of streams.

use super::class::CLIENT;
use super::words::words;
use crate::error::Result;
use crate::lua::{Context, Either, Of, Words};
use crate::socket::{Call, Deadline, send_by};
use crate::sys::Bytes;

/// Three results, as LuaSocket always has them: the index of the last byte that was sent, or `nil`, words and the index.
type Sent = Either<(i64, Option<i32>, Option<i32>), (Option<i32>, Words, i64)>;

/// `object:send(data [, i [, j]])`.
pub(super) fn send(
    context: Context,
    Of(object): Of<CLIENT>,
    data: &[u8],
    first: Option<f64>,
    last: Option<f64>,
) -> Result<Sent> {
    let size = data.len() as i64;
    let from_end = |place: i64| if place < 0 { size.saturating_add(place).saturating_add(1) } else { place };
    let first = from_end(first.map_or(1, |place| place as i64)).max(1);
    let last = from_end(last.map_or(-1, |place| place as i64)).min(size);
    if first > last {
        return Ok(Either::Left((first - 1, None, None)));
    }
    let data = Bytes::from(&data[first as usize - 1..last as usize]);
    let caller = context.caller;
    let (call, flags) = Call::to_send(caller, &object.socket, 0)?;
    let outcome = send_by(call, &mut Deadline::NotStarted, &object.socket, data, (flags, call.done()));
    let sent = match &outcome {
        Ok(()) => data.len(),
        Err(error) => call.sent_before(error),
    };
    match outcome {
        Ok(()) => {
            object.sent.set(object.sent.get() + sent as f64);
            Ok(Either::Left((last, None, None)))
        }
        Err(error) => {
            let failure = words(error, "closed")?;
            object.sent.set(object.sent.get() + sent as f64);
            let failure = if object.socket.open_fd().is_err() { Words::Known("closed") } else { failure };
            Ok(Either::Right((None, failure, first - 1 + sent as i64)))
        }
    }
}
