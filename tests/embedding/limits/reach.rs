//! `reach`.

use std::net::{TcpListener, UdpSocket};
use std::thread;

use bsdsocket::Builder;
use mlua::Lua;

use super::super::restricted::{ATTEMPTS, Network, bare, run as attempt};
use super::{alone, descriptors, open, run};

const ONLY_LOCALHOST: [&str; 2] = ["allow 127.0.0.1", "allow bind 127.0.0.1"];

/// What only rules judge.
const MORE: &[&str] = &[
    // The other forms of an address.
    "local v6 = socket.socket(socket.AF_INET6) v6:connect { '::ffff:127.0.0.2', tcp }",
    "socket.socket(socket.AF_INET6):connect { '::1', tcp6 }",
    "socket.socket(socket.AF_INET6, socket.SOCK_DGRAM):sendto('x', { '::ffff:127.0.0.2', udp })",
    "s:connect { '0.0.0.0', tcp }",
    "socket.create_connection({ '127.0.0.2', tcp }, { timeout = 1 })",
    "socket.create_server({ '::', 0 }, { family = socket.AF_INET6 })",
    "u:connect { '127.0.0.2', udp } u:send 'x'",
    "u:sendmsg({ 'x' }, nil, 0, { '127.0.0.2', udp })",
    "u:connect { '127.0.0.1', heard } u:sendmsg({ 'x' }, {}, 0, { '127.0.0.2', udp })",
    // MSG_FASTOPEN.
    "s:sendto('x', 0x20000000, outside)",
    "s:sendmsg({ 'x' }, {}, 0x20000000, outside)",
    // Source routes, packet information.
    "s:setsockopt(0, 4, '\\131\\7\\4\\127\\0\\0\\2') s:connect(inward)",
    "u:sendmsg({ 'x' }, { { 0, 7, '\\131\\7\\4\\127\\0\\0\\2' } }, 0, { '127.0.0.1', udp })",
    "u:sendmsg({ 'x' }, { { 0, 8, ('\\0'):rep(12) } }, 0, { '127.0.0.1', udp })",
    // Unix sockets, and those that are made in pairs.
    "socket.socket(socket.AF_UNIX):connect(path)",
    "socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM):sendto('x', datagrams)",
    "local a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM) a:sendto('x', datagrams) a:connect(datagrams)",
    "socket.socket(socket.AF_UNIX):bind(path .. '2')",
    "socket.socket(socket.AF_UNIX):bind('\\0bsdsocket-reach')",
    // In tasks.
    "require('bsdsocket.tasks').run(function() s:connect(outside) u:sendto('x', { '127.0.0.2', udp }) end)",
];

fn restricted(network: &Network) -> Lua {
    let lua = bare();
    Builder::new().reach(ONLY_LOCALHOST).preload(&lua).unwrap();
    network.set_globals(&lua);
    lua
}

#[test]
fn no_script_reaches_what_the_rules_deny() {
    let _alone = alone();
    let attempts = || {
        let network = Network::new();
        let before = descriptors();
        for code in ATTEMPTS.iter().map(|(code, _)| code).chain(MORE) {
            // Recursion is the interpreter's, and only hooks are told of by hooks.
            if code.contains("deeper") || code.contains("deepest") {
                continue;
            }
            let lua = restricted(&network);
            let _ = attempt(&lua, code);
            network.check_nothing_received(code);
            drop(lua);
            network.check_nothing_received(code);
        }
        assert!(descriptors() <= before);
    };
    thread::Builder::new().stack_size(64 << 20).spawn(attempts).unwrap().join().unwrap();
}

#[test]
fn what_is_denied_fails_with_eacces() {
    let _alone = alone();
    let lua = open(Builder::new().reach(ONLY_LOCALHOST));
    run(
        &lua,
        r#"
        local s, u = assert(socket.socket()), assert(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        assert(fails("EACCES", s:connect { "192.0.2.1", 80 }) == "connect 192.0.2.1:80: the host does not allow it")
        assert(s:connect_ex { "192.0.2.1", 80 } == socket.errno.EACCES)
        fails("EACCES", u:sendto("x", { "192.0.2.1", 9 }))
        fails("EACCES", u:sendmsg({ "x" }, nil, 0, { "192.0.2.1", 9 }))
        fails("EACCES", u:sendmsg({ "x" }, { { socket.IPPROTO_IP, socket.IP_OPTIONS, "" } }, 0, { "127.0.0.1", 9 }))
        fails("EACCES", u:bind { "", 0 })
        fails("EACCES", s:listen())
        fails("EACCES", socket.create_server { "", 0 })
        fails("EACCES", socket.create_connection({ "127.0.0.1", 9 }, { source_address = { "127.0.0.2", 0 } }))
        fails("EACCES", socket.getaddrinfo("localhost", 80))
        fails("EACCES", socket.gethostbyname("localhost"))
        fails("EACCES", socket.gethostbyaddr("127.0.0.1"))
        fails("EACCES", socket.getnameinfo({ "127.0.0.1", 80 }, 0))
        fails("EACCES", s:connect { "localhost", 80 })
        fails("EACCES", u:setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, "lo"))
        fails("EACCES", u:setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, "\224\0\0\9\0\0\0\0"))
        for _, family in ipairs { socket.AF_NETLINK, socket.AF_PACKET, socket.AF_VSOCK, socket.AF_ALG, 44, 65536 } do
            fails("EACCES", socket.socket(family, socket.SOCK_DGRAM))
        end
        for _, kind in ipairs { socket.SOCK_RAW, socket.SOCK_SEQPACKET, socket.SOCK_RDM } do
            fails("EACCES", socket.socket(socket.AF_INET, kind, 1))
        end
        fails("EACCES", socket.socket(socket.AF_INET, socket.SOCK_STREAM, 132))
        fails("EACCES", socket.socketpair(socket.AF_TIPC))
        assert(socket.fromfd == nil and not pcall(socket.socket, { fileno = 0 }))
        -- And what is allowed works.
        local server = assert(socket.create_server { "127.0.0.1", 0 })
        local client = assert(socket.create_connection(server:getsockname()))
        assert(client:setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1))
        assert(client:setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, true))
        assert(client:sendall("x") and assert(server:accept()):recv(1) == "x")
        assert(client:sendmsg({ "x" }) == 1 and socket.socketpair() and socket.getaddrinfo("127.0.0.1", 80))
        assert(u:bind { "127.0.0.1", 0 } and u:sendto("x", u:getsockname()) == 1 and u:recv(1) == "x")
        assert(socket.getnameinfo({ "127.0.0.1", 80 }, socket.NI_NUMERICHOST + socket.NI_NUMERICSERV))
        "#,
    );
}

#[test]
fn names_paths_families_and_groups_have_rules_of_their_own() {
    let _alone = alone();
    let folder = std::env::temp_dir().join(format!("bsdsocket-reach-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("inside")).unwrap();
    std::os::unix::fs::symlink(&folder, folder.join("inside/out")).unwrap();
    let paths = format!("allow unix {}/*", folder.join("inside").display());
    let lua = open(Builder::new().reach([
        "deny 127.0.0.2",
        "allow loopback",
        "allow 224.0.0.9",
        "allow host localhost",
        &paths,
        "allow unix @bsdsocket-reach*",
        "allow family AF_NETLINK",
    ]));
    lua.globals().set("folder", folder.to_str().unwrap()).unwrap();
    let outside = TcpListener::bind("127.0.0.2:0").unwrap();
    lua.globals().set("outside", outside.local_addr().unwrap().port()).unwrap();
    let heard = UdpSocket::bind("127.0.0.1:0").unwrap();
    lua.globals().set("heard", heard.local_addr().unwrap().port()).unwrap();
    run(
        &lua,
        r#"
        local u = assert(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        assert(u:sendto("x", { "localhost", heard }) == 1)
        fails("EACCES", u:sendto("x", { "localhost.example", heard }))
        fails("EACCES", socket.socket():connect { "127.0.0.2", outside })
        fails("EACCES", u:bind { "127.0.0.1", 0 })
        local group = "\224\0\0\9" .. ("\127\0\0\1")
        assert(u:setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group))
        fails("EACCES", u:setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, "\224\0\0\8\0\0\0\0"))
        fails("EACCES", u:setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, "\224"))
        local s = assert(socket.socket(socket.AF_UNIX))
        fails("EACCES", s:bind(folder .. "/beside"))
        fails("EACCES", s:bind(folder .. "/inside/../beside"))
        fails("EACCES", s:bind(folder .. "/inside/out/beside"))
        fails("EACCES", s:bind(""))
        fails("EACCES", s:bind("\0other"))
        assert(s:bind(folder .. "/inside/socket") and s:listen())
        assert(assert(socket.socket(socket.AF_UNIX)):connect(folder .. "/inside/socket"))
        assert(assert(socket.socket(socket.AF_UNIX)):bind("\0bsdsocket-reach" .. heard))
        assert(socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0))
        "#,
    );
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_rule_that_cannot_be_understood_is_an_error() {
    let _alone = alone();
    for rule in ["", "allow everything", "allow 10.0.0.1/8", "deny port 80"] {
        let told = Builder::new().reach(["allow any", rule]).module(&Lua::new()).unwrap_err().to_string();
        assert!(told.contains(&format!("cannot understand the rule '{rule}'")), "{told}");
    }
    assert!(Builder::new().reach([]).without_descriptors().module(&Lua::new()).is_ok());
}
