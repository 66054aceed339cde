//! Programs as userdata.

use super::registry::RegistryKey;
use super::results::{Results, values};
use super::userdata::{self, Userdata};
use crate::programs::Program;

impl Userdata for Program {
    const OPEN_ENDED: bool = false;
    const TYPE: u64 = 16;
}

/// A new program.
pub(crate) fn new_program(mut program: Program) -> impl Results {
    values(move |stack| {
        stack.get_registered(RegistryKey::ProgramMetatable);
        userdata::push(stack, 0, |_| std::mem::replace(&mut program, Program::closed()));
        stack.insert(-2);
        stack.set_metatable(-2);
        1
    })
}
