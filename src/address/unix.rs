//! AF_UNIX: a path; on Linux also an abstract name, which begins with a NUL; `""` for no name.

use std::mem::offset_of;
use std::ops::RangeInclusive;

use super::{Address, AddressArgument, Field, Layout};
use crate::error::{self, Error, Result};
use crate::sys::Errno;
use crate::sys::headers::{AF_UNIX, sockaddr_un};
use crate::text::Text;

pub(super) static LAYOUT: Layout = Layout::table(AF_UNIX, &["path"]).or_string();

const PATH: usize = offset_of!(sockaddr_un, sun_path);
const ROOM: usize = size_of::<sockaddr_un>() - PATH;

/// Whether a path that begins with a NUL is an abstract name. Elsewhere it is an empty path.
const HAS_ABSTRACT_NAMES: bool = cfg!(linux_like);

pub(super) const LENGTHS: RangeInclusive<usize> = PATH..=PATH + ROOM;

pub(super) fn parse(given: &AddressArgument, address: &mut Address) -> Result<()> {
    let path = given.bytes(0, &LAYOUT)?;
    // Only a path ends with a NUL. An empty name makes bind(2) choose an abstract one.
    let end = match path.first() {
        None | Some(0) => path.len(),
        Some(_) => path.len() + 1,
    };
    if end > ROOM {
        let mut text = Text::new();
        describe_path(error::shown(path), &mut text);
        return Err(Error::named(Errno::NAME_TOO_LONG, "AF_UNIX path too long").about(text.as_bytes()));
    }
    address.begin(AF_UNIX, PATH + end);
    address.room()[PATH..PATH + path.len()].copy_from_slice(path);
    Ok(())
}

pub(super) fn write(address: &Address, fields: &mut impl FnMut(Field)) {
    fields(Field::Bytes(path(address)));
}

pub(super) fn describe(address: &Address, text: &mut Text) {
    describe_path(path(address), text);
}

fn describe_path(path: &[u8], text: &mut Text) {
    match path {
        [] => text.push(b"(unnamed)"),
        [0, name @ ..] => {
            text.push(b"@");
            text.push(name);
        }
        path => text.push(path),
    }
}

/// The path up to its NUL, or the whole abstract name.
pub(super) fn path(address: &Address) -> &[u8] {
    match address.as_bytes().get(PATH..).unwrap_or_default() {
        name @ [0, ..] if HAS_ABSTRACT_NAMES => name,
        path => path.split(|&byte| byte == 0).next().unwrap_or_default(),
    }
}
