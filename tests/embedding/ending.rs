//! Dropping a Lua state leaks nothing, whatever its finalizers do at that time.

use std::fs;

use mlua::Lua;

use super::{alone, descriptors};

/// The beginning of each script. Objects are finalized when the state is closed, the newest first.
const PRELUDE: &str = r#"
    kept = {}
    function finalize(call)
        local object
        if newproxy then
            object = newproxy(true)
            getmetatable(object).__gc = call
        else
            object = setmetatable({}, { __gc = call })
        end
        kept[#kept + 1] = object
    end
    function keep(...)
        for n = 1, select('#', ...) do
            kept[#kept + 1] = assert((select(n, ...)))
        end
    end
"#;

/// Loads the library, and creates objects that are finalized before it.
const LIBRARY: &str = r#"
    socket = require "bsdsocket"
    local server = assert(socket.create_server({ "127.0.0.1", 0 }))
    local one, other = assert(socket.socketpair())
    keep(server, one, other)
    -- Runs `call` in a finalizer, and in a finalizer that a finalizer creates.
    local function again(call)
        finalize(call)
        finalize(function() finalize(call) call() end)
    end
"#;

const FINALIZERS: &[&str] = &[
    "again(function() for _ = 1, 5 do socket.socket() end end)",
    "again(function() for _ = 1, 5 do keep(socket.socketpair()) end end)",
    "again(function() keep(one:dup(), other:dup()) end)",
    "again(function() local s = socket.create_server({ '127.0.0.1', 0 }) keep(s)
        keep(socket.create_connection(s:getsockname()), s:accept()) end)",
    "again(function() local s = socket.socket() keep(s, socket.socket({ fileno = s:detach() })) end)",
    "again(function() local s = socket.socket() keep(s, socket.fromfd(s:fileno(), s.family, s.type)) end)",
    // Streams with buffered data, of open and of closed sockets.
    "again(function() for _, s in ipairs({ socket.socketpair() }) do local f = s:makefile('rw') keep(s, f) s:close() end end)",
    "again(function() local a, b = socket.socketpair() a:sendall('line\\nrest')
        local f = b:makefile('rw', { encoding = 'utf-16', newline = '\\r\\n' }) f:write('text') b:makefile():read('l') keep(a, b, f) end)",
    // Sockets that are closed before.
    "again(function() local a, b = socket.socketpair() a:close() assert(not a:recv(1)) keep(b) b:close() end)",
    "again(function() local a, b = socket.socketpair() socket.close(a:detach()) keep(b) end)",
    "again(function() local a, b = socket.socketpair() local fd = a:fileno() a:setfd(-1) socket.close(fd) keep(b) end)",
    "again(function() local a, b = socket.socketpair() local f = a:makefile() a:close() f:close() keep(a, b, f) end)",
    // Finalizers that are newer than sockets, and use them.
    "finalize(function() resurrected = one one:sendall('x') keep(one:makefile('rw'), one:dup()) one:close() end)",
    "finalize(function() one:close() other:close() server:close() keep(socket.socketpair()) collectgarbage() end)",
    "local s = one:makefile('rw') finalize(function() s:write('x') one:close() keep(s, one, socket.socket()) end)",
    "finalize(function() one = nil other = nil kept = {} collectgarbage() collectgarbage() keep(socket.socketpair()) end)",
    // A hook that keeps the socket in its event.
    "socket.addaudithook(function(event, s) if event == 'socket.__new__' then keep(s) end end)
        again(function() keep(socket.socket()) keep(socket.socketpair()) end)",
    "socket.addaudithook(function() error('no') end)
        again(function() pcall(socket.socket) pcall(socket.socketpair) pcall(one.dup, one) end)",
];

fn open(older: &str, code: &str) -> Lua {
    let lua = Lua::new();
    bsdsocket::preload(&lua).unwrap();
    lua.load(format!("{PRELUDE}\n{older}\n{LIBRARY}\n{code}")).exec().unwrap();
    lua
}

#[test]
fn no_descriptor_is_leaked() {
    let _alone = alone();
    for code in FINALIZERS {
        // The finalizer of an object older than the library runs last.
        for older in ["", "finalize(function() for n = 1, #kept do local s = kept[n] pcall(s.close, s) end end)"] {
            let before = descriptors();
            for _ in 0..4 {
                drop(open(older, code));
            }
            assert!(descriptors() <= before, "left open: {older} {code}");
        }
    }
}

/// After the library has ended, its sockets and streams are closed, and no others can be created.
#[test]
fn nothing_is_created_after_the_end() {
    let _alone = alone();
    let before = descriptors();
    let report = std::env::temp_dir().join(format!("bsdsocket-ending-{}", std::process::id()));
    let older = r#"
        finalize(function()
            local report = io.open(path, "w")
            local function tell(_, message, code) report:write(tostring(message), " ", tostring(code), "\n") end
            tell(socket.socket())
            tell(socket.socketpair())
            tell(one:dup())
            tell(socket.create_server({ "127.0.0.1", 0 }))
            tell(server:accept())
            tell(one:send("x"))
            tell(stream:read("l"))
            tell(late:getsockname())
            report:write(tostring(one:fileno()), " ", tostring(late:fileno()), " ", socket.type(late), "\n")
            report:close()
        end)
    "#;
    let code = "stream = one:makefile('r') finalize(function() late = socket.socket() end)";
    let lua = Lua::new();
    bsdsocket::preload(&lua).unwrap();
    lua.globals().set("path", report.to_str().unwrap()).unwrap();
    let library = LIBRARY.replace("local server", "server").replace("local one, other", "one, other");
    lua.load(format!("{PRELUDE}\n{older}\n{library}\n{code}")).exec().unwrap();
    drop(lua);
    let told = fs::read_to_string(&report).unwrap();
    fs::remove_file(&report).unwrap();
    let closing = |name| format!("{name}: the Lua state is closing ECANCELED\n");
    let expected = [
        closing("socket"),
        closing("socketpair"),
        closing("dup"),
        closing("create_server"),
        "accept: Bad file descriptor EBADF\n".to_owned(),
        "send: Bad file descriptor EBADF\n".to_owned(),
        "read: Bad file descriptor EBADF\n".to_owned(),
        "getsockname: Bad file descriptor EBADF\n".to_owned(),
        "-1 -1 closed socket\n".to_owned(),
    ];
    assert_eq!(told, expected.concat());
    assert!(descriptors() <= before);
}

/// Memory that streams allocate outside of Lua is freed.
#[test]
fn no_memory_is_leaked() {
    let _alone = alone();
    let resident = || {
        let pages = fs::read_to_string("/proc/self/statm").unwrap();
        pages.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
    };
    let code = "finalize(function() local a, b = socket.socketpair() a:settimeout(0) keep(a, b)
        local f = a:makefile('w', { buffering = 1e6 }) f:write(('x'):rep(5e5)) keep(f) end)";
    let round = || (0..100).for_each(|_| drop(open("", code)));
    round();
    let before = resident();
    round();
    let grown = resident().saturating_sub(before);
    assert!(grown < 20_000_000, "{grown} bytes are left of 50,000,000");
}
