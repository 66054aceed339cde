//! Descriptors that `recvmsg` and `getsockopt` create: they get an owner, or are closed or not created.

use bsdsocket::Builder;
use mlua::Lua;

use super::{alone, descriptors};

const PRELUDE: &str = r#"
    local socket = require "bsdsocket"
    local SO_PASSPIDFD, SO_PEERPIDFD, SCM_PIDFD = 76, 77, 4
    local one, other = assert(socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM))
    -- The descriptor in the data of a control message.
    local function number(data)
        local a, b, c, d = data:byte(1, 4)
        return a + b * 2^8 + c * 2^16 + d * 2^24
    end
"#;

/// Runs code in which each message has an `SCM_PIDFD`, if the kernel supports it.
fn run(lua: &Lua, code: &str) -> bool {
    let passes = "if not other:setsockopt(socket.SOL_SOCKET, SO_PASSPIDFD, 1) then return false end";
    let passed: bool = lua.load(format!("{PRELUDE}\n{passes}\n{code}\nreturn true")).eval().unwrap();
    if !passed {
        eprintln!("skipped: SO_PASSPIDFD, which this kernel lacks");
    }
    passed
}

#[test]
fn received_descriptors_are_closed_if_the_host_accepts_none() {
    let _alone = alone();
    let before = descriptors();
    let lua = Lua::new();
    Builder::new().without_descriptors().preload(&lua).unwrap();
    let code = r#"
        one, other = one:dup(), other:dup()
        for _ = 1, 100 do
            assert(one:send("x"))
            local data, items = assert(other:recvmsg(1, 64))
            assert(data == "x" and items[1].type == SCM_PIDFD)
            assert(one:send("x"))
            assert(other:recvmsg_into({ socket.buffer(1) }, 64))
            -- Too small for the control message.
            assert(one:send("x"))
            assert(other:recvmsg(1, socket.CMSG_LEN(2)))
            assert(one:send("x"))
            assert(other:recv(1))
        end
    "#;
    run(&lua, code);
    lua.gc_collect().unwrap();
    lua.gc_collect().unwrap();
    assert!(descriptors() <= before + 4, "{} more", descriptors() - before);
    drop(lua);
    assert!(descriptors() <= before);
}

#[test]
fn received_descriptors_belong_to_the_script_otherwise() {
    let _alone = alone();
    let before = descriptors();
    let lua = Lua::new();
    bsdsocket::preload(&lua).unwrap();
    let code = r#"
        for _ = 1, 100 do
            assert(one:send("x"))
            local _, items = assert(other:recvmsg(1, 64))
            local fd = number(items[1].data)
            assert(not socket.fromfd(fd, 1, 1) and socket.close(fd))
            -- recv_fds returns only those of SCM_RIGHTS.
            assert(socket.send_fds(one, { "x" }, { one:fileno() }) == 1)
            local data, fds = assert(socket.recv_fds(other, 1, 8))
            assert(data == "x" and #fds == 1 and socket.close(fds[1]))
        end
    "#;
    run(&lua, code);
    drop(lua);
    assert!(descriptors() <= before);
}

#[test]
fn options_that_create_descriptors_raise_if_the_host_accepts_none() {
    let _alone = alone();
    let before = descriptors();
    let lua = Lua::new();
    Builder::new().without_descriptors().preload(&lua).unwrap();
    let code = r#"
        local one = assert(socket.socketpair())
        local function refused(method, ...)
            local ok, message = pcall(one[method], one, ...)
            local expected = "bad argument #2 to '" .. method .. "' (descriptors are not accepted here)"
            assert(not ok and message:find(expected, 1, true), message)
        end
        for _, option in ipairs({ { socket.SOL_SOCKET, 77 }, { 132, 102 }, { 132, 122 }, { socket.SOL_SOCKET, 50 } }) do
            refused("getsockopt", option[1], option[2])
            refused("getsockopt", option[1], option[2], 1)
            refused("getsockopt", option[1], option[2], 64)
            refused("setsockopt", option[1], option[2], 3)
            refused("setsockopt", option[1], option[2], "\3\0\0\0")
        end
    "#;
    lua.load(format!("{PRELUDE}\n{code}")).exec().unwrap();
    drop(lua);
    assert!(descriptors() <= before);
}

/// Otherwise the value of such an option is a descriptor, which belongs to the script.
#[test]
fn options_that_create_descriptors_work_otherwise() {
    let _alone = alone();
    let before = descriptors();
    let lua = Lua::new();
    bsdsocket::preload(&lua).unwrap();
    let code = r#"
        local one = assert(socket.socketpair())
        for _ = 1, 10 do
            local fd = assert(one:getsockopt(socket.SOL_SOCKET, SO_PEERPIDFD))
            assert(socket.close(fd))
            assert(socket.close(number(assert(one:getsockopt(socket.SOL_SOCKET, SO_PEERPIDFD, 4)))))
        end
    "#;
    run(&lua, code);
    drop(lua);
    assert!(descriptors() <= before);
}
