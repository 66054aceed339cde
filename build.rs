//! The names of systems in `cfg`.

use cfg_aliases::cfg_aliases;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    cfg_aliases! {
        android: { target_os = "android" },
        dragonfly: { target_os = "dragonfly" },
        freebsd: { target_os = "freebsd" },
        linux: { target_os = "linux" },
        macos: { target_os = "macos" },
        netbsd: { target_os = "netbsd" },
        openbsd: { target_os = "openbsd" },
        // macOS, iOS and their kin.
        apple: { target_vendor = "apple" },
        bsd: { any(dragonfly, freebsd, netbsd, openbsd) },
        // The kernel is Linux.
        linux_like: { any(linux, android) },
        // Bluetooth is NetBSD's, as in `netbt/bluetooth.h`.
        netbt: { any(dragonfly, netbsd) },
    }
}
