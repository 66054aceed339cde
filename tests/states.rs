//! Many Lua states in many threads, each with its own sockets and tasks, while states are created and dropped.

#![cfg(target_os = "linux")]

use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use mlua::{Function, Lua};

const THREADS: usize = 8;
const STATES: usize = 64;

/// The number of rounds after which a state is replaced by a new one.
const ROUNDS: usize = 20;

/// The program of a state: its default timeout is its unique number, and its audit hook counts its own events.
const PROGRAM: &str = r#"
    local number = ...
    local socket = require "bsdsocket"
    assert(socket.getdefaulttimeout() == nil)
    socket.setdefaulttimeout(number)
    local events = 0
    socket.addaudithook(function(event)
        events = events + 1
        if event == "socket.gethostname" then
            error(number, 0)
        end
    end)

    local server = assert(socket.create_server({ "127.0.0.1", 0 }))
    local client = assert(socket.create_connection(server:getsockname()))
    local accepted = assert(server:accept())
    assert(server:close())
    assert(events == 2 + 3 + 1)
    local lines = assert(accepted:makefile("rw"))
    local buffer = socket.buffer(4096)

    local selectors = require "bsdsocket.selectors"
    local selector = assert(selectors.DefaultSelector())
    assert(selector:register(client, selectors.EVENT_READ, number))

    local function echo(round)
        events = 0
        assert(socket.getdefaulttimeout() == number)
        assert(client.timeout == number and accepted:gettimeout() == number)

        local line = ("%d.%d "):format(number, round):rep(round % 50 + 1)
        assert(client:sendall(line .. "\n"))
        assert(lines:write(assert(lines:read("l")), "\n"))
        assert(lines:flush())
        local key, ready
        for told, event in assert(selector:select(10)) do
            key, ready = told, event
        end
        assert(key.fileobj == client and key.data == number and ready == selectors.EVENT_READ)
        assert(buffer:sub(1, assert(client:recv_into(buffer))) == line .. "\n")

        local one, other = assert(socket.socketpair())
        assert(one:gettimeout() == number)
        assert(one:sendmsg({ line, "!" }))
        assert(other:recvmsg(4096) == line .. "!")
        other:setblocking(false)
        assert(select(3, other:recv(1)) == "EAGAIN")
        if round % 2 == 0 then
            one:close()
        end

        local datagrams = assert(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        assert(datagrams:bind({ "127.0.0.1", 0 }))
        assert(datagrams:sendto(line, datagrams:getsockname()))
        assert(datagrams:recvfrom(4096) == line)

        local ok, raised = pcall(socket.gethostname)
        assert(not ok and raised == number)
        assert(events == 2 + 1 + 1 + 1 + 1 + 1)
        return #line
    end

    return echo
"#;

/// The same with tasks: a server and clients, in each round some of them, and some that never end.
const TASKS: &str = r#"
    local number = ...
    local socket = require "bsdsocket"
    local tasks = require "bsdsocket.tasks"
    local listener = assert(socket.create_server({ "127.0.0.1", 0 }))
    local address = listener:getsockname()
    local server = tasks.spawn(function()
        while true do
            local connection = assert(listener:accept())
            tasks.spawn(function()
                repeat
                    local data = connection:recv(4096)
                until not data or data == "" or not connection:sendall(data)
                connection:close()
            end)
        end
    end)
    for _ = 1, 10 do
        tasks.spawn(tasks.sleep, 60)
    end

    local function echo(round)
        local bytes, clients = 0, {}
        for n = 1, 3 do
            clients[n] = tasks.spawn(function()
                local client = assert(socket.create_connection(address))
                local line = ("%d.%d.%d "):format(number, round, n):rep(round % 50 + 1)
                assert(client:sendall(line .. "\n"))
                if n == 1 then
                    assert(tasks.sleep(0.0001))
                end
                assert(client:makefile("r"):read("l") == line)
                bytes = bytes + #line
                client:close()
            end)
        end
        for n = 1, 3 do
            while clients[n].status ~= "done" do
                assert(clients[n].status ~= "failed")
                assert(tasks.step(10))
            end
        end
        assert(server.status == "waiting")
        return bytes
    end

    return echo
"#;

#[derive(Default)]
struct Figures {
    states: usize,
    rounds: usize,
    bytes: usize,
}

/// A state with a unique number, and its echo function.
fn open(program: &str, number: usize) -> (Lua, Function) {
    let lua = Lua::new();
    bsdsocket::preload(&lua).unwrap();
    let echo = lua.load(program).call(number).unwrap();
    (lua, echo)
}

fn run(program: &str, thread: usize, end: Instant) -> Figures {
    let mut figures = Figures::default();
    let mut next = || {
        figures.states += 1;
        open(program, 1 + thread + figures.states * THREADS)
    };
    let mut states: Vec<(Lua, Function)> = (0..STATES / THREADS).map(|_| next()).collect();
    let (mut rounds, mut bytes) = (0, 0);
    while Instant::now() < end {
        for place in 0..states.len() {
            bytes += states[place].1.call::<usize>(rounds).unwrap();
            // The states are replaced one after the other, each after the same number of rounds.
            if rounds % ROUNDS == place * ROUNDS / states.len() {
                states[place] = next();
            }
        }
        rounds += 1;
    }
    let echoes = rounds * states.len();
    drop(states);
    Figures { rounds: echoes, bytes, ..figures }
}

fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Runs a program in many states; one such test at a time, which no other changes the descriptors of.
fn run_all(program: &'static str, seconds: f64) {
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let seconds = std::env::var("BSDSOCKET_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(seconds);
    let before = descriptors();
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    let threads: Vec<_> = (0..THREADS).map(|thread| thread::spawn(move || run(program, thread, end))).collect();
    let mut total = Figures::default();
    for thread in threads {
        let Figures { states, rounds, bytes } = thread.join().unwrap();
        total = Figures { states: total.states + states, rounds: total.rounds + rounds, bytes: total.bytes + bytes };
    }
    assert_eq!(descriptors(), before);
    assert!(total.states >= STATES && total.rounds >= STATES);
    println!("{} states, {} rounds, {} bytes echoed three times", total.states, total.rounds, total.bytes);
}

#[test]
fn states_share_nothing_and_leak_nothing() {
    run_all(PROGRAM, 2.0);
}

#[test]
fn states_share_no_tasks() {
    run_all(TASKS, 1.0);
}
