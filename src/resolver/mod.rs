//! Looking up names without waiting for the answer: in threads, which are made when they are needed, serve the whole
//! process, and end when there is nothing to do. They know nothing of Lua.

mod bell;
mod pool;
mod question;

pub(crate) use bell::{Bell, Listener};
pub(crate) use pool::{MOST_THREADS, Ticket, submit};
pub(crate) use question::{Answer, Question};
