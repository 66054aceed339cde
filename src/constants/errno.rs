//! Error numbers, from `errno.h`.

use super::constants;

/// Of several names for one number the first is the one in codes.
pub(crate) const ERRNO: &[(&str, i64)] = constants! {
    EPERM
    ENOENT
    ESRCH
    EINTR
    EIO
    ENXIO
    E2BIG
    ENOEXEC
    EBADF
    ECHILD
    EAGAIN
    ENOMEM
    EACCES
    EFAULT
    EBUSY
    EEXIST
    EXDEV
    ENODEV
    ENOTDIR
    EISDIR
    EINVAL
    ENFILE
    EMFILE
    ENOTTY
    ETXTBSY
    EFBIG
    ENOSPC
    ESPIPE
    EROFS
    EMLINK
    EPIPE
    EDOM
    ERANGE
    EDEADLK
    ENAMETOOLONG
    ENOLCK
    ENOSYS
    ENOTEMPTY
    ELOOP
    ENOMSG
    EIDRM
    EREMOTE
    EPROTO
    EBADMSG
    EOVERFLOW
    EILSEQ
    EUSERS
    ENOTSOCK
    EDESTADDRREQ
    EMSGSIZE
    EPROTOTYPE
    ENOPROTOOPT
    EPROTONOSUPPORT
    ESOCKTNOSUPPORT
    EOPNOTSUPP
    EPFNOSUPPORT
    EAFNOSUPPORT
    EADDRINUSE
    EADDRNOTAVAIL
    ENETDOWN
    ENETUNREACH
    ENETRESET
    ECONNABORTED
    ECONNRESET
    ENOBUFS
    EISCONN
    ENOTCONN
    ESHUTDOWN
    ETOOMANYREFS
    ETIMEDOUT
    ECONNREFUSED
    EHOSTDOWN
    EHOSTUNREACH
    EALREADY
    EINPROGRESS
    ESTALE
    EDQUOT
    ECANCELED
    EOWNERDEAD
    ENOTRECOVERABLE
    ENOTSUP
    EWOULDBLOCK
    #[cfg(linux_like)] {
        ECHRNG
        EL2NSYNC
        EL3HLT
        EL3RST
        ELNRNG
        EUNATCH
        ENOCSI
        EL2HLT
        EBADE
        EBADR
        EXFULL
        ENOANO
        EBADRQC
        EBADSLT
        EBFONT
        ENONET
        ENOPKG
        EADV
        ESRMNT
        ECOMM
        EDOTDOT
        ENOTUNIQ
        EBADFD
        EREMCHG
        ELIBACC
        ELIBBAD
        ELIBSCN
        ELIBMAX
        ELIBEXEC
        ERESTART
        ESTRPIPE
        EUCLEAN
        ENOTNAM
        ENAVAIL
        EISNAM
        EREMOTEIO
        ENOKEY
        EKEYEXPIRED
        EKEYREVOKED
        EKEYREJECTED
    }
    #[cfg(unix)] {
        ENOTBLK
    }
    #[cfg(linux)] {
        ERFKILL
        EHWPOISON
        EDEADLOCK
    }
    #[cfg(all(unix, not(openbsd)))] {
        ENOLINK
        EMULTIHOP
    }
    #[cfg(any(linux_like, netbsd, apple))] {
        ENOSTR
        ENODATA
        ETIME
        ENOSR
    }
    #[cfg(not(any(linux_like, windows)))] {
        EAUTH
        EBADRPC
        EFTYPE
        ENEEDAUTH
        ENOATTR
        EPROCLIM
        EPROCUNAVAIL
        EPROGMISMATCH
        EPROGUNAVAIL
        ERPCMISMATCH
    }
    #[cfg(any(linux_like, openbsd))] {
        ENOMEDIUM
        EMEDIUMTYPE
    }
    #[cfg(any(freebsd, apple))] {
        ENOTCAPABLE
    }
    #[cfg(freebsd)] {
        ECAPMODE
        EDOOFUS
        EINTEGRITY
    }
    #[cfg(windows)] {
        EPROCLIM
    }
    #[cfg(openbsd)] {
        EIPSEC
    }
    #[cfg(apple)] {
        EBADARCH
        EBADEXEC
        EBADMACHO
        EDEVERR
        ENOPOLICY
        EPWROFF
        EQFULL
        ESHLIBVERS
    }
};

/// Also exported by the module.
pub(crate) const OWN: &[(&str, i64)] = constants! {
    EAGAIN
    EBADF
    EWOULDBLOCK
};
