//! LuaSocket's classes. The class of an object changes when it connects, listens, or disconnects.

use super::{connect, datagram, lifetime, local, names, option, receive, send, state};
use crate::lua::{NativeFunction, function, method};

// The classes, a bit each.
pub(super) const TCP_MASTER: u16 = 1;
pub(super) const TCP_CLIENT: u16 = 1 << 1;
pub(super) const TCP_SERVER: u16 = 1 << 2;
pub(super) const UDP_CONNECTED: u16 = 1 << 3;
pub(super) const UDP_UNCONNECTED: u16 = 1 << 4;
pub(super) const STREAM_MASTER: u16 = 1 << 5;
pub(super) const STREAM_CLIENT: u16 = 1 << 6;
pub(super) const STREAM_SERVER: u16 = 1 << 7;
pub(super) const DGRAM_CONNECTED: u16 = 1 << 8;
pub(super) const DGRAM_UNCONNECTED: u16 = 1 << 9;

// Sets of classes.
pub(super) const TCP: u16 = TCP_MASTER | TCP_CLIENT | TCP_SERVER;
pub(super) const UDP: u16 = UDP_CONNECTED | UDP_UNCONNECTED;
pub(super) const STREAM: u16 = STREAM_MASTER | STREAM_CLIENT | STREAM_SERVER;
pub(super) const DGRAM: u16 = DGRAM_CONNECTED | DGRAM_UNCONNECTED;
pub(super) const ANY: u16 = TCP | UDP | STREAM | DGRAM;
pub(super) const MASTER: u16 = TCP_MASTER | STREAM_MASTER;
pub(super) const CLIENT: u16 = TCP_CLIENT | STREAM_CLIENT;
pub(super) const SERVER: u16 = TCP_SERVER | STREAM_SERVER;
pub(super) const CONNECTED: u16 = UDP_CONNECTED | DGRAM_CONNECTED;
pub(super) const UNCONNECTED: u16 = UDP_UNCONNECTED | DGRAM_UNCONNECTED;

/// The classes of each type, as sets.
const TYPES: [(u16, &str); 4] =
    [(TCP, "tcp{any}"), (UDP, "udp{any}"), (STREAM, "unixstream{any}"), (DGRAM, "unixdgram{any}")];

/// The place of a class in `CLASSES`.
pub(crate) fn place(class: u16) -> usize {
    class.trailing_zeros() as usize
}

/// What a set of classes is called: those of the type that the class has, or of the first type.
pub(crate) fn describe(classes: u16, given: Option<u16>) -> &'static str {
    let of_type = |class: u16| TYPES.iter().find(|(set, _)| class & set != 0).map_or((0, ""), |kind| *kind);
    let first = 1 << place(classes);
    let (all, any) = of_type(given.filter(|&given| of_type(given).0 & classes != 0).unwrap_or(first));
    let those = classes & all;
    if those.count_ones() == 1 { CLASSES[place(those)].0 } else { any }
}

/// The names and the methods of the classes, in the order of their bits.
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
