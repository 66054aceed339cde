//! Received messages with ancillary data.

use std::ffi::c_int;

use super::address::{push_field, push_interned};
use super::table::push_sequence;
use super::{Results, metatable};
use crate::address::{Address, CONTROL_MESSAGE, Field};
use crate::lua::stack::RaisingStack;
use crate::lua::state::State;
use crate::sys::{ControlBuffer, Descriptor};

/// A received message: its data, the ancillary data (or only the descriptors in it), the flags, the sender's address.
pub(crate) struct Received<'a, T> {
    pub(crate) head: T,
    pub(crate) control: ControlBuffer,
    pub(crate) flags: i32,
    pub(crate) address: &'a mut Address,
    /// Pushed in place of all ancillary data, for `recv_fds`.
    pub(crate) descriptors: Option<Vec<Descriptor>>,
}

impl<T: Results> Results for Received<'_, T> {
    fn push(&mut self, stack: RaisingStack) -> c_int {
        self.head.push(stack);
        if let Some(descriptors) = &mut self.descriptors {
            push_sequence(descriptors, stack);
        } else {
            stack.push_table(1, 0);
            for (n, (level, kind, data)) in self.control.items().enumerate() {
                stack.push_table(3, 0);
                let fields = [Field::Integer(level.into()), Field::Integer(kind.into()), Field::Bytes(data)];
                for (place, field) in fields.into_iter().enumerate() {
                    push_field(field, stack);
                    stack.set_item(-2, place + 1);
                }
                metatable::set(stack, &CONTROL_MESSAGE);
                stack.set_item(-2, n + 1);
            }
        }
        stack.push_integer(self.flags.into());
        push_interned(self.address, stack);
        if self.control.is_malformed() {
            stack.warn(c"received malformed or improperly truncated ancillary data");
        }
        4
    }

    /// Releases the descriptors that the script now has. The others are closed when the control buffer is dropped.
    fn after_push(&mut self, shared: &State) {
        if !shared.names_descriptors.get() {
            return;
        }
        if self.descriptors.is_some() {
            self.control.release_rights();
        } else {
            self.control.release();
        }
    }
}
