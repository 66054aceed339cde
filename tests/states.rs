//! Many Lua states in many threads, each with sockets of its own, while states are made and dropped.

#![cfg(target_os = "linux")]

use std::thread;
use std::time::{Duration, Instant};

use mlua::{Function, Lua};

const THREADS: usize = 8;
const STATES: usize = 64;

/// How often a state echoes before another takes its place.
const ROUNDS: usize = 20;

/// What a state does: its number is its default timeout, its own hook counts its own events.
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

#[derive(Default)]
struct Figures {
    states: usize,
    rounds: usize,
    bytes: usize,
}

/// A state and its echo. The number is nobody else's.
fn open(number: usize) -> (Lua, Function) {
    let lua = Lua::new();
    bsdsocket::preload(&lua).unwrap();
    let echo = lua.load(PROGRAM).call(number).unwrap();
    (lua, echo)
}

fn run(thread: usize, end: Instant) -> Figures {
    let mut figures = Figures::default();
    let mut next = || {
        figures.states += 1;
        open(1 + thread + figures.states * THREADS)
    };
    let mut states: Vec<(Lua, Function)> = (0..STATES / THREADS).map(|_| next()).collect();
    let (mut rounds, mut bytes) = (0, 0);
    while Instant::now() < end {
        for place in 0..states.len() {
            bytes += states[place].1.call::<usize>(rounds).unwrap();
            // They end one after the other, each after as many rounds.
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

#[test]
fn share_nothing_and_lose_nothing() {
    let seconds = std::env::var("BSDSOCKET_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(2.0);
    let before = descriptors();
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    let threads: Vec<_> = (0..THREADS).map(|thread| thread::spawn(move || run(thread, end))).collect();
    let mut total = Figures::default();
    for thread in threads {
        let Figures { states, rounds, bytes } = thread.join().unwrap();
        total = Figures { states: total.states + states, rounds: total.rounds + rounds, bytes: total.bytes + bytes };
    }
    assert_eq!(descriptors(), before);
    assert!(total.states >= STATES && total.rounds >= STATES);
    println!("{} states, {} rounds, {} bytes echoed three times", total.states, total.rounds, total.bytes);
}
