//! What can be looked up.

use std::ffi::CString;
use std::net::IpAddr;

use crate::sys::{self, AddrInfo, Address, Host, ResolverError};

/// A look-up. Equal ones have equal answers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Question {
    /// getaddrinfo(3): host, service, and the family, type, protocol and flags.
    Addresses(Option<CString>, Option<CString>, [i32; 4]),
    /// getnameinfo(3): the bytes of an address, and the flags.
    Names(Vec<u8>, i32),
    /// gethostbyname(3).
    HostByName(CString),
    /// gethostbyaddr(3): the family, and the bytes of the host.
    HostByAddress(i32, Vec<u8>),
}

/// The result of a look-up.
#[derive(Clone)]
pub(crate) enum Answer {
    Addresses(Result<Vec<AddrInfo>, ResolverError>),
    Names(Result<(Vec<u8>, Vec<u8>), ResolverError>),
    Host(Result<Host, i32>),
}

impl Question {
    /// Waits for the answer.
    pub(crate) fn ask(&self) -> Answer {
        match self {
            Question::Addresses(host, service, hints) => {
                Answer::Addresses(sys::getaddrinfo(host.as_deref(), service.as_deref(), *hints))
            }
            Question::Names(bytes, flags) => Answer::Names(sys::getnameinfo(&address(bytes), *flags)),
            Question::HostByName(name) => Answer::Host(sys::host_by_name(name)),
            Question::HostByAddress(family, host) => Answer::Host(sys::host_by_address(*family, host)),
        }
    }

    /// The answer, if none needs a name server: for a numeric host, for no host, and for the numeric form of an
    /// address.
    pub(crate) fn ask_locally(&self) -> Option<Answer> {
        match self {
            Question::Addresses(host, ..) if host.as_ref().is_none_or(|host| is_numeric(host.to_bytes())) => {
                Some(self.ask())
            }
            #[allow(clippy::unnecessary_cast, reason = "not every system has a signed flag")]
            Question::Names(_, flags) if flags & sys::headers::NI_NUMERICHOST != 0 => Some(self.ask()),
            _ => None,
        }
    }
}

impl Answer {
    pub(crate) fn addresses(self) -> Result<Vec<AddrInfo>, ResolverError> {
        if let Answer::Addresses(found) = self { found } else { Err(ResolverError::NO_NAME) }
    }

    pub(crate) fn names(self) -> Result<(Vec<u8>, Vec<u8>), ResolverError> {
        if let Answer::Names(found) = self { found } else { Err(ResolverError::NO_NAME) }
    }

    pub(crate) fn host(self) -> Result<Host, i32> {
        if let Answer::Host(found) = self { found } else { Err(sys::HOST_NOT_FOUND) }
    }
}

/// Whether a host is no name: a numeric address, possibly with a scope, or empty.
pub(crate) fn is_numeric(host: &[u8]) -> bool {
    let text = std::str::from_utf8(host).unwrap_or_default();
    let address = text.split_once('%').map_or(text, |(address, _)| address);
    host.is_empty() || address.parse::<IpAddr>().is_ok()
}

/// An address of these bytes.
fn address(bytes: &[u8]) -> Address {
    let mut address = Address::blank(0);
    let length = bytes.len().min(Address::SIZE);
    address.room()[..length].copy_from_slice(&bytes[..length]);
    address.set_length(length);
    address
}
