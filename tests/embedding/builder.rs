//! The settings of a host, and their effect on scripts.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use bsdsocket::{Builder, Event};
use mlua::{Error, Lua, Table, Value};

use super::{alone, descriptors};

fn open(builder: &Builder) -> Lua {
    let lua = Lua::new();
    builder.preload(&lua).unwrap();
    lua
}

fn run(lua: &Lua, code: &str) {
    lua.load(format!("local socket = require 'bsdsocket'\n{code}")).exec().unwrap();
}

fn nothing(_: &Event) -> Result<(), String> {
    Ok(())
}

#[test]
fn allow_permits_only_these_events() {
    let _alone = alone();
    let lua = open(&Builder::new().allow(["socket.gethostname"]).allow(["socket.getservbyname"]));
    run(
        &lua,
        r#"
        assert(socket.gethostname())
        socket.getservbyname("http")
        local ok, message = pcall(socket.socket)
        assert(not ok and message == "socket.__new__ is not allowed", message)
        assert(not pcall(socket.getaddrinfo, "127.0.0.1", 80))
        "#,
    );
}

#[test]
fn allow_nothing_vetoes_every_event() {
    let _alone = alone();
    run(&open(&Builder::new().allow([])), "assert(not pcall(socket.gethostname)) assert(socket.htons(1))");
}

#[test]
fn refuse_vetoes_these_events() {
    let _alone = alone();
    let lua = open(&Builder::new().refuse(["socket.gethostname"]).refuse(["socket.bind"]));
    run(
        &lua,
        r#"
        local ok, message = pcall(socket.gethostname)
        assert(not ok and message == "socket.gethostname is not allowed", message)
        local s = assert(socket.socket())
        assert(not pcall(s.bind, s, { "127.0.0.1", 0 }))
        assert(s:getsockname().port == 0)
        "#,
    );
}

#[test]
fn refuse_overrides_allow() {
    let _alone = alone();
    let lua = open(&Builder::new().allow(["socket.gethostname"]).refuse(["socket.gethostname"]));
    run(&lua, "assert(not pcall(socket.gethostname))");
}

#[test]
fn without_removes_names() {
    let _alone = alone();
    let names = ["getaddrinfo", "AF_INET6", "SocketType.connect", "SocketType", "errno.EPERM", "has_ipv6"];
    let lua = open(&Builder::new().without(names));
    run(
        &lua,
        r#"
        assert(socket.getaddrinfo == nil and socket.AF_INET6 == nil and socket.SocketType == nil)
        assert(socket.errno.EPERM == nil and socket.errno.EPIPE and socket.has_ipv6 == nil)
        local one = assert(socket.socketpair())
        assert(one.connect == nil and one.send)
        "#,
    );
}

#[test]
fn unknown_names_are_errors() {
    let _alone = alone();
    let fails = |builder: Builder, message: &str| {
        let told = builder.module(&Lua::new()).unwrap_err().to_string();
        assert!(told.contains(message), "{told}");
    };
    fails(Builder::new().allow(["socket.open"]), "unknown audit event 'socket.open'");
    fails(Builder::new().refuse(["connect"]), "unknown audit event 'connect'");
    fails(Builder::new().without(["no_such"]), "unknown function or method 'no_such'");
    fails(Builder::new().without(["SocketType.no_such"]), "unknown function or method 'SocketType.no_such'");
    fails(Builder::new().without(["NoType.send"]), "");
    fails(Builder::new().without(["socket.send"]), "");
    fails(Builder::new().without([""]), "unknown function or method ''");
    fails(Builder::new().default_timeout(Duration::MAX), "timeout out of range");
}

#[test]
fn a_failed_builder_leaves_no_module_behind() {
    let _alone = alone();
    let lua = Lua::new();
    Builder::new().without(["no_such"]).preload(&lua).unwrap_err();
    let found: bool = lua.load("return pcall(require, 'bsdsocket')").eval().unwrap();
    assert!(!found);
}

#[test]
fn a_state_is_opened_once() {
    let _alone = alone();
    let lua = Lua::new();
    let module = Builder::new().refuse(["socket.bind"]).module(&lua).unwrap();
    assert!(Builder::new().module(&lua).unwrap_err().to_string().contains("already open in this state"));
    assert!(Builder::new().preload(&lua).is_err());
    assert_eq!(bsdsocket::module(&lua).unwrap(), module);

    let other = Lua::new();
    bsdsocket::module(&other).unwrap();
    assert!(Builder::new().module(&other).is_err());

    // `preload` alone does not open the library.
    let waiting = Lua::new();
    bsdsocket::preload(&waiting).unwrap();
    Builder::new().without(["fromfd"]).module(&waiting).unwrap();
    run(&waiting, "assert(socket.fromfd == nil)");
}

#[test]
fn one_builder_opens_many_states() {
    let _alone = alone();
    let builder = Builder::new().refuse(["socket.gethostname"]).default_timeout(Duration::from_millis(1500));
    for lua in [open(&builder), open(&builder)] {
        run(&lua, "assert(not pcall(socket.gethostname)) assert(socket.getdefaulttimeout() == 1.5)");
    }
    run(&open(&Builder::new()), "assert(pcall(socket.gethostname)) assert(socket.getdefaulttimeout() == nil)");
}

#[test]
fn look_ups_make_no_threads_where_the_host_forbids_them() {
    let _alone = alone();
    // Whether other tasks run during a look-up tells who makes it.
    let script = r#"
        local tasks, ran = require "bsdsocket.tasks", 0
        tasks.run(function()
            tasks.spawn(function() ran = ran + 1 end)
            assert(socket.getaddrinfo("localhost", 80))
            assert(socket.gethostbyname("localhost") == "127.0.0.1")
            assert(ran == expected)
        end)
        assert(socket.getaddrinfo("localhost", 80, { timeout = 60 }))
    "#;
    for (builder, expected) in [
        (Builder::new(), 1),
        (Builder::new().max_threads(1), 1),
        (Builder::new().max_threads(0), 0),
        (Builder::new().without_threads(), 0),
    ] {
        let lua = open(&builder);
        lua.globals().set("expected", expected).unwrap();
        run(&lua, script);
    }
}

#[test]
fn the_default_timeout_applies_to_new_sockets() {
    let _alone = alone();
    let lua = open(&Builder::new().default_timeout(Duration::from_millis(20)));
    run(
        &lua,
        r#"
        local one, other = assert(socket.socketpair())
        assert(one:gettimeout() == 0.02)
        local _, message, code = one:recv(1)
        assert(code == "timeout" and message == "recv: timed out")
        socket.setdefaulttimeout(nil)
        assert(socket.socket():gettimeout() == nil)
        "#,
    );
    run(&open(&Builder::new().default_timeout(Duration::ZERO)), "assert(socket.socket():gettimeout() == 0)");
}

#[test]
fn hooks_are_called_in_order_before_those_of_scripts() {
    let _alone = alone();
    let asked = Rc::new(RefCell::new(Vec::new()));
    let ask = |name: &'static str| {
        let asked = asked.clone();
        move |event: &Event| {
            asked.borrow_mut().push(format!("{name} {}", event.name()));
            if name == "second" && event.arguments().len() == 1 { Err("no") } else { Ok(()) }
        }
    };
    let lua = open(&Builder::new().audit(ask("first")).audit(ask("second")).refuse(["socket.getservbyport"]));
    let script = asked.clone();
    let note = lua.create_function(move |_, name: String| {
        script.borrow_mut().push(format!("script {name}"));
        Ok(())
    });
    lua.globals().set("note", note.unwrap()).unwrap();
    run(
        &lua,
        r#"
        socket.addaudithook(note)
        socket.gethostname()
        local ok, message = pcall(socket.gethostbyname, "localhost")
        assert(not ok and message == "no")
        assert(not pcall(socket.getservbyport, 80))
        "#,
    );
    let expected = [
        "first socket.gethostname",
        "second socket.gethostname",
        "script socket.gethostname",
        "first socket.gethostbyname",
        "second socket.gethostbyname",
    ];
    assert_eq!(*asked.borrow(), expected);
}

#[test]
fn the_error_of_a_hook_is_raised_as_a_string() {
    let _alone = alone();
    for text in ["", "no", "two\nlines", "ünï", "with \0 in it", &"long ".repeat(10_000)] {
        let said = text.to_owned();
        let lua = open(&Builder::new().audit(move |_| Err::<(), _>(said.clone())));
        let caught: Value = lua.load("return select(2, pcall(require('bsdsocket').gethostname))").eval().unwrap();
        assert_eq!(caught, Value::String(lua.create_string(text).unwrap()));
    }
}

#[test]
fn a_hook_gets_the_same_events_as_hooks_of_scripts() {
    let _alone = alone();
    let told = Rc::new(RefCell::new(Vec::new()));
    let noted = told.clone();
    let hook = move |event: &Event| {
        let kinds: Vec<_> = event.arguments().iter().map(Value::type_name).collect();
        noted.borrow_mut().push(format!("{} {} {:?}", event.name(), kinds.join(" "), event.address()));
        Ok::<(), String>(())
    };
    let lua = open(&Builder::new().audit(hook));
    run(
        &lua,
        r#"
        local u = assert(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        assert(u:bind({ "127.0.0.1", 0 }))
        u:connect({ "127.0.0.1", 9 })
        pcall(u.sendmsg, u, { "x" })
        socket.getnameinfo({ "::1", 80, 0, 3 }, socket.NI_NUMERICHOST)
        local path = assert(socket.socket(socket.AF_UNIX))
        path:connect("/nowhere")
        socket.getservbyport(80, nil)
        "#,
    );
    let expected = [
        "socket.__new__ userdata integer integer integer None",
        "socket.bind userdata table Some(127.0.0.1:0)",
        "socket.connect userdata table Some(127.0.0.1:9)",
        "socket.sendmsg userdata nil None",
        "socket.getnameinfo table Some([::1%3]:80)",
        "socket.__new__ userdata integer integer integer None",
        "socket.connect userdata string None",
        "socket.getservbyport integer nil None",
    ];
    assert_eq!(*told.borrow(), expected);
}

#[test]
fn a_panic_in_a_hook_vetoes_and_resumes_in_the_host() {
    let _alone = alone();
    let lua = open(&Builder::new().audit(|event: &Event| match event.name() {
        "socket.gethostname" => panic!("in the hook"),
        _ => Ok::<(), String>(()),
    }));
    run(&lua, "local ok, message = pcall(socket.gethostname) assert(not ok and type(message) ~= 'string')");
    let panicking = std::panic::AssertUnwindSafe(|| lua.load("require('bsdsocket').gethostname()").exec());
    let payload = std::panic::catch_unwind(panicking).unwrap_err();
    assert_eq!(payload.downcast_ref::<&str>(), Some(&"in the hook"));
    // The state is still usable.
    run(&lua, "assert(socket.getaddrinfo('127.0.0.1', 80)) assert(not pcall(socket.gethostname))");
}

#[test]
fn a_hook_may_use_the_state() {
    let _alone = alone();
    let lua = open(&Builder::new().audit(|event: &Event| {
        // An event that the hook itself causes calls it again.
        if event.name() == "socket.__new__" && event.get::<i32>(1).unwrap() == 2 {
            return Err("no AF_INET".to_owned());
        }
        event.get::<String>(99).map(drop).or_else(|error| match error {
            Error::FromLuaConversionError { .. } => Ok(()),
            other => Err(other.to_string()),
        })
    }));
    let module: Table = bsdsocket::module(&lua).unwrap();
    let own = module.clone();
    let hook = lua.create_function(move |_, event: String| {
        if event == "socket.gethostname" {
            own.get::<mlua::Function>("socketpair")?.call::<()>(())?
        }
        Ok(())
    });
    module.get::<mlua::Function>("addaudithook").unwrap().call::<()>(hook.unwrap()).unwrap();
    run(&lua, "assert(socket.gethostname()) assert(select(2, pcall(socket.socket)) == 'no AF_INET')");
}

#[test]
fn hooks_that_return_ok_change_nothing() {
    let _alone = alone();
    let lua = open(&Builder::new().audit(nothing));
    run(
        &lua,
        r#"
        local server = assert(socket.create_server({ "127.0.0.1", 0 }))
        local client = assert(socket.create_connection(server:getsockname()))
        local accepted = assert(server:accept())
        assert(client:sendall("x") and accepted:recv(1) == "x")
        local _, _, code = client:connect(server:getsockname())
        assert(code == "EISCONN")
        "#,
    );
}

#[test]
fn without_descriptors_rejects_descriptor_numbers() {
    let _alone = alone();
    let lua = open(&Builder::new().without_descriptors());
    run(
        &lua,
        r#"
        for _, name in ipairs({ "close", "dup", "fromfd", "send_fds", "recv_fds" }) do
            assert(socket[name] == nil, name)
        end
        local one, other = assert(socket.socketpair())
        assert(one.detach == nil and one.setfd == nil)
        local function refused(...)
            local ok, message = pcall(...)
            assert(not ok and message:find("descriptors are not accepted here", 1, true), message)
        end
        refused(socket.socket, { fileno = one:fileno() })
        refused(socket.socket, socket.AF_UNIX, socket.SOCK_STREAM, 0, one:fileno())
        local SOCKET, RIGHTS = socket.SOL_SOCKET, socket.SCM_RIGHTS
        refused(one.sendmsg, one, { "x" }, { { SOCKET, RIGHTS, "\0\0\0\0" } })
        refused(one.sendmsg, one, { "x" }, { { level = SOCKET, type = RIGHTS, data = "\0\0\0\0" } })
        refused(one.sendmsg, one, { "x" }, { { SOCKET, type = RIGHTS, data = "" } })
        refused(one.sendmsg, one, { "x" }, { { SOCKET, 2 ^ 30, "" }, { SOCKET, RIGHTS, socket.buffer(4) } })
        -- Messages without descriptors and dup still work.
        assert(one:sendmsg({ "x" }) == 1)
        assert(other:recv(10) == "x")
        assert(one:dup():sendall("y") and other:recv(1) == "y")
        "#,
    );
}

#[test]
fn a_state_closes_its_selectors() {
    let _alone = alone();
    let before = descriptors();
    let lua = open(&Builder::new());
    run(
        &lua,
        r#"
        assert(package.loaded["bsdsocket.selectors"] == nil)
        local selectors = require "bsdsocket.selectors"
        kept = {}
        for n = 1, 10 do
            local one, other = assert(socket.socketpair())
            local selector = assert(selectors.DefaultSelector())
            assert(selector:register(one, selectors.EVENT_WRITE, { selector, other }))
            for key in assert(selector:select()) do
                kept[n] = key
            end
        end
        "#,
    );
    assert_eq!(descriptors(), before + 30);
    drop(lua);
    assert!(descriptors() <= before);
}
