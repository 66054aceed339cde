//! Limits of scripts that use LuaSocket's interface.

use std::net::TcpListener;

use bsdsocket::Builder;

use super::{alone, open, run};

/// What the scripts have: LuaSocket's core, and a port of 127.0.0.1 that is listened on.
fn script(port: u16, code: &str) -> String {
    format!(
        r#"
        local core, unix, dns = require "socket.core", require "socket.unix", require("socket.core").dns
        local PORT = {port}
        local function denied(...)
            local result, words, more = ...
            assert(result == nil and words == "the host does not allow it", tostring(words or result))
        end
        {code}
        "#
    )
}

#[test]
fn luasocket_reaches_only_what_the_rules_allow() {
    let _alone = alone();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let lua = open(Builder::new().luasocket().reach(["allow 127.0.0.1"]));
    let code = r#"
        local s = assert(core.tcp())
        denied(s:connect("192.0.2.1", 80))
        denied(core.tcp4():connect("127.0.0.2", PORT))
        denied(core.tcp6():connect("::1", PORT))
        denied(core.connect("192.0.2.1", 80))
        denied(core.tcp():bind("*", 0))
        denied(core.udp():sendto("x", "192.0.2.1", 9))
        denied(core.udp():setpeername("192.0.2.1", 9))
        denied(core.udp():setsockname("*", 0))
        denied(core.tcp():connect("localhost", PORT))
        denied(dns.toip "localhost")
        denied(dns.tohostname "127.0.0.1")
        denied(dns.getaddrinfo "localhost")
        denied(dns.getnameinfo("127.0.0.1", "http"))
        denied(unix.stream():connect "/nowhere")
        assert(core.tcp():connect("127.0.0.1", PORT))
        assert(core.udp():sendto("x", "127.0.0.1", 9))
        assert(dns.getaddrinfo("127.0.0.1")[1].addr == "127.0.0.1")
    "#;
    run(&lua, &script(listener.local_addr().unwrap().port(), code));
}

#[test]
fn luasocket_has_no_more_sockets_than_the_host_allows() {
    let _alone = alone();
    let lua = open(Builder::new().luasocket().max_sockets(3));
    let code = r#"
        local kept = {}
        for n = 1, 3 do
            kept[n] = core.tcp4()
            assert(kept[n], n)
        end
        local none, words = core.tcp4()
        assert(none == nil and type(words) == "string", words)
        kept[1]:close()
        assert(core.udp4())
    "#;
    run(&lua, &script(0, code));
}

#[test]
fn luasocket_waits_no_longer_than_the_host_allows() {
    let _alone = alone();
    let lua = open(Builder::new().luasocket().max_wait(std::time::Duration::from_millis(50)));
    let code = r#"
        local u = assert(core.udp4())
        assert(u:setsockname("127.0.0.1", 0))
        local began = core.gettime()
        local none, words = u:receive()
        assert(none == nil and words == "timeout", words)
        core.select({ u }, nil)
        core.sleep(5)
        assert(core.gettime() - began < 4)
    "#;
    run(&lua, &script(0, code));
}

#[test]
fn the_default_timeout_does_not_count_for_luasocket() {
    let _alone = alone();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let lua = open(Builder::new().luasocket().default_timeout(std::time::Duration::from_millis(1)));
    let code = r#"
        local client = assert(core.connect("127.0.0.1", PORT))
        assert(client:gettimeout() == -1)
        local u = assert(core.udp4())
        assert(u:setsockname("127.0.0.1", 0) and u:settimeout(0.03))
        local began = core.gettime()
        assert(select(2, u:receive()) == "timeout" and core.gettime() - began > 0.02)
    "#;
    run(&lua, &script(listener.local_addr().unwrap().port(), code));
}

#[test]
fn luasocket_is_not_there_unless_the_host_gives_it() {
    let _alone = alone();
    let lua = open(Builder::new());
    run(&lua, r#"assert(not pcall(require, "bsdsocket.luasocket") and not package.preload["socket.core"])"#);
}

#[cfg(unix)]
#[test]
fn sigpipe_is_ignored_only_where_the_host_asks_for_it() {
    extern "C" fn hosts(_: libc::c_int) {}

    let _alone = alone();
    // SAFETY: the handler does nothing.
    let before = unsafe { libc::signal(libc::SIGPIPE, hosts as *const () as libc::sighandler_t) };
    open(Builder::new().luasocket());
    // SAFETY: the same.
    let without = unsafe { libc::signal(libc::SIGPIPE, hosts as *const () as libc::sighandler_t) };
    open(Builder::new().luasocket().ignore_sigpipe());
    // SAFETY: what there was.
    let with = unsafe { libc::signal(libc::SIGPIPE, before) };
    assert_eq!((without, with), (hosts as *const () as libc::sighandler_t, libc::SIG_IGN));
}
