//! Ancillary data as it lies in memory.

use std::cell::Cell;

use super::headers::cmsghdr;
use super::platform::{HOLDERS, RIGHTS};
use super::{Descriptor, Errno, cmsg_len, cmsg_space, from_raw_fd, is_open};

/// An item of ancillary data.
#[derive(Clone, Copy)]
pub(crate) struct ControlMessage<'a> {
    pub(crate) level: i32,
    pub(crate) kind: i32,
    pub(crate) data: &'a [Cell<u8>],
}

impl ControlMessage<'_> {
    /// Descriptors on their way to another process. The bytes are theirs, in the system's order.
    pub(crate) fn of_descriptors(data: &[Cell<u8>]) -> ControlMessage<'_> {
        let (level, kind) = RIGHTS;
        ControlMessage { level, kind, data }
    }

    pub(crate) fn holds_descriptors(&self) -> bool {
        HOLDERS.contains(&(self.level, self.kind))
    }
}

/// Ancillary data. Descriptors in received data are its own, and closed when it is dropped, until somebody has them.
pub(crate) struct ControlBuffer {
    /// Whole words, for the alignment of headers.
    pub(super) words: Vec<usize>,
    pub(super) length: usize,
    /// The levels and types of the items whose descriptors are its own.
    pub(super) owned: &'static [(i32, i32)],
}

impl Drop for ControlBuffer {
    fn drop(&mut self) {
        for fd in self.descriptors(self.owned) {
            // The system just made the descriptor for this message, and nobody else has it.
            drop(from_raw_fd(fd));
        }
    }
}

impl ControlBuffer {
    /// More bytes than any system takes or fills.
    const MOST: usize = 1 << 24;

    /// Room to receive `length` bytes, or as many as no system ever fills. Fails with ENOMEM.
    pub(crate) fn with_room(length: usize) -> Result<Self, Errno> {
        let length = length.min(Self::MOST);
        let count = length.div_ceil(size_of::<usize>());
        let mut words = Vec::new();
        words.try_reserve_exact(count).map_err(|_| Errno::NO_MEMORY)?;
        words.resize(count, 0);
        Ok(ControlBuffer { words, length, owned: &[] })
    }

    /// The given items, one after the other. Fails with ENOMEM, and as the system does with ENOBUFS.
    pub(crate) fn of_items(items: &[ControlMessage]) -> Result<Self, Errno> {
        let spaces = items.iter().map(|item| cmsg_space(item.data.len() as u32));
        let space = spaces.fold(0, usize::saturating_add);
        if space > Self::MOST {
            return Err(Errno::NO_BUFFER_SPACE);
        }
        let mut control = ControlBuffer::with_room(space)?;
        let mut place = 0;
        for item in items {
            let header = header(item);
            let data = place + cmsg_len(0);
            // SAFETY: there is room for every header with its data and padding; a header has no padding of its own.
            unsafe {
                let start = control.words.as_mut_ptr().cast::<u8>();
                start.add(place).copy_from_nonoverlapping((&raw const header).cast(), size_of::<cmsghdr>());
                start.add(data).copy_from_nonoverlapping(item.data.as_ptr().cast(), item.data.len());
            }
            place += cmsg_space(item.data.len() as u32);
        }
        Ok(control)
    }

    fn bytes(&self) -> &[u8] {
        // SAFETY: `length` bytes fit into the words.
        unsafe { std::slice::from_raw_parts(self.words.as_ptr().cast(), self.length) }
    }

    /// The received items: level, type, data. An item that the system cut has the data that is there; what makes no
    /// sense ends the walk.
    pub(crate) fn items(&self) -> impl Iterator<Item = (i32, i32, &[u8])> {
        let mut rest = self.bytes();
        std::iter::from_fn(move || {
            let (item, _, after) = next_item(rest)?;
            rest = after;
            Some(item)
        })
    }

    /// True when an item tells a length that makes no sense.
    pub(crate) fn is_malformed(&self) -> bool {
        let mut rest = self.bytes();
        while let Some((_, whole, after)) = next_item(rest) {
            if !whole {
                return true;
            }
            rest = after;
        }
        rest.len() >= cmsg_len(0)
    }

    /// The descriptors that another process sent.
    pub(crate) fn rights(&self) -> Vec<Descriptor> {
        self.descriptors(&[RIGHTS])
    }

    /// The descriptors in items of these levels and types. Where the system could not make one it tells an error.
    pub(super) fn descriptors(&self, holders: &[(i32, i32)]) -> Vec<Descriptor> {
        let items = self.items().filter(|(level, kind, _)| holders.contains(&(*level, *kind)));
        items
            .flat_map(|(_, _, data)| data.chunks_exact(4))
            .filter_map(|fd| fd.try_into().ok().map(|fd| i32::from_ne_bytes(fd) as Descriptor))
            .filter(|&fd| is_open(fd))
            .collect()
    }

    /// Lets the received descriptors go: whoever took the items has them now.
    pub(crate) fn release(&mut self) {
        self.owned = &[];
    }

    /// Lets those go that another process sent: whoever took them has them now.
    pub(crate) fn release_rights(&mut self) {
        self.owned = self.owned.strip_prefix(&[RIGHTS]).unwrap_or(&[]);
    }
}

/// The first item in received bytes, whether all of it is there, and the bytes after it.
#[allow(clippy::type_complexity, reason = "an item is three things, here with two more")]
fn next_item(bytes: &[u8]) -> Option<((i32, i32, &[u8]), bool, &[u8])> {
    let header_length = cmsg_len(0);
    if bytes.len() < header_length {
        return None;
    }
    // SAFETY: that many bytes, of any value.
    let header = unsafe { bytes.as_ptr().cast::<cmsghdr>().read_unaligned() };
    #[allow(clippy::unnecessary_cast, reason = "the length has 32 bits on some systems")]
    let length = header.cmsg_len as usize;
    let data_length = length.checked_sub(header_length)?;
    let data = &bytes[header_length..length.min(bytes.len())];
    let next = cmsg_space(u32::try_from(data_length).unwrap_or(u32::MAX)).min(bytes.len());
    Some(((header.cmsg_level, header.cmsg_type, data), length <= bytes.len(), &bytes[next..]))
}

/// The header of an item.
fn header(item: &ControlMessage) -> cmsghdr {
    // SAFETY: all fields may be zero; some systems have padding among them.
    let mut header: cmsghdr = unsafe { std::mem::zeroed() };
    header.cmsg_len = cmsg_len(item.data.len() as u32) as _;
    header.cmsg_level = item.level;
    header.cmsg_type = item.kind;
    header
}
