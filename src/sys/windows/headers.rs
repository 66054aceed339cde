//! The system's headers, with the names that Unix has for what both have.

#![allow(non_camel_case_types, reason = "they are the names of the headers")]

use windows_sys::Win32::Networking::WinSock as winsock;
pub(crate) use windows_sys::Win32::Networking::WinSock::*;

pub(crate) use winsock::{
    ADDRESS_FAMILY as sa_family_t, ADDRINFOA as addrinfo, CMSGHDR as cmsghdr, SOCKADDR as sockaddr,
    SOCKADDR_IN as sockaddr_in, SOCKADDR_IN6 as sockaddr_in6, SOCKADDR_STORAGE as sockaddr_storage,
    SOCKADDR_UN as sockaddr_un, WSAPOLLFD as pollfd,
};

/// Names with another type or another name here.
macro_rules! aliases {
    ($($name:ident = $value:expr;)*) => {
        $(pub(crate) const $name: i32 = $value as i32;)*
    };
}

aliases! {
    AF_UNSPEC = winsock::AF_UNSPEC;
    AF_INET = winsock::AF_INET;
    AF_INET6 = winsock::AF_INET6;
    AF_UNIX = winsock::AF_UNIX;
    AF_BLUETOOTH = 32; // ws2bth.h
    AF_HYPERV = winsock::AF_HYPERV;
    AI_NUMERICHOST = winsock::AI_NUMERICHOST;
    AI_NUMERICSERV = winsock::AI_NUMERICSERV;
    AI_PASSIVE = winsock::AI_PASSIVE;
    NI_NUMERICHOST = winsock::NI_NUMERICHOST;
    NI_NUMERICSERV = winsock::NI_NUMERICSERV;
    SHUT_RD = winsock::SD_RECEIVE;
    SHUT_WR = winsock::SD_SEND;
    SHUT_RDWR = winsock::SD_BOTH;

    // What a look-up fails with (ws2tcpip.h).
    EAI_AGAIN = winsock::WSATRY_AGAIN;
    EAI_BADFLAGS = winsock::WSAEINVAL;
    EAI_FAIL = winsock::WSANO_RECOVERY;
    EAI_FAMILY = winsock::WSAEAFNOSUPPORT;
    EAI_MEMORY = winsock::WSA_NOT_ENOUGH_MEMORY;
    EAI_NODATA = winsock::WSANO_DATA;
    EAI_NONAME = winsock::WSAHOST_NOT_FOUND;
    EAI_SERVICE = winsock::WSATYPE_NOT_FOUND;
    EAI_SOCKTYPE = winsock::WSAESOCKTNOSUPPORT;
}

// Error numbers: those of the C library, whose calls have them (errno.h) …
aliases! {
    EPERM = 1;
    ENOENT = 2;
    ESRCH = 3;
    EINTR = 4;
    EIO = 5;
    ENXIO = 6;
    E2BIG = 7;
    ENOEXEC = 8;
    EBADF = 9;
    ECHILD = 10;
    ENOMEM = 12;
    EACCES = 13;
    EFAULT = 14;
    EBUSY = 16;
    EEXIST = 17;
    EXDEV = 18;
    ENODEV = 19;
    ENOTDIR = 20;
    EISDIR = 21;
    EINVAL = 22;
    ENFILE = 23;
    EMFILE = 24;
    ENOTTY = 25;
    EFBIG = 27;
    ENOSPC = 28;
    ESPIPE = 29;
    EROFS = 30;
    EMLINK = 31;
    EPIPE = 32;
    EDOM = 33;
    ERANGE = 34;
    EDEADLK = 36;
    ENAMETOOLONG = 38;
    ENOLCK = 39;
    ENOSYS = 40;
    ENOTEMPTY = 41;
    EILSEQ = 42;
    EBADMSG = 104;
    ECANCELED = 105;
    EIDRM = 111;
    ENOMSG = 122;
    ENOTRECOVERABLE = 127;
    ENOTSUP = 129;
    EOVERFLOW = 132;
    EOWNERDEAD = 133;
    EPROTO = 134;
    ETXTBSY = 139;
}

// … and those of sockets.
aliases! {
    EAGAIN = winsock::WSAEWOULDBLOCK;
    EWOULDBLOCK = winsock::WSAEWOULDBLOCK;
    EINPROGRESS = winsock::WSAEINPROGRESS;
    EALREADY = winsock::WSAEALREADY;
    ENOTSOCK = winsock::WSAENOTSOCK;
    EDESTADDRREQ = winsock::WSAEDESTADDRREQ;
    EMSGSIZE = winsock::WSAEMSGSIZE;
    EPROTOTYPE = winsock::WSAEPROTOTYPE;
    ENOPROTOOPT = winsock::WSAENOPROTOOPT;
    EPROTONOSUPPORT = winsock::WSAEPROTONOSUPPORT;
    ESOCKTNOSUPPORT = winsock::WSAESOCKTNOSUPPORT;
    EOPNOTSUPP = winsock::WSAEOPNOTSUPP;
    EPFNOSUPPORT = winsock::WSAEPFNOSUPPORT;
    EAFNOSUPPORT = winsock::WSAEAFNOSUPPORT;
    EADDRINUSE = winsock::WSAEADDRINUSE;
    EADDRNOTAVAIL = winsock::WSAEADDRNOTAVAIL;
    ENETDOWN = winsock::WSAENETDOWN;
    ENETUNREACH = winsock::WSAENETUNREACH;
    ENETRESET = winsock::WSAENETRESET;
    ECONNABORTED = winsock::WSAECONNABORTED;
    ECONNRESET = winsock::WSAECONNRESET;
    ENOBUFS = winsock::WSAENOBUFS;
    EISCONN = winsock::WSAEISCONN;
    ENOTCONN = winsock::WSAENOTCONN;
    ESHUTDOWN = winsock::WSAESHUTDOWN;
    ETOOMANYREFS = winsock::WSAETOOMANYREFS;
    ETIMEDOUT = winsock::WSAETIMEDOUT;
    ECONNREFUSED = winsock::WSAECONNREFUSED;
    ELOOP = winsock::WSAELOOP;
    EHOSTDOWN = winsock::WSAEHOSTDOWN;
    EHOSTUNREACH = winsock::WSAEHOSTUNREACH;
    EPROCLIM = winsock::WSAEPROCLIM;
    EUSERS = winsock::WSAEUSERS;
    EDQUOT = winsock::WSAEDQUOT;
    ESTALE = winsock::WSAESTALE;
    EREMOTE = winsock::WSAEREMOTE;
}
