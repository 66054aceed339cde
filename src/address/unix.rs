//! AF_UNIX: a path, or (on Linux) an abstract name with a NUL before it, or nothing.

use std::mem::offset_of;
use std::ops::RangeInclusive;

use super::{Address, AddressArgument, AddressFamily, Fields, Layout, Single};
use crate::error::{Error, Message, Result};
use crate::sys::Errno;
use crate::sys::headers::{AF_UNIX, sockaddr_un};

pub(super) struct Family;

static LAYOUT: Layout = Layout { key: AF_UNIX, fields: &["path"], single: Single::String };

const PATH: usize = offset_of!(sockaddr_un, sun_path);
const ROOM: usize = size_of::<sockaddr_un>() - PATH;

/// Whether a name that begins with a NUL is one, and not the absence of a path.
const HAS_ABSTRACT_NAMES: bool = cfg!(any(target_os = "linux", target_os = "android"));

impl AddressFamily for Family {
    const LENGTHS: RangeInclusive<usize> = PATH..=PATH + ROOM;

    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn parse(given: &AddressArgument, address: &mut Address) -> Result<()> {
        let path = given.bytes(0, &LAYOUT)?;
        // An abstract name has its exact length, an empty one asks for a name, a path ends with a NUL.
        let end = match path.first() {
            None | Some(0) => path.len(),
            Some(_) => path.len() + 1,
        };
        if end > ROOM {
            return Err(Error::named(Errno::NAME_TOO_LONG, "AF_UNIX path too long"));
        }
        address.begin(AF_UNIX, PATH + end);
        address.room()[PATH..PATH + path.len()].copy_from_slice(path);
        Ok(())
    }

    fn write(address: &Address, fields: &mut impl Fields) {
        fields.bytes(path(address));
    }

    fn describe(address: &Address, text: &mut Message) {
        match path(address) {
            [] => text.push(b"(unnamed)"),
            [0, name @ ..] => {
                text.push(b"@");
                text.push(name);
            }
            path => text.push(path),
        }
    }
}

/// The path up to its NUL, or the abstract name in full.
fn path(address: &Address) -> &[u8] {
    match address.as_bytes().get(PATH..).unwrap_or_default() {
        name @ [0, ..] if HAS_ABSTRACT_NAMES => name,
        path => path.split(|&byte| byte == 0).next().unwrap_or_default(),
    }
}
