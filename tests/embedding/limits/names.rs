//! A look-up that is never answered.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::time::{Duration, Instant};

use bsdsocket::{Builder, Switch};

use super::switch::use_while;
use super::{alone, descriptors, open, run};

/// Replaces getaddrinfo(3) in this program: `hangs.example` is never answered.
#[unsafe(no_mangle)]
extern "C" fn getaddrinfo(
    host: *const c_char,
    service: *const c_char,
    hints: *const c_void,
    found: *mut *mut c_void,
) -> c_int {
    type Function = unsafe extern "C" fn(*const c_char, *const c_char, *const c_void, *mut *mut c_void) -> c_int;
    // SAFETY: null, or a terminated string; the next function of this name is that of the C library.
    unsafe {
        while !host.is_null() && CStr::from_ptr(host) == c"hangs.example" {
            std::thread::park();
        }
        let next = libc::dlsym(libc::RTLD_NEXT, c"getaddrinfo".as_ptr());
        std::mem::transmute::<*mut c_void, Function>(next)(host, service, hints, found)
    }
}

/// Ways to wait for it.
const WAITS: &[(&str, &str)] = &[
    ("a look-up", "return socket.getaddrinfo('hangs.example', 80)"),
    ("a look-up with a timeout", "return socket.getaddrinfo('hangs.example', 80, { timeout = 60 })"),
    ("a connection", "return socket.create_connection({ 'hangs.example', 80 }, { timeout = 60 })"),
    ("a name in an address", "return socket.socket():connect { 'hangs.example', 80 }"),
    ("a task that looks up", "return tasks.run(socket.getaddrinfo, 'hangs.example', 80)"),
    ("a shielded task", "return tasks.run(tasks.shield, socket.getaddrinfo, 'hangs.example', 80)"),
    ("a task that connects", "return tasks.run(socket.create_connection, { 'hangs.example', 80 })"),
    (
        "tasks that ask the same",
        r#"
        return tasks.run(tasks.group, function(group)
            for _ = 1, 10 do group:spawn(socket.getaddrinfo, 'hangs.example', 80) end
            return socket.getaddrinfo('hangs.example', 80)
        end)
        "#,
    ),
];

#[test]
fn a_look_up_that_hangs_ends_when_the_state_is_cancelled() {
    let _alone = alone();
    for (name, code) in WAITS {
        let code = format!(
            r#"
            local function wait() {code} end
            begin()
            fails("ECANCELED", wait())
            "#
        );
        // On a busy machine another process may run meanwhile.
        let once = |_| {
            let switch = Switch::new();
            let lua = open(Builder::new().switch(&switch));
            use_while(&lua, &code, move || switch.cancel())
        };
        let least = (0..10).map(once).min().unwrap();
        assert!(least < Duration::from_millis(10), "{name}: {least:?}");
    }
}

#[test]
fn a_look_up_that_hangs_ends_with_the_longest_wait_of_the_host() {
    let _alone = alone();
    for (name, code) in WAITS {
        let lua = open(Builder::new().max_wait(Duration::from_millis(20)));
        let start = Instant::now();
        run(
            &lua,
            &format!(
                r#"
                local function wait() {code} end
                local _, _, code = wait()
                assert(code == "timeout" or code == "EAGAIN", code)
                "#
            ),
        );
        assert!(start.elapsed() < Duration::from_millis(500), "{name}: {:?}", start.elapsed());
    }
}

#[test]
fn a_state_is_closed_while_its_look_ups_hang() {
    let _alone = alone();
    let before = descriptors();
    for _ in 0..5 {
        let lua = open(Builder::new());
        run(
            &lua,
            r#"
            fails("timeout", socket.getaddrinfo("hangs.example", 80, { timeout = 0.001 }))
            for _ = 1, 10 do tasks.spawn(socket.getaddrinfo, "hangs.example", 80) end
            tasks.step(0)
            "#,
        );
    }
    assert!(descriptors() <= before);
}
