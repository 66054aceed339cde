//! `max_sockets`.

use std::net::{TcpListener, TcpStream, UdpSocket};

use bsdsocket::{Builder, give, take};
use mlua::{Function, Value};

use super::{alone, descriptors, open, run};

/// Ways to a further socket, where a listener that has a connection waiting, a connected client and a descriptor of the
/// host are the three that are allowed.
const ATTEMPTS: &[(&str, &str)] = &[
    ("socket", "fails('EMFILE', socket.socket())"),
    ("socket of a descriptor", "fails('EMFILE', socket.socket { fileno = spare })"),
    ("fromfd", "fails('EMFILE', socket.fromfd(spare, socket.AF_INET, socket.SOCK_DGRAM))"),
    ("dup", "fails('EMFILE', listener:dup())"),
    ("socketpair", "fails('EMFILE', socket.socketpair())"),
    ("accept", "fails('EMFILE', listener:accept())"),
    ("create_connection", "fails('EMFILE', socket.create_connection(listener:getsockname()))"),
    ("create_server", "fails('EMFILE', socket.create_server { '127.0.0.1', 0 })"),
    ("selector", "fails('EMFILE', selectors.DefaultSelector())"),
    ("selector for poll", "fails('EMFILE', selectors.PollSelector())"),
    (
        "descriptor that was received",
        r#"
        third:close()
        client:close()
        local one, two = assert(socket.socketpair())
        assert(socket.send_fds(one, { "x" }, { spare }))
        local _, fds = assert(socket.recv_fds(two, 1, 1))
        fails("EMFILE", socket.socket { fileno = fds[1] })
        assert(socket.close(fds[1]))
        "#,
    ),
    (
        "variable that is closed",
        r#"
        local chunk = (loadstring or load)([[
            local socket, fails = ...
            do local s <close> = setmetatable({}, { __close = function() fails("EMFILE", socket.socket()) end }) end
        ]])
        if chunk then chunk(socket, fails) end
        "#,
    ),
    ("pcall", "for _ = 1, 10 do local ok, s = pcall(socket.socket) assert(ok and s == nil) end"),
    ("coroutine", "coroutine.wrap(function() fails('EMFILE', socket.socket()) end)()"),
    (
        "tasks",
        r#"
        tasks.run(function()
            tasks.group(function(group)
                for _ = 1, 5 do
                    group:spawn(function()
                        fails("EMFILE", socket.create_connection(listener:getsockname()))
                        fails("EMFILE", listener:accept())
                    end)
                end
            end)
        end)
        "#,
    ),
    (
        "finalizer",
        r#"
        local told
        finalize(function() told = select(3, socket.socket()) end)
        collectgarbage()
        assert(told == "EMFILE")
        "#,
    ),
    (
        "socket that is closed while a stream is open over it",
        r#"
        local stream = client:makefile("rw")
        client:close()
        fails("EMFILE", socket.socket())
        stream:close()
        assert(socket.socket())
        "#,
    ),
    (
        "audit hook that keeps the socket of the event",
        r#"
        client:close()
        local kept
        socket.addaudithook(function(event, s) if event == "socket.__new__" then kept = s end end)
        client = assert(socket.socket())
        fails("EMFILE", socket.socket())
        assert(kept:fileno() == -1)
        "#,
    ),
    (
        "socket that is made while another one is",
        r#"
        client:close()
        local made, asked
        socket.addaudithook(function(event)
            if event == "socket.__new__" and not asked then
                asked = true
                made = select(3, socket.socket())
            end
        end)
        local s = assert(socket.socket())
        assert(made == "EMFILE" and s:fileno() >= 0)
        "#,
    ),
];

#[test]
fn no_script_has_more_sockets_than_allowed() {
    let _alone = alone();
    for (way, code) in ATTEMPTS {
        let spare = UdpSocket::bind("127.0.0.1:0").unwrap();
        let lua = open(Builder::new().max_sockets(3));
        lua.globals().set("spare", std::os::fd::AsRawFd::as_raw_fd(&spare)).unwrap();
        let before = descriptors();
        run(
            &lua,
            &format!(
                r#"
                local listener = assert(socket.create_server {{ "127.0.0.1", 0 }})
                local client = assert(socket.create_connection(listener:getsockname()))
                local third = assert(socket.socket())
                {code}
                "#
            ),
        );
        assert!(descriptors() <= before + 4, "{way}");
        drop(lua);
    }
}

#[test]
fn a_socket_counts_no_longer_however_it_was_closed() {
    let _alone = alone();
    let lua = open(Builder::new().max_sockets(2));
    run(
        &lua,
        r#"
        for _ = 1, 10 do
            local one, other = assert(socket.socketpair())
            fails("EMFILE", socket.socket())
            one:close()
            one = assert(socket.socket())
            socket.close(other:detach())
            other = assert(selectors.DefaultSelector())
            fails("EMFILE", selectors.DefaultSelector())
            other:close()
            one:setfd(-1)
            assert(not pcall(socket.socket, -1, "wrong"))
            fails("EAFNOSUPPORT", socket.socket(255))
            fails("EOPNOTSUPP", socket.socketpair(socket.AF_INET))
        end
        for _ = 1, 10 do
            assert(socket.socketpair())
            collectgarbage()
            collectgarbage()
        end
        assert(selectors.DefaultSelector())
        assert(selectors.DefaultSelector())
        collectgarbage()
        collectgarbage()
        assert(socket.socketpair())
        "#,
    );
}

#[test]
fn a_connection_stays_in_the_queue_at_the_limit() {
    let _alone = alone();
    let lua = open(Builder::new().max_sockets(2));
    run(
        &lua,
        r#"
        local listener = assert(socket.create_server { "127.0.0.1", 0 })
        local client = assert(socket.create_connection(listener:getsockname()))
        local address = client:getsockname()
        fails("EMFILE", listener:accept())
        assert(client:sendall("kept"))
        client:close()
        local connection = assert(listener:accept())
        assert(connection:recv(10) == "kept" and connection:getpeername())
        "#,
    );
}

#[test]
fn what_the_host_gives_counts_and_what_it_takes_does_not() {
    let _alone = alone();
    let before = descriptors();
    let lua = open(Builder::new().max_sockets(1));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let connect = || TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let given = give(&lua, connect()).unwrap();
    let refused = give(&lua, connect()).unwrap_err().to_string();
    assert!(refused.contains("more sockets than the host allows"), "{refused}");
    let closes: Function = lua.load("return function(s) return s:fileno() end").eval().unwrap();
    assert!(closes.call::<i32>(given.clone()).unwrap() > 0);
    let taken = take(&lua, given).unwrap();
    let again: Value = give(&lua, taken).unwrap();
    drop((again, lua, listener));
    assert!(descriptors() <= before);
}

#[test]
fn no_socket_at_all_may_be_allowed() {
    let _alone = alone();
    let lua = open(Builder::new().max_sockets(0));
    run(
        &lua,
        r#"
        assert(fails("EMFILE", socket.socket()) == "socket: more sockets than the host allows")
        fails("EMFILE", socket.socketpair())
        assert(not socket.has_dualstack_ipv6())
        assert(socket.gethostname() and socket.getaddrinfo("127.0.0.1", 80))
        "#,
    );
    run(&open(Builder::new()), "assert(socket.socketpair())");
}
