//! Runs each example with the Lua that is compiled in.

use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, JoinHandle};

use mlua::{Lua, Table, Value, Variadic};

#[cfg(unix)]
#[path = "../examples/tokio.rs"]
mod tokio_host;

/// Runs an example in its own Lua state and thread. Returns its output line by line.
fn start(name: &'static str, arguments: &[&str]) -> (JoinHandle<()>, Receiver<String>) {
    let (printed, lines) = channel();
    let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
    let run = move || -> mlua::Result<()> {
        let lua = Lua::new();
        bsdsocket::preload(&lua)?;
        let arg: Table = lua.create_sequence_from(arguments)?;
        lua.globals().set("arg", arg)?;
        let print = lua.create_function(move |lua, values: Variadic<Value>| {
            let tostring: mlua::Function = lua.globals().get("tostring")?;
            let texts: mlua::Result<Vec<String>> = values.iter().map(|value| tostring.call(value)).collect();
            printed.send(texts?.join("\t")).ok();
            Ok(())
        })?;
        lua.globals().set("print", print)?;
        lua.load(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name)).exec()
    };
    (thread::spawn(|| run().unwrap()), lines)
}

/// Runs an example to completion and returns the last line that it printed.
fn run(name: &'static str, arguments: &[&str]) -> String {
    let (running, lines) = start(name, arguments);
    running.join().unwrap();
    lines.iter().last().unwrap_or_default()
}

/// Runs a client against a server that has printed its address.
fn talk(server: &'static str, client: &'static str, host: &str) {
    let (serving, lines) = start(server, &["0"]);
    let listening = lines.recv().unwrap();
    let port = listening.rsplit(':').next().unwrap();
    assert_eq!(run(client, &[port, host]), "Received Hello, world");
    serving.join().unwrap();
}

#[test]
fn echo_within_one_process() {
    assert_eq!(run("echo.lua", &[]), "received\tHello, world");
}

#[test]
fn dialogue_in_lines() {
    assert_eq!(run("lines.lua", &[]), "Hello, Grace");
}

#[test]
#[cfg(unix)]
fn descriptors_are_passed() {
    assert_eq!(run("send_fds.lua", &[]), "received\tHello from the worker");
}

#[test]
fn a_message_is_received_into_several_buffers() {
    assert!(!run("recvmsg_into.lua", &[]).is_empty());
}

#[test]
fn an_address_is_reused() {
    assert!(!run("reuse_address.lua", &[]).is_empty());
}

#[test]
fn echo_server_and_client() {
    talk("echo_server.lua", "echo_client.lua", "127.0.0.1");
}

#[test]
fn create_server_and_create_connection() {
    talk("create_server.lua", "create_connection.lua", "127.0.0.1");
}

#[test]
fn dualstack_server_and_client() {
    talk("dualstack_server.lua", "dualstack_client.lua", "localhost");
}

#[test]
#[cfg(unix)]
fn tasks_run_in_the_loop_of_tokio() {
    tokio_host::main().unwrap();
}
