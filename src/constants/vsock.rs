//! VSOCK, between virtual machines and their host, from `linux/vm_sockets.h`.

use super::constants;

/// Addresses and options.
pub(crate) const VSOCK: &[(&str, i64)] = constants! {
    #[cfg(linux_like)] {
        SO_VM_SOCKETS_BUFFER_MAX_SIZE = 2 // linux/vm_sockets.h
        SO_VM_SOCKETS_BUFFER_MIN_SIZE = 1 // linux/vm_sockets.h
        SO_VM_SOCKETS_BUFFER_SIZE = 0 // linux/vm_sockets.h
        VMADDR_CID_LOCAL
        VM_SOCKETS_INVALID_VERSION = 0xffffffff // linux/vm_sockets.h
    }
    #[cfg(any(linux_like, apple))] {
        VMADDR_CID_ANY
        VMADDR_CID_HOST
        VMADDR_PORT_ANY
    }
    // The other architectures encode a request that carries no data differently.
    #[cfg(all(
        linux_like,
        not(any(
            target_arch = "mips", target_arch = "mips64", target_arch = "powerpc",
            target_arch = "powerpc64", target_arch = "sparc", target_arch = "sparc64",
        )),
    ))] {
        IOCTL_VM_SOCKETS_GET_LOCAL_CID = 0x7b9 // linux/vm_sockets.h
    }
};
