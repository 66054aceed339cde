//! Platform layer; `unix` and `windows` provide the same items.
//!
//! Each function makes one system call (or as few as the system allows), retries nothing, waits only where the call
//! itself waits, and returns the error number. What only some systems have stands under a `cfg`, as do the functions
//! that need it and their rows in the tables of functions. Nothing here knows Lua.

mod bytes;
mod clock;
mod control;
mod interface;
mod poller;
mod real_path;
mod receive_buffer;
mod resolver;
mod sockaddr;
#[cfg(unix)]
mod unix;
mod waker;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as platform;
#[cfg(windows)]
use windows as platform;

pub(crate) use bytes::Bytes;
#[cfg(unix)]
pub(crate) use control::scm_rights;
pub(crate) use control::{ControlBuffer, holds_descriptors};
pub(crate) use interface::InterfaceAddress;
pub(crate) use poller::{Poller, Ready, bits};
pub(crate) use real_path::real_path;
pub(crate) use receive_buffer::{ReceiveBuffer, fill_tail};
pub(crate) use resolver::{AddrInfo, getaddrinfo};
#[cfg(linux_like)]
pub(crate) use sockaddr::AF_QIPCRTR;
pub(crate) use sockaddr::Address;
pub(crate) use waker::{Waker, end_linger, wait_or_wake};

/// The system's headers, under the names that Unix has.
pub(crate) use platform::headers;

/// Descriptors.
pub(crate) use platform::{
    Descriptor, NO_DESCRIPTOR, Owned, as_raw_fd, close, duplicate, get_inheritable, into_raw_fd, is_nonblocking,
    is_open, negate, set_inheritable, set_nonblocking, socket, socketpair, split_type, without_blocking,
};

/// Addresses and connections.
pub(crate) use platform::{accept, bind, connect, disconnect, getpeername, getsockname, listen, shutdown};

/// Sending, receiving and waiting.
pub(crate) use platform::{
    DONT_WAIT, ERROR_QUEUE, File, PEEK, WAIT_ALL, ZERO_COPY, has_ended, has_error, is_other_file, pause, recv,
    recvfrom, send, send_at_once, sendfile, sendto, system_timeout, wait, wait_to_connect,
};

/// Waiting for many descriptors: the queue of the kernel (epoll, kqueue), and poll(2).
pub(crate) use headers::{POLLIN, POLLNVAL, POLLOUT, pollfd as PollEntry};
pub(crate) use platform::{Queue, poll, poll_entry};

/// The monotonic clock, and the number of forks of the process.
pub(crate) use clock::{from_nanoseconds, monotonic, to_nanoseconds};
pub(crate) use platform::forks;

/// Threads and signals.
#[cfg(feature = "lua55")]
pub(crate) use platform::stay_loaded;
pub(crate) use platform::{descriptor_limit, ignore_sigpipe, spawn};

/// Messages, scatter/gather arrays and control messages.
pub(crate) use platform::{
    IOV_MAX, IoSlice, MAX_CMSG_DATA, cmsg_cloexec_flag, cmsg_len, cmsg_space, recvmsg, recvmsg_into, sendmsg,
};
#[cfg(linux_like)]
pub(crate) use platform::{alg_set_aead_assoclen, alg_set_iv, alg_set_op, is_alg};

/// Options.
pub(crate) use platform::{
    DESCRIPTOR_OPTIONS, LAYERS, SYSTEM_TIMEOUTS, getsockopt, getsockopt_bytes, getsockopt_wide, has_wide_options,
    is_listening, is_local, is_stream, is_tcp, reuse_address, reuse_port, set_interruptible, set_ipv6_only, setsockopt,
    setsockopt_integer, setsockopt_length, setsockopt_wide, socket_family, socket_protocol, socket_type, take_error,
};

/// Names and addresses.
pub(crate) use platform::{
    Host, INTERFACE_NAME, address_length, aton, gethostname, getnameinfo, host_by_address, host_by_name,
    if_indextoname, if_nameindex, if_nametoindex, ntop, port_by_service, protocol_by_name, pton, service_by_port,
};

/// The addresses of interfaces, and the names of their flags.
pub(crate) use platform::{INTERFACE_FLAGS, getifaddrs};

/// The id of a kernel control; tests on other systems compile its address too.
#[cfg(any(macos, all(unix, test)))]
pub(crate) use platform::control_id;

/// Programs that tests start.
#[cfg(all(unix, feature = "testkit"))]
pub(crate) use platform::Process;

#[cfg(linux_like)]
pub(crate) use platform::local_cid;
#[cfg(unix)]
pub(crate) use platform::sethostname;
/// What only some systems have.
#[cfg(windows)]
pub(crate) use platform::{CONTROLS, SHARE_SIZE, from_share, ioctl, share};

/// Errors.
pub(crate) use platform::{Errno, ResolverError, write_host_error};

/// The `h_errno` for a host that is not in the database.
pub(crate) const HOST_NOT_FOUND: i32 = 1;

/// Properties of the system, and the documented defaults.
pub(crate) use platform::{DEFAULT_BACKLOG, HAS_IPV6, HAS_REUSE_PORT, PAIR_FAMILY, start};

/// The C library's stream.
pub(crate) use libc::FILE;

/// The documented defaults of a new socket.
pub(crate) const DEFAULT_FAMILY: i32 = headers::AF_INET;
pub(crate) const DEFAULT_TYPE: i32 = headers::SOCK_STREAM;
pub(crate) const FAMILY_IPV6: i32 = headers::AF_INET6;
pub(crate) const ANY_FAMILY: i32 = headers::AF_UNSPEC;

/// Hints of getaddrinfo(3) for a numeric host: family, type, protocol, flags.
pub(crate) const NUMERIC_DATAGRAM: [i32; 4] = [ANY_FAMILY, headers::SOCK_DGRAM, 0, headers::AI_NUMERICHOST];

/// A descriptor that somebody else closes, not before `'a` is over.
#[cfg(unix)]
pub(crate) fn borrow<'a>(fd: Descriptor) -> std::os::fd::BorrowedFd<'a> {
    // SAFETY: the caller's promise.
    unsafe { std::os::fd::BorrowedFd::borrow_raw(fd) }
}

/// Takes ownership of a descriptor that a script or a host names. Fails with EBADF for one that is not open. That nobody
/// else closes it is the duty of whoever names it, as with [`close`]; a host may refuse descriptors from scripts.
pub(crate) fn take_over(fd: Descriptor) -> Result<Owned, Errno> {
    get_inheritable(fd)?;
    // SAFETY: it is open.
    Ok(unsafe { platform::from_raw_fd(fd) })
}
