//! getoption and setoption.

use super::class::{ANY, STREAM, TCP, UDP};
use super::object::Object;
use super::words::words;
use crate::error::{Error, Result};
use crate::lua::{Context, Either, Given, Of, Results, Words, linger};
use crate::memory;
use crate::packing::{Packing, integer_of_bytes, integer_to_bytes};
use crate::socket::{getsockopt, setsockopt};
use crate::sys::{self, Bytes, Errno, headers};
use crate::text::Text;

#[cfg(any(linux_like, windows))]
use headers::{IPV6_ADD_MEMBERSHIP as JOIN_GROUP, IPV6_DROP_MEMBERSHIP as LEAVE_GROUP};
#[cfg(not(any(linux_like, windows)))]
use headers::{IPV6_JOIN_GROUP as JOIN_GROUP, IPV6_LEAVE_GROUP as LEAVE_GROUP};

/// Both fields of `struct linger`: `int`, on Windows `u_short`.
const FIELD: usize = if cfg!(windows) { 2 } else { 4 };
const IS_LITTLE: bool = cfg!(target_endian = "little");

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

/// The options: the name of each, its form, level and number, and the classes that can get and set it.
#[rustfmt::skip]
static OPTIONS: &[(&str, Form, i32, i32, [u16; 2])] = {
    use Form::*;
    use headers::*;
    &[
        ("keepalive", Boolean, SOL_SOCKET, SO_KEEPALIVE, [TCP, TCP | STREAM]),
        ("reuseaddr", Boolean, SOL_SOCKET, SO_REUSEADDR, [TCP | UDP, ANY]),
        #[cfg(unix)]
        ("reuseport", Boolean, SOL_SOCKET, SO_REUSEPORT, [TCP | UDP, TCP | UDP]),
        ("tcp-nodelay", Boolean, IPPROTO_TCP, TCP_NODELAY, [TCP, TCP]),
        #[cfg(linux_like)]
        ("tcp-keepidle", Integer, IPPROTO_TCP, TCP_KEEPIDLE, [TCP, TCP]),
        #[cfg(linux_like)]
        ("tcp-keepcnt", Integer, IPPROTO_TCP, TCP_KEEPCNT, [TCP, TCP]),
        #[cfg(linux_like)]
        ("tcp-keepintvl", Integer, IPPROTO_TCP, TCP_KEEPINTVL, [TCP, TCP]),
        #[cfg(linux_like)]
        ("tcp-defer-accept", Integer, IPPROTO_TCP, TCP_DEFER_ACCEPT, [0, TCP]),
        #[cfg(linux_like)]
        ("tcp-fastopen", Integer, IPPROTO_TCP, TCP_FASTOPEN, [0, TCP]),
        #[cfg(linux_like)]
        ("tcp-fastopen-connect", Integer, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, [0, TCP]),
        ("linger", Linger, SOL_SOCKET, SO_LINGER, [TCP, TCP | STREAM]),
        ("recv-buffer-size", Integer, SOL_SOCKET, SO_RCVBUF, [TCP | UDP, TCP | UDP]),
        ("send-buffer-size", Integer, SOL_SOCKET, SO_SNDBUF, [TCP | UDP, TCP | UDP]),
        ("error", Failure, SOL_SOCKET, SO_ERROR, [TCP | UDP, 0]),
        #[cfg(linux_like)]
        ("bindtodevice", Device, SOL_SOCKET, SO_BINDTODEVICE, [TCP, TCP]),
        ("dontroute", Boolean, SOL_SOCKET, SO_DONTROUTE, [UDP, UDP]),
        ("broadcast", Boolean, SOL_SOCKET, SO_BROADCAST, [UDP, UDP]),
        ("ip-multicast-if", Host, IPPROTO_IP, IP_MULTICAST_IF, [UDP, UDP]),
        ("ip-multicast-ttl", Integer, IPPROTO_IP, IP_MULTICAST_TTL, [0, UDP]),
        ("ip-multicast-loop", Boolean, IPPROTO_IP, IP_MULTICAST_LOOP, [UDP, UDP]),
        ("ip-add-membership", Group, IPPROTO_IP, IP_ADD_MEMBERSHIP, [0, UDP]),
        ("ip-drop-membership", Group, IPPROTO_IP, IP_DROP_MEMBERSHIP, [0, UDP]),
        ("ipv6-unicast-hops", Integer, IPPROTO_IPV6, IPV6_UNICAST_HOPS, [UDP, UDP]),
        ("ipv6-multicast-hops", Integer, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, [UDP, UDP]),
        ("ipv6-multicast-loop", Boolean, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, [UDP, UDP]),
        ("ipv6-add-membership", Group6, IPPROTO_IPV6, JOIN_GROUP, [0, UDP]),
        ("ipv6-drop-membership", Group6, IPPROTO_IPV6, LEAVE_GROUP, [0, UDP]),
        ("ipv6-v6only", Boolean, IPPROTO_IPV6, IPV6_V6ONLY, [UDP, TCP | UDP]),
    ]
};

/// The places of the classes that can get an option, and of those that can set it.
const GET: usize = 0;
const SET: usize = 1;

/// The form, level and number of the option of a name that objects of the class can get or set.
fn find(object: &Object, name: &[u8], action: usize) -> Result<(Form, i32, i32)> {
    let class = object.class.get();
    for &(known, form, level, number, classes) in OPTIONS {
        if known.as_bytes() == name && class & classes[action] != 0 {
            return Ok((form, level, number));
        }
    }
    let name = String::from_utf8_lossy(&name[..name.len().min(35)]).into_owned();
    Err(Error::misuse(2, format!("unsupported option `{name}'")))
}

/// `object:getoption(name)`.
pub(super) fn getoption(context: Context, Of(object): Of<{ TCP | UDP }>, name: &[u8]) -> Result<impl Results> {
    let (form, level, number) = find(object, name, GET)?;
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
            let mut fields = bytes.chunks_exact(FIELD);
            let mut next =
                || fields.next().and_then(|field| integer_of_bytes(field, cfg!(unix), IS_LITTLE)).unwrap_or(0);
            Either::Right(Either::Right(linger(next() != 0, next())))
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
    let (form, level, number) = find(object, name, SET)?;
    let wrong = |words: &str| Error::misuse(3, words);
    let expected =
        |what: &str| Error::misuse(3, format!("{what} expected, got {}", String::from_utf8_lossy(given.kind)));
    let mut bytes = [0; 20];
    let value = match form {
        Form::Boolean => Either::Left(Some(given.boolean.ok_or_else(|| expected("boolean"))?.into())),
        Form::Integer | Form::Failure => Either::Left(Some((given.number.unwrap_or(0.0) as i32).into())),
        #[cfg(linux_like)]
        Form::Device => Either::Right(Bytes::from(given.bytes.ok_or_else(|| expected("string"))?)),
        Form::Host => {
            let text = given.bytes.ok_or_else(|| expected("string"))?;
            bytes[..4].copy_from_slice(&host(text)?.ok_or_else(|| wrong("ip expected"))?);
            Either::Right(Bytes::from(&bytes[..4]))
        }
        _ if !given.is_table => return Err(expected("table")),
        Form::Linger => {
            let on = given.on.ok_or_else(|| wrong("boolean 'on' field expected"))?;
            let time = given.timeout.ok_or_else(|| wrong("number 'timeout' field expected"))? as u16;
            for (place, field) in [on.into(), time.into()].into_iter().enumerate() {
                let field = integer_to_bytes(field, Packing::Unsigned(FIELD), IS_LITTLE);
                bytes[place * FIELD..][..FIELD].copy_from_slice(&field[..FIELD]);
            }
            Either::Right(Bytes::from(&bytes[..2 * FIELD]))
        }
        Form::Group => {
            let group = given.multiaddr.ok_or_else(|| wrong("string 'multiaddr' field expected"))?;
            let group =
                host(group)?.filter(|_| group != b"*").ok_or_else(|| wrong("invalid 'multiaddr' ip address"))?;
            let interface = given.interface.ok_or_else(|| wrong("string 'interface' field expected"))?;
            let interface = host(interface)?.ok_or_else(|| wrong("invalid 'interface' ip address"))?;
            bytes[..4].copy_from_slice(&group);
            bytes[4..8].copy_from_slice(&interface);
            Either::Right(Bytes::from(&bytes[..8]))
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
            Either::Right(Bytes::from(&bytes[..]))
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
