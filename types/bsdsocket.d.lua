---@meta bsdsocket

-- The reference of the module, for readers and for editors. The integer constants are in constants.d.lua.
--
-- Every entry says what a function does, what it takes and gives, with units, how it fails, where it exists, and its
-- source: the manual page of the system call, and the name in the documentation of CPython's `socket`.
--
-- Times are in seconds, sizes in bytes. A function that can fail returns `nil, message, code`; misuse raises an error.

-- ── Values ────────────────────────────────────────────────────────────────────────────────────────────────────

---Bytes to be read: a string, a number taken as one, or a buffer or a view of one.
---@alias bsdsocket.Bytes string|number|bsdsocket.Buffer

---Why a call failed, the same on every system and in every locale: the name of an error number (`"ECONNREFUSED"`,
---`"EAGAIN"`; `"E524"` for a number without a name), the name of a resolver's error (`"EAI_NONAME"`,
---`"HOST_NOT_FOUND"`), or `"timeout"` for the socket's own deadline.
---
---`"EWOULDBLOCK"` is reported as `"EAGAIN"`. The kernel's own timeout is `"ETIMEDOUT"`.
---@alias bsdsocket.Code string

---The documented exception that a code belongs to.
---@alias bsdsocket.ErrorClass
---| "error" # `OSError`: the code is the name of an error number
---| "gaierror" # a failure of `getaddrinfo` or `getnameinfo`
---| "herror" # a failure of `gethostbyname_ex` or `gethostbyaddr`
---| "timeout" # the socket's own deadline passed

---An address of `AF_INET`. `tostring` gives `127.0.0.1:80`; two addresses of equal fields are equal.
---@class bsdsocket.InetAddress
---@field [1] string the host in dotted decimal
---@field [2] integer the port, 0 to 65535
---@field host string
---@field port integer
---@operator len: integer

---An address of `AF_INET6`. `tostring` gives `[::1]:80`; two addresses of equal fields are equal.
---@class bsdsocket.Inet6Address
---@field [1] string the host, never with a `%scope`
---@field [2] integer the port, 0 to 65535
---@field [3] integer the flow label, 0 to 1048575
---@field [4] integer the scope, an interface's index, 0 for none
---@field host string
---@field port integer
---@field flowinfo integer
---@field scope_id integer
---@operator len: integer

---An address of a family that the library has no fields for: nothing is lost.
---@class bsdsocket.RawAddress
---@field [1] integer the family's number
---@field [2] string what follows the family in the `sockaddr`
---@field family integer
---@field bytes string
---@operator len: integer

---An address as it is returned: a table of the documented fields, which also have their names, or a string for a family
---of one field (`AF_UNIX`: a path, an abstract name with its leading `"\0"`, `""` when unnamed). `nil` where the system
---tells no address. What is returned can be given back.
---@alias bsdsocket.Address bsdsocket.InetAddress|bsdsocket.Inet6Address|bsdsocket.RawAddress|string

---The fields of an address by name.
---@class bsdsocket.AddressFields
---@field host? string a numeric address or a name, which is looked up: the first result of the socket's family counts
---@field port? integer 0 to 65535
---@field flowinfo? integer 0 to 1048575, 0 by default
---@field scope_id? integer 0 to 4294967295; 0, or what a `%scope` in the host says, by default
---@field path? string of `AF_UNIX`
---@field family? integer of any other family
---@field bytes? string of any other family

---An address as it is taken: an address that was returned, a table of the fields by position or by name, or a string
---for a family of one field.
---
---    { "127.0.0.1", 80 }                     -- AF_INET
---    { host = "127.0.0.1", port = 80 }       -- the same
---    { "", 80 }                              -- every interface
---    { "<broadcast>", 9 }                    -- AF_INET, the broadcast address
---    { "fe80::1%eth0", 80 }                  -- AF_INET6; also { "fe80::1", 80, 0, 2 }
---    "/run/service.sock"                     -- AF_UNIX; also { "/run/service.sock" }
---    "\0name"                                -- AF_UNIX, abstract (Linux)
---@alias bsdsocket.AddressArgument bsdsocket.Address|bsdsocket.AddressFields|(string|integer)[]

-- ── Buffer ────────────────────────────────────────────────────────────────────────────────────────────────────

---Writable memory of fixed size, its bytes numbered from 1, made by `socket.buffer`. Every function that takes bytes
---takes a buffer too.
---
---`#b` is the size in bytes. `b[i]` reads a byte as an integer from 0 to 255, `nil` where there is none; `b[i] = byte`
---writes one and raises where there is none. `tostring(b)` is a string of all the bytes; `b == other` compares bytes.
---@class bsdsocket.Buffer
---@field [integer] integer
---@operator len: integer
local Buffer = {}

---Sets all bytes to one value.
---
---**Available** everywhere · **Source** `bsdsocket`
---@param byte integer 0 to 255
---@return true
function Buffer:fill(byte) end

---Copies bytes into the buffer; all of them have to fit. They may come from a view of the same memory.
---
---**Available** everywhere · **Source** `bsdsocket`
---@param i integer where the first byte goes, from 1
---@param bytes bsdsocket.Bytes
---@return true
function Buffer:set(i, bytes) end

---Gives a part as a string; the places are those of `string.sub`, from the end when negative.
---
---**Available** everywhere · **Source** `bsdsocket`
---@param i integer the first byte
---@param j? integer the last byte, -1 by default
---@return string
---@nodiscard
function Buffer:sub(i, j) end

---Gives a part as a buffer that shares the memory: what is written to one is seen in the other. The places are those of
---`string.sub`. The memory lives as long as any view of it.
---
---    local buffer = socket.buffer(1024)
---    assert(connection:recv_into(buffer:view(1, 4)))   -- the header
---    assert(connection:recv_into(buffer:view(5)))      -- what follows it
---
---**Available** everywhere · **Source** `bsdsocket`
---@param i? integer the first byte, 1 by default
---@param j? integer the last byte, -1 by default
---@return bsdsocket.Buffer
---@nodiscard
function Buffer:view(i, j) end

-- ── Socket ────────────────────────────────────────────────────────────────────────────────────────────────────

---A socket. It is closed by `close`, by `local s <close>` (Lua 5.4 and later), and when it is collected. `tostring`
---tells its descriptor, family, type, protocol and both addresses.
---
---Every method fails with `EBADF` once the socket is closed, except `close`, `fileno`, `gettimeout` and `getblocking`.
---Calls that wait (`accept`, `connect`, and all that sends or receives) can also fail, as *the errors of waiting*, with
---`timeout` when the socket's time is over, with `EAGAIN` when it does not block and would have to wait (`EINPROGRESS`
---from `connect`), and with `EINTR` when a signal came and the Lua state has a hook waiting to run, as Ctrl-C in the
---stock interpreter leaves one. Any other signal is unseen: the call goes on with the time that is left. `EAGAIN` also
---stands for the end of the time that `SO_RCVTIMEO` or `SO_SNDTIMEO` sets.
---@class bsdsocket.Socket
---@field family integer the family, an `AF_` constant
---@field type integer the type, a `SOCK_` constant without `SOCK_NONBLOCK` and `SOCK_CLOEXEC`
---@field proto integer the protocol's number
---@field timeout number? the timeout in seconds, as `gettimeout` tells it
local Socket = {}

---Accepts a connection, waiting for one as the timeout says. The socket has to be bound and to listen.
---
---The new socket is close-on-exec. Its timeout is the default timeout (`socket.setdefaulttimeout`); without one it
---blocks.
---
---**Errors** those of waiting; `EINVAL`: the socket does not listen; `EOPNOTSUPP`: it is no stream;
---`ECONNABORTED`: the peer is gone already; `EMFILE`, `ENFILE`: there is no descriptor left
---
---**Available** everywhere · **Source** `accept(2)`; documented: `socket.accept`
---@return bsdsocket.Socket? connection
---@return bsdsocket.Address address the peer's address; in case of failure the message
---@return bsdsocket.Code? code
function Socket:accept() end

---Gives the socket its own address.
---
---    assert(server:bind { "127.0.0.1", 0 })            -- a free port
---    print(server:getsockname().port)
---
---**Errors** `EADDRINUSE`: the address is taken; `EADDRNOTAVAIL`: it is not of this machine; `EACCES`: a privileged
---port; `EINVAL`: the socket has an address; of a host name those of `socket.getaddrinfo`; of `AF_UNIX` those of a path
---(`ENOENT`, `EACCES`, `ENAMETOOLONG` …)
---
---**Available** everywhere · **Source** `bind(2)`; documented: `socket.bind`
---@param address bsdsocket.AddressArgument
---@return true? done
---@return string? message
---@return bsdsocket.Code? code
function Socket:bind(address) end

---Closes the socket. Closing it again does nothing and succeeds. Data that was sent is still delivered; to end a
---connection at once for both sides call `shutdown` before.
---
---**Errors** what the system reports at the end of the descriptor (`EIO` …), which is closed all the same
---
---**Available** everywhere · **Source** `close(2)`; documented: `socket.close`
---@return true? done
---@return string? message
---@return bsdsocket.Code? code
function Socket:close() end

---Connects to an address, waiting as the timeout says. A datagram socket only remembers the address: where `send` sends
---to, and whose datagrams are received.
---
---A socket that does not block fails with `EINPROGRESS` and goes on by itself: once it can be written to,
---`getsockopt(SOL_SOCKET, SO_ERROR)` tells the outcome, 0 for success.
---
---**Errors** those of waiting; `ECONNREFUSED`: nobody listens there; `ETIMEDOUT`: the system gave up; `ENETUNREACH`,
---`EHOSTUNREACH`: there is no way; `EISCONN`, `EALREADY`: it is connected, or about to be; `EAFNOSUPPORT`; of a host
---name those of `socket.getaddrinfo`; of `AF_UNIX` those of a path
---
---**Available** everywhere · **Source** `connect(2)`; documented: `socket.connect`
---@param address bsdsocket.AddressArgument
---@return true? done
---@return string? message
---@return bsdsocket.Code? code
function Socket:connect(address) end

---Connects like `connect`, but gives the number of the error that the system reports, 0 for success, in place of a
---failure. The socket's own timeout is reported as the number of `EAGAIN`.
---
---    local number = client:connect_ex(address)
---    if number ~= 0 and number ~= socket.errno.EINPROGRESS then
---      error(socket.errno[number])
---    end
---
---**Errors** only those of looking a host name up: `EAI_NONAME` …
---
---**Available** everywhere · **Source** `connect(2)`; documented: `socket.connect_ex`
---@param address bsdsocket.AddressArgument
---@return integer? errno 0, or an error number
---@return string? message
---@return bsdsocket.Code? code
function Socket:connect_ex(address) end

---Gives the descriptor away: the object is closed from now on, the descriptor stays open and is the caller's.
---
---**Errors** `EBADF`: the socket is closed
---
---**Available** everywhere · **Source** documented: `socket.detach`
---@return integer? descriptor
---@return string? message
---@return bsdsocket.Code? code
function Socket:detach() end

---Tells the descriptor, -1 when the socket is closed.
---
---**Available** everywhere · **Source** documented: `socket.fileno`
---@return integer descriptor
---@nodiscard
function Socket:fileno() end

---Tells the address of the other end.
---
---**Errors** `ENOTCONN`: the socket is not connected
---
---**Available** everywhere · **Source** `getpeername(2)`; documented: `socket.getpeername`
---@return bsdsocket.Address? address
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function Socket:getpeername() end

---Tells the socket's own address, for instance the port that the system chose for port 0.
---
---**Available** everywhere · **Source** `getsockname(2)`; documented: `socket.getsockname`
---@return bsdsocket.Address? address
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function Socket:getsockname() end

---Reads an option: as an integer, or, when a length is given, as a string of the bytes that the system tells, which
---`string.unpack` (Lua 5.3 and later) can take apart.
---
---    local size = assert(s:getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF))
---    local on, seconds = ("ii"):unpack(assert(s:getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)))
---
---**Errors** `ENOPROTOOPT`: the level has no such option; `EINVAL`: a length that is negative or above 1024
---
---**Available** everywhere · **Source** `getsockopt(2)`; documented: `socket.getsockopt`
---@param level integer `SOL_SOCKET`, or a protocol (`IPPROTO_TCP` …)
---@param optname integer a constant of that level (`SO_`, `TCP_` …)
---@param buflen integer most bytes of the string, 1 to 1024; 0 or nothing for an integer
---@return string? value an integer without `buflen`
---@return string? message
---@return bsdsocket.Code? code
---@overload fun(self: self, level: integer, optname: integer): integer?, string?, string?
---@nodiscard
function Socket:getsockopt(level, optname, buflen) end

---Tells whether calls may wait: true unless the timeout is 0.
---
---**Available** everywhere · **Source** documented: `socket.getblocking`
---@return boolean blocking
---@nodiscard
function Socket:getblocking() end

---Tells the timeout in seconds, `nil` for none, 0 for a socket that does not block.
---
---**Available** everywhere · **Source** documented: `socket.gettimeout`
---@return number? seconds
---@nodiscard
function Socket:gettimeout() end

---Lets the socket take connections.
---
---**Errors** `EADDRINUSE`: another socket listens at the address; `EOPNOTSUPP`: the type cannot listen
---
---**Available** everywhere · **Source** `listen(2)`; documented: `socket.listen`
---@param backlog? integer how many connections may wait to be accepted, 128 by default (or `SOMAXCONN` where that is
---less); below 0 is 0
---@return true? done
---@return string? message
---@return bsdsocket.Code? code
function Socket:listen(backlog) end

---Receives bytes: what is there, at most `bufsize`, waiting for the first one. `""` is the end of the stream (or an
---empty datagram). A datagram that is longer than `bufsize` is cut.
---
---    while true do
---      local data = assert(connection:recv(4096))
---      if data == "" then
---        break
---      end
---      assert(connection:sendall(data))
---    end
---
---**Errors** those of waiting; `ECONNRESET`: the peer broke the connection off; `ENOTCONN`; `ECONNREFUSED`: a datagram
---sent before found nobody; `ENOMEM`: there is no memory for `bufsize`
---
---**Available** everywhere · **Source** `recv(2)`; documented: `socket.recv`
---@param bufsize integer most bytes to receive, 0 to 2147483647
---@param flags? integer `MSG_` constants, 0 by default
---@return string? data
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function Socket:recv(bufsize, flags) end

---Receives bytes like `recv`, and tells who sent them.
---
---**Errors** those of `recv`
---
---**Available** everywhere · **Source** `recvfrom(2)`; documented: `socket.recvfrom`
---@param bufsize integer most bytes to receive, 0 to 2147483647
---@param flags? integer `MSG_` constants, 0 by default
---@return string? data
---@return bsdsocket.Address address the sender's, `nil` where the system tells none (a stream); in case of failure the
---message
---@return bsdsocket.Code? code
---@nodiscard
function Socket:recvfrom(bufsize, flags) end

---Receives bytes into a buffer, from its beginning, and tells who sent them.
---
---**Errors** those of `recv`
---
---**Available** everywhere · **Source** `recvfrom(2)`; documented: `socket.recvfrom_into`
---@param buffer bsdsocket.Buffer
---@param nbytes? integer most bytes to receive; 0 or nothing for as many as the buffer holds
---@param flags? integer `MSG_` constants, 0 by default
---@return integer? count bytes received
---@return bsdsocket.Address address the sender's, `nil` where the system tells none; in case of failure the message
---@return bsdsocket.Code? code
function Socket:recvfrom_into(buffer, nbytes, flags) end

---Receives bytes into a buffer, from its beginning; nothing is allocated. 0 is the end of the stream.
---
---    local buffer = socket.buffer(65536)
---    local count = assert(connection:recv_into(buffer))
---    assert(connection:sendall(buffer:view(1, count)))
---
---**Errors** those of `recv`
---
---**Available** everywhere · **Source** `recv(2)`; documented: `socket.recv_into`
---@param buffer bsdsocket.Buffer
---@param nbytes? integer most bytes to receive; 0 or nothing for as many as the buffer holds
---@param flags? integer `MSG_` constants, 0 by default
---@return integer? count bytes received; with `MSG_TRUNC` the length of the datagram, which may be more
---@return string? message
---@return bsdsocket.Code? code
function Socket:recv_into(buffer, nbytes, flags) end

---Sends bytes to the peer, and tells how many were taken: the rest, if any, is the caller's to send. `SIGPIPE` is never
---raised.
---
---**Errors** those of waiting; `EPIPE`: the stream is shut down; `ECONNRESET`: the peer broke the connection off;
---`ENOTCONN`; `EDESTADDRREQ`: a datagram socket without a peer; `EMSGSIZE`: a datagram too long
---
---**Available** everywhere · **Source** `send(2)`; documented: `socket.send`
---@param data bsdsocket.Bytes
---@param flags? integer `MSG_` constants, 0 by default
---@return integer? count bytes sent
---@return string? message
---@return bsdsocket.Code? code
function Socket:send(data, flags) end

---Sends bytes to the peer, all of them. The timeout counts for the whole call, not for each part.
---
---    local done, message, code, sent = connection:sendall(data)
---    if not done then
---      print(message, code, sent .. " bytes were sent")
---    end
---
---**Errors** those of `send`, with the number of bytes that were sent before as a fourth result
---
---**Available** everywhere · **Source** `send(2)`; documented: `socket.sendall`
---@param data bsdsocket.Bytes
---@param flags? integer `MSG_` constants, 0 by default
---@return true? done
---@return string? message
---@return bsdsocket.Code? code
---@return integer? sent bytes sent before the failure
function Socket:sendall(data, flags) end

---Sends bytes to an address. The socket should not be connected. The address is the last argument; the flags before it
---may be left out.
---
---    assert(s:sendto("ping", { "127.0.0.1", 9 }))
---    assert(s:sendto("ping", socket.MSG_DONTWAIT, { "127.0.0.1", 9 }))
---
---**Errors** those of `send`; `EISCONN`: the socket is connected; `EACCES`: the broadcast address without
---`SO_BROADCAST`; of a host name those of `socket.getaddrinfo`
---
---**Available** everywhere · **Source** `sendto(2)`; documented: `socket.sendto`
---@param data bsdsocket.Bytes
---@param flags integer? `MSG_` constants, 0 by default
---@param address bsdsocket.AddressArgument
---@return integer? count bytes sent
---@return string? message
---@return bsdsocket.Code? code
---@overload fun(self: self, data: bsdsocket.Bytes, address: bsdsocket.AddressArgument): integer?, string?, string?
function Socket:sendto(data, flags, address) end

---Lets calls wait, or not: `setblocking(true)` is `settimeout(nil)`, `setblocking(false)` is `settimeout(0)`.
---
---**Available** everywhere · **Source** `fcntl(2)`; documented: `socket.setblocking`
---@param flag boolean
---@return true? done
---@return string? message
---@return bsdsocket.Code? code
function Socket:setblocking(flag) end

---Sets how long calls may wait. With 0 they never do: a call that would have to fails with `EAGAIN`. With more they
---wait for so long, then fail with `timeout`. With `nil` they wait for as long as it takes.
---
---With a timeout the descriptor itself does not block, which another program that shares it will notice.
---
---**Available** everywhere · **Source** `fcntl(2)`, `poll(2)`; documented: `socket.settimeout`
---@param seconds number? 0 or more, fractions too; `nil` has to be given
---@return true? done
---@return string? message
---@return bsdsocket.Code? code
function Socket:settimeout(seconds) end

---Sets an option to an integer, or to bytes that the caller has laid out (`string.pack` on Lua 5.3 and later); or
---passes no value at all, only a length.
---
---    assert(s:setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1))
---    assert(s:setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ("ii"):pack(1, 0)))
---
---**Errors** `ENOPROTOOPT`: the level has no such option; `EINVAL`, `EDOM`: a value that it does not take; `EPERM`: a
---privileged option
---
---**Available** everywhere · **Source** `setsockopt(2)`; documented: `socket.setsockopt`
---@param level integer `SOL_SOCKET`, or a protocol (`IPPROTO_TCP` …)
---@param optname integer a constant of that level (`SO_`, `TCP_` …)
---@param value integer|string|bsdsocket.Buffer|nil
---@param optlen? integer the length in bytes, with `nil` only
---@return true? done
---@return string? message
---@return bsdsocket.Code? code
function Socket:setsockopt(level, optname, value, optlen) end

---Ends one direction of a connection, or both. What was sent is still delivered; the peer then reads the end of the
---stream.
---
---**Errors** `ENOTCONN`: the socket is not connected; `EINVAL`: no such direction
---
---**Available** everywhere · **Source** `shutdown(2)`; documented: `socket.shutdown`
---@param how integer `SHUT_RD`: no more receiving; `SHUT_WR`: no more sending; `SHUT_RDWR`: neither
---@return true? done
---@return string? message
---@return bsdsocket.Code? code
function Socket:shutdown(how) end

-- ── Module ────────────────────────────────────────────────────────────────────────────────────────────────────

---What `socket.socket` takes in one table.
---@class bsdsocket.SocketOptions
---@field family? integer an `AF_` constant, `AF_INET` by default
---@field type? integer a `SOCK_` constant, `SOCK_STREAM` by default
---@field proto? integer the protocol's number, 0 by default
---@field fileno? integer a descriptor to take over

---What `socket.getaddrinfo` takes in one table.
---@class bsdsocket.Hints
---@field port? integer|string where it does not stand before the table
---@field family? integer an `AF_` constant, `AF_UNSPEC` (any) by default
---@field type? integer a `SOCK_` constant, 0 (any) by default
---@field proto? integer the protocol's number, 0 (any) by default
---@field flags? integer `AI_` constants, 0 by default

---A result of `socket.getaddrinfo`: what a socket is made of, and where it connects to.
---@class bsdsocket.AddrInfo
---@field family integer
---@field type integer
---@field proto integer
---@field canonname string the canonical name of the host with `AI_CANONNAME`, else `""`
---@field sockaddr bsdsocket.Address

---The whole BSD socket interface.
---
---    local socket = require "bsdsocket"
---
---    local server = assert(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
---    assert(server:bind { "127.0.0.1", 50007 })
---    assert(server:listen())
---    local connection, address = assert(server:accept())
---    print("connected by", address)
---
---A constant that the system does not have is `nil`: `if socket.AF_UNIX then` tests for a feature.
---@class bsdsocket
---@field SocketType bsdsocket.Socket the methods of all sockets: a function that is added here is a method of each
---@field errno table<string|integer, integer|string> `errno.EPIPE` is 32, `errno[32]` is `"EPIPE"`
---@field error "error" the class of most failures, as `error_class` tells it
---@field gaierror "gaierror" the class of a failed `getaddrinfo` or `getnameinfo`
---@field herror "herror" the class of a failed `gethostbyname_ex` or `gethostbyaddr`
---@field timeout "timeout" the code, and the class, of a call that took longer than the socket's timeout
---@field has_ipv6 boolean whether the system knows IPv6
local socket = {}

---Makes a socket. The last argument may be a table of the ones that are left out, by name.
---
---A descriptor that is given is taken over as it is, not duplicated; what is not said of it is asked of the system. The
---new socket is close-on-exec, and its timeout is the default timeout; with `SOCK_NONBLOCK` in the type it is 0.
---
---    local tcp = assert(socket.socket())
---    local udp = assert(socket.socket(socket.AF_INET6, socket.SOCK_DGRAM))
---    local inherited = assert(socket.socket { fileno = 3 })
---
---**Errors** `EAFNOSUPPORT`: no such family; `EPROTONOSUPPORT`, `ESOCKTNOSUPPORT`: not with this type; `EACCES`,
---`EPERM`: a privileged type; `EMFILE`, `ENFILE`: there is no descriptor left; of a descriptor `EBADF`, `ENOTSOCK`
---
---**Available** everywhere · **Source** `socket(2)`; documented: `socket.socket`
---@param family? integer an `AF_` constant, `AF_INET` by default
---@param type? integer a `SOCK_` constant, `SOCK_STREAM` by default
---@param proto? integer the protocol's number, 0 by default
---@param fileno? integer a descriptor to take over, 0 or more
---@return bsdsocket.Socket? socket
---@return string? message
---@return bsdsocket.Code? code
---@overload fun(options: bsdsocket.SocketOptions): bsdsocket.Socket?, string?, string?
---@nodiscard
function socket.socket(family, type, proto, fileno) end

---Makes two sockets that are connected with each other.
---
---**Errors** those of `socket.socket`; `EOPNOTSUPP`: the family has no pairs
---
---**Available** everywhere · **Source** `socketpair(2)`; documented: `socket.socketpair`
---@param family? integer an `AF_` constant, `AF_UNIX` by default
---@param type? integer a `SOCK_` constant, `SOCK_STREAM` by default
---@param proto? integer the protocol's number, 0 by default
---@return bsdsocket.Socket? one
---@return bsdsocket.Socket other in case of failure the message
---@return bsdsocket.Code? code
---@nodiscard
function socket.socketpair(family, type, proto) end

---Looks a host and a service up: what to make sockets of, and where to connect them, best first. The last argument may
---be a table of the ones that are left out, by name.
---
---    for _, info in ipairs(assert(socket.getaddrinfo("localhost", "http", { type = socket.SOCK_STREAM }))) do
---      print(info.family, info.sockaddr)
---    end
---
---The look-up is the system's, and takes its time: a socket's timeout has no part in it.
---
---**Errors** `EAI_NONAME`: no such host or service; `EAI_AGAIN`: no answer for now; `EAI_FAIL`, `EAI_NODATA`;
---`EAI_SERVICE`, `EAI_SOCKTYPE`: the service is not there for that type; `EAI_FAMILY`; `EAI_BADFLAGS`; the name of
---an error number in place of `EAI_SYSTEM`
---
---**Available** everywhere · **Source** `getaddrinfo(3)`; documented: `socket.getaddrinfo`
---@param host string? a name or a numeric address; `nil` for this machine, or every interface with `AI_PASSIVE`
---@param port integer|string|nil a port, the name of a service, or nothing
---@param family? integer an `AF_` constant, `AF_UNSPEC` (any) by default
---@param type? integer a `SOCK_` constant, 0 (any) by default
---@param proto? integer the protocol's number, 0 (any) by default
---@param flags? integer `AI_` constants, 0 by default
---@return bsdsocket.AddrInfo[]? found
---@return string? message
---@return bsdsocket.Code? code
---@overload fun(host?: string, port: integer|string, options: bsdsocket.Hints): bsdsocket.AddrInfo[]?, string?, string?
---@nodiscard
function socket.getaddrinfo(host, port, family, type, proto, flags) end

---Tells the timeout of new sockets in seconds, `nil` for none.
---
---**Available** everywhere · **Source** documented: `socket.getdefaulttimeout`
---@return number? seconds
---@nodiscard
function socket.getdefaulttimeout() end

---Sets the timeout of new sockets of this Lua state; at first there is none.
---
---**Available** everywhere · **Source** documented: `socket.setdefaulttimeout`
---@param seconds number? 0 or more, as `settimeout` takes them; `nil` has to be given
---@return true
function socket.setdefaulttimeout(seconds) end

---Tells the documented exception that a code belongs to, and its name since PEP 3151 where it has one; `nil` for what
---is no code.
---
---    socket.error_class "ECONNREFUSED"     --> error     ConnectionRefusedError
---    socket.error_class "EAI_NONAME"       --> gaierror
---    socket.error_class "timeout"          --> timeout   TimeoutError
---
---**Available** everywhere · **Source** `bsdsocket`; documented: `socket.error`, `socket.herror`, `socket.gaierror`,
---`socket.timeout`
---@param code bsdsocket.Code
---@return bsdsocket.ErrorClass? class
---@return string? exception
---@nodiscard
function socket.error_class(code) end

---Makes a buffer: of that many bytes, all zero, or of a copy of these bytes.
---
---**Available** everywhere · **Source** `bsdsocket`
---@param content integer|string|bsdsocket.Buffer a size in bytes, 0 to 2147483647, or the bytes
---@return bsdsocket.Buffer
---@nodiscard
function socket.buffer(content) end

return socket
