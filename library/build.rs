//! Has the loadable module call the functions of `unwind.rs` in place of those of the unwinder.

use std::env::var;

/// The functions of the unwinder that `unwind.rs` has. Others, which another version of Rust may call, are linked as usual.
const FUNCTIONS: &[&str] = &[
    "Backtrace",
    "DeleteException",
    "GetCFA",
    "GetDataRelBase",
    "GetIP",
    "GetIPInfo",
    "GetLanguageSpecificData",
    "GetRegionStart",
    "GetTextRelBase",
    "RaiseException",
    "Resume",
    "SetGR",
    "SetIP",
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(late_unwinder)");
    let target = ["OS", "ENV", "ARCH"].map(|part| var(format!("CARGO_CFG_TARGET_{part}")).unwrap_or_default());
    if target == ["linux", "gnu", "x86_64"] {
        println!("cargo::rustc-cfg=late_unwinder");
        for function in FUNCTIONS {
            println!("cargo::rustc-cdylib-link-arg=-Wl,--wrap=_Unwind_{function}");
        }
    }
}
