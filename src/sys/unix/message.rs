//! sendmsg(2), recvmsg(2), and ancillary data as it lies in memory.

use std::cell::Cell;
use std::marker::PhantomData;
use std::os::fd::FromRawFd;

use super::transfer::quietly;
use super::*;
use crate::address::Address;

/// One of the pieces of memory that a message is gathered from or scattered into.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct Piece<'a> {
    vector: libc::iovec,
    lifetime: PhantomData<&'a [Cell<u8>]>,
}

impl<'a> Piece<'a> {
    pub(crate) fn new(bytes: &'a [Cell<u8>]) -> Self {
        let vector = libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() };
        Piece { vector, lifetime: PhantomData }
    }
}

/// The most pieces that a message may have.
pub(crate) const MOST_PIECES: usize = libc::UIO_MAXIOV as usize;

/// An item of ancillary data.
#[derive(Clone, Copy)]
pub(crate) struct Item<'a> {
    pub(crate) level: i32,
    pub(crate) kind: i32,
    pub(crate) data: &'a [Cell<u8>],
}

impl Item<'_> {
    /// Descriptors on their way to another process. The bytes are theirs, in the system's order.
    pub(crate) fn of_descriptors(data: &[Cell<u8>]) -> Item<'_> {
        Item { level: libc::SOL_SOCKET, kind: libc::SCM_RIGHTS, data }
    }

    pub(crate) fn holds_descriptors(&self) -> bool {
        (self.level, self.kind) == (libc::SOL_SOCKET, libc::SCM_RIGHTS)
    }
}

/// The bytes that an item of so much data takes, without the padding after it (`CMSG_LEN`).
pub(crate) fn control_length(data: u32) -> usize {
    // SAFETY: plain arithmetic.
    unsafe { libc::CMSG_LEN(0) as usize + data as usize }
}

/// The bytes that an item of so much data takes, with the padding after it (`CMSG_SPACE`).
pub(crate) fn control_space(data: u32) -> usize {
    // SAFETY: plain arithmetic; the padding goes to a multiple of what one byte takes beyond none.
    let padding = unsafe { (libc::CMSG_SPACE(1) - libc::CMSG_SPACE(0)) as usize };
    control_length(0) + (data as usize).next_multiple_of(padding)
}

/// The largest argument of the two: no item may be longer than the system can say.
pub(crate) const LONGEST_ITEM: u32 = i32::MAX as u32 - 64;

/// Ancillary data. Descriptors in received data are its own, and closed when it is dropped, until they are kept.
pub(crate) struct Control {
    /// Whole words, for the alignment of headers.
    words: Vec<usize>,
    length: usize,
    owns: bool,
}

impl Drop for Control {
    fn drop(&mut self) {
        if self.owns {
            for fd in self.descriptors() {
                // SAFETY: the system just made the descriptor for this message, and nobody else has it.
                drop(unsafe { Owned::from_raw_fd(fd) });
            }
        }
    }
}

impl Control {
    /// More bytes than any system takes or fills.
    const MOST: usize = 1 << 24;

    /// Room to receive `length` bytes, or as many as no system ever fills. Fails with ENOMEM.
    pub(crate) fn with_room(length: usize) -> Result<Self, Errno> {
        let length = length.min(Self::MOST);
        let count = length.div_ceil(size_of::<usize>());
        let mut words = Vec::new();
        words.try_reserve_exact(count).map_err(|_| Errno::NO_MEMORY)?;
        words.resize(count, 0);
        Ok(Control { words, length, owns: false })
    }

    /// The given items, one after the other. Fails with ENOMEM, and as the system does with ENOBUFS.
    pub(crate) fn of_items(items: &[Item]) -> Result<Self, Errno> {
        let spaces = items.iter().map(|item| control_space(item.data.len() as u32));
        let space = spaces.fold(0, usize::saturating_add);
        if space > Self::MOST {
            return Err(Errno::NO_BUFFER_SPACE);
        }
        let mut control = Control::with_room(space)?;
        let mut place = 0;
        for item in items {
            let header = header(item);
            let data = place + control_length(0);
            // SAFETY: there is room for every header with its data and padding; a header has no padding of its own.
            unsafe {
                let start = control.words.as_mut_ptr().cast::<u8>();
                start.add(place).copy_from_nonoverlapping((&raw const header).cast(), size_of::<libc::cmsghdr>());
                start.add(data).copy_from_nonoverlapping(item.data.as_ptr().cast(), item.data.len());
            }
            place += control_space(item.data.len() as u32);
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
        rest.len() >= control_length(0)
    }

    /// The received descriptors.
    pub(crate) fn descriptors(&self) -> Vec<Descriptor> {
        let rights = self.items().filter(|(level, kind, _)| (*level, *kind) == (libc::SOL_SOCKET, libc::SCM_RIGHTS));
        rights
            .flat_map(|(_, _, data)| data.chunks_exact(4))
            .filter_map(|fd| fd.try_into().ok().map(i32::from_ne_bytes))
            .collect()
    }

    /// Lets the received descriptors go: whoever took the data has them now.
    pub(crate) fn keep(&mut self) {
        self.owns = false;
    }
}

/// The first item in received bytes, whether all of it is there, and the bytes after it.
#[allow(clippy::type_complexity, reason = "an item is three things, here with two more")]
fn next_item(bytes: &[u8]) -> Option<((i32, i32, &[u8]), bool, &[u8])> {
    let header_length = control_length(0);
    if bytes.len() < header_length {
        return None;
    }
    // SAFETY: that many bytes, of any value.
    let header = unsafe { bytes.as_ptr().cast::<libc::cmsghdr>().read_unaligned() };
    #[allow(clippy::unnecessary_cast, reason = "the length has 32 bits on some systems")]
    let length = header.cmsg_len as usize;
    let data_length = length.checked_sub(header_length)?;
    let data = &bytes[header_length..length.min(bytes.len())];
    let next = control_space(u32::try_from(data_length).unwrap_or(u32::MAX)).min(bytes.len());
    Some(((header.cmsg_level, header.cmsg_type, data), length <= bytes.len(), &bytes[next..]))
}

/// The header of an item.
fn header(item: &Item) -> libc::cmsghdr {
    // SAFETY: all fields may be zero; some systems have padding among them.
    let mut header: libc::cmsghdr = unsafe { std::mem::zeroed() };
    header.cmsg_len = control_length(item.data.len() as u32) as _;
    header.cmsg_level = item.level;
    header.cmsg_type = item.kind;
    header
}

/// sendmsg(2).
pub(crate) fn sendmsg(
    fd: Descriptor,
    pieces: &[Piece],
    control: &Control,
    flags: i32,
    address: Option<&Address>,
) -> Result<usize, Errno> {
    // SAFETY: all fields may be zero.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    message.msg_iov = pieces.as_ptr().cast_mut().cast();
    message.msg_iovlen = pieces.len() as _;
    if control.length > 0 {
        message.msg_control = control.words.as_ptr().cast_mut().cast();
        message.msg_controllen = control.length as _;
    }
    if let Some(address) = address {
        message.msg_name = address.as_bytes().as_ptr().cast_mut().cast();
        message.msg_namelen = address.as_bytes().len() as _;
    }
    // SAFETY: everything that the message points to is valid, and only read.
    quietly(fd, flags, |flags| unsafe { libc::sendmsg(fd, &message, flags) })
}

/// Has the system mark received descriptors close-on-exec, where it can.
#[cfg(not(any(target_os = "macos", target_os = "ios")))]
const CLOSE_ON_EXEC: i32 = libc::MSG_CMSG_CLOEXEC;
#[cfg(any(target_os = "macos", target_os = "ios"))]
const CLOSE_ON_EXEC: i32 = 0;

/// The flag that has the system mark received descriptors close-on-exec. Only Unix sockets carry descriptors, and
/// some families refuse flags that they do not know.
pub(crate) fn guard(family: u16) -> i32 {
    if i32::from(family) == libc::AF_UNIX { CLOSE_ON_EXEC } else { 0 }
}

/// What a message came with.
pub(crate) struct Arrival {
    pub(crate) count: usize,
    pub(crate) flags: i32,
}

/// recvmsg(2) into pieces of memory, `control` and `address`.
pub(crate) fn recvmsg_into(
    fd: Descriptor,
    pieces: &[Piece],
    control: &mut Control,
    flags: i32,
    address: &mut Address,
) -> Result<Arrival, Errno> {
    // SAFETY: all fields may be zero.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    message.msg_iov = pieces.as_ptr().cast_mut().cast();
    message.msg_iovlen = pieces.len() as _;
    message.msg_name = address.room().as_mut_ptr().cast();
    message.msg_namelen = Address::SIZE as _;
    if control.length > 0 {
        message.msg_control = control.words.as_mut_ptr().cast();
        message.msg_controllen = control.length as _;
    }
    // SAFETY: everything that the message points to is valid and may be written.
    let count = check(unsafe { libc::recvmsg(fd, &mut message, flags) })?;
    #[allow(clippy::unnecessary_cast, reason = "the length has 32 bits on some systems")]
    let told = message.msg_controllen as usize;
    control.length = control.length.min(told);
    control.owns = true;
    if flags & CLOSE_ON_EXEC == 0 {
        for fd in control.descriptors() {
            set_inheritable(fd, false)?;
        }
    }
    address.set_length(message.msg_namelen as usize);
    // Some systems give the flag back that was not the caller's.
    Ok(Arrival { count, flags: message.msg_flags & !CLOSE_ON_EXEC })
}

/// recvmsg(2) into one piece of memory.
pub(crate) fn recvmsg(
    fd: Descriptor,
    target: &mut Filling,
    control: &mut Control,
    flags: i32,
    address: &mut Address,
) -> Result<Arrival, Errno> {
    let mut arrived = 0;
    let call = |start: *mut u8, length: usize| {
        let vector = libc::iovec { iov_base: start.cast(), iov_len: length };
        let arrival = recvmsg_into(fd, &[Piece { vector, lifetime: PhantomData }], control, flags, address)?;
        arrived = arrival.flags;
        Ok::<usize, Errno>(arrival.count)
    };
    // SAFETY: the system writes within the piece, as many bytes as it returns.
    let count = unsafe { target.fill(call) }?;
    Ok(Arrival { count, flags: arrived })
}
