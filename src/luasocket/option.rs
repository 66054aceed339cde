//! getoption and setoption.

use super::class::{ANY, STREAM, TCP, UDP};
use super::object::Object;
use super::words::words;
use crate::error::{Error, Result};
use crate::lua::{Context, Either, Given, Of, OptionValue, Results, Words, linger};
use crate::memory;
use crate::socket::{getsockopt, setsockopt};
use crate::sys::{self, Bytes, Errno, headers};
use crate::text::Text;

#[cfg(any(linux_like, windows))]
use headers::{IPV6_ADD_MEMBERSHIP as JOIN_GROUP, IPV6_DROP_MEMBERSHIP as LEAVE_GROUP};
#[cfg(not(any(linux_like, windows)))]
use headers::{IPV6_JOIN_GROUP as JOIN_GROUP, IPV6_LEAVE_GROUP as LEAVE_GROUP};

/// The type of both fields of `struct linger`.
#[cfg(unix)]
type LingerField = i32;
#[cfg(windows)]
type LingerField = u16;

/// The length of such a field.
const FIELD: usize = size_of::<LingerField>();

/// What the value of an option is in Lua.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Boolean,
    Integer,
    /// A table with `on` and `timeout`.
    Linger,
    /// The address of an interface.
    Host,
    /// A table with `multiaddr` and `interface`.
    Group,
    Group6,
    /// The name of an interface.
    #[cfg(linux_like)]
    Device,
    /// The words for a number of an error.
    Failure,
}

/// An option: its name, its form, level and number, and the classes that can get and set it.
struct SocketOption(&'static str, Form, i32, i32, u16, u16);

#[rustfmt::skip]
static OPTIONS: &[SocketOption] = {
    use Form::*;
    use headers::*;
    &[
        SocketOption("keepalive", Boolean, SOL_SOCKET, SO_KEEPALIVE, TCP, TCP | STREAM),
        SocketOption("reuseaddr", Boolean, SOL_SOCKET, SO_REUSEADDR, TCP | UDP, ANY),
        #[cfg(unix)]
        SocketOption("reuseport", Boolean, SOL_SOCKET, SO_REUSEPORT, TCP | UDP, TCP | UDP),
        SocketOption("tcp-nodelay", Boolean, IPPROTO_TCP, TCP_NODELAY, TCP, TCP),
        #[cfg(linux_like)]
        SocketOption("tcp-keepidle", Integer, IPPROTO_TCP, TCP_KEEPIDLE, TCP, TCP),
        #[cfg(linux_like)]
        SocketOption("tcp-keepcnt", Integer, IPPROTO_TCP, TCP_KEEPCNT, TCP, TCP),
        #[cfg(linux_like)]
        SocketOption("tcp-keepintvl", Integer, IPPROTO_TCP, TCP_KEEPINTVL, TCP, TCP),
        #[cfg(linux_like)]
        SocketOption("tcp-defer-accept", Integer, IPPROTO_TCP, TCP_DEFER_ACCEPT, 0, TCP),
        #[cfg(linux_like)]
        SocketOption("tcp-fastopen", Integer, IPPROTO_TCP, TCP_FASTOPEN, 0, TCP),
        #[cfg(linux_like)]
        SocketOption("tcp-fastopen-connect", Integer, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 0, TCP),
        SocketOption("linger", Linger, SOL_SOCKET, SO_LINGER, TCP, TCP | STREAM),
        SocketOption("recv-buffer-size", Integer, SOL_SOCKET, SO_RCVBUF, TCP | UDP, TCP | UDP),
        SocketOption("send-buffer-size", Integer, SOL_SOCKET, SO_SNDBUF, TCP | UDP, TCP | UDP),
        SocketOption("error", Failure, SOL_SOCKET, SO_ERROR, TCP | UDP, 0),
        #[cfg(linux_like)]
        SocketOption("bindtodevice", Device, SOL_SOCKET, SO_BINDTODEVICE, TCP, TCP),
        SocketOption("dontroute", Boolean, SOL_SOCKET, SO_DONTROUTE, UDP, UDP),
        SocketOption("broadcast", Boolean, SOL_SOCKET, SO_BROADCAST, UDP, UDP),
        SocketOption("ip-multicast-if", Host, IPPROTO_IP, IP_MULTICAST_IF, UDP, UDP),
        SocketOption("ip-multicast-ttl", Integer, IPPROTO_IP, IP_MULTICAST_TTL, 0, UDP),
        SocketOption("ip-multicast-loop", Boolean, IPPROTO_IP, IP_MULTICAST_LOOP, UDP, UDP),
        SocketOption("ip-add-membership", Group, IPPROTO_IP, IP_ADD_MEMBERSHIP, 0, UDP),
        SocketOption("ip-drop-membership", Group, IPPROTO_IP, IP_DROP_MEMBERSHIP, 0, UDP),
        SocketOption("ipv6-unicast-hops", Integer, IPPROTO_IPV6, IPV6_UNICAST_HOPS, UDP, UDP),
        SocketOption("ipv6-multicast-hops", Integer, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, UDP, UDP),
        SocketOption("ipv6-multicast-loop", Boolean, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, UDP, UDP),
        SocketOption("ipv6-add-membership", Group6, IPPROTO_IPV6, JOIN_GROUP, 0, UDP),
        SocketOption("ipv6-drop-membership", Group6, IPPROTO_IPV6, LEAVE_GROUP, 0, UDP),
        SocketOption("ipv6-v6only", Boolean, IPPROTO_IPV6, IPV6_V6ONLY, UDP, TCP | UDP),
    ]
};

/// The option of a name that objects of the class have.
fn find(object: &Object, name: &[u8], classes: impl Fn(&SocketOption) -> u16) -> Result<&'static SocketOption> {
    let class = object.class.get();
    let found = OPTIONS.iter().find(|option| option.0.as_bytes() == name && class.is_in(classes(option)));
    found.ok_or_else(|| {
        let name = String::from_utf8_lossy(&name[..name.len().min(35)]).into_owned();
        Error::misuse(2, format!("unsupported option `{name}'"))
    })
}

/// `object:getoption(name)`.
pub(super) fn getoption(context: Context, Of(object): Of<{ TCP | UDP }>, name: &[u8]) -> Result<impl Results> {
    let SocketOption(_, form, level, number, ..) = *find(object, name, |option| option.4)?;
    let length = match form {
        Form::Linger => Some(2 * FIELD as i32),
        Form::Host => Some(4),
        #[cfg(linux_like)]
        Form::Device => Some(16),
        _ => None,
    };
    let failed = |_| Ok(Either::Right((None::<i32>, Words::Known("getsockopt failed"))));
    let value = match getsockopt(context, &object.socket, level, number, length) {
        Ok(value) => value,
        Err(error @ Error::Misuse(..)) => return Err(error),
        Err(error) => return failed(error),
    };
    let value = match (form, value) {
        (Form::Boolean, Either::Left(value)) => Either::Left(Either::Left(value != 0)),
        (Form::Failure, Either::Left(0)) => Either::Right(Either::Left(Either::Left(None))),
        (Form::Failure, Either::Left(number)) => {
            Either::Right(Either::Left(Either::Left(Some(words(Errno(number as i32).into(), "closed")?))))
        }
        (_, Either::Left(value)) => Either::Left(Either::Right(value)),
        (Form::Linger, Either::Right(bytes)) => {
            let mut fields =
                bytes.chunks_exact(FIELD).map(|field| field.try_into().map_or(0, LingerField::from_ne_bytes));
            let mut next = || fields.next().unwrap_or(0);
            Either::Right(Either::Right(linger(next() != 0, next().into())))
        }
        (Form::Host, Either::Right(bytes)) => {
            let host = sys::ntop(headers::AF_INET, bytes).map(|host| Text::<20>::format(format_args!("{host}")));
            Either::Right(Either::Left(Either::Right(host)))
        }
        (_, Either::Right(bytes)) => {
            let name = bytes.split(|&byte| byte == 0).next().unwrap_or_default();
            let mut text = Text::new();
            text.push(name);
            Either::Right(Either::Left(Either::Right(Some(text))))
        }
    };
    Ok(Either::Left(value))
}

/// `object:setoption(name, value)`.
pub(super) fn setoption(context: Context, Of(object): Of<ANY>, name: &[u8], given: Given) -> Result<impl Results> {
    let SocketOption(_, form, level, number, ..) = *find(object, name, |option| option.5)?;
    let wrong = |words: &str| Error::misuse(3, words);
    let expected =
        |what: &str| Error::misuse(3, format!("{what} expected, got {}", String::from_utf8_lossy(given.kind)));
    let mut bytes = [0; 20];
    let value = match form {
        Form::Boolean => OptionValue::Integer(given.boolean.ok_or_else(|| expected("boolean"))?.into()),
        Form::Integer | Form::Failure => OptionValue::Integer((given.number.unwrap_or(0.0) as i32).into()),
        #[cfg(linux_like)]
        Form::Device => OptionValue::Bytes(Bytes::from(given.bytes.ok_or_else(|| expected("string"))?)),
        Form::Host => {
            let text = given.bytes.ok_or_else(|| expected("string"))?;
            bytes[..4].copy_from_slice(&host(text)?.ok_or_else(|| wrong("ip expected"))?);
            OptionValue::Bytes(Bytes::from(&bytes[..4]))
        }
        _ if !given.is_table => return Err(expected("table")),
        Form::Linger => {
            let on = given.on.ok_or_else(|| wrong("boolean 'on' field expected"))?;
            let time = given.timeout.ok_or_else(|| wrong("number 'timeout' field expected"))? as u16;
            bytes[..FIELD].copy_from_slice(&LingerField::from(on).to_ne_bytes());
            bytes[FIELD..2 * FIELD].copy_from_slice(&(time as LingerField).to_ne_bytes());
            OptionValue::Bytes(Bytes::from(&bytes[..2 * FIELD]))
        }
        Form::Group => {
            let group = given.multiaddr.ok_or_else(|| wrong("string 'multiaddr' field expected"))?;
            let group =
                host(group)?.filter(|_| group != b"*").ok_or_else(|| wrong("invalid 'multiaddr' ip address"))?;
            let interface = given.interface.ok_or_else(|| wrong("string 'interface' field expected"))?;
            let interface = host(interface)?.ok_or_else(|| wrong("invalid 'interface' ip address"))?;
            bytes[..4].copy_from_slice(&group);
            bytes[4..8].copy_from_slice(&interface);
            OptionValue::Bytes(Bytes::from(&bytes[..8]))
        }
        Form::Group6 => {
            let group = given.multiaddr.ok_or_else(|| wrong("string 'multiaddr' field expected"))?;
            let text = memory::terminated(group)?.unwrap_or_default();
            let group =
                sys::pton::<16>(headers::AF_INET6, &text).ok_or_else(|| wrong("invalid 'multiaddr' ip address"))?;
            let index = match (given.index, given.has_interface) {
                (Some(index), _) => index as u32,
                (None, false) => 0,
                (None, true) => return Err(wrong("number 'interface' field expected")),
            };
            bytes[..16].copy_from_slice(&group);
            bytes[16..].copy_from_slice(&index.to_ne_bytes());
            OptionValue::Bytes(Bytes::from(&bytes[..]))
        }
    };
    match setsockopt(context, &object.socket, level, number, value, None) {
        Ok(()) => Ok(Either::Left(1)),
        Err(error @ Error::Misuse(..)) => Err(error),
        Err(_) => Ok(Either::Right((None::<i32>, Words::Known("setsockopt failed")))),
    }
}

/// The bytes of a numeric host, zeros for `"*"`.
fn host(text: &[u8]) -> Result<Option<[u8; 4]>> {
    if text == b"*" {
        return Ok(Some([0; 4]));
    }
    Ok(memory::terminated(text)?.and_then(|text| sys::aton(&text)))
}
