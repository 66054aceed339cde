//! LuaSocket's classes. The class of an object changes when it connects, listens, or disconnects.

use super::{connect, datagram, lifetime, local, names, option, receive, send, state};
use crate::lua::{NativeFunction, function, method};

/// A class: its place in `CLASSES`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Class(pub(crate) u8);

impl Class {
    pub(crate) const TCP_MASTER: Class = Class(0);
    pub(crate) const TCP_CLIENT: Class = Class(1);
    pub(crate) const TCP_SERVER: Class = Class(2);
    pub(crate) const UDP_CONNECTED: Class = Class(3);
    pub(crate) const UDP_UNCONNECTED: Class = Class(4);
    pub(crate) const STREAM_MASTER: Class = Class(5);
    pub(crate) const STREAM_CLIENT: Class = Class(6);
    pub(crate) const STREAM_SERVER: Class = Class(7);
    pub(crate) const DGRAM_CONNECTED: Class = Class(8);
    pub(crate) const DGRAM_UNCONNECTED: Class = Class(9);

    /// Whether a set of classes has it.
    pub(crate) fn is_in(self, set: u16) -> bool {
        set >> self.0 & 1 != 0
    }

    /// The one of these classes that has the type of this one.
    pub(crate) fn like(self, stream: Class, local: Class) -> Class {
        if self.0 < Class::STREAM_MASTER.0 { stream } else { local }
    }
}

/// The classes of each type, as sets.
const TYPES: [(u16, &str); 4] =
    [(TCP, "tcp{any}"), (UDP, "udp{any}"), (STREAM, "unixstream{any}"), (DGRAM, "unixdgram{any}")];

const fn set(classes: &[Class]) -> u16 {
    let (mut all, mut n) = (0, 0);
    while n < classes.len() {
        all |= 1 << classes[n].0;
        n += 1;
    }
    all
}

/// Sets of classes.
pub(crate) const TCP: u16 = set(&[Class::TCP_MASTER, Class::TCP_CLIENT, Class::TCP_SERVER]);
pub(crate) const UDP: u16 = set(&[Class::UDP_CONNECTED, Class::UDP_UNCONNECTED]);
pub(crate) const STREAM: u16 = set(&[Class::STREAM_MASTER, Class::STREAM_CLIENT, Class::STREAM_SERVER]);
pub(crate) const DGRAM: u16 = set(&[Class::DGRAM_CONNECTED, Class::DGRAM_UNCONNECTED]);
pub(crate) const ANY: u16 = TCP | UDP | STREAM | DGRAM;
pub(crate) const TCP_MASTER: u16 = set(&[Class::TCP_MASTER]);
pub(crate) const UDP_UNCONNECTED: u16 = set(&[Class::UDP_UNCONNECTED]);
pub(crate) const MASTER: u16 = set(&[Class::TCP_MASTER, Class::STREAM_MASTER]);
pub(crate) const CLIENT: u16 = set(&[Class::TCP_CLIENT, Class::STREAM_CLIENT]);
pub(crate) const SERVER: u16 = set(&[Class::TCP_SERVER, Class::STREAM_SERVER]);
pub(crate) const CONNECTED: u16 = set(&[Class::UDP_CONNECTED, Class::DGRAM_CONNECTED]);
pub(crate) const UNCONNECTED: u16 = set(&[Class::UDP_UNCONNECTED, Class::DGRAM_UNCONNECTED]);

/// What a set of classes is called: those of the type that the class has, or of the first type.
pub(crate) fn describe(classes: u16, given: Option<Class>) -> &'static str {
    let of_type = |class: Class| TYPES.iter().find(|(set, _)| class.is_in(*set)).map_or((0, ""), |kind| *kind);
    let first = Class(classes.trailing_zeros() as u8);
    let (all, any) = of_type(given.filter(|&given| of_type(given).0 & classes != 0).unwrap_or(first));
    let those = classes & all;
    if those.count_ones() == 1 { CLASSES[those.trailing_zeros() as usize].0 } else { any }
}

/// The names and the methods of the classes, by their numbers.
pub(crate) static CLASSES: [(&str, &[&[NativeFunction]]); 10] = [
    ("tcp{master}", TCP_METHODS),
    ("tcp{client}", TCP_METHODS),
    ("tcp{server}", TCP_METHODS),
    ("udp{connected}", UDP_METHODS),
    ("udp{unconnected}", UDP_METHODS),
    ("unixstream{master}", STREAM_METHODS),
    ("unixstream{client}", STREAM_METHODS),
    ("unixstream{server}", STREAM_METHODS),
    ("unixdgram{connected}", DGRAM_METHODS),
    ("unixdgram{unconnected}", DGRAM_METHODS),
];

static TCP_METHODS: &[&[NativeFunction]] = &[OF_ALL, OF_STREAMS, OF_INTERNET, OF_TCP];
static UDP_METHODS: &[&[NativeFunction]] = &[OF_ALL, OF_DATAGRAMS, OF_INTERNET, OF_UDP];
static STREAM_METHODS: &[&[NativeFunction]] = &[OF_ALL, OF_STREAMS, OF_UNIX];
static DGRAM_METHODS: &[&[NativeFunction]] = &[OF_ALL, OF_DATAGRAMS, OF_UNIX, OF_UNIX_DGRAM];

/// The metamethods of all classes.
pub(crate) static METAMETHODS: &[NativeFunction] =
    &[method("__gc", lifetime::collect), method("__close", lifetime::close), method("__tostring", lifetime::describe)];

static OF_ALL: &[NativeFunction] = &[
    method("close", lifetime::close),
    method("dirty", state::dirty),
    method("getfd", state::getfd),
    method("setfd", state::setfd),
    method("setoption", option::setoption),
    method("settimeout", state::settimeout),
];

static OF_STREAMS: &[NativeFunction] = &[
    method("accept", connect::accept),
    method("getstats", state::getstats),
    method("listen", connect::listen),
    method("receive", receive::receive),
    method("send", send::send),
    method("setstats", state::setstats),
    method("shutdown", connect::shutdown),
];

static OF_DATAGRAMS: &[NativeFunction] = &[
    method("gettimeout", state::gettimeout),
    method("receive", datagram::receive),
    method("receivefrom", datagram::receivefrom),
    method("send", datagram::send),
];

static OF_INTERNET: &[NativeFunction] = &[
    method("getfamily", names::getfamily),
    method("getoption", option::getoption),
    method("getpeername", names::getpeername),
    method("getsockname", names::getsockname),
];

static OF_TCP: &[NativeFunction] = &[
    method("bind", connect::bind),
    method("connect", connect::connect),
    method("gettimeout", state::gettimeout),
    method("setpeername", connect::connect),
    method("setsockname", connect::bind),
];

static OF_UDP: &[NativeFunction] = &[
    method("sendto", datagram::sendto),
    method("setpeername", connect::setpeername),
    method("setsockname", connect::setsockname),
];

static OF_UNIX: &[NativeFunction] = &[
    method("bind", local::bind),
    method("connect", local::connect),
    method("getsockname", names::path),
    method("setpeername", local::connect),
    method("setsockname", local::bind),
];

static OF_UNIX_DGRAM: &[NativeFunction] = &[method("sendto", local::sendto)];

/// The functions of `socket.unix`.
pub(crate) static UNIX: &[NativeFunction] = &[function("stream", lifetime::stream), function("dgram", lifetime::dgram)];
