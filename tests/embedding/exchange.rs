//! Passing sockets from Rust to Lua and back.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::AsRawFd;
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::time::Duration;

use bsdsocket::{Builder, give, take};
use mlua::{Lua, Value};
use socket2::{Domain, Socket, Type};

use super::{alone, descriptors};

/// Calls Lua code with a socket and returns its result.
fn ask<T: mlua::FromLuaMulti>(lua: &Lua, code: &str, given: impl mlua::IntoLuaMulti) -> T {
    lua.load(code).call(given).unwrap()
}

/// A TCP connection on the loopback interface.
fn connection() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    (client, listener.accept().unwrap().0)
}

fn blocks(socket: &impl AsRawFd) -> bool {
    let path = format!("/proc/self/fdinfo/{}", socket.as_raw_fd());
    let flags = std::fs::read_to_string(path).unwrap();
    let flags = flags.lines().find_map(|line| line.strip_prefix("flags:")).unwrap().trim();
    i32::from_str_radix(flags, 8).unwrap() & 0o4000 == 0
}

#[test]
fn each_socket_type_can_be_passed_to_lua_and_back() {
    let _alone = alone();
    let before = descriptors();
    let lua = Lua::new();
    fn trip(lua: &Lua, socket: impl Into<Socket>, expected: [i32; 3]) -> Socket {
        let socket = socket.into();
        let number = socket.as_raw_fd();
        let given = give(lua, socket).unwrap();
        let told: (i32, i32, i32, i32) =
            ask(lua, "local s = ... return s:fileno(), s.family, s.type, s.proto", given.clone());
        assert_eq!(told, (number, expected[0], expected[1], expected[2]));
        let taken = take(lua, given.clone()).unwrap();
        assert_eq!(taken.as_raw_fd(), number);
        assert_eq!(ask::<i32>(lua, "return (...):fileno()", given), -1);
        taken
    }

    let listener: TcpListener = trip(&lua, TcpListener::bind("127.0.0.1:0").unwrap(), [2, 1, 6]).into();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let mut client: TcpStream = trip(&lua, client, [2, 1, 6]).into();
    let (mut server, _) = listener.accept().unwrap();
    client.write_all(b"tcp").unwrap();
    server.read_exact(&mut [0; 3]).unwrap();

    let receiver: UdpSocket = trip(&lua, UdpSocket::bind("127.0.0.1:0").unwrap(), [2, 2, 17]).into();
    let sender: UdpSocket = trip(&lua, UdpSocket::bind("127.0.0.1:0").unwrap(), [2, 2, 17]).into();
    sender.send_to(b"udp", receiver.local_addr().unwrap()).unwrap();
    assert_eq!(receiver.recv(&mut [0; 9]).unwrap(), 3);

    let (one, mut other) = UnixStream::pair().unwrap();
    let mut one: UnixStream = trip(&lua, one, [1, 1, 0]).into();
    one.write_all(b"unix").unwrap();
    other.read_exact(&mut [0; 4]).unwrap();
    let (datagram, _other) = UnixDatagram::pair().unwrap();
    drop(trip(&lua, datagram, [1, 2, 0]));
    let path = std::env::temp_dir().join(format!("bsdsocket-exchange-{}", std::process::id()));
    drop(trip(&lua, UnixListener::bind(&path).unwrap(), [1, 1, 0]));
    std::fs::remove_file(path).unwrap();
    drop(trip(&lua, Socket::new(Domain::UNIX, Type::SEQPACKET, None).unwrap(), [1, 5, 0]));

    drop((lua, listener, client, server, receiver, sender, one, other, _other));
    assert!(descriptors() <= before);
}

#[test]
fn a_socket_passed_to_lua_gets_the_default_timeout() {
    let _alone = alone();
    let (one, other) = connection();
    one.set_nonblocking(true).unwrap();

    let lua = Lua::new();
    let given = give(&lua, one).unwrap();
    assert!(ask::<Option<f64>>(&lua, "return (...):gettimeout()", given.clone()).is_none());
    let one = take(&lua, given).unwrap();
    assert!(blocks(&one));

    let lua = Lua::new();
    Builder::new().default_timeout(Duration::from_millis(10)).module(&lua).unwrap();
    let given = give(&lua, one).unwrap();
    assert_eq!(
        ask::<f64>(&lua, "local s = ... assert(s.timeout == s:gettimeout()) return s.timeout", given.clone()),
        0.01
    );
    assert_eq!(ask::<String>(&lua, "return (select(3, (...):recv(1)))", given.clone()), "timeout");
    // A socket with a timeout is in blocking mode after it is taken back.
    let one = take(&lua, given).unwrap();
    assert!(blocks(&one));

    let lua = Lua::new();
    Builder::new().default_timeout(Duration::ZERO).module(&lua).unwrap();
    let given = give(&lua, one).unwrap();
    assert_eq!(ask::<String>(&lua, "return (select(3, (...):recv(1)))", given.clone()), "EAGAIN");
    let mut one: TcpStream = take(&lua, given).unwrap().into();
    assert_eq!(one.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    drop(other);
}

#[test]
fn a_socket_taken_from_lua_keeps_the_blocking_mode() {
    let _alone = alone();
    let lua = Lua::new();
    let make = "local socket, mode = ... local one, other = socket.socketpair() one:settimeout(mode) return one";
    for (mode, expected) in [(Value::Nil, true), (Value::Number(0.0), false), (Value::Number(2.5), true)] {
        let made: Value = ask(&lua, make, (bsdsocket::module(&lua).unwrap(), mode));
        assert_eq!(blocks(&take(&lua, made).unwrap()), expected);
    }
}

#[test]
fn only_an_open_socket_can_be_taken() {
    let _alone = alone();
    let before = descriptors();
    let lua = Lua::new();
    let module = bsdsocket::module(&lua).unwrap();
    let closed = "local socket = ... local s = assert(socket.socket()) s:close() return s";
    let detached = "local socket = ... local s = assert(socket.socket()) socket.close(s:detach()) return s";
    for code in [closed, detached] {
        let message = take(&lua, ask(&lua, code, &module)).unwrap_err().to_string();
        assert!(message.contains("Bad file descriptor"), "{message}");
    }
    for code in ["return nil", "return 1", "return {}", "return 'x'", "return print", "return (...).buffer(64)"] {
        let message = take(&lua, ask(&lua, code, &module)).unwrap_err().to_string();
        assert!(message.contains("socket expected"), "{message}");
    }
    let stream = take(&lua, ask(&lua, "return (...).socketpair():makefile()", &module)).unwrap_err().to_string();
    assert!(stream.contains("socket expected, got stream"), "{stream}");
    let other = lua.create_any_userdata(1).unwrap();
    assert!(take(&lua, Value::UserData(other)).is_err());

    let once: Value = ask(&lua, "return (...).socket()", &module);
    take(&lua, once.clone()).unwrap();
    assert!(take(&lua, once).is_err());
    drop((lua, module));
    assert!(descriptors() <= before);
}

#[test]
fn taking_a_socket_detaches_its_streams() {
    let _alone = alone();
    let before = descriptors();
    let lua = Lua::new();
    let (one, mut other) = UnixStream::pair().unwrap();
    let given = give(&lua, one).unwrap();
    let stream: Value =
        ask(&lua, "local stream = (...):makefile('rw') stream:write('kept') return stream", given.clone());
    let taken = take(&lua, given.clone()).unwrap();
    let use_it = "local s = ... local done, _, code = s:read(1) return code";
    assert_eq!(ask::<String>(&lua, use_it, stream.clone()), "EBADF");
    assert_eq!(ask::<String>(&lua, "return (select(3, (...):flush()))", stream.clone()), "EBADF");
    assert_eq!(
        ask::<String>(&lua, "return tostring(...)", given.clone()),
        "socket (closed, family=AF_UNIX, type=SOCK_STREAM, proto=0)"
    );

    // A socket that is closed but has open streams cannot be taken.
    let given = give(&lua, taken).unwrap();
    let late: Value = ask(&lua, "local s = ... local stream = s:makefile('w') s:close() return stream", given.clone());
    assert!(take(&lua, given).is_err());
    ask::<()>(&lua, "local stream = ... assert(stream:write('x')) assert(stream:close())", late);
    drop((lua, stream));
    let mut received = String::new();
    other.read_to_string(&mut received).unwrap();
    assert_eq!(received, "x");
    drop(other);
    assert!(descriptors() <= before);
}

#[test]
fn a_socket_can_be_used_in_a_coroutine_and_in_a_restricted_state() {
    let _alone = alone();
    let lua = Lua::new();
    Builder::new().allow([]).without_descriptors().preload(&lua).unwrap();
    let (one, mut other) = connection();
    let given = give(&lua, one).unwrap();
    ask::<()>(&lua, "local s = ... coroutine.wrap(function() assert(s:sendall('given')) end)()", given.clone());
    other.read_exact(&mut [0; 5]).unwrap();
    assert!(ask::<bool>(&lua, "local s = ... return not pcall(s.connect, s, { '127.0.0.1', 9 })", given.clone()));
    take(&lua, given).unwrap();
}

#[test]
fn received_descriptors_are_closed_without_descriptors() {
    let _alone = alone();
    let (one, other) = UnixStream::pair().unwrap();
    let (free, confined) = (Lua::new(), Lua::new());
    bsdsocket::preload(&free).unwrap();
    Builder::new().without_descriptors().module(&confined).unwrap();
    let (one, other) = (give(&free, one).unwrap(), give(&confined, other).unwrap());
    let before = descriptors();
    for receive in ["return (...):recvmsg(1, 100)", "return (...):recvmsg_into({ buffer }, 100)"] {
        ask::<()>(&free, "local s = ... assert(require('bsdsocket').send_fds(s, { 'x' }, { s:fileno(), 0 }))", &one);
        let buffer: Value = ask(&confined, "return (...).buffer(1)", bsdsocket::module(&confined).unwrap());
        confined.globals().set("buffer", buffer).unwrap();
        let (_, items): (Value, mlua::Table) = ask(&confined, receive, &other);
        assert_eq!(items.raw_len(), 1);
        assert!(descriptors() <= before);
    }
}

#[test]
fn passing_sockets_leaks_nothing() {
    let _alone = alone();
    let before = descriptors();
    let lua = Lua::new();
    let mut socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    for _ in 0..10_000 {
        let given = give(&lua, socket).unwrap();
        socket = take(&lua, given).unwrap();
    }
    for _ in 0..1000 {
        drop(give(&lua, Socket::new(Domain::IPV4, Type::DGRAM, None).unwrap()).unwrap());
        lua.gc_collect().unwrap();
    }
    assert_eq!(descriptors(), before + 1);
    drop(socket);
    // Sockets that scripts still hold are closed with their state.
    let given = give(&lua, Socket::new(Domain::IPV4, Type::DGRAM, None).unwrap()).unwrap();
    lua.globals().set("given", given).unwrap();
    drop(lua);
    assert!(descriptors() <= before);
}
