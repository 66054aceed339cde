//! Encoding and decoding control messages.

use super::bytes::Bytes;
use super::headers::cmsghdr;
use super::platform::{HOLDERS, RIGHTS};
use super::{Descriptor, Errno, MAX_CMSG_DATA, close, cmsg_len, cmsg_space, is_open};

/// `SCM_RIGHTS`: a control message with descriptors for another process.
#[cfg(unix)]
pub(crate) fn scm_rights(descriptors: &[Descriptor]) -> (i32, i32, Bytes<'_>) {
    (libc::SOL_SOCKET, libc::SCM_RIGHTS, descriptors.into())
}

/// Whether the data of control messages of a level and a type is descriptors.
pub(crate) fn holds_descriptors(level: i32, kind: i32) -> bool {
    HOLDERS.contains(&(level, kind))
}

/// Control messages (ancillary data) in memory, each a level, a type and data. It owns the descriptors in received ones,
/// and closes them when it is dropped, unless they were released before.
pub(crate) struct ControlBuffer {
    /// Whole words, for the alignment of headers.
    words: Vec<usize>,
    /// In bytes; no more than the words have.
    length: usize,
    /// The level and the type of the messages whose descriptors it owns.
    owned: &'static [(i32, i32)],
}

impl Drop for ControlBuffer {
    fn drop(&mut self) {
        for fd in self.descriptors(self.owned) {
            let _ = close(fd);
        }
    }
}

impl ControlBuffer {
    /// More bytes than any system sends or receives.
    const MOST: usize = 1 << 24;

    /// An empty buffer of `length` bytes, at most [`Self::MOST`]. Fails with ENOMEM.
    pub(crate) fn with_room(length: usize) -> Result<Self, Errno> {
        let length = length.min(Self::MOST);
        let count = length.div_ceil(size_of::<usize>());
        let mut words = Vec::new();
        words.try_reserve_exact(count).map_err(|_| Errno::NO_MEMORY)?;
        words.resize(count, 0);
        Ok(ControlBuffer { words, length, owned: &[] })
    }

    /// The given control messages, one after the other. Fails with ENOMEM, and as the system does with ENOBUFS.
    pub(crate) fn of_items(items: &[(i32, i32, Bytes)]) -> Result<Self, Errno> {
        if items.iter().any(|(_, _, data)| data.len() > MAX_CMSG_DATA as usize) {
            return Err(Errno::NO_BUFFER_SPACE);
        }
        let spaces = items.iter().map(|(_, _, data)| cmsg_space(data.len() as u32));
        let space = spaces.fold(0, usize::saturating_add);
        if space > Self::MOST {
            return Err(Errno::NO_BUFFER_SPACE);
        }
        let mut control = ControlBuffer::with_room(space)?;
        let mut place = 0;
        for &(level, kind, data) in items {
            let header = header(level, kind, data.len());
            // SAFETY: there is room for every header with its data and padding; a header has no padding of its own.
            unsafe {
                let start = control.words.as_mut_ptr().cast::<u8>();
                start.add(place).copy_from_nonoverlapping((&raw const header).cast(), size_of::<cmsghdr>());
                start.add(place + cmsg_len(0)).copy_from_nonoverlapping(data.as_ptr(), data.len());
            }
            place += cmsg_space(data.len() as u32);
        }
        Ok(control)
    }

    /// The bytes for a call that sends or receives: start and length, null when there are none.
    pub(super) fn raw(&self) -> (*mut u8, usize) {
        let start = if self.length > 0 { self.words.as_ptr().cast_mut().cast() } else { std::ptr::null_mut() };
        (start, self.length)
    }

    /// The same for a call that receives.
    pub(super) fn raw_mut(&mut self) -> (*mut u8, usize) {
        let start = if self.length > 0 { self.words.as_mut_ptr().cast() } else { std::ptr::null_mut() };
        (start, self.length)
    }

    /// Takes what a call received: that many bytes (or all of them, when it returned more), and the descriptors there.
    ///
    /// # Safety
    /// The call wrote the bytes, and nobody else owns the descriptors in them.
    pub(super) unsafe fn set_received(&mut self, length: usize) {
        self.length = self.length.min(length);
        self.owned = HOLDERS;
    }

    /// Whether there is no room for a single byte.
    #[cfg(windows)]
    pub(super) fn is_empty(&self) -> bool {
        self.length == 0
    }

    fn bytes(&self) -> &[u8] {
        // SAFETY: `length` bytes fit into the words.
        unsafe { std::slice::from_raw_parts(self.words.as_ptr().cast(), self.length) }
    }

    /// The received messages: level, type, data. One that was truncated has the data that is there. The first header
    /// with an impossible length ends them.
    pub(crate) fn items(&self) -> impl Iterator<Item = (i32, i32, &[u8])> {
        let mut rest = self.bytes();
        std::iter::from_fn(move || {
            let (item, _, after) = next_item(rest)?;
            rest = after;
            Some(item)
        })
    }

    /// Whether a header has an impossible length, or a message was truncated.
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
        self.descriptors(RIGHTS)
    }

    /// The descriptors in messages of these levels and types. A negative number stands for one that the system could
    /// not make.
    pub(super) fn descriptors(&self, holders: &[(i32, i32)]) -> Vec<Descriptor> {
        let items = self.items().filter(|(level, kind, _)| holders.contains(&(*level, *kind)));
        items
            .flat_map(|(_, _, data)| data.chunks_exact(4))
            .filter_map(|fd| fd.try_into().ok().map(|fd| i32::from_ne_bytes(fd) as Descriptor))
            .filter(|&fd| is_open(fd))
            .collect()
    }

    /// Gives up ownership of the received descriptors.
    pub(crate) fn release(&mut self) {
        self.owned = &[];
    }

    /// Gives up ownership of those that another process sent.
    pub(crate) fn release_rights(&mut self) {
        self.owned = self.owned.strip_prefix(RIGHTS).unwrap_or(&[]);
    }
}

/// The first message in received bytes, whether all of it is there, and the bytes after it.
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

/// The header of a message.
fn header(level: i32, kind: i32, length: usize) -> cmsghdr {
    // SAFETY: all fields may be zero; some systems have padding among them.
    let mut header: cmsghdr = unsafe { std::mem::zeroed() };
    header.cmsg_len = cmsg_len(length as u32) as _;
    (header.cmsg_level, header.cmsg_type) = (level, kind);
    header
}
