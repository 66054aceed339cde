//! `bsdsocket.luasocket`: the interface of LuaSocket's modules in C (`socket.core`, `socket.unix`, `mime.core`), over the
//! library's sockets.

mod class;
mod clock;
mod connect;
mod datagram;
mod dns;
mod lifetime;
mod local;
mod mime;
mod names;
mod object;
mod option;
mod receive;
mod select;
mod send;
mod state;
mod words;

pub(crate) use class::{CLASSES, METAMETHODS, UNIX, describe as describe_classes, place as place_of_class};
pub(crate) use dns::FUNCTIONS as DNS;
pub(crate) use mime::FUNCTIONS as MIME;
pub(crate) use object::Object;

use crate::lua::{NativeFunction, function};

/// The functions of `socket.core`.
pub(crate) static CORE: &[NativeFunction] = &[
    function("tcp", lifetime::tcp),
    function("tcp4", lifetime::tcp4),
    function("tcp6", lifetime::tcp6),
    function("udp", lifetime::udp),
    function("udp4", lifetime::udp4),
    function("udp6", lifetime::udp6),
    function("select", select::select),
    function("gettime", clock::gettime),
    function("sleep", clock::sleep),
    function("__unload", clock::unload),
];

/// The integers of `socket.core`.
pub(crate) const CONSTANTS: &[(&str, i64)] = &[("_DATAGRAMSIZE", 8192), ("_SOCKETINVALID", -1)];
