//! Programs as userdata.

use std::cell::RefCell;

use super::registry::RegistryKey;
use super::results::{Results, values};
use super::userdata::{self, Userdata};
use crate::sys::Process;

/// A program; nothing once it is closed.
impl Userdata for RefCell<Option<Process>> {
    const OPEN_ENDED: bool = false;
    const TYPE: u64 = 16;
}

/// A new program.
pub(crate) fn new_program(process: Process) -> impl Results {
    let mut process = Some(process);
    values(move |stack| {
        stack.get_registered(RegistryKey::ProgramMetatable);
        userdata::push(stack, 0, |_| RefCell::new(process.take()));
        stack.insert(-2);
        stack.set_metatable(-2);
        1
    })
}
