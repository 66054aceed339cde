---@meta bsdsocket.luasocket

-- The reference of `bsdsocket.luasocket`; bsdsocket.d.lua says how it is written.

-- ── LuaSocket ─────────────────────────────────────────────────────────────────────────────────────────────────

---The interface of LuaSocket's modules in C, over the library's sockets: programs that were written for LuaSocket run
---unchanged, with LuaSocket's own files in Lua. The [guide](../luasocket.md) lists what differs.
---
---    local socket = require "bsdsocket.luasocket"
---
---    local server = assert(socket.tcp())
---    assert(server:bind("127.0.0.1", 0))
---    assert(server:listen())
---    local host, port = server:getsockname()
---    local client = assert(socket.connect(host, port))
---    local peer = assert(server:accept())
---    assert(client:send "hello\n")
---    print(peer:receive "*l")
---
---`require` puts `socket.core`, `socket.unix` and `mime.core` into `package.preload` and returns the first of them. It
---ignores `SIGPIPE` for the process, as LuaSocket does.
---
---Where a call fails it returns `nil` and LuaSocket's words: `timeout`, `closed`, `refused`, `connection refused`, `host
---not found` …, else the system's. A wrong argument and an object of a wrong class raise an error. In a task the calls let
---other tasks run.
---@class bsdsocket.luasocket
---@field _VERSION string
---@field _DATAGRAMSIZE integer the most bytes of a datagram that `receive` returns by default
---@field _SETSIZE integer how many sockets a process may have: `select` itself has no limit
---@field _SOCKETINVALID integer the descriptor of a closed socket
---@field dns bsdsocket.LuaSocketDns
local core = {}

---Creates a TCP socket; its family is that of the address that it is bound or connected to.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@return bsdsocket.LuaTcp? socket
---@return string? message
function core.tcp() end

---Creates a TCP socket for IPv4.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@return bsdsocket.LuaTcp? socket
---@return string? message
function core.tcp4() end

---Creates a TCP socket for IPv6 alone.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@return bsdsocket.LuaTcp? socket
---@return string? message
function core.tcp6() end

---Creates a UDP socket; its family is that of the first address that it is used with.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@return bsdsocket.LuaUdp? socket
---@return string? message
function core.udp() end

---Creates a UDP socket for IPv4.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@return bsdsocket.LuaUdp? socket
---@return string? message
function core.udp4() end

---Creates a UDP socket for IPv6 alone.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@return bsdsocket.LuaUdp? socket
---@return string? message
function core.udp6() end

---Connects a TCP socket to a host, from a local address if one is given.
---
---**Errors** `timeout`, `closed`, or the system's words
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@param host string
---@param port integer|string
---@param localhost? string
---@param localport? integer|string
---@param family? "inet"|"inet6"|"unspec"
---@return bsdsocket.LuaTcp? client
---@return string? message
function core.connect(host, port, localhost, localport, family) end

---Waits until objects are readable or writable. Each has a method `getfd`, and may have `dirty`, which tells that data
---is buffered. Each result has the objects as items and as keys. Where the wait itself fails, the results are `nil`, a
---message and a code, as with the library's own functions.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@param recvt table?
---@param sendt table?
---@param timeout? number in seconds; without one or below 0 there is none
---@return table readable
---@return table writable
---@return "timeout"? message
function core.select(recvt, sendt, timeout) end

---Returns the time since 1970, in seconds.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@return number seconds
function core.gettime() end

---Waits for a time. Ctrl-C ends it.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@param seconds number
---@return nil nothing
function core.sleep(seconds) end

---Returns the arguments behind the first so many.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@param count integer
---@param ... any
---@return any ...
function core.skip(count, ...) end

---Creates a function that returns its arguments if the first is true, and else calls the finalizer and raises an error
---that `protect` turns into `nil` and the second argument.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@param finalizer? function
---@return function try
function core.newtry(finalizer) end

---Creates a function that calls another one, and returns `nil` and the message of an error that a `try` raised. Other
---errors pass. The function may yield, on Lua 5.1 in a task.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@param f function
---@return function protected
function core.protect(f) end

---Does nothing; there is no such need.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@return nil nothing
function core.__unload() end

-- ── LuaSocketDns ──────────────────────────────────────────────────────────────────────────────────────────────────

---Look-ups of names: `socket.dns`. In a task others run meanwhile; outside Ctrl-C ends them.
---@class bsdsocket.LuaSocketDns
local dns = {}

---Looks up the first IPv4 address of a host.
---
---**Errors** `host not found`
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@param host string
---@return string? ip
---@return { name: string, alias: string[], ip: string[] }|string resolved or a message
function dns.toip(host) end

---Looks up the name of a host.
---
---**Errors** `host not found`
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@param host string
---@return string? name
---@return { name: string, alias: string[], ip: string[] }|string resolved or a message
function dns.tohostname(host) end

---Returns the name of this host.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@return string? name
---@return string? message
function dns.gethostname() end

---Looks up the addresses of a host.
---
---**Errors** `host or service not provided, or not known`
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@param host string
---@return { family: string, addr: string }[]? addresses
---@return string? message
function dns.getaddrinfo(host) end

---Looks up the name of each address of a host, and that of a service. One of them must be given.
---
---**Errors** `host or service not provided, or not known`
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@param host? string
---@param service? string
---@return string[]? names
---@return string? service or a message
function dns.getnameinfo(host, service) end

-- ── LuaTcp ──────────────────────────────────────────────────────────────────────────────────────────────────

---A TCP socket, `tcp{master}`, which becomes `tcp{client}` by `connect` and `tcp{server}` by `listen`; and a stream of
---`socket.unix`, whose addresses are paths. A method of another class raises an error: `tcp{client} expected`.
---@class bsdsocket.LuaTcp
---@field class string
local Tcp = {}

---Accepts a connection.
---
---**Errors** `timeout`, `closed`, or the system's words
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@return bsdsocket.LuaTcp? client
---@return string? message
function Tcp:accept() end

---Sets the own address; `*` is any.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@param host string
---@param port? integer|string none for `socket.unix`
---@return 1? ok
---@return string? message
function Tcp:bind(host, port) end

---Connects, and makes the socket a client.
---
---**Errors** `timeout`, `closed`, or the system's words
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@param host string
---@param port? integer|string none for `socket.unix`
---@return 1? ok
---@return string? message
function Tcp:connect(host, port) end

---The same as `connect`.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@param host string
---@param port? integer|string
---@return 1? ok
---@return string? message
function Tcp:setpeername(host, port) end

---The same as `bind`.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@param host string
---@param port? integer|string
---@return 1? ok
---@return string? message
function Tcp:setsockname(host, port) end

---Waits for connections, and makes the socket a server.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@param backlog? integer 32 by default
---@return 1? ok
---@return string? message
function Tcp:listen(backlog) end

---Reads a line without its end (`*l`, the default; every `\r` is left out), all up to the end of the stream (`*a`), so
---many bytes, or what has come (`*r`, which LuaSocket has not). What follows `prefix` is read; the result begins with
---it.
---
---**Errors** `timeout`, `closed`, or the system's words
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@param pattern? "*l"|"*a"|"*r"|integer
---@param prefix? string
---@return string? data
---@return string? message
---@return string? partial
function Tcp:receive(pattern, prefix) end

---Sends data, or a part of it.
---
---**Errors** `timeout`, `closed`, or the system's words
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@param data string
---@param i? integer
---@param j? integer
---@return integer? last the place of the last byte that was sent
---@return string? message
---@return integer? partial
function Tcp:send(data, i, j) end

---Ends sending, receiving or both.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@param mode? "both"|"send"|"receive"
---@return 1? ok
---@return string? message
function Tcp:shutdown(mode) end

---Returns the bytes received, the bytes sent, and the age in seconds.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@return integer received
---@return integer sent
---@return number age
function Tcp:getstats() end

---Sets what `getstats` returns.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@param received? integer
---@param sent? integer
---@param age? number
---@return 1 ok
function Tcp:setstats(received, sent, age) end

---Returns the descriptor, `_SOCKETINVALID` when it is closed.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@return integer descriptor
function Tcp:getfd() end

---Replaces the descriptor. The one before is not closed.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@param descriptor integer
---@return nil nothing
function Tcp:setfd(descriptor) end

---Returns whether data is buffered, for which `select` does not wait.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@return boolean dirty
function Tcp:dirty() end

---Returns the family: `inet`, `inet6` or `unspec`.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@return string family
function Tcp:getfamily() end

---Returns the own address.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@return string? host
---@return integer|string port or a message
---@return string? family
function Tcp:getsockname() end

---Returns the address of the peer.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@return string? host
---@return integer|string port or a message
---@return string? family
function Tcp:getpeername() end

---Returns an option.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@param name string
---@return any value
---@return string? message
function Tcp:getoption(name) end

---Sets an option.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@param name string
---@param value? any
---@return 1? ok
---@return string? message
function Tcp:setoption(name, value) end

---Sets the timeout in seconds; without one, or below 0, calls wait for ever. With `b`, the default, it is that of each
---wait, with `t` or `r` that of the whole call; both may be set.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@param seconds number?
---@param mode? "b"|"t"|"r"
---@return 1 ok
function Tcp:settimeout(seconds, mode) end

---Returns the timeouts, -1 for none.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@return number each
---@return number whole
function Tcp:gettimeout() end

---Closes the socket. A closed one may be closed again.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@return 1 ok
function Tcp:close() end

-- ── LuaUdp ──────────────────────────────────────────────────────────────────────────────────────────────────

---A UDP socket, `udp{unconnected}`, which becomes `udp{connected}` by `setpeername`; and a datagram socket of
---`socket.unix`, whose addresses are paths.
---@class bsdsocket.LuaUdp
---@field class string
local Udp = {}

---Receives a datagram of at most so many bytes.
---
---**Errors** `timeout`, `refused`
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@param size? integer 8192 by default
---@return string? data
---@return string? message
function Udp:receive(size) end

---Receives a datagram, with the address of its sender.
---
---**Errors** `timeout`, `refused`
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@param size? integer 8192 by default
---@return string? data
---@return string host or a message
---@return integer? port
function Udp:receivefrom(size) end

---Sends a datagram to the peer.
---
---**Errors** `timeout`, `refused`
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@param data string
---@return integer? count
---@return string? message
function Udp:send(data) end

---Sends a datagram to an address.
---
---**Errors** `timeout`
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@param data string
---@param host string
---@param port? integer|string none for `socket.unix`
---@return integer? count
---@return string? message
function Udp:sendto(data, host, port) end

---Sets the peer; `*` takes it away.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@param host string
---@param port? integer|string
---@return 1? ok
---@return string? message
function Udp:setpeername(host, port) end

---Sets the own address; `*` is any.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@param host string
---@param port integer|string
---@return 1? ok
---@return string? message
function Udp:setsockname(host, port) end

---Returns the descriptor, `_SOCKETINVALID` when it is closed.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@return integer descriptor
function Udp:getfd() end

---Replaces the descriptor. The one before is not closed.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@param descriptor integer
---@return nil nothing
function Udp:setfd(descriptor) end

---Returns whether data is buffered, for which `select` does not wait.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@return boolean dirty
function Udp:dirty() end

---Returns the family: `inet`, `inet6` or `unspec`.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@return string family
function Udp:getfamily() end

---Returns the own address.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@return string? host
---@return integer|string port or a message
---@return string? family
function Udp:getsockname() end

---Returns the address of the peer.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@return string? host
---@return integer|string port or a message
---@return string? family
function Udp:getpeername() end

---Returns an option.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@param name string
---@return any value
---@return string? message
function Udp:getoption(name) end

---Sets an option.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@param name string
---@param value? any
---@return 1? ok
---@return string? message
function Udp:setoption(name, value) end

---Sets the timeout in seconds; without one, or below 0, calls wait for ever. With `b`, the default, it is that of each
---wait, with `t` or `r` that of the whole call; both may be set.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@param seconds number?
---@param mode? "b"|"t"|"r"
---@return 1 ok
function Udp:settimeout(seconds, mode) end

---Returns the timeouts, -1 for none.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@return number each
---@return number whole
function Udp:gettimeout() end

---Closes the socket. A closed one may be closed again.
---
---**Available** everywhere · **Source** LuaSocket 3.1
---@return 1 ok
function Udp:close() end

return core
