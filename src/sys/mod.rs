//! The operating system. Twins of one interface: `unix` and `windows`.
//!
//! A platform owes every name that is listed here. Each function is one system call (or as few as the system allows),
//! retries nothing, waits for nothing but what the call itself waits for, and reports the error number. No Lua comes in
//! here. What a platform lacks it refuses with [`Errno::NOT_SUPPORTED`], and Lua does not see the functions that it
//! names in [`ABSENT`].

mod clock;
mod control;
mod filling;
mod poll_set;
mod poller;
mod resolver;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as platform;
#[cfg(windows)]
use windows as platform;

pub(crate) use control::{ControlBuffer, ControlMessage};
pub(crate) use filling::{Filling, Part, Target};
pub(crate) use poll_set::PollSet;
pub(crate) use poller::{Event, Interest, Ready, Token};
pub(crate) use resolver::{AddrInfo, look_up};

/// The system's headers, under the names that Unix has.
pub(crate) use platform::headers;

/// Descriptors: what they are, their making, their state and their end.
pub(crate) use platform::{
    Descriptor, NO_DESCRIPTOR, Owned, as_raw_fd, close, conceal, duplicate, from_raw_fd, from_share, get_inheritable,
    into_raw_fd, is_nonblocking, is_open, set_inheritable, set_nonblocking, share, socket, socketpair, split_type,
};

/// Addresses and connections.
pub(crate) use platform::{accept, bind, connect, getpeername, getsockname, listen, shutdown};

/// Sending, receiving and waiting.
pub(crate) use platform::{
    DONT_WAIT, ERROR_QUEUE, File, PEEK, WAIT_ALL, ZERO_COPY, has_ended, has_error, pause, recv, recvfrom, send,
    send_at_once, sendfile, sendto, system_timeout, wait,
};

/// Waiting for many descriptors: what the kernel keeps for it, and what [`PollSet`] is made of, which are `poll` and
/// `poll_entry`.
pub(crate) use platform::Queue;

pub(crate) use clock::monotonic;
/// The clock that tasks tell, and how often the process was forked since it began.
pub(crate) use platform::forks;

/// Messages, their pieces and their ancillary data.
pub(crate) use platform::{
    IOV_MAX, IoSlice, MAX_CMSG_DATA, RecvMsg, cmsg_cloexec_flag, cmsg_len, cmsg_space, recvmsg, recvmsg_into, sendmsg,
};
pub(crate) use platform::{associated_length, initialisation_vector, is_alg, operation};

/// Options, and what the system tells through them.
pub(crate) use platform::{
    DESCRIPTOR_OPTIONS, LAYERS, SYSTEM_TIMEOUTS, getsockopt, getsockopt_bytes, getsockopt_wide, has_wide_options,
    ioctl, is_local, is_stream, is_tcp, listens, only_ipv6, reuse_address, reuse_port, setsockopt, setsockopt_integer,
    setsockopt_length, setsockopt_wide, socket_family, socket_protocol, socket_type, take_error,
};

/// OptionNames and addresses.
pub(crate) use platform::{
    Host, InterfaceName, address_length, aton, gethostname, getnameinfo, host_by_address, host_by_name, if_indextoname,
    if_nameindex, if_nametoindex, local_cid, ntop, port_by_service, protocol_by_name, pton, service_by_port,
    sethostname,
};

/// The controls of the kernel; the addresses that name them are tried elsewhere too.
#[cfg(any(target_os = "macos", all(unix, test)))]
pub(crate) use platform::control_id;

/// Failures.
pub(crate) use platform::{Errno, HostError, ResolverError};

/// What the system is like, and the defaults of the documentation.
pub(crate) use platform::{
    ABSENT, CONTROLS, DEFAULT_BACKLOG, HAS_IPV6, HAS_REUSE_PORT, PAIR_FAMILY, SHARE_SIZE, start,
};

/// The C library's stream.
pub(crate) use libc::FILE;

/// What a socket is made of when nothing is said.
pub(crate) const DEFAULT_FAMILY: i32 = headers::AF_INET;
pub(crate) const DEFAULT_TYPE: i32 = headers::SOCK_STREAM;
pub(crate) const FAMILY_IPV6: i32 = headers::AF_INET6;
pub(crate) const ANY_FAMILY: i32 = headers::AF_UNSPEC;

/// Hints for a host that is no name: family, type, protocol, flags.
pub(crate) const NUMERIC_DATAGRAM: [i32; 4] = [ANY_FAMILY, headers::SOCK_DGRAM, 0, headers::AI_NUMERICHOST];

/// What to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Readiness {
    /// Data, a connection, or the end of the stream.
    Read,
    /// Room to send, or the outcome of a connect.
    Write,
}
