//! Looking up names in threads. They are created when needed, serve all Lua states of the process, end when idle, and
//! do not use Lua.

mod pool;
mod question;

pub(crate) use pool::{MOST_THREADS, Ticket, submit};
pub(crate) use question::{Answer, Question, is_numeric};
