//! write, flush.

use super::Stream;
use super::outgoing::{BOUND, Outgoing};
use crate::error::{Error, Result};
use crate::lua::{Caller, Context, Rest, Results, itself};
use crate::socket::Deadline;
use crate::sys::{Bytes, Errno};
use crate::text::Text;

/// `stream:write(...)`. When sending fails, unsent bytes stay in the buffer for the next flush.
pub(super) fn write(context: Context, stream: &Stream, pieces: Rest<Bytes>) -> Result<impl Results> {
    stream.check(stream.writable)?;
    let caller = context.caller;
    let outcome = write_all(context, stream, &pieces);
    stream.settle(caller);
    outcome.map(|()| itself())
}

fn write_all(context: Context, stream: &Stream, pieces: &Rest<Bytes>) -> Result<()> {
    let room = stream.room_to_send(context.caller);
    let mut outgoing = stream.outgoing.borrow_mut();
    let mut writing = Writing {
        stream,
        limited: room < usize::MAX,
        // One byte may become up to four.
        bound: if stream.translates() { room / 4 } else { room }.min(BOUND),
        caller: context.caller,
        deadline: None,
        before: outgoing.state(),
        unfit: false,
        outgoing: &mut outgoing,
        taken: 0,
        sure: 0,
    };
    writing.all(pieces).map_err(|error| writing.explain(error, pieces))
}

/// A call that writes.
struct Writing<'a> {
    stream: &'a Stream,
    /// The most bytes that are buffered, and whether the host limits them.
    bound: usize,
    limited: bool,
    caller: Caller<'a>,
    /// The deadline of the whole call, from the first send on.
    deadline: Option<Deadline>,
    outgoing: &'a mut Outgoing,
    /// How many of the call's bytes were sent or wait to be.
    taken: usize,
    /// How many of them stay taken when the others do not fit the encoding, and what waits then.
    sure: usize,
    /// The buffer that a failure restores, unless something was sent since.
    before: (usize, Text<4>),
    /// Bytes could not be appended: EILSEQ, ENOBUFS or ENOMEM.
    unfit: bool,
}

impl Writing<'_> {
    #[inline(always)]
    fn all(&mut self, pieces: &Rest<Bytes>) -> Result<()> {
        let mut due = false;
        // What an earlier attempt has taken.
        let mut skipped = self.caller.task_call().map_or(0, |task_call| task_call.task.count());
        (self.taken, self.sure) = (skipped, skipped);
        for piece in pieces.all() {
            due |= self.stream.by_line.get() && piece.iter().any(|byte| byte == b'\n');
            let known = skipped.min(piece.len());
            skipped -= known;
            let piece = piece.after(known);
            if self.outgoing.waiting() + piece.len() <= self.bound {
                self.append(piece)?;
            } else {
                self.append_large(piece, known > 0)?;
            }
        }
        if due || self.outgoing.waiting() >= self.stream.size.get().min(self.bound).max(1) {
            self.send()?;
        }
        Ok(())
    }

    #[inline(always)]
    fn append(&mut self, bytes: Bytes) -> Result<()> {
        if self.limited {
            self.outgoing.make_room(bytes.len()).inspect_err(|_| self.unfit = true)?;
        }
        self.outgoing.append(self.stream, bytes).inspect_err(|_| self.unfit = true)?;
        self.taken += bytes.len();
        Ok(())
    }

    /// Appends a string larger than the buffer, sending in between. Once a part of it was taken, by this attempt or an
    /// earlier one, a failure to send leaves all of it in the buffer.
    #[inline(never)]
    fn append_large(&mut self, mut piece: Bytes, mut begun: bool) -> Result<()> {
        if self.bound == 0 && self.outgoing.waiting() > 0 {
            self.send()?;
        }
        if self.bound == 0 {
            let words = "more bytes than the host allows";
            self.unfit = true;
            return Err(Error::named(Errno::NO_BUFFER_SPACE, words));
        }
        while self.outgoing.waiting() + piece.len() > self.bound {
            let (first, rest) = piece.split_at(self.bound.saturating_sub(self.outgoing.waiting()));
            if !first.is_empty() {
                self.append(first)?;
                begun = true;
            }
            piece = rest;
            if let Err(error) = self.send() {
                // Where the host limits what is buffered, the rest is the script's.
                if begun && !self.limited && !matches!(error, Error::Parked) {
                    self.append(piece)?;
                }
                return Err(error);
            }
        }
        self.append(piece)
    }

    fn send(&mut self) -> Result<()> {
        let deadline = self.deadline.get_or_insert_with(|| self.stream.deadline(self.caller));
        let outcome = self.outgoing.send(self.stream, self.caller, deadline);
        (self.before, self.sure) = (self.outgoing.state(), self.taken);
        outcome
    }

    /// The failure as Lua receives it, with the number of bytes that were accepted if that is neither all nor none.
    #[cold]
    fn explain(&mut self, error: Error, pieces: &Rest<Bytes>) -> Error {
        match error {
            Error::Parked => {
                // The call that is made again takes up what comes behind these bytes.
                if let Some(task_call) = self.caller.task_call() {
                    task_call.task.set_count(self.taken);
                }
                Error::Parked
            }
            error if self.unfit => {
                self.outgoing.restore(self.before);
                if self.sure == 0 { error } else { error.after(self.sure) }
            }
            error => {
                let whole = pieces.all().iter().map(|piece| piece.len()).sum::<usize>() == self.taken;
                if whole { error } else { error.after(self.taken) }
            }
        }
    }
}

/// `stream:flush()`.
pub(super) fn flush(context: Context, stream: &Stream) -> Result<()> {
    stream.check(true)?;
    let outcome = flush_all(stream, context.caller);
    stream.settle(context.caller);
    outcome
}

/// Sends all that was written. An incomplete character is EILSEQ.
pub(super) fn flush_all(stream: &Stream, caller: Caller) -> Result<()> {
    let mut outgoing = stream.outgoing.borrow_mut();
    let fits = outgoing.finish(stream);
    outgoing.send(stream, caller, &mut stream.deadline(caller))?;
    fits
}

/// Sends as much as can be sent without waiting, and tells how much that was.
pub(super) fn flush_at_once(stream: &Stream) -> usize {
    let mut outgoing = stream.outgoing.borrow_mut();
    // An incomplete character is dropped: no caller is left to report it to.
    let _ = outgoing.finish(stream);
    let before = outgoing.waiting();
    outgoing.send_at_once(stream);
    before - outgoing.waiting()
}
