//! What the module holds, in the documentation's order.

use crate::lua::{Function, function};
use crate::{buffer, error, resolve, socket};

/// The functions of the module.
pub(crate) static INDEX: &[Function] = &[
    function("socket", socket::socket),
    function("socketpair", socket::pair),
    function("getaddrinfo", resolve::getaddrinfo),
    function("getdefaulttimeout", socket::getdefaulttimeout),
    function("setdefaulttimeout", socket::setdefaulttimeout),
    function("error_class", error::error_class),
    function("buffer", buffer::buffer),
];
