//! The functions of the module, in the documentation's order.

use crate::lua::{NativeFunction, function};
use crate::{audit, buffer, convert, database, error_class, interface, resolve, socket};

/// The functions that a Rust host calls and scripts cannot reach.
pub(crate) static HOST: &[NativeFunction] = &[
    function("addaudithook", audit::addaudithook),
    function("finalizer", audit::finalizer),
    function("refuse_descriptors", audit::refuse_descriptors),
    #[cfg(all(unix, feature = "testkit"))]
    function("refuse_programs", crate::programs::refuse),
    function("setdefaulttimeout", socket::setdefaulttimeout),
    function("settrace", audit::settrace),
    function("setthreads", resolve::setthreads),
    function("give", socket::give),
    function("take", socket::take),
    function("stats", socket::stats),
    function("sockets", socket::sockets),
];

/// The functions of the module. What a system lacks is left out by the `cfg` of its line.
pub(crate) static INDEX: &[NativeFunction] = &[
    function("socket", socket::socket),
    function("socketpair", socket::pair),
    function("create_connection", socket::create_connection),
    function("create_server", socket::create_server),
    function("has_dualstack_ipv6", socket::has_dualstack_ipv6),
    function("fromfd", socket::fromfd),
    #[cfg(windows)]
    function("fromshare", socket::fromshare),
    function("close", socket::close_descriptor),
    function("dup", socket::dup_descriptor),
    function("getaddrinfo", resolve::getaddrinfo),
    function("getfqdn", database::getfqdn),
    function("gethostbyname", database::gethostbyname),
    function("gethostbyname_ex", database::gethostbyname_ex),
    function("gethostname", interface::gethostname),
    function("gethostbyaddr", database::gethostbyaddr),
    function("getnameinfo", database::getnameinfo),
    function("getprotobyname", database::getprotobyname),
    function("getservbyname", database::getservbyname),
    function("getservbyport", database::getservbyport),
    function("ntohl", convert::htonl),
    function("ntohs", convert::htons),
    function("htonl", convert::htonl),
    function("htons", convert::htons),
    function("inet_aton", convert::inet_aton),
    function("inet_ntoa", convert::inet_ntoa),
    function("inet_pton", convert::inet_pton),
    function("inet_ntop", convert::inet_ntop),
    function("CMSG_LEN", socket::cmsg_len),
    function("CMSG_SPACE", socket::cmsg_space),
    function("getdefaulttimeout", socket::getdefaulttimeout),
    function("setdefaulttimeout", socket::setdefaulttimeout),
    #[cfg(unix)]
    function("sethostname", interface::sethostname),
    function("getifaddrs", interface::getifaddrs),
    function("if_nameindex", interface::if_nameindex),
    function("if_nametoindex", interface::if_nametoindex),
    function("if_indextoname", interface::if_indextoname),
    #[cfg(linux_like)]
    function("get_local_cid", interface::get_local_cid),
    #[cfg(unix)]
    function("send_fds", socket::send_fds),
    #[cfg(unix)]
    function("recv_fds", socket::recv_fds),
    function("pack_address", convert::pack_address),
    function("unpack_address", convert::unpack_address),
    function("pack", convert::pack),
    function("unpack", convert::unpack),
    function("packsize", convert::packsize),
    function("addaudithook", audit::addaudithook),
    function("error_class", error_class::error_class),
    function("buffer", buffer::buffer),
    function("type", socket::type_of),
];
