//! The results of `unpack`.

use std::ffi::c_int;

use super::Results;
use crate::lua::arguments::{Unpacked, UnpackedValue};
use crate::lua::stack::RaisingStack;

/// The values, then the place after the last one.
impl Results for Unpacked<'_> {
    fn push(&mut self, stack: RaisingStack) -> c_int {
        let mut count = 0;
        let end = self.each(|value| {
            stack.reserve(2);
            count += 1;
            match value {
                UnpackedValue::Integer(value) => stack.push_integer(value),
                UnpackedValue::Number(value) => stack.push_number(value),
                UnpackedValue::Bytes(bytes) => stack.push_bytes(bytes),
            }
        });
        stack.push_integer(end as i64 + 1);
        count + 1
    }
}
