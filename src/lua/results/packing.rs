//! The results of `pack`, `unpack` and `packsize`. Errors are those of Lua's own functions.

use std::ffi::c_int;

use super::{Results, values};
use crate::lua::arguments::{self, Argument, Reader};
use crate::lua::stack::RaisingStack;
use crate::packing::{self, LARGEST, Malformed, Packing, PackingFormat};
use crate::text::Text;

/// The bytes that a format, the first argument of the call, makes of those after it.
pub(crate) fn packed(format: &[u8]) -> impl Results {
    values(move |stack| {
        // As in Lua, an argument that is missing is nil.
        stack.push_nil();
        let mut length = 0;
        pack(stack, format, |bytes, zeros| length += bytes.len() + zeros);
        stack.reserve(4);
        let block = stack.push_userdata(length).cast::<u8>();
        // SAFETY: the block has that many bytes, and stays on the stack while they are used.
        let block = unsafe {
            block.write_bytes(0, length);
            std::slice::from_raw_parts_mut(block, length)
        };
        let mut place = 0;
        pack(stack, format, |bytes, zeros| {
            block[place..place + bytes.len()].copy_from_slice(bytes);
            place += bytes.len() + zeros;
        });
        stack.push_bytes(block);
        1
    })
}

/// Calls `write` with the bytes of each option, and the number of zeros after them.
fn pack(stack: RaisingStack, format: &[u8], mut write: impl FnMut(&[u8], usize)) {
    let reader = &mut Reader::new(stack, false, true);
    reader.skip();
    let (mut format, mut before) = (PackingFormat::new(format), 0usize);
    while let Some((packing, zeros)) = next(stack, &mut format, before) {
        let mut put = |bytes: &[u8], zeros| {
            before = before.saturating_add(bytes.len()).saturating_add(zeros);
            if before > isize::MAX as usize {
                return false;
            }
            write(bytes, zeros);
            true
        };
        let size = packing.size();
        let fits = put(&[], zeros)
            && match packing {
                Packing::Signed(_) | Packing::Unsigned(_) => {
                    let value = i64::read(reader);
                    if size < 8 {
                        let bits = 8 * size as u32;
                        match packing {
                            Packing::Signed(_) if value << (64 - bits) >> (64 - bits) != value => {
                                reader.refuse(b"integer overflow")
                            }
                            Packing::Unsigned(_) if value as u64 >> bits != 0 => reader.refuse(b"unsigned overflow"),
                            _ => {}
                        }
                    }
                    put(&packing::integer_to_bytes(value, packing, format.little_endian)[..size], 0)
                }
                Packing::Float => {
                    let value = f64::read(reader) as f32;
                    put(&if format.little_endian { value.to_le_bytes() } else { value.to_be_bytes() }, 0)
                }
                Packing::Double => {
                    let value = f64::read(reader);
                    put(&if format.little_endian { value.to_le_bytes() } else { value.to_be_bytes() }, 0)
                }
                Packing::Fixed(_) => {
                    let text: &[u8] = Argument::read(reader);
                    if text.len() > size {
                        reader.refuse(b"string longer than given size");
                    }
                    put(text, size - text.len())
                }
                Packing::Counted(_) => {
                    let text: &[u8] = Argument::read(reader);
                    if size < size_of::<usize>() && text.len() >> (8 * size) != 0 {
                        reader.refuse(b"string length does not fit in given size");
                    }
                    let length = Packing::Unsigned(size);
                    put(&packing::integer_to_bytes(text.len() as i64, length, format.little_endian)[..size], 0)
                        && put(text, 0)
                }
                Packing::Terminated => {
                    let text: &[u8] = Argument::read(reader);
                    if text.contains(&0) {
                        reader.refuse(b"string contains zeros");
                    }
                    put(text, 1)
                }
                Packing::Padding => put(&[], 1),
                Packing::Nothing => true,
            };
        if !fits {
            stack.raise_message(b"resulting string too large");
        }
    }
}

/// The next option of a format, the first argument. Raises when it is malformed.
fn next(stack: RaisingStack, format: &mut PackingFormat, before: usize) -> Option<(Packing, usize)> {
    match format.next(before) {
        Ok(next) => next,
        Err(malformed) => refuse(stack, malformed),
    }
}

fn refuse(stack: RaisingStack, malformed: Malformed) -> ! {
    match malformed {
        Malformed::Argument(index, reason) => arguments::refuse(stack, false, index, reason.as_bytes()),
        Malformed::Call(reason) => stack.raise_message(reason.as_bytes()),
    }
}

/// The size of what a format describes.
pub(crate) fn packed_size(format: &[u8]) -> impl Results {
    values(move |stack| {
        let (mut format, mut total) = (PackingFormat::new(format), 0);
        while let Some((packing, zeros)) = next(stack, &mut format, total) {
            if matches!(packing, Packing::Counted(_) | Packing::Terminated) {
                refuse(stack, Malformed::Argument(1, "variable-length format"));
            }
            let size = zeros + packing.size();
            if total + size > LARGEST {
                refuse(stack, Malformed::Argument(1, "format result too large"));
            }
            total += size;
        }
        total.push(stack)
    })
}

/// The values that a format describes in bytes from a place on, then the place after the last one.
pub(crate) fn unpacked(format: &[u8], bytes: &[u8], start: usize) -> impl Results {
    values(move |stack| match push_values(stack, PackingFormat::new(format), bytes, start) {
        Ok(count) => count,
        Err(malformed) => refuse(stack, malformed),
    })
}

/// The same on the stack. Returns their number.
fn push_values(
    stack: RaisingStack,
    mut format: PackingFormat,
    bytes: &[u8],
    mut place: usize,
) -> Result<c_int, Malformed> {
    let mut count = 0;
    let mut give = |value: &mut dyn Results| {
        stack.reserve(2);
        count += value.push(stack);
    };
    while let Some((packing, zeros)) = format.next(place)? {
        let size = packing.size();
        const SHORT: Malformed = Malformed::Argument(2, "data string too short");
        let rest = bytes[place..].get(zeros..).ok_or(SHORT)?;
        let (own, rest) = rest.split_at_checked(size).ok_or(SHORT)?;
        place += zeros + size;
        let little_endian = format.little_endian;
        match packing {
            Packing::Signed(_) | Packing::Unsigned(_) => {
                let signed = matches!(packing, Packing::Signed(_));
                let value = packing::integer_of_bytes(own, signed, little_endian).filter(|&value| is_exact(value));
                give(&mut value.ok_or_else(|| too_large(size))?);
            }
            Packing::Float => {
                let bytes = own.try_into().unwrap_or_default();
                let value = if little_endian { f32::from_le_bytes(bytes) } else { f32::from_be_bytes(bytes) };
                give(&mut f64::from(value));
            }
            Packing::Double => {
                let bytes = own.try_into().unwrap_or_default();
                let mut value = if little_endian { f64::from_le_bytes(bytes) } else { f64::from_be_bytes(bytes) };
                give(&mut value);
            }
            Packing::Fixed(_) => give(&mut &own[..]),
            Packing::Counted(_) => {
                let length = packing::integer_of_bytes(own, false, little_endian);
                let length = usize::try_from(length.ok_or_else(|| too_large(size))?).map_err(|_| SHORT)?;
                give(&mut rest.get(..length).ok_or(SHORT)?);
                place += length;
            }
            Packing::Terminated => {
                let end = memchr::memchr(0, rest);
                let end = end.ok_or(Malformed::Argument(2, "unfinished string for format 'z'"))?;
                give(&mut &rest[..end]);
                place += end + 1;
            }
            Packing::Padding | Packing::Nothing => {}
        }
    }
    give(&mut (place + 1));
    Ok(count)
}

/// The error for an integer of that size which is none in this Lua.
fn too_large(size: usize) -> Malformed {
    Malformed::Call(Text::format(format_args!("{size}-byte integer does not fit into Lua Integer")))
}

/// Whether Lua has this integer: where it has only floating-point numbers, those up to 2⁵³.
fn is_exact(value: i64) -> bool {
    const HAS_INTEGERS: bool = cfg!(any(feature = "lua53", feature = "lua54", feature = "lua55"));
    HAS_INTEGERS || value.unsigned_abs() <= 1 << 53
}
