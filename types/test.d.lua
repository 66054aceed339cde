---@meta bsdsocket.test

-- The reference of `bsdsocket.test`; bsdsocket.d.lua says how it is written.

-- ── Test ──────────────────────────────────────────────────────────────────────────────────────────────────────

---Tests of network protocols, for busted or alone. The guide is docs/testing.md.
---
---    local test = require "bsdsocket.test"
---
---    test.run(function()
---      local server = test.server(function(peer)
---        peer:expect "PING\r\n"
---        peer:send "+PONG\r\n"
---      end)
---      local client = test.connect(server.address)
---      client:send "PING\r\n"
---      client:expect "+PONG\r\n"
---    end)
---
---A failed expectation raises an error: through luassert if that is loaded, so that it counts as a failure, not as an
---error. `TEST_PATIENCE` in the environment multiplies the times of all tests.
---@class bsdsocket.test
---@field EOF bsdsocket.Matcher expects the end of the stream
---@field RESET bsdsocket.Matcher expects that the connection is reset
---@field pcapng { packets: fun(bytes: string): bsdsocket.Packet[] } reads captures; raises an error for malformed ones
local test = {}

---What `expect` takes: bytes, a number of bytes, a matcher, an LPeg pattern, or a function. The function gets the bytes
---that were received and whether these are all; it returns how many of them it takes, and its results; nothing when it
---needs more; or false and what is wrong.
---@alias bsdsocket.Expected string|number|bsdsocket.Matcher|userdata|fun(bytes: string, all: boolean): ...

---Makes a function for `it` that runs a test as `run` does.
---
---**Available** everywhere · **Source** the library's own
---@param body fun()
---@param seconds? number
---@return fun() test
---@nodiscard
function test.case(body, seconds)
  return body
end

---Runs a test, for 5 seconds at most: the body, its servers and its proxies are tasks. Each script has to reach its
---end. The first failure ends the test and is raised. Everything that was opened is closed, also after a failure.
---
---**Available** everywhere · **Source** the library's own
---@param body fun()
---@param seconds? number
---@return true ok
function test.run(body, seconds) end

---Listens on a free port of 127.0.0.1, and plays a script for each connection. The script is a function that gets a
---peer connected to the client. With `SOCK_DGRAM` the script is played once, for all senders. Options: `name` for
---failures, `type`, `family`, `path` for a Unix socket, and `connections`, how many are expected.
---
---With `place = "process"` the script runs in another process of the same interpreter (Unix), for code under test that
---blocks, also outside of `run`. The process gets the values that the script uses: plain ones, tables, functions of
---Lua and modules.
---
---**Available** everywhere · **Source** the library's own
---@param script fun(peer: bsdsocket.Peer)
---@param options? { name?: string, type?: integer, family?: integer, path?: string, connections?: integer, place?: "task"|"process" }
---@return bsdsocket.TestServer server
function test.server(script, options)
  return {}
end

---Connects to an address, for a test that plays the client. The peer is closed when the body of the test has ended.
---Options: `name`, `type`, `family`.
---
---**Available** everywhere · **Source** the library's own
---@param address bsdsocket.Address
---@param options? { name?: string, type?: integer, family?: integer }
---@return bsdsocket.Peer peer
function test.connect(address, options)
  return {}
end

---Listens on a free port of 127.0.0.1 and forwards to an address, `to`, with faults: a list for each direction,
---`upstream` (to the address) and `downstream`. A fault is `{ "name", option = value }`. Which bytes or datagrams it
---affects depends on the `seed` (default 1), and on nothing else. Offsets and datagrams are counted from 1, in each
---direction of each connection.
---
---Faults of streams: `latency` {latency, jitter} and `bandwidth` {rate}, in seconds and bytes a second; `slicer`
---{size, variation, delay} sends in pieces; `limit_data` {bytes, how} cuts after so many bytes, by `"eof"`, `"reset"`
---or `"stall"`; `reset_peer` {bytes} and `timeout` {bytes} are the same with `how` in the name; `slow_close` {delay};
---`corrupt` {offsets or one_in} inverts bytes.
---
---Faults of datagrams, with `type = SOCK_DGRAM`: `loss`, `duplicate`, `reorder`, `corrupt`, `truncate` {size} and
---`delay` {delay, jitter}, for all datagrams, for some `numbers`, or for `percent` of them.
---
---**Available** everywhere · **Source** the library's own
---@param options { to: bsdsocket.Address, upstream?: table[], downstream?: table[], seed?: integer, type?: integer }
---@return bsdsocket.Proxy proxy
function test.proxy(options)
  return {}
end

---Starts a program: a list of its words, or a command for the shell. It has no input; its standard output and standard
---error are kept, can be expected, and are shown when the test fails. At the end of the test it is stopped, with all
---that it has started, but not what has left its process group. Options: `ready`, an address at which it accepts
---connections, or a pattern in its output, to wait for; `seconds` for that; `name`, `directory`, and `environment`, a
---table of variables.
---
---Scripts of a host that has set limits cannot start programs.
---
---**Available** Unix · **Source** the library's own
---@param command (string|number)[]|string
---@param options? { ready?: bsdsocket.Address|string, seconds?: number, name?: string, directory?: string, environment?: table<string, string> }
---@return bsdsocket.Program program
function test.spawn(command, options)
  return {}
end

---Waits until connections are accepted at an address.
---
---**Available** everywhere · **Source** the library's own
---@param address bsdsocket.Address
---@param seconds? number
---@return true ok
function test.wait_until_ready(address, seconds) end

---An address of 127.0.0.1 that refuses connections until the socket returned with it is closed.
---
---**Available** everywhere · **Source** the library's own
---@return bsdsocket.Address address
---@return bsdsocket.Socket held
---@nodiscard
function test.closed_address() end

---An address of 127.0.0.1 whose port was free a moment ago, for a program that cannot let the system choose one. It is a
---port that systems do not choose, so that no other program gets it meanwhile.
---
---**Available** everywhere · **Source** the library's own
---@return bsdsocket.Address address
---@nodiscard
function test.free_address() end

---Makes a peer of a socket: one of `socketpair`, or one of LuaSocket or LuaSec. It does not block from then on.
---
---**Available** everywhere · **Source** the library's own
---@param socket any
---@param name? string
---@return bsdsocket.Peer peer
function test.wrap(socket, name)
  return {}
end

---Expects a line, and returns it without its end; or a line that matches the whole pattern, and returns its captures.
---
---**Available** everywhere · **Source** the library's own
---@param pattern? string
---@return bsdsocket.Matcher matcher
---@nodiscard
function test.line(pattern)
  return {}
end

---Expects bytes up to a delimiter, and returns those before it.
---
---**Available** everywhere · **Source** the library's own
---@param delimiter string
---@return bsdsocket.Matcher matcher
---@nodiscard
function test.upto(delimiter)
  return {}
end

---Expects the first of several that matches, and returns its number and its results. It waits while an earlier one may
---still match, so that it does not matter how the bytes were split.
---
---**Available** everywhere · **Source** the library's own
---@param choices bsdsocket.Expected[]
---@return bsdsocket.Matcher matcher
---@nodiscard
function test.any(choices)
  return {}
end

---The bytes as a dump, as failures show them. luassert gets an assertion `assert.bytes(expected, actual)`, which shows
---both.
---
---**Available** everywhere · **Source** the library's own
---@param bytes string
---@return string dump
---@nodiscard
function test.hexdump(bytes)
  return ""
end

---Writes what the peers of the test receive and send into a file, at the end of the test, in the format pcapng, which
---Wireshark and tcpdump read. The headers of the packets are invented; a failure is a comment on the last packet before
---it. With `TEST_CAPTURE=directory` in the environment each test that fails writes such a file. It does not have what
---servers in other processes send and receive.
---
---**Available** everywhere · **Source** the library's own
---@param path string
---@return true ok
function test.capture(path) end

---Makes a function like `math.random` that gives the same numbers on every Lua. Further numbers choose among the
---sequences of a seed.
---
---**Available** everywhere · **Source** the library's own
---@param seed integer
---@param ... integer
---@return fun(low?: integer, high?: integer): number random
---@nodiscard
function test.random(seed, ...)
  return function()
    return 0
  end
end

---Seconds of the monotonic clock.
---
---**Available** everywhere · **Source** the library's own
---@return number seconds
---@nodiscard
function test.now()
  return 0
end

---Waits; the other tasks go on.
---
---**Available** everywhere · **Source** the library's own
---@param seconds number
---@return true? ok
---@return string? message
---@return bsdsocket.Code? code
function test.sleep(seconds) end

---A packet of a capture. Only IPv4 with TCP or UDP has more than bytes, time and comment.
---@class bsdsocket.Packet
---@field bytes string from the IP header on
---@field time number seconds since 1970
---@field comment? string
---@field protocol? "tcp"|"udp"
---@field from? { host: string, port: integer }
---@field to? { host: string, port: integer }
---@field payload? string
---@field flags? string as "SYN ACK"
---@field sequence? integer
---@field acknowledged? integer

---What a function of `bsdsocket.test` makes for `expect`.
---@class bsdsocket.Matcher

-- ── Peer ──────────────────────────────────────────────────────────────────────────────────────────────────────

---One end of a connection, or a datagram socket, that a test controls. It cannot be used once its script, or the test,
---has ended.
---@class bsdsocket.Peer
---@field name string as failures name it
---@field socket any
---@field from? bsdsocket.Address who sent the last datagram
local Peer = {}

---Waits for what is expected, and returns its results. It begins after the bytes that were expected last. It fails at
---the first wrong byte, when the stream ends, and when the time is over. With datagrams it takes the next one as a
---whole.
---
---**Available** everywhere · **Source** the library's own
---@param what bsdsocket.Expected
---@param seconds? number
---@return any ...
function Peer:expect(what, seconds) end

---Fails when anything arrives within the time.
---
---**Available** everywhere · **Source** the library's own
---@param seconds number
---@return true ok
function Peer:expect_silence(seconds) end

---Sends all bytes; with datagrams, to the sender of the last one.
---
---**Available** everywhere · **Source** the library's own
---@param bytes string
---@return true ok
function Peer:send(bytes) end

---Sends in pieces of `size` bytes (default 1), with a pause in seconds (default 0.001) after each.
---
---**Available** everywhere · **Source** the library's own
---@param bytes string
---@param size? integer
---@param pause? number
---@return true ok
function Peer:send_slowly(bytes, size, pause) end

---Waits; the other tasks go on.
---
---**Available** everywhere · **Source** the library's own
---@param seconds number
---@return true? ok
---@return string? message
---@return bsdsocket.Code? code
function Peer:sleep(seconds) end

---Shuts down sending: the other end receives the end of the stream.
---
---**Available** everywhere · **Source** the library's own
---@return true ok
function Peer:shutdown() end

---Closes the socket.
---
---**Available** everywhere · **Source** the library's own
---@return true ok
function Peer:close() end

---Closes a TCP connection with a reset.
---
---**Available** everywhere · **Source** the library's own
---@return true ok
function Peer:reset() end

---What was received and sent, and when.
---
---**Available** everywhere · **Source** the library's own
---@return string text
---@nodiscard
function Peer:transcript()
  return ""
end

-- ── TestServer ────────────────────────────────────────────────────────────────────────────────────────────────────

---A server that plays a script: see `test.server`.
---@class bsdsocket.TestServer
---@field address bsdsocket.Address
---@field name string
local Server = {}

---Waits until the script has reached its end. Outside of `run`, for a script in another process, returns what failed.
---
---**Available** everywhere · **Source** the library's own
---@return string? failure
function Server:finish() end

---Stops listening, and ends the other process.
---
---**Available** everywhere · **Source** the library's own
---@return true ok
function Server:close() end

-- ── Proxy ─────────────────────────────────────────────────────────────────────────────────────────────────────

---A proxy with faults: see `test.proxy`. When the test fails, the failure shows its seed and the end of its log.
---@class bsdsocket.Proxy
---@field address bsdsocket.Address
---@field log string[] what the faults did
---@field seed integer
local Proxy = {}

---Replaces the faults of the given directions, for what arrives from now on.
---
---**Available** everywhere · **Source** the library's own
---@param faults { upstream?: table[], downstream?: table[] }
---@return true ok
function Proxy:set(faults) end

-- ── Program ───────────────────────────────────────────────────────────────────────────────────────────────────

---A program that was started: see `test.spawn`.
---@class bsdsocket.Program
---@field name string
---@field id integer the number of its process, and of its process group
---@field output string what it has written, the last 1 MiB of it
local Program = {}

---Expects bytes of its output, as `Peer:expect` does.
---
---**Available** Unix · **Source** the library's own
---@param what bsdsocket.Expected
---@param seconds? number
---@return any ...
function Program:expect(what, seconds) end

---Waits until it ends by itself, and returns how: `"exit"` and its status, or `"signal"` and its number.
---
---**Available** Unix · **Source** the library's own
---@param seconds? number
---@return string how
---@return integer number
function Program:wait(seconds)
  return "exit", 0
end

---Stops it and all that it has started: by SIGTERM, and after a second by SIGKILL. Returns how it ended, as `wait`
---does.
---
---**Available** Unix · **Source** the library's own
---@return string how
---@return integer number
function Program:stop()
  return "exit", 0
end

---Kills it and all that it has started.
---
---**Available** Unix · **Source** the library's own
---@return true ok
function Program:close() end

return test
