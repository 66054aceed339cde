//! Numbers, and values that may replace them.

use std::ffi::c_int;

use super::{Argument, Reader};
use crate::lua::results::Either;
use crate::lua::stack::Type;
use crate::sys::Bytes;

macro_rules! integers {
    ($($integer:ty)*) => {
        $(impl<'a> Argument<'a> for $integer {
            #[inline(always)]
            fn read(reader: &mut Reader<'a>) -> Self {
                match <$integer>::try_from(reader.integer()) {
                    Ok(value) => value,
                    Err(_) => reader.refuse(b"number out of range"),
                }
            }
        })*
    };
}

integers! { i32 u8 u16 u32 }

impl<'a> Argument<'a> for i64 {
    fn read(reader: &mut Reader<'a>) -> Self {
        reader.integer()
    }
}

impl<'a> Argument<'a> for f64 {
    #[inline(always)]
    fn read(reader: &mut Reader<'a>) -> Self {
        reader.number()
    }
}

impl<'a> Argument<'a> for bool {
    fn read(reader: &mut Reader<'a>) -> Self {
        let index = reader.advance();
        match reader.stack.type_of(index) {
            Type::Boolean => reader.stack.boolean(index),
            _ => reader.expected("boolean"),
        }
    }
}

/// A number of bytes from 0 to 2³¹ - 1, the most that a system call transfers.
impl<'a> Argument<'a> for usize {
    #[inline(always)]
    fn read(reader: &mut Reader<'a>) -> Self {
        let size = reader.integer();
        if (0..=i64::from(i32::MAX)).contains(&size) { size as usize } else { reader.refuse(b"size out of range") }
    }
}

/// A number before a required argument, or none.
impl<'a> Argument<'a> for Either<(), i32> {
    const COUNTS: bool = true;

    #[inline(always)]
    fn read(reader: &mut Reader<'a>) -> Self {
        match reader.peek() {
            Type::Number => Either::Right(i32::read(reader)),
            Type::Nil if reader.left() >= 2 => {
                reader.skip();
                Either::Left(())
            }
            _ => Either::Left(()),
        }
    }
}

/// A timeout in seconds; `nil`, which must be passed, for none.
impl<'a> Argument<'a> for Either<(), f64> {
    fn read(reader: &mut Reader<'a>) -> Self {
        let index = reader.advance();
        match reader.stack.type_of(index) {
            Type::Nil => Either::Left(()),
            _ => Either::Right(timeout(reader, index)),
        }
    }
}

/// A timeout in seconds; `false` for none.
impl<'a> Argument<'a> for Either<bool, f64> {
    fn read(reader: &mut Reader<'a>) -> Self {
        let index = reader.advance();
        match reader.stack.type_of(index) {
            Type::Boolean if !reader.stack.boolean(index) => Either::Left(false),
            _ => Either::Right(timeout(reader, index)),
        }
    }
}

/// Reads a number of seconds, at most 2⁶³ nanoseconds.
fn timeout(reader: &Reader, index: c_int) -> f64 {
    const LONGEST: f64 = i64::MAX as f64 / 1e9;
    match reader.stack.number(index) {
        Some(seconds) if (0.0..=LONGEST).contains(&seconds) => seconds,
        Some(_) => reader.refuse(b"timeout out of range"),
        None => reader.expected("number"),
    }
}

/// The value of a socket option: an integer, which a boolean is too, or `nil`, which must be passed; or bytes.
impl<'a> Argument<'a> for Either<Option<i64>, Bytes<'a>> {
    const COUNTS: bool = true;

    fn read(reader: &mut Reader<'a>) -> Self {
        match reader.peek() {
            Type::Nil => {
                reader.skip();
                Either::Left(None)
            }
            Type::Number => Either::Left(Some(i64::read(reader))),
            Type::Boolean => Either::Left(Some(bool::read(reader).into())),
            Type::String | Type::Userdata => Either::Right(Bytes::read(reader)),
            _ => {
                reader.advance();
                reader.expected("number, boolean, string or buffer")
            }
        }
    }
}
