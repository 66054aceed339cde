//! Programs as userdata.

use std::ffi::c_int;

use super::registry::RegistryKey;
use super::results::Results;
use super::stack::RaisingStack;
use super::userdata::{self, Userdata};
use crate::programs::Program;

impl Userdata for Program {
    const OPEN_ENDED: bool = false;
    const TYPE: u64 = 16;
}

/// A new program.
pub(crate) struct NewProgram(pub(crate) Program);

impl Results for NewProgram {
    fn push(&mut self, stack: RaisingStack) -> c_int {
        stack.get_registered(RegistryKey::ProgramMetatable);
        userdata::push(stack, 0, |_| std::mem::replace(&mut self.0, Program::closed()));
        stack.insert(-2);
        stack.set_metatable(-2);
        1
    }
}
