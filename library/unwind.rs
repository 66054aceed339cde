//! The functions of the unwinder, each looked up when it is first called: in a panic, or when an exception of the host
//! passes. Only the loadable module has them; loading libgcc_s for it took a fourth of `require`.
//!
//! What is found is what the dynamic linker would have found: the host's own unwinder where it has one.

use std::arch::global_asm;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::process::abort;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, Ordering};

unsafe extern "C" {
    fn dlopen(path: *const c_char, mode: c_int) -> *mut c_void;
    fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
}

/// Where dlsym looks first: in the program and its libraries.
const RTLD_DEFAULT: *mut c_void = null_mut();
const RTLD_NOW: c_int = 2;

/// Makes the functions. Each jumps to the one of the unwinder, which so sees the frame of the caller.
macro_rules! functions {
    ($count:literal: $($number:literal $name:literal,)*) => {
        static NAMES: [&CStr; $count] = [$(match CStr::from_bytes_with_nul(concat!("_Unwind_", $name, "\0").as_bytes()) {
            Ok(name) => name,
            Err(_) => panic!("a name without NUL"),
        }),*];
        static FOUND: [AtomicPtr<c_void>; $count] = [const { AtomicPtr::new(null_mut()) }; $count];
        $(global_asm!(
            concat!(".hidden __wrap__Unwind_", $name),
            concat!(".globl __wrap__Unwind_", $name),
            concat!("__wrap__Unwind_", $name, ":"),
            "mov rax, qword ptr [rip + {found} + 8 * {number}]",
            "test rax, rax",
            "jz 2f",
            "jmp rax",
            "2:",
            "mov eax, {number}",
            "jmp bsdsocket_look_up",
            found = sym FOUND,
            number = const $number,
        );)*
    };
}

functions! { 13:
    0 "Backtrace",
    1 "DeleteException",
    2 "GetCFA",
    3 "GetDataRelBase",
    4 "GetIP",
    5 "GetIPInfo",
    6 "GetLanguageSpecificData",
    7 "GetRegionStart",
    8 "GetTextRelBase",
    9 "RaiseException",
    10 "Resume",
    11 "SetGR",
    12 "SetIP",
}

// The arguments stay in their registers; five of them on the stack align it for the call.
global_asm!(
    ".hidden bsdsocket_look_up",
    ".globl bsdsocket_look_up",
    "bsdsocket_look_up:",
    "push rdi",
    "push rsi",
    "push rdx",
    "push rcx",
    "push r8",
    "mov edi, eax",
    "call {look_up}",
    "pop r8",
    "pop rcx",
    "pop rdx",
    "pop rsi",
    "pop rdi",
    "jmp rax",
    look_up = sym look_up,
);

/// Finds a function of the unwinder.
extern "C" fn look_up(number: usize) -> *mut c_void {
    let name = NAMES[number].as_ptr();
    // SAFETY: names of a library and of a function. The library is never closed.
    let found = unsafe {
        match dlsym(RTLD_DEFAULT, name) {
            found if found.is_null() => dlsym(dlopen(c"libgcc_s.so.1".as_ptr(), RTLD_NOW), name),
            found => found,
        }
    };
    if found.is_null() {
        abort();
    }
    FOUND[number].store(found, Ordering::Relaxed);
    found
}
