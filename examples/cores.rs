//! An echo server with a Lua state for each core, each on a thread of its own. They listen on the same port
//! (SO_REUSEPORT), so that the system spreads the connections; within a state each connection is a task. It ends when its
//! standard input does: `cargo run --release --example cores -- [PORT [STATES]]`.

use std::io::Read;
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};

use bsdsocket::{Builder, Switch};
use mlua::Lua;

/// What each state runs: it gets the port, and returns how many connections it has served when it is cancelled.
const SERVER: &str = r#"
    local port, listens = ...
    local socket, tasks = require "bsdsocket", require "bsdsocket.tasks"

    local listener = assert(socket.create_server({ "", port }, { reuse_port = true }))
    listens(listener:getsockname().port)
    local served = 0

    local function serve(connection)
        local stream = connection:makefile("rw")
        for line in stream:lines("L") do
            assert(stream:write(line):flush())
        end
        stream:close()
        connection:close()
    end

    tasks.onerror(function() end)
    tasks.run(function()
        while true do
            local connection = listener:accept()
            if not connection then
                return
            end
            served = served + 1
            tasks.spawn(serve, connection)
        end
    end)
    return served
"#;

/// Runs a state until it is cancelled.
fn run(port: u16, switch: &Switch, listens: Sender<u16>) -> mlua::Result<u64> {
    let lua = Lua::new();
    Builder::new().switch(switch).preload(&lua)?;
    let told = lua.create_function(move |_, port: u16| listens.send(port).map_err(mlua::Error::external))?;
    lua.load(SERVER).call((port, told))
}

/// A running server.
pub(crate) struct Server {
    /// The port that all states listen on.
    pub(crate) port: u16,
    switch: Switch,
    states: Vec<JoinHandle<Result<u64, String>>>,
}

impl Server {
    /// Starts the states, and returns when all of them listen. With port 0 the system chooses one for the first state.
    pub(crate) fn start(mut port: u16, count: usize) -> Server {
        let (switch, mut states) = (Switch::new(), Vec::new());
        for _ in 0..count {
            let (listens, is_listening) = channel();
            let cancelled = switch.clone();
            states.push(thread::spawn(move || run(port, &cancelled, listens).map_err(|error| error.to_string())));
            if let Ok(chosen) = is_listening.recv() {
                port = chosen;
            }
        }
        Server { port, switch, states }
    }

    /// Ends all states, and returns how many connections each has served.
    pub(crate) fn stop(self) -> Result<Vec<u64>, String> {
        self.switch.cancel();
        self.states.into_iter().map(|state| state.join().expect("the thread of a state panicked")).collect()
    }
}

#[allow(dead_code, reason = "a test uses the server")]
fn main() -> Result<(), String> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default: usize| arguments.next().and_then(|text| text.parse().ok()).unwrap_or(default);
    let port = number(50007);
    let count = number(thread::available_parallelism().map_or(1, usize::from));
    let server = Server::start(port as u16, count);
    println!("{count} states listen on port {}", server.port);
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
    println!("served: {:?}", server.stop()?);
    Ok(())
}
