---@meta bsdsocket

-- The reference of the module, for readers and for editors. The integer constants are in constants.d.lua.
--
-- Every entry states what a function does, its parameters and results with units, its errors, the systems that have it,
-- and its source: the manual page of the system call, and the name in the documentation of CPython's `socket`.
--
-- Times are in seconds, sizes in bytes. A function that can fail returns `nil, message, code`; invalid arguments raise
-- an error.

-- ── Errors ────────────────────────────────────────────────────────────────────────────────────────────────────
--
-- A function that can fail returns `nil, message, code`. The message begins with the operation, `connect 127.0.0.1:9:
-- Connection refused`; the code is for programs. Invalid arguments, such as a wrong type or port 70000, raise an error.

---The reason of a failure, the same on every system and in every locale: the name of an error number
---(`"ECONNREFUSED"`, `"EAGAIN"`; `"E524"` for a number without a name), the name of a resolver error (`"EAI_NONAME"`,
---`"HOST_NOT_FOUND"`), `"timeout"` for the socket's timeout, or `"EOF"` where a stream ended before all of the bytes that
---`recvall` was asked for.
---
---`"EWOULDBLOCK"` is reported as `"EAGAIN"`. A timeout of the kernel is `"ETIMEDOUT"`. The error numbers of Winsock
---have the same names: `WSAECONNREFUSED` is `"ECONNREFUSED"`.
---@alias bsdsocket.Code string

---The documented exception that a code belongs to.
---@alias bsdsocket.ErrorClass
---| "error" # `OSError`: the code is the name of an error number
---| "gaierror" # a failure of `getaddrinfo` or `getnameinfo`
---| "herror" # a failure of `gethostbyname_ex` or `gethostbyaddr`
---| "timeout" # the socket's timeout expired

-- ── Addresses ─────────────────────────────────────────────────────────────────────────────────────────────────
--
-- The addresses of each family: functions return `bsdsocket.Address`, and accept `bsdsocket.AddressArgument`.

---An address of `AF_INET`. `tostring` returns `127.0.0.1:80`; addresses with equal fields are equal.
---@class bsdsocket.InetAddress
---@field [1] string the host in dotted decimal
---@field [2] integer the port, 0 to 65535
---@field host string
---@field port integer
---@operator len: integer

---An address of `AF_INET6`. `tostring` returns `[::1]:80`; addresses with equal fields are equal.
---@class bsdsocket.Inet6Address
---@field [1] string the host, never with a `%scope`
---@field [2] integer the port, 0 to 65535
---@field [3] integer the flow label, 0 to 1048575
---@field [4] integer the scope id: an interface index, or 0
---@field host string
---@field port integer
---@field flowinfo integer
---@field scope_id integer
---@operator len: integer

---An address of `AF_NETLINK` (Linux).
---@class bsdsocket.NetlinkAddress
---@field [1] integer the port id, 0 for the kernel
---@field [2] integer a mask of multicast groups
---@field pid integer
---@field groups integer
---@operator len: integer

---An address of `AF_TIPC` (Linux).
---@class bsdsocket.TipcAddress
---@field [1] integer `TIPC_ADDR_NAMESEQ`, `TIPC_ADDR_NAME` or `TIPC_ADDR_ID`
---@field [2] integer the service type; for an id the node
---@field [3] integer the lower bound of a range; the instance; for an id the reference
---@field [4] integer the upper bound of a range; 0 for a name or an id, where it is ignored as an argument
---@field [5] integer `TIPC_ZONE_SCOPE`, `TIPC_CLUSTER_SCOPE` or `TIPC_NODE_SCOPE`
---@field addr_type integer
---@field v1 integer
---@field v2 integer
---@field v3 integer
---@field scope integer
---@operator len: integer

---An address of `AF_CAN` (Linux, NetBSD), except for the protocols below.
---@class bsdsocket.CanAddress
---@field [1] string the interface's name, `""` for all
---@field interface string
---@operator len: integer

---An address of `AF_CAN`, `CAN_ISOTP` (Linux).
---@class bsdsocket.CanIsotpAddress
---@field [1] string the interface's name, `""` for all
---@field [2] integer the CAN identifier to receive
---@field [3] integer the CAN identifier to send
---@field interface string
---@field rx_addr integer
---@field tx_addr integer
---@operator len: integer

---An address of `AF_CAN`, `CAN_J1939` (Linux).
---@class bsdsocket.CanJ1939Address
---@field [1] string the interface's name, `""` for all
---@field [2] integer|string the 64-bit name, as an integer that may be negative; on a Lua without 64-bit integers a
---name from 2^53 on is a string, `"0x…"`
---@field [3] integer the parameter group number (PGN)
---@field [4] integer the ECU address, 0 to 255
---@field interface string
---@field name integer|string
---@field pgn integer
---@field addr integer
---@operator len: integer

---An address of `AF_BLUETOOTH`, `BTPROTO_L2CAP`. The last two fields are present if they are not 0.
---@class bsdsocket.L2capAddress
---@field [1] string the device, as `"12:34:56:78:9A:BC"`
---@field [2] integer the port (PSM)
---@field [3]? integer the channel id
---@field [4]? integer `BDADDR_BREDR` (0), `BDADDR_LE_PUBLIC` or `BDADDR_LE_RANDOM`
---@field bdaddr string
---@field psm integer
---@field cid? integer
---@field bdaddr_type? integer
---@operator len: integer

---An address of `AF_BLUETOOTH`, `BTPROTO_RFCOMM`.
---@class bsdsocket.RfcommAddress
---@field [1] string the device, as `"12:34:56:78:9A:BC"`
---@field [2] integer the channel, 0 to 255
---@field bdaddr string
---@field channel integer
---@operator len: integer

---An address of `AF_BLUETOOTH`, `BTPROTO_HCI`, with a channel other than `HCI_CHANNEL_RAW`; with that channel the
---address is only the device number.
---@class bsdsocket.HciAddress
---@field [1] integer the device number
---@field [2] integer an `HCI_CHANNEL_` constant
---@field device_id integer
---@field channel integer
---@operator len: integer

---An address of `AF_ALG` (Linux).
---@class bsdsocket.AlgAddress
---@field [1] string the algorithm type, `"hash"`, `"skcipher"` …, at most 13 bytes
---@field [2] string the algorithm's name, at most 63 bytes
---@field [3] integer the feature flags, 32 bits, 0 by default
---@field [4] integer the mask of the flags that count, 32 bits, 0 by default
---@field type string
---@field name string
---@field feat integer
---@field mask integer
---@operator len: integer

---An address of `AF_VSOCK` (Linux, macOS).
---@class bsdsocket.VsockAddress
---@field [1] integer the context id (CID) of a machine, or a `VMADDR_CID_` constant
---@field [2] integer the port, 0 to 4294967295
---@field cid integer
---@field port integer
---@operator len: integer

---An address of `AF_PACKET` (Linux).
---@class bsdsocket.PacketAddress
---@field [1] string the interface's name, `""` for all
---@field [2] integer the Ethernet protocol, in host byte order
---@field [3] integer a `PACKET_` constant
---@field [4] integer the hardware type, an `ARPHRD_` number
---@field [5] string the hardware address, at most 8 bytes
---@field ifname string
---@field proto integer
---@field pkttype integer
---@field hatype integer
---@field addr string
---@operator len: integer

---An address of `PF_SYSTEM`, `SYSPROTO_CONTROL` (macOS).
---@class bsdsocket.ControlAddress
---@field [1] integer the id of the control
---@field [2] integer the unit number
---@field id integer
---@field unit integer
---@operator len: integer

---An address of `AF_LINK` (macOS, BSD): a network interface, as in ancillary data.
---@class bsdsocket.LinkAddress
---@field [1] string the interface's name, or `""`
---@field [2] integer the interface's index, or 0
---@field [3] integer the type of the interface
---@field [4] string the hardware address
---@field ifname string
---@field index integer
---@field type integer
---@field addr string
---@operator len: integer

---An address of `AF_QIPCRTR` (Linux).
---@class bsdsocket.QipcrtrAddress
---@field [1] integer the node, 0 to 4294967295
---@field [2] integer the port, 0 to 4294967295
---@field node integer
---@field port integer
---@operator len: integer

---An address of `AF_HYPERV` (Windows).
---@class bsdsocket.HypervAddress
---@field [1] string the virtual machine, a UUID in upper case, or an `HV_GUID_` constant
---@field [2] string the service, a UUID in upper case
---@field vm_id string
---@field service_id string
---@operator len: integer

---An address of any other family, as raw bytes.
---@class bsdsocket.RawAddress
---@field [1] integer the family's number
---@field [2] string the bytes after the family in the `sockaddr`
---@field family integer
---@field bytes string
---@operator len: integer

---A returned address: a table of the documented fields, by position and by name, or a single value: for `AF_UNIX` a
---string (a path, an abstract name with its leading `"\0"`, `""` if unnamed), for `BTPROTO_SCO` the device as a string,
---for `BTPROTO_HCI` the device number (on the BSDs a string). It is `nil` if the system returns no address. A returned
---address can be passed as an argument. `tostring` joins the fields with colons.
---
---`recvfrom`, `accept`, `getpeername`, `getsockname` and their like return the same table for the same address as long
---as it is in use, so that an address can be the key of what a program knows about a peer. Whoever received it has the
---same table too. A table in which a program changes, adds or removes a field is not returned again; the next call
---returns a new one. The addresses that `getaddrinfo` and `unpack_address` return, and those that audit hooks receive,
---are tables of their own.
---@alias bsdsocket.Address
---| bsdsocket.InetAddress
---| bsdsocket.Inet6Address
---| bsdsocket.NetlinkAddress
---| bsdsocket.TipcAddress
---| bsdsocket.CanAddress
---| bsdsocket.CanIsotpAddress
---| bsdsocket.CanJ1939Address
---| bsdsocket.L2capAddress
---| bsdsocket.RfcommAddress
---| bsdsocket.HciAddress
---| bsdsocket.AlgAddress
---| bsdsocket.VsockAddress
---| bsdsocket.PacketAddress
---| bsdsocket.QipcrtrAddress
---| bsdsocket.HypervAddress
---| bsdsocket.ControlAddress
---| bsdsocket.LinkAddress
---| bsdsocket.RawAddress
---| string
---| integer

---The fields of an address by name.
---@class bsdsocket.AddressFields
---@field host? string a numeric address, or a host name, which is resolved to its first address of the socket's family
---@field port? integer 0 to 65535; for `AF_VSOCK` and `AF_QIPCRTR` 0 to 4294967295
---@field flowinfo? integer 0 to 1048575, 0 by default
---@field scope_id? integer 0 to 4294967295; by default the `%scope` in the host, or 0
---@field path? string of `AF_UNIX`
---@field pid? integer of `AF_NETLINK`, 0 to 4294967295
---@field groups? integer of `AF_NETLINK`, 0 to 4294967295
---@field addr_type? integer of `AF_TIPC`
---@field v1? integer of `AF_TIPC`, 0 to 4294967295
---@field v2? integer of `AF_TIPC`, 0 to 4294967295
---@field v3? integer of `AF_TIPC`, 0 to 4294967295; required, but ignored for a name or an id
---@field scope? integer of `AF_TIPC`, `TIPC_CLUSTER_SCOPE` by default
---@field interface? string of `AF_CAN`
---@field rx_addr? integer of `CAN_ISOTP`, 0 to 4294967295
---@field tx_addr? integer of `CAN_ISOTP`, 0 to 4294967295
---@field name? integer|string of `CAN_J1939`: 64 bits, as an integer or a numeral; of `AF_ALG` the algorithm's name
---@field pgn? integer of `CAN_J1939`, 0 to 4294967295
---@field addr? integer|string of `CAN_J1939`, 0 to 255; of `AF_PACKET` the hardware address, at most 8 bytes, none by
---default; of `AF_LINK` the same without that limit
---@field bdaddr? string of `AF_BLUETOOTH`: six pairs of hexadecimal digits, separated by colons
---@field psm? integer of `BTPROTO_L2CAP`, 0 to 65535
---@field cid? integer of `BTPROTO_L2CAP`, 0 to 65535, 0 by default; of `AF_VSOCK`, 0 to 4294967295
---@field bdaddr_type? integer of `BTPROTO_L2CAP`, 0 to 255, 0 by default
---@field channel? integer of `BTPROTO_RFCOMM`, 0 to 255; of `BTPROTO_HCI`, 0 to 65535, 0 by default
---@field device_id? integer|string of `BTPROTO_HCI`, 0 to 65535; on FreeBSD a node name, on NetBSD and DragonFly the
---`bdaddr`
---@field type? string|integer of `AF_ALG`; of `AF_LINK`, 0 to 255, 0 by default
---@field feat? integer of `AF_ALG`, 0 to 4294967295, 0 by default
---@field mask? integer of `AF_ALG`, 0 to 4294967295, 0 by default
---@field ifname? string of `AF_PACKET` and `AF_LINK`; for `AF_LINK` it may be `""`
---@field proto? integer of `AF_PACKET`, 0 to 65535, in host byte order
---@field pkttype? integer of `AF_PACKET`, 0 to 255, 0 by default
---@field hatype? integer of `AF_PACKET`, 0 to 65535, 0 by default
---@field node? integer of `AF_QIPCRTR`, 0 to 4294967295
---@field vm_id? string of `AF_HYPERV`, a UUID
---@field service_id? string of `AF_HYPERV`, a UUID
---@field id? integer|string of `PF_SYSTEM`, 0 to 4294967295; or, without a unit, the name of a control
---@field unit? integer of `PF_SYSTEM`, 0 to 4294967295
---@field index? integer of `AF_LINK`, 0 to 65535, 0 by default
---@field family? integer of any other family
---@field bytes? string of any other family

---An address argument: a returned address, a table of the fields by position or by name, or a string for a family whose
---addresses have one field (`AF_UNIX`, `BTPROTO_SCO`, the name of a control of `PF_SYSTEM`, and `BTPROTO_HCI`, which
---also accepts a number). A table with more fields than its family has raises an error.
---
---An unknown interface fails with `ENODEV`, an interface name that is too long for `AF_CAN` with `ENAMETOOLONG`, and a
---malformed Bluetooth address with `EINVAL`. In a table that lacks a positional field, so that fields are looked up by
---name, an unknown field raises an error.
---
---    { "127.0.0.1", 80 }                     -- AF_INET
---    { host = "127.0.0.1", port = 80 }       -- the same
---    { "", 80 }                              -- all interfaces
---    { "<broadcast>", 9 }                    -- AF_INET, the broadcast address
---    { "fe80::1%eth0", 80 }                  -- AF_INET6; also { "fe80::1", 80, 0, 2 }
---    "/run/service.sock"                     -- AF_UNIX; also { "/run/service.sock" }
---    "\0name"                                -- AF_UNIX, abstract (Linux)
---    { "eth0", socket.ETH_P_ALL }            -- AF_PACKET
---    { "hash", "sha256" }                    -- AF_ALG
---@alias bsdsocket.AddressArgument bsdsocket.Address|bsdsocket.AddressFields|(string|number)[]

-- ── Buffer ────────────────────────────────────────────────────────────────────────────────────────────────────

---A bytes argument: a string, a number (its text), a buffer or a view of one.
---@alias bsdsocket.Bytes string|number|bsdsocket.Buffer

---Writable memory of fixed size, created by `socket.buffer`. Every function that accepts bytes accepts a buffer.
---
---`#b` is the size in bytes. `b[i]` is a byte as an integer from 0 to 255, with `i` from 1, or `nil` out of range;
---`b[i] = byte` sets one, and raises an error out of range. `tostring(b)` returns all bytes as a string; `b == other`
---compares the contents.
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

---Copies bytes into the buffer, also from a view of the same memory; raises an error if they do not fit.
---
---**Available** everywhere · **Source** `bsdsocket`
---@param i integer the index of the first byte to set, from 1
---@param bytes bsdsocket.Bytes
---@return true
function Buffer:set(i, bytes) end

---Returns a part as a string. The indexes are those of `string.sub`; negative ones count from the end.
---
---**Available** everywhere · **Source** `bsdsocket`
---@param i integer the first byte
---@param j? integer the last byte, -1 by default
---@return string
---@nodiscard
function Buffer:sub(i, j) end

---Returns a part as a buffer that shares the memory. The indexes are those of `string.sub`. The memory exists as long
---as the buffer or any view of it.
---
---    local buffer = socket.buffer(1024)
---    assert(connection:recv_into(buffer:view(1, 4)))   -- the header
---    assert(connection:recv_into(buffer:view(5)))      -- the body
---
---**Available** everywhere · **Source** `bsdsocket`
---@param i? integer the first byte, 1 by default
---@param j? integer the last byte, -1 by default
---@return bsdsocket.Buffer
---@nodiscard
function Buffer:view(i, j) end

-- ── Socket ────────────────────────────────────────────────────────────────────────────────────────────────────

---A returned control message (ancillary data). It can be passed as an argument.
---@class bsdsocket.ControlMessage
---@field [1] integer the level, `SOL_SOCKET` or a protocol
---@field [2] integer the type, a constant of that level (`SCM_RIGHTS` …)
---@field [3] string the data, in the layout of the system
---@field level integer
---@field type integer
---@field data string
---@operator len: integer

---The fields of a control message by name.
---@class bsdsocket.ControlMessageFields
---@field level integer the level, `SOL_SOCKET` or a protocol
---@field type integer the type, a constant of that level (`SCM_RIGHTS` …)
---@field data bsdsocket.Bytes the data, in the layout of the system

---A control message argument: a returned one, or a table of level, type and data, by position or by name.
---@alias bsdsocket.ControlMessageArgument
---| bsdsocket.ControlMessage
---| bsdsocket.ControlMessageFields
---| (integer|bsdsocket.Bytes)[]

---A socket. It is closed by `close`, by `local s <close>` (Lua 5.4 and later), and when it is collected. `tostring`
---shows its descriptor, family, type, protocol and both addresses.
---
---Every method fails with `EBADF` if the socket is closed, except `close`, `fileno`, `gettimeout`, `getblocking`, and
---the methods for other libraries, `getfd`, `setfd`, `dirty`, `pollfd` and `events`. Streams created by `makefile` keep
---the descriptor open until the last of them is closed.
---
---Calls that wait (`accept`, `connect`, and all that send or receive) can also fail with the *wait errors*: `timeout`
---when the socket's timeout expires; `EAGAIN` on a non-blocking socket if the call would have to wait (`EINPROGRESS`
---for `connect`), and when `SO_RCVTIMEO` or `SO_SNDTIMEO` expires; `EINTR` if a signal arrived and the Lua state has a
---pending debug hook, which Ctrl-C sets in the stock interpreter. After any other signal the call continues with the
---remaining time.
---@class bsdsocket.Socket
---@field family integer the family, an `AF_` constant
---@field type integer the type, a `SOCK_` constant without `SOCK_NONBLOCK` and `SOCK_CLOEXEC`
---@field proto integer the protocol number
---@field timeout number? the timeout in seconds, as `gettimeout` returns it
local Socket = {}

---Accepts a connection, and waits for one according to the timeout. The socket must be bound and listening.
---
---The new socket is close-on-exec. Its timeout is the default timeout (`socket.setdefaulttimeout`); without one it is
---blocking.
---
---**Errors** the wait errors; `EINVAL`: the socket does not listen; `EOPNOTSUPP`: the type cannot accept;
---`ECONNABORTED`: the peer has closed the connection; `EMFILE`, `ENFILE`: too many open descriptors
---
---**Available** everywhere · **Source** `accept(2)`; documented: `socket.accept`
---@return bsdsocket.Socket? connection
---@return bsdsocket.Address address the peer's address; after a failure the message
---@return bsdsocket.Code? code
function Socket:accept() end

---Binds the socket to a local address.
---
---    assert(server:bind { "127.0.0.1", 0 })            -- a free port
---    print(server:getsockname().port)
---
---**Errors** `EADDRINUSE`: the address is in use; `EADDRNOTAVAIL`: this machine does not have the address; `EACCES`:
---the port needs privileges; `EINVAL`: the socket is already bound; for a host name those of `socket.getaddrinfo`; for
---`AF_UNIX` those of the path (`ENOENT`, `EACCES`, `ENAMETOOLONG` …)
---
---**Available** everywhere · **Source** `bind(2)`; documented: `socket.bind`
---@param address bsdsocket.AddressArgument
---@return true? done
---@return string? message
---@return bsdsocket.Code? code
function Socket:bind(address) end

---Closes the socket. Closing it again does nothing and succeeds. Data that was sent is still delivered. If other
---descriptors share the connection, `shutdown` ends it for all of them.
---
---**Errors** those of close(2) (`EIO` …), after which the descriptor is closed nevertheless
---
---**Available** everywhere · **Source** `close(2)`; documented: `socket.close`
---@return true? done
---@return string? message
---@return bsdsocket.Code? code
function Socket:close() end

---Connects to an address, and waits according to the timeout. A datagram socket only stores the address: `send` sends
---to it, and only its datagrams are received. `AF_UNSPEC` in place of an address takes it away again: the socket
---then receives from all. On Linux it loses a port that the system chose, and a TCP connection is reset, so that the
---socket can connect anew.
---
---    local udp = assert(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
---    assert(udp:connect { "127.0.0.1", 50007 })
---    assert(udp:connect(socket.AF_UNSPEC))
---
---On a non-blocking socket the call fails with `EINPROGRESS`, and the connection is established in the background: when
---the socket is writable, `getsockopt(SOL_SOCKET, SO_ERROR)` returns the error number, 0 for success.
---
---**Errors** the wait errors; `ECONNREFUSED`: no socket listens there; `ETIMEDOUT`: no answer; `ENETUNREACH`,
---`EHOSTUNREACH`: no route; `EISCONN`, `EALREADY`: already connected, or connecting; `EAFNOSUPPORT`: an address of
---another family; for a host name those of `socket.getaddrinfo`; for `AF_UNIX` those of the path
---
---**Available** everywhere · **Source** `connect(2)`; documented: `socket.connect`
---@param address bsdsocket.AddressArgument|integer an address, or `AF_UNSPEC`
---@return true? done
---@return string? message
---@return bsdsocket.Code? code
function Socket:connect(address) end

---Connects like `connect`, but returns an error of the system as its error number, 0 for success. The socket's timeout
---is reported as the number of `EAGAIN`.
---
---    local number = client:connect_ex(address)
---    if number ~= 0 and number ~= socket.errno.EINPROGRESS then
---      error(socket.errno[number])
---    end
---
---**Errors** only those of resolving a host name: `EAI_NONAME` …
---
---**Available** everywhere · **Source** `connect(2)`; documented: `socket.connect_ex`
---@param address bsdsocket.AddressArgument|integer an address, or `AF_UNSPEC`
---@return integer? errno 0, or an error number
---@return string? message
---@return bsdsocket.Code? code
function Socket:connect_ex(address) end

---Closes the socket object without closing the descriptor, which the caller then owns.
---
---**Errors** `EBADF`: the socket is closed
---
---**Available** everywhere · **Source** documented: `socket.detach`
---@return integer? descriptor
---@return string? message
---@return bsdsocket.Code? code
function Socket:detach() end

---Duplicates the descriptor, and returns a socket object for it with the same family, type, protocol and timeout. Both
---refer to the same connection, and are closed separately. The new descriptor is close-on-exec.
---
---**Errors** `EMFILE`: too many open descriptors
---
---**Available** everywhere · **Source** `dup(2)`, `fcntl(2)`; documented: `socket.dup`
---@return bsdsocket.Socket? socket
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function Socket:dup() end

---Returns the descriptor, or -1 if the socket is closed.
---
---**Available** everywhere · **Source** documented: `socket.fileno`
---@return integer descriptor
---@nodiscard
function Socket:fileno() end

---Returns whether child processes inherit the descriptor across `exec`.
---
---**Available** everywhere · **Source** `fcntl(2)`; documented: `socket.get_inheritable`
---@return boolean? inheritable
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function Socket:get_inheritable() end

---Returns the peer's address.
---
---**Errors** `ENOTCONN`: the socket is not connected
---
---**Available** everywhere · **Source** `getpeername(2)`; documented: `socket.getpeername`
---@return bsdsocket.Address? address
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function Socket:getpeername() end

---Returns the socket's own address, for example with the port that the system chose for port 0.
---
---**Available** everywhere · **Source** `getsockname(2)`; documented: `socket.getsockname`
---@return bsdsocket.Address? address
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function Socket:getsockname() end

---Returns an option: an integer, or, if a length is given, the option's bytes as a string, which `socket.unpack` can
---decode.
---
---Some options of Linux create a descriptor at each call, `SO_PEERPIDFD`, `SCTP_SOCKOPT_PEELOFF` and
---`SCTP_SOCKOPT_PEELOFF_FLAGS`: the caller must close it. If the host accepts no descriptors, they raise an error.
---
---    local size = assert(s:getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF))
---    local on, seconds = socket.unpack("ii", assert(s:getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)))
---
---**Errors** `ENOPROTOOPT`: an unknown option of the level; `EINVAL`: a length below 0 or above 1024
---
---**Available** everywhere · **Source** `getsockopt(2)`; documented: `socket.getsockopt`
---@param level integer `SOL_SOCKET`, or a protocol (`IPPROTO_TCP` …)
---@param optname integer a constant of that level (`SO_`, `TCP_` …)
---@param buflen integer the maximum length of the string in bytes, 1 to 1024; 0 or nothing for an integer
---@return string? value an integer without `buflen`
---@return string? message
---@return bsdsocket.Code? code
---@overload fun(self: self, level: integer, optname: integer): integer?, string?, string?
---@nodiscard
function Socket:getsockopt(level, optname, buflen) end

---Returns whether calls may wait: true unless the timeout is 0.
---
---**Available** everywhere · **Source** documented: `socket.getblocking`
---@return boolean blocking
---@nodiscard
function Socket:getblocking() end

---Returns the timeout in seconds, `nil` for a blocking socket, 0 for a non-blocking one.
---
---**Available** everywhere · **Source** documented: `socket.gettimeout`
---@return number? seconds
---@nodiscard
function Socket:gettimeout() end

---Makes an ioctl request of Winsock: `SIO_RCVALL` takes one of the `RCVALL_` constants; `SIO_KEEPALIVE_VALS` three
---numbers, 1 or 0 for on or off, the idle time and the interval in milliseconds; `SIO_LOOPBACK_FAST_PATH` takes 1 or 0.
---
---    assert(s:ioctl(socket.SIO_RCVALL, socket.RCVALL_ON))
---    assert(s:ioctl(socket.SIO_KEEPALIVE_VALS, { 1, 10000, 3000 }))
---
---**Errors** `EBADF`: the socket is closed; `EOPNOTSUPP`: the system lacks the request; `EACCES`: it needs privileges;
---`EINVAL`: it does not apply to this socket. Any other control raises an error
---
---**Available** Windows · **Source** `WSAIoctl`; documented: `socket.ioctl`
---@param control integer `SIO_RCVALL`, `SIO_KEEPALIVE_VALS` or `SIO_LOOPBACK_FAST_PATH`
---@param option integer|integer[] one number, or a sequence for a control with several
---@return integer? count the number of bytes that the request returned, 0 for all of these
---@return string? message
---@return bsdsocket.Code? code
function Socket:ioctl(control, option) end

---Makes the socket listen for connections.
---
---**Errors** `EADDRINUSE`: another socket listens on the address; `EOPNOTSUPP`: the type cannot listen
---
---**Available** everywhere · **Source** `listen(2)`; documented: `socket.listen`
---@param backlog? integer the maximum number of connections that wait to be accepted, by default 128 or `SOMAXCONN`,
---whichever is less; negative numbers mean 0
---@return true? done
---@return string? message
---@return bsdsocket.Code? code
function Socket:listen(backlog) end

---Creates a stream for the socket, which reads and writes like Lua's own files. The mode can also be an option. Calls
---of the stream use the socket's timeout, which applies to each call as a whole; streams are meant for sockets that may
---wait.
---
---The socket can be closed while streams are open: the descriptor is closed with the last of them.
---
---    for line in assert(connection:makefile()):lines() do
---      assert(connection:sendall(line .. "\n"))
---    end
---
---**Errors** `EBADF`: the socket is closed
---
---**Available** everywhere · **Source** documented: `socket.makefile`
---@param mode? string `"r"` (by default), `"w"` or `"rw"`, with `"b"` for binary data
---@param options? bsdsocket.StreamOptions
---@return bsdsocket.Stream? stream
---@return string? message
---@return bsdsocket.Code? code
---@overload fun(self: self, options: bsdsocket.StreamModeOptions): bsdsocket.Stream?, string?, string?
---@nodiscard
function Socket:makefile(mode, options) end

---Receives the available data, at most `bufsize` bytes, and waits if there is none. `""` is the end of the stream (or
---an empty datagram). A datagram longer than `bufsize` is truncated; on Windows it is an error, `EMSGSIZE`.
---
---    while true do
---      local data = assert(connection:recv(4096))
---      if data == "" then
---        break
---      end
---      assert(connection:sendall(data))
---    end
---
---**Errors** the wait errors; `ECONNRESET`: connection reset by peer; `ENOTCONN`: not connected; `ECONNREFUSED`: an
---ICMP port unreachable for a datagram sent before; `ENOMEM`: not enough memory for `bufsize`
---
---**Available** everywhere · **Source** `recv(2)`; documented: `socket.recv`
---@param bufsize integer the maximum number of bytes to receive, 0 to 2147483647
---@param flags? integer `MSG_` constants, 0 by default
---@return string? data
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function Socket:recv(bufsize, flags) end

---Receives exactly `n` bytes: the counterpart of `sendall`. The timeout applies to the whole call. It does not read
---ahead: what follows stays in the socket. Memory is allocated as the bytes come.
---
---    local size = socket.unpack(">I4", assert(framed:recvall(4)))
---    local message = assert(framed:recvall(size))
---
---A failure has the bytes that had come before it as its fourth result; they are no longer in the socket. The end of
---the stream before the last byte is the failure `EOF`: between two messages, if there are none of these bytes.
---
---    local header, message, code, came = connection:recvall(4)
---    if not header and not (code == "EOF" and came == "") then
---      print(message)
---    end
---
---**Errors** the wait errors; `EOF`: the stream ended before; `ECONNRESET`: connection reset by peer; `ENOTCONN`: not
---connected; `EOPNOTSUPP`: not a stream socket, or `MSG_PEEK`; `ENOMEM`: not enough memory for more; `EMSGSIZE`: more
---than the host allows
---
---**Available** everywhere · **Source** `bsdsocket`
---@param n integer the number of bytes, 0 to 2147483647
---@param flags? integer `MSG_` constants, 0 by default
---@return string? data
---@return string? message
---@return bsdsocket.Code? code
---@return string? came the bytes that had come before the failure
---@nodiscard
function Socket:recvall(n, flags) end

---Receives data like `recv`, and also returns the sender's address: the same table for the same sender, as long as the
---program keeps it.
---
---    local players = {} -- by address
---
---    local function receive(server)
---      local data, address = assert(server:recvfrom(2048))
---      local player = players[address]
---      if not player then
---        player = { address = address, count = 0 }
---        players[address] = player
---      end
---      player.count, player.said = player.count + 1, data
---      return player
---    end
---
---    assert(datagram:bind { "127.0.0.1", 0 })
---    for _, word in ipairs { "hello", "again" } do
---      assert(datagram:sendto(word, datagram:getsockname()))
---      receive(datagram)
---    end
---    assert(players[datagram:getsockname()].count == 2)
---
---**Errors** those of `recv`
---
---**Available** everywhere · **Source** `recvfrom(2)`; documented: `socket.recvfrom`
---@param bufsize integer the maximum number of bytes to receive, 0 to 2147483647
---@param flags? integer `MSG_` constants, 0 by default
---@return string? data
---@return bsdsocket.Address address the sender's address, `nil` if the system returns none (a stream); after a failure
---the message
---@return bsdsocket.Code? code
---@nodiscard
function Socket:recvfrom(bufsize, flags) end

---Receives a message: data, ancillary data, flags and the sender's address.
---
---Received descriptors (`SCM_RIGHTS`, and on Linux `SCM_PIDFD`) are close-on-exec, and the caller must close them;
---`socket.recv_fds` returns those of `SCM_RIGHTS` as integers. They are closed if the call fails after receiving them,
---and if the host accepts no descriptors. A control message that does not fit into `ancbufsize` is truncated, and a
---warning issued with Lua's `warn` (Lua 5.4 and later).
---
---    local data, ancdata, flags = assert(channel:recvmsg(1024, socket.CMSG_SPACE(4)))
---    for _, item in ipairs(ancdata) do
---      print(item.level, item.type, #item.data)
---    end
---
---**Errors** those of `recv`
---
---**Available** everywhere · **Source** `recvmsg(2)`, `cmsg(3)`; documented: `socket.recvmsg`
---@param bufsize integer the maximum number of data bytes to receive, 0 to 2147483647
---@param ancbufsize? integer the buffer size for ancillary data in bytes, 0 by default: none is received
---@param flags? integer `MSG_` constants, 0 by default
---@return string? data
---@return bsdsocket.ControlMessage[] ancdata the control messages; after a failure the message
---@return integer msg_flags the flags of the message, such as `MSG_TRUNC`, `MSG_CTRUNC`; after a failure the code
---@return bsdsocket.Address? address the sender's address, `nil` if the system returns none (a stream)
---@nodiscard
function Socket:recvmsg(bufsize, ancbufsize, flags) end

---Receives a message like `recvmsg`, with the data in buffers, which are filled in order. Use views to receive into
---parts of a buffer.
---
---    local header, body = socket.buffer(4), socket.buffer(1024)
---    local count = assert(channel:recvmsg_into { header, body:view(1, 100) })
---
---**Errors** those of `recv`; `EMSGSIZE`: more buffers than `IOV_MAX` (1024 on Linux)
---
---**Available** everywhere · **Source** `recvmsg(2)`, `cmsg(3)`; documented: `socket.recvmsg_into`
---@param buffers bsdsocket.Buffer[]
---@param ancbufsize? integer the buffer size for ancillary data in bytes, 0 by default: none is received
---@param flags? integer `MSG_` constants, 0 by default
---@return integer? count the number of data bytes received
---@return bsdsocket.ControlMessage[] ancdata the control messages; after a failure the message
---@return integer msg_flags the flags of the message; after a failure the code
---@return bsdsocket.Address? address the sender's address, `nil` if the system returns none (a stream)
function Socket:recvmsg_into(buffers, ancbufsize, flags) end

---Receives data into a buffer, from its beginning, and also returns the sender's address.
---
---**Errors** those of `recv`
---
---**Available** everywhere · **Source** `recvfrom(2)`; documented: `socket.recvfrom_into`
---@param buffer bsdsocket.Buffer
---@param nbytes? integer the maximum number of bytes to receive; 0 or nothing for the size of the buffer
---@param flags? integer `MSG_` constants, 0 by default
---@return integer? count the number of bytes received
---@return bsdsocket.Address address the sender's address, `nil` if the system returns none; after a failure the message
---@return bsdsocket.Code? code
function Socket:recvfrom_into(buffer, nbytes, flags) end

---Receives data into a buffer, from its beginning, without allocating. The count 0 is the end of the stream.
---
---    local buffer = socket.buffer(65536)
---    local count = assert(connection:recv_into(buffer))
---    assert(connection:sendall(buffer:view(1, count)))
---
---**Errors** those of `recv`
---
---**Available** everywhere · **Source** `recv(2)`; documented: `socket.recv_into`
---@param buffer bsdsocket.Buffer
---@param nbytes? integer the maximum number of bytes to receive; 0 or nothing for the size of the buffer
---@param flags? integer `MSG_` constants, 0 by default
---@return integer? count the number of bytes received; with `MSG_TRUNC` the length of the datagram, which may be
---greater
---@return string? message
---@return bsdsocket.Code? code
function Socket:recv_into(buffer, nbytes, flags) end

---Sends data to the peer, and returns how many bytes were sent, which may be fewer than given. `SIGPIPE` is never
---raised.
---
---**Errors** the wait errors; `EPIPE`: the connection is shut down for sending; `ECONNRESET`: connection reset by peer;
---`ENOTCONN`: not connected; `EDESTADDRREQ`: a datagram socket without a peer; `EMSGSIZE`: a datagram that is too long
---
---**Available** everywhere · **Source** `send(2)`; documented: `socket.send`
---@param data bsdsocket.Bytes
---@param flags? integer `MSG_` constants, 0 by default
---@return integer? count the number of bytes sent
---@return string? message
---@return bsdsocket.Code? code
function Socket:send(data, flags) end

---Sends all data to the peer. The timeout applies to the whole call.
---
---    local done, message, code, sent = connection:sendall(data)
---    if not done then
---      print(message, code, sent .. " bytes were sent")
---    end
---
---**Errors** those of `send`; the fourth result is the number of bytes sent before the failure
---
---**Available** everywhere · **Source** `send(2)`; documented: `socket.sendall`
---@param data bsdsocket.Bytes
---@param flags? integer `MSG_` constants, 0 by default
---@return true? done
---@return string? message
---@return bsdsocket.Code? code
---@return integer? sent the number of bytes sent before the failure
function Socket:sendall(data, flags) end

---Sends data to an address. The socket should not be connected. The address is the last argument; the flags before it
---may be omitted.
---
---    assert(datagram:sendto("ping", { "127.0.0.1", 9 }))
---    assert(datagram:sendto("ping", socket.MSG_DONTWAIT, { "127.0.0.1", 9 }))
---
---**Errors** those of `send`; `EISCONN`: the socket is connected; `EACCES`: a broadcast address without
---`SO_BROADCAST`; for a host name those of `socket.getaddrinfo`
---
---**Available** everywhere · **Source** `sendto(2)`; documented: `socket.sendto`
---@param data bsdsocket.Bytes
---@param flags integer? `MSG_` constants, 0 by default
---@param address bsdsocket.AddressArgument
---@return integer? count the number of bytes sent
---@return string? message
---@return bsdsocket.Code? code
---@overload fun(self: self, data: bsdsocket.Bytes, address: bsdsocket.AddressArgument): integer?, string?, string?
function Socket:sendto(data, flags, address) end

---Sends a message: data from several buffers, without joining them in memory, and ancillary data. Returns how many
---bytes were sent, as `send` does.
---
---    assert(channel:sendmsg { header, body })
---    assert(channel:sendmsg({ "x" }, { { socket.SOL_SOCKET, socket.SCM_RIGHTS, socket.pack("i", descriptor) } }))
---
---**Errors** those of `sendto`; `EMSGSIZE`: more buffers than `IOV_MAX` (1024 on Linux); `EINVAL`, `EBADF`: invalid
---ancillary data
---
---**Available** everywhere · **Source** `sendmsg(2)`, `cmsg(3)`; documented: `socket.sendmsg`
---@param buffers bsdsocket.Bytes[] the data, in order
---@param ancdata? bsdsocket.ControlMessageArgument[] none by default
---@param flags? integer `MSG_` constants, 0 by default
---@param address? bsdsocket.AddressArgument the destination, by default the peer
---@return integer? count the number of data bytes sent
---@return string? message
---@return bsdsocket.Code? code
function Socket:sendmsg(buffers, ancdata, flags, address) end

---Sends a file up to its end, or a part of it: a regular file with sendfile(2), anything else (a pipe, a device) by
---reading and sending. The timeout applies to the whole call. The socket must be a stream socket that may wait; another
---type, or a non-blocking socket, raises an error.
---
---Without an offset it starts at the file's current position. Afterwards, also after a failure, the file's position is
---after the last byte sent.
---
---    local file = assert(io.open("README.md", "rb"))
---    local count = assert(connection:sendfile(file))
---    file:close()
---
---**Errors** those of `send`; those of reading the file (`EIO` …); `EBADF`: the file is closed, or not open for
---reading; `ESPIPE`: an offset into a pipe. Once sending has begun, the fourth result is the number of bytes sent
---before the failure
---
---**Available** everywhere · **Source** `sendfile(2)`; documented: `socket.sendfile`
---@param file file* a Lua file (`io.open`, `io.popen`), open for reading
---@param offset? integer the position of the first byte in the file, from 0; beyond the end nothing is sent
---@param count? integer the maximum number of bytes to send, 1 or more; by default up to the end of the file
---@return integer? count the number of bytes sent
---@return string? message
---@return bsdsocket.Code? code
---@return integer? sent the number of bytes sent before the failure
function Socket:sendfile(file, offset, count) end

---Sends data to an operation of the kernel crypto API (`AF_ALG`), with the operation's parameters.
---
---    assert(work:sendmsg_afalg { msg = { text }, op = socket.ALG_OP_ENCRYPT, iv = vector, flags = socket.MSG_MORE })
---
---**Errors** those of `sendmsg`. A socket of another family raises an error
---
---**Available** Linux · **Source** `sendmsg(2)`; documented: `socket.sendmsg_afalg`
---@param options bsdsocket.AlgOptions
---@return integer? count the number of data bytes sent
---@return string? message
---@return bsdsocket.Code? code
function Socket:sendmsg_afalg(options) end

---Sets whether child processes inherit the descriptor across `exec`. By default they do not (close-on-exec).
---
---**Available** everywhere · **Source** `fcntl(2)`; documented: `socket.set_inheritable`
---@param inheritable boolean
---@return true? done
---@return string? message
---@return bsdsocket.Code? code
function Socket:set_inheritable(inheritable) end

---Makes the socket blocking or non-blocking: `setblocking(true)` is `settimeout(nil)`, `setblocking(false)` is
---`settimeout(0)`. Only a boolean is accepted, because 0 is true in Lua.
---
---**Available** everywhere · **Source** `fcntl(2)`; documented: `socket.setblocking`
---@param flag boolean
---@return true? done
---@return string? message
---@return bsdsocket.Code? code
function Socket:setblocking(flag) end

---Sets the timeout of calls that wait. With 0 the socket is non-blocking: a call that would have to wait fails with
---`EAGAIN`. With a positive number, calls fail with `timeout` after this many seconds. With `nil` they wait without
---limit.
---
---With a timeout the descriptor is in non-blocking mode, which also affects other processes that share it.
---
---**Available** everywhere · **Source** `fcntl(2)`, `poll(2)`; documented: `socket.settimeout`
---@param seconds number? the timeout, 0 or more, with fractions; `nil` must be explicit
---@return true? done
---@return string? message
---@return bsdsocket.Code? code
function Socket:settimeout(seconds) end

---Sets an option to an integer, or to bytes in the option's layout, as `socket.pack` makes them; with `nil` it
---passes no value, only a length. An integer has 32 bits, or 64 for options of `AF_VSOCK`, as in `getsockopt`. `true`
---is 1, `false` is 0.
---
---    assert(s:setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, true))
---    assert(s:setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, socket.pack("ii", 1, 0)))
---
---**Errors** `ENOPROTOOPT`: an unknown option of the level; `EINVAL`, `EDOM`: an invalid value; `EPERM`: the option
---needs privileges
---
---**Available** everywhere · **Source** `setsockopt(2)`; documented: `socket.setsockopt`
---@param level integer `SOL_SOCKET`, or a protocol (`IPPROTO_TCP` …)
---@param optname integer a constant of that level (`SO_`, `TCP_` …)
---@param value integer|boolean|string|bsdsocket.Buffer|nil
---@param optlen? integer the length in bytes, with `nil` only
---@return true? done
---@return string? message
---@return bsdsocket.Code? code
function Socket:setsockopt(level, optname, value, optlen) end

---Shuts down one direction of a connection, or both. Data that was sent is still delivered; then the peer reads the end
---of the stream.
---
---**Errors** `ENOTCONN`: the socket is not connected; `EINVAL`: an invalid direction
---
---**Available** everywhere · **Source** `shutdown(2)`; documented: `socket.shutdown`
---@param how integer `SHUT_RD`: no more receiving; `SHUT_WR`: no more sending; `SHUT_RDWR`: both
---@return true? done
---@return string? message
---@return bsdsocket.Code? code
function Socket:shutdown(how) end

---Returns bytes from which another process creates a socket for the same connection, with `fromshare`. Each process
---closes its own.
---
---**Errors** `EBADF`: the socket is closed; `EINVAL`: an unknown process; `EACCES`: no permission for that process
---
---**Available** Windows · **Source** `WSADuplicateSocketW`; documented: `socket.share`
---@param process_id integer the id of the only process that can use the bytes
---@return string? data
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function Socket:share(process_id) end

-- Methods that other libraries call on a socket: see docs/interop.md.

---Returns the descriptor, or -1 if the socket is closed, like `fileno`: for LuaSocket's `select` and for LuaSec.
---
---**Available** everywhere · **Source** LuaSocket, LuaSec
---@return integer descriptor
---@nodiscard
function Socket:getfd() end

---Closes the socket object without closing the descriptor, which then belongs to the caller of `getfd`, such as
---LuaSec's `ssl.wrap`. A closed socket stays closed.
---
---Any number other than -1 raises an error; to create a socket from a descriptor use `socket.socket { fileno = fd }`.
---
---**Available** everywhere · **Source** LuaSocket, LuaSec
---@param fd -1
---@return true
function Socket:setfd(fd) end

---Returns whether received data is buffered in the object, so that LuaSocket's `select` need not wait: always false.
---Data in the buffer of a `makefile` stream does not count.
---
---**Available** everywhere · **Source** LuaSocket
---@return false
---@nodiscard
function Socket:dirty() end

---Returns the descriptor, or -1 if the socket is closed, like `fileno`: for cqueues. After cqueues has polled the
---socket, call `cqueues.cancel(s)` before `s:close()`.
---
---**Available** everywhere · **Source** cqueues
---@return integer descriptor
---@nodiscard
function Socket:pollfd() end

---Returns the event that the last call that waited, or failed with `EAGAIN`, was waiting for, in the form that cqueues
---expects; `"r"` at first. After a `connect` that failed with `EINPROGRESS` it is `"w"`.
---
---    local data, message, code = s:recv(1024)
---    while code == "EAGAIN" do
---      cqueues.poll(s)
---      data, message, code = s:recv(1024)
---    end
---
---**Available** everywhere · **Source** cqueues
---@return "r"|"w" events `"r"`: readable; `"w"`: writable
---@nodiscard
function Socket:events() end

---The options of `sendmsg_afalg`.
---@class bsdsocket.AlgOptions
---@field op integer an `ALG_OP_` constant
---@field msg? bsdsocket.Bytes[] the data, in one or more buffers; none by default
---@field iv? bsdsocket.Bytes the initialisation vector
---@field assoclen? integer the length of the associated data (authenticated only) at the beginning, in bytes
---@field flags? integer `MSG_` constants, 0 by default

-- ── Stream ────────────────────────────────────────────────────────────────────────────────────────────────────

---The options of `makefile`.
---@class bsdsocket.StreamOptions
---@field buffering? integer the size of the buffers in bytes, 2 or more; 0 for none: data is sent at once, and only as
---many bytes as needed are received; 1 to send at each line feed; -1 (by default) for 16384 bytes. Written data is sent
---when there are 1048576 bytes at the latest
---@field encoding? string the encoding of the data on the connection (`"latin-1"`, `"shift_jis"`, `"utf-16"` …), which
---is converted from and to UTF-8. By default data is unchanged. An encoding that can only be decoded (`"utf-16"` …)
---raises an error in a mode that writes
---@field errors? string the handling of bytes that are invalid in the encoding, and of characters that it lacks:
---`"strict"` (by default) fails with `EILSEQ`, `"ignore"` skips them, `"replace"` replaces them by a marker
---@field newline? string the line end: `"\n"` (by default), `"\r"` or `"\r\n"`, which is sent for each `"\n"` that is
---written; or `""`, which accepts all three and sends `"\n"` unchanged. Input is never translated
---@field limit? integer the maximum number of unread bytes in the stream; by default there is none. A line, a number, a
---count or an `"a"` that needs more fails with `EMSGSIZE`, and no data is lost: it can be read in smaller pieces. With an
---encoding the bytes of the decoded text count, and the last character may exceed the limit

---The options of `makefile`, including the mode.
---@class bsdsocket.StreamModeOptions: bsdsocket.StreamOptions
---@field mode? string `"r"` by default

---A stream for a socket, created by `makefile`, with the interface of Lua's own files. It is closed by `close` and by
---`local stream <close>` (Lua 5.4 and later), which send buffered data; when it is collected it sends what is possible
---without waiting. `tostring` shows its descriptor.
---
---At the end of the stream reads return a single `nil`. A failure is `nil, message, code`; a failed read has a fourth
---result, the data that was received but not read, which stays in the buffer. There is no fourth result if that is more
---than 65536 bytes; `buffered` returns how many there are.
---
---The socket's timeout applies to each call as a whole. In mode `"rw"` buffered output is sent before the stream waits
---to receive. `EBADF` means that the stream is closed, or lacks the direction.
---@class bsdsocket.Stream
local Stream = {}

---Returns the number of bytes that were received but not read; with an encoding, of the decoded text.
---
---**Errors** `EBADF`: the stream is closed, or not for reading
---
---**Available** everywhere · **Source** `bsdsocket`
---@return integer? count
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function Stream:buffered() end

---Sends buffered data and closes the stream, even if sending fails. Closing it again does nothing and succeeds. The
---socket stays open until it is closed too.
---
---**Errors** those of `flush`, after which the unsent data is lost
---
---**Available** everywhere · **Source** documented: `io.IOBase.close`; `file:close` of Lua
---@return true? done
---@return string? message
---@return bsdsocket.Code? code
function Stream:close() end

---Sends buffered data. After a failure the unsent data stays buffered for the next flush.
---
---**Errors** those of `send`; `EILSEQ`: the last character is incomplete, everything before it was sent
---
---**Available** everywhere · **Source** `send(2)`; documented: `io.IOBase.flush`; `file:flush` of Lua
---@return true? done
---@return string? message
---@return bsdsocket.Code? code
function Stream:flush() end

---Returns an iterator that reads according to the formats, by default `"l"`, until the end of the stream. A failed read
---raises its message, such as `lines: timed out`, as Lua's own files do.
---
---    for line in assert(connection:makefile()):lines() do
---      print(line)
---    end
---
---**Errors** raised: the stream is closed, or cannot be read
---
---**Available** everywhere · **Source** `file:lines` of Lua
---@param ... string|integer the formats of `read`
---@return fun(): string|number|nil, ... next
---@nodiscard
function Stream:lines(...) end

---Reads according to formats, like Lua's own files: `"l"` (by default) a line without its end, `"L"` a line with it,
---`"n"` a number, `"a"` everything up to the end of the stream, an integer this many bytes, fewer only at the end of
---the stream. `"*l"` and so on are accepted on every Lua. With several formats, data is only consumed once all of it
---has arrived.
---
---    local name, size = assert(stream:read("l", "n"))
---
---**Errors** those of `recv`; `EILSEQ`: bytes that are invalid in the encoding; `EMSGSIZE`: more than the stream's
---limit would be needed; `ENOMEM`: not enough memory
---
---**Available** everywhere · **Source** `recv(2)`; documented: `io.RawIOBase.read`; `file:read` of Lua
---@param ... string|integer formats
---@return string|number|nil value `nil` at the end of the stream (`""` for `"a"`), and if there is no number
---@return string|number|nil ... a value for each further format, up to the first `nil`; after a failure the message,
---the code, and the data that was received but not read, up to 65536 bytes
function Stream:read(...) end

---Fails with `ESPIPE`, because sockets have no position.
---
---**Available** everywhere · **Source** documented: `io.IOBase.seek`; `file:seek` of Lua
---@param whence? string
---@param offset? integer
---@return nil
---@return string message
---@return bsdsocket.Code code
function Stream:seek(whence, offset) end

---Sets when written data is sent: `"no"` at once, `"full"` when the buffer is full, `"line"` at each line feed. It also
---affects receiving: with `"no"` only as many bytes as needed are received.
---
---**Errors** `EBADF`: the stream is closed
---
---**Available** everywhere · **Source** `file:setvbuf` of Lua
---@param mode "no"|"full"|"line"
---@param size? integer the size of the buffers in bytes, with `"full"`; 16384 by default
---@return true? done
---@return string? message
---@return bsdsocket.Code? code
function Stream:setvbuf(mode, size) end

---Writes its arguments to the buffer, sends according to the buffering, and returns the stream, so that calls can be
---chained. A character may be split across arguments or calls.
---
---After a failure to send, the data of the call stays buffered, and the next flush sends what is unsent. Only if there
---are 1048576 unsent bytes, no more are accepted before some are sent: the argument at which sending fails is kept as a
---whole, those after it are not, and a fourth result is the number of bytes of the call that were accepted. With
---`EILSEQ` and `ENOMEM` none are accepted; if some were already sent, a fourth result is their number.
---
---**Errors** those of `send`; `EILSEQ`: characters that the encoding lacks; `ENOMEM`: not enough memory
---
---**Available** everywhere · **Source** `send(2)`; documented: `io.RawIOBase.write`; `file:write` of Lua
---@param ... bsdsocket.Bytes
---@return bsdsocket.Stream? stream
---@return string? message
---@return bsdsocket.Code? code
---@return integer? taken
function Stream:write(...) end

-- ── Module ────────────────────────────────────────────────────────────────────────────────────────────────────

---The address of a TCP service, for `socket.create_connection`. Without a host it is this machine; the port is a number
---or the name of a service.
---@class bsdsocket.ServiceFields
---@field host? string a numeric address or a name
---@field port integer|string

---The address of a TCP service, by position or by name.
---@alias bsdsocket.Service bsdsocket.Address|bsdsocket.ServiceFields|(string|number)[]

---The options of `socket.create_connection`.
---@class bsdsocket.ConnectionOptions
---@field timeout? number|false the seconds that the call may take, and the timeout of the socket afterwards; `false` for
---none; by default the default timeout
---@field source_address? bsdsocket.AddressArgument the local address to bind to, by default chosen by the system
---@field all_errors? boolean whether to return the failures of all attempts, `false` by default
---@field happy_eyeballs_delay? number|false the seconds after which the next attempt begins though the one before goes
---on, 0.25 by default; `false`: only when it has failed, in the order of `socket.getaddrinfo`

---The failure of one attempt of `socket.create_connection`.
---@class bsdsocket.AttemptError
---@field message string
---@field code bsdsocket.Code
---@field address? bsdsocket.Address the address it failed to connect to, or the source address it failed to bind to

---The options of `socket.create_server`.
---@class bsdsocket.ServerOptions
---@field family? integer `AF_INET` (by default) or `AF_INET6`
---@field backlog? integer the maximum number of connections that wait to be accepted, as for `listen`
---@field reuse_port? boolean whether other sockets may listen on the same port (`SO_REUSEPORT`), `false` by default
---@field dualstack_ipv6? boolean whether an `AF_INET6` server also accepts IPv4 connections, `false` by default

---What the sockets of a Lua state have done, and what they hold.
---@class bsdsocket.Stats
---@field sockets bsdsocket.SocketStats[] the open sockets, in no order
---@field made integer how many sockets there were
---@field refused integer how many there were not because the host allows no more
---@field received integer the bytes that were received
---@field receives integer the calls that received them
---@field sent integer the bytes that were sent
---@field sends integer the calls that sent them
---@field waits integer how often calls have waited outside of tasks
---@field waited number for how many seconds in all
---@field buffered integer how many bytes streams hold
---@field tasks integer how many tasks have not ended

---An open socket in `socket.stats`.
---@class bsdsocket.SocketStats
---@field family integer
---@field type integer
---@field proto integer
---@field laddr? bsdsocket.Address the address that it is bound to
---@field raddr? bsdsocket.Address the address of its peer
---@field received integer the bytes that it has received
---@field sent integer the bytes that it has sent
---@field age number how many seconds it has been there
---@field tasks bsdsocket.Task[] the tasks that wait for it

---An address of a network interface. What it does not have is `nil`.
---@class bsdsocket.InterfaceAddress
---@field name string
---@field flags table<string, true> `true` under the name of each flag that is set: `up`, `broadcast`, `loopback`,
---`pointopoint`, `multicast`, and on Unix the others of `netdevice(7)`, without `IFF_`
---@field family? integer an `AF_` constant; `nil` for an interface without an address
---@field address? bsdsocket.Address
---@field netmask? bsdsocket.Address
---@field broadcast? bsdsocket.Address the address of all machines of the network
---@field peer? bsdsocket.Address the other end of a point-to-point link

---A network interface.
---@class bsdsocket.Interface
---@field index integer
---@field name string

---The options of `socket.socket`.
---@class bsdsocket.SocketOptions
---@field family? integer an `AF_` constant, `AF_INET` by default
---@field type? integer a `SOCK_` constant, `SOCK_STREAM` by default
---@field proto? integer the protocol number, 0 by default
---@field fileno? integer a descriptor to take ownership of

---The options of `socket.getaddrinfo`.
---@class bsdsocket.Hints
---@field port? integer|string the port, if it is not an argument
---@field family? integer an `AF_` constant, `AF_UNSPEC` (any) by default
---@field type? integer a `SOCK_` constant, 0 (any) by default
---@field proto? integer the protocol number, 0 (any) by default
---@field flags? integer `AI_` constants, 0 by default
---@field timeout? number the seconds that the look-up may take, by default as long as the system lets it

---A result of `socket.getaddrinfo`: the arguments of `socket.socket`, and the address to connect or bind to.
---@class bsdsocket.AddrInfo
---@field family integer
---@field type integer
---@field proto integer
---@field canonname string the canonical host name with `AI_CANONNAME`, else `""`
---@field sockaddr bsdsocket.Address

---The module: the BSD socket interface.
---
---    local socket = require "bsdsocket"
---
---    local server = assert(socket.create_server { "127.0.0.1", 50007 })
---    local connection, address = assert(server:accept())
---    print("connected by", address)
---
---A constant that the system lacks is `nil`, so `if socket.AF_UNIX then` tests for a feature.
---@class bsdsocket
---@field SocketType bsdsocket.Socket the methods of all sockets; a function added here is a method of every socket
---@field errno table<string|integer, integer|string> `errno.EPIPE` is 32, `errno[32]` is `"EPIPE"`
---@field error "error" the class of most failures, as `error_class` returns it
---@field gaierror "gaierror" the class of a failed `getaddrinfo` or `getnameinfo`
---@field herror "herror" the class of a failed `gethostbyname_ex` or `gethostbyaddr`
---@field timeout "timeout" the code and the class of an expired socket timeout
---@field has_ipv6 boolean whether the library was built with IPv6
---@field _VERSION string the name and version of the library, as `"bsdsocket 0.1.0"`
local socket = {}

---Creates a socket. The last argument may be a table with the omitted ones by name.
---
---With `fileno` the socket takes ownership of that descriptor, which is not duplicated; after a failure the caller
---still owns it. Family, type and protocol are detected from it unless given. The new socket is close-on-exec, and its
---timeout is the default timeout, or 0 with `SOCK_NONBLOCK` in the type.
---
---    local tcp = assert(socket.socket())
---    local udp = assert(socket.socket(socket.AF_INET6, socket.SOCK_DGRAM))
---    local inherited = assert(socket.socket { fileno = 3 })
---
---**Errors** `EAFNOSUPPORT`: an unsupported family; `EPROTONOSUPPORT`, `ESOCKTNOSUPPORT`: an unsupported protocol or
---type; `EACCES`, `EPERM`: the type needs privileges; `EMFILE`, `ENFILE`: too many open descriptors; `EBADF`,
---`ENOTSOCK`: an invalid descriptor
---
---**Available** everywhere · **Source** `socket(2)`; documented: `socket.socket`
---@param family? integer an `AF_` constant, `AF_INET` by default
---@param type? integer a `SOCK_` constant, `SOCK_STREAM` by default
---@param proto? integer the protocol number, 0 by default
---@param fileno? integer a descriptor to take ownership of, 0 or more
---@return bsdsocket.Socket? socket
---@return string? message
---@return bsdsocket.Code? code
---@overload fun(options: bsdsocket.SocketOptions): bsdsocket.Socket?, string?, string?
---@nodiscard
function socket.socket(family, type, proto, fileno) end

---Creates two sockets connected to each other. On Windows they are stream sockets of `AF_INET` or `AF_INET6` on the
---loopback interface.
---
---**Errors** those of `socket.socket`; `EOPNOTSUPP`: the family does not support it
---
---**Available** everywhere · **Source** `socketpair(2)`; documented: `socket.socketpair`
---@param family? integer an `AF_` constant, by default `AF_UNIX`, on Windows `AF_INET`
---@param type? integer a `SOCK_` constant, `SOCK_STREAM` by default
---@param proto? integer the protocol number, 0 by default
---@return bsdsocket.Socket? one
---@return bsdsocket.Socket other the second socket; after a failure the message
---@return bsdsocket.Code? code
---@nodiscard
function socket.socketpair(family, type, proto) end

---Connects to a TCP service: tries the addresses of the host until one accepts, IPv6 and IPv4 by turns, the family of the
---first one first (RFC 8305, Happy Eyeballs). The next attempt begins when one has failed, or after
---`happy_eyeballs_delay`, while the others go on; the first that connects wins, and the others are closed. With a port in
---`source_address` there is one attempt at a time.
---
---The timeout counts for the whole call with the look-up of the name, and stays the timeout of the socket; a number in
---place of the table is the timeout. With 0 no attempt is waited for, and all fail with `EINPROGRESS`. In CPython the
---timeout counts for each attempt anew and not for the look-up, and there is one attempt after the other.
---
---    local connection = assert(socket.create_connection({ "localhost", 50007 }, { timeout = 5 }))
---
---**Errors** of the last address in the order of the attempts: those of `connect`, and with a source address those of
---`bind`; `timeout`, with an address that did not answer; those of `socket.getaddrinfo`
---
---**Available** everywhere · **Source** RFC 8305; documented: `socket.create_connection`
---@param address bsdsocket.Service host and port
---@param options? bsdsocket.ConnectionOptions|number|false
---@return bsdsocket.Socket? connection
---@return string? message
---@return bsdsocket.Code? code
---@return bsdsocket.AttemptError[]? errors with `all_errors` the failure of each attempt, in order; `nil` if
---`socket.getaddrinfo` failed
---@nodiscard
function socket.create_connection(address, options) end

---Creates a listening TCP socket. On Unix it has `SO_REUSEADDR`, so that a restarted server can bind the address at
---once. An `AF_INET6` server accepts only IPv6 connections, unless `dualstack_ipv6` is true; then IPv4 peers have
---addresses like `::ffff:127.0.0.1`. `dualstack_ipv6` raises an error with `AF_INET` or if the system does not support
---it, and so do `reuse_port` if the system lacks it, and any other family: use `socket.socket`, `bind` and `listen` for a
---server of `AF_UNIX`. The options must be a table.
---
---    local server = assert(socket.create_server { "", 50007 })
---    local both = assert(socket.create_server({ "", 50008 }, { family = socket.AF_INET6, dualstack_ipv6 = true }))
---
---**Errors** those of `socket.socket`, `bind` and `listen`
---
---**Available** everywhere · **Source** documented: `socket.create_server`
---@param address bsdsocket.AddressArgument host and port; the host `""` means all interfaces
---@param options? bsdsocket.ServerOptions
---@return bsdsocket.Socket? server
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function socket.create_server(address, options) end

---Returns whether one TCP socket can accept both IPv4 and IPv6 connections.
---
---**Available** everywhere · **Source** documented: `socket.has_dualstack_ipv6`
---@return boolean
---@nodiscard
function socket.has_dualstack_ipv6() end

---Creates a socket from a duplicate of a descriptor; the caller keeps the original. The duplicate is close-on-exec; the
---socket's timeout is the default timeout. Family, type and protocol are not checked; `socket.socket { fileno = fd }`
---detects them, and takes ownership of the descriptor itself.
---
---**Errors** `EBADF`, `ENOTSOCK`: an invalid descriptor; `EMFILE`: too many open descriptors
---
---**Available** everywhere · **Source** `dup(2)`; documented: `socket.fromfd`
---@param fd integer the descriptor, 0 or more
---@param family integer an `AF_` constant
---@param type integer a `SOCK_` constant
---@param proto? integer the protocol number, 0 by default
---@return bsdsocket.Socket? socket
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function socket.fromfd(fd, family, type, proto) end

---Creates a socket from the bytes that `share` returned in another process, once for each `share`. Family, type and
---protocol are in the bytes. The socket is not inheritable; its timeout is the default timeout.
---
---**Errors** `EINVAL`, `EACCES`: the bytes are invalid, or for another process. Another length raises an error
---
---**Available** Windows · **Source** `WSASocketW`; documented: `socket.fromshare`
---@param data string
---@return bsdsocket.Socket? socket
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function socket.fromshare(data) end

---Closes a descriptor that no socket object owns, such as one from `detach` or `recv_fds`.
---
---**Errors** `EBADF`: an invalid descriptor
---
---**Available** everywhere · **Source** `close(2)`; documented: `socket.close`
---@param fd integer
---@return true? done
---@return string? message
---@return bsdsocket.Code? code
function socket.close(fd) end

---Duplicates a descriptor. The caller owns the new one, which is close-on-exec.
---
---**Errors** `EBADF`: an invalid descriptor; `EMFILE`: too many open descriptors
---
---**Available** everywhere · **Source** `dup(2)`, `fcntl(2)`; CPython: `socket.dup`
---@param fd integer
---@return integer? descriptor
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function socket.dup(fd) end

---Resolves a host and a service to addresses, in order of preference. The last argument may be a table with the omitted
---ones by name.
---
---    for _, info in ipairs(assert(socket.getaddrinfo("localhost", "http", { type = socket.SOCK_STREAM }))) do
---      print(info.family, info.sockaddr)
---    end
---
---Without a timeout the call takes as long as the resolver of the system does, even after Ctrl-C, which ends the stock
---interpreter when it is pressed twice; the timeouts of sockets do not apply. With a timeout, and in a task, another thread
---looks up the name, of which the library has 16 at most. Other tasks run meanwhile.
---
---**Errors** `timeout`: there was no answer in time; `EINTR`: as for calls that wait, with a timeout;
---`EAI_NONAME`: unknown host or service; `EAI_AGAIN`: temporary failure; `EAI_FAIL`: permanent failure;
---`EAI_NODATA`: the host has no address; `EAI_SERVICE`, `EAI_SOCKTYPE`: the service is not available for the type;
---`EAI_FAMILY`: an unsupported family; `EAI_BADFLAGS`: invalid flags; the name of an error number instead of
---`EAI_SYSTEM`
---
---**Available** everywhere · **Source** `getaddrinfo(3)`; documented: `socket.getaddrinfo`
---@param host string? a host name or a numeric address; `nil` for the loopback address, or with `AI_PASSIVE` the
---wildcard address
---@param port integer|string|nil a port number, the name of a service, or `nil`
---@param family? integer an `AF_` constant, `AF_UNSPEC` (any) by default
---@param type? integer a `SOCK_` constant, 0 (any) by default
---@param proto? integer the protocol number, 0 (any) by default
---@param flags? integer `AI_` constants, 0 by default
---@param timeout? number the seconds that the call may take, by default as long as the system lets it
---@return bsdsocket.AddrInfo[]? found
---@return string? message
---@return bsdsocket.Code? code
---@overload fun(host?: string, port: integer|string, options: bsdsocket.Hints): bsdsocket.AddrInfo[]?, string?, string?
---@nodiscard
function socket.getaddrinfo(host, port, family, type, proto, flags, timeout) end

---Returns the fully qualified name of a host: the first of its names that contains a dot, or else its first name. An
---unknown name is returned unchanged.
---
---**Errors** those of `socket.gethostname`, if the name is omitted
---
---**Available** everywhere · **Source** documented: `socket.getfqdn`
---@param name? string a host name or a numeric address; by default, and for `""`, this machine
---@return string? name
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function socket.getfqdn(name) end

---Resolves a host to an IPv4 address. `socket.getaddrinfo` also supports IPv6.
---
---**Errors** those of `socket.getaddrinfo`; `EAI_ADDRFAMILY`: the host is an IPv6 address
---
---**Available** everywhere · **Source** `getaddrinfo(3)`; documented: `socket.gethostbyname`
---@param hostname string a name or a numeric address
---@return string? address in dotted decimal
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function socket.gethostbyname(hostname) end

---Looks up the names and the IPv4 addresses of a host. `socket.getaddrinfo` also supports IPv6.
---
---**Errors** those of `socket.gethostbyname`; `HOST_NOT_FOUND`, `TRY_AGAIN`, `NO_RECOVERY`, `NO_DATA`
---
---**Available** everywhere · **Source** `gethostbyname(3)`; documented: `socket.gethostbyname_ex`
---@param hostname string a name or a numeric address
---@return string? hostname the primary name of the host
---@return string[] aliases its other names; after a failure the message
---@return string[] addresses in dotted decimal; after a failure the code
---@nodiscard
function socket.gethostbyname_ex(hostname) end

---Returns the host name of this machine; `socket.getfqdn` returns the fully qualified one.
---
---**Available** everywhere · **Source** `gethostname(2)`; documented: `socket.gethostname`
---@return string? name
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function socket.gethostname() end

---Looks up the names of the host with an address (reverse look-up).
---
---    local name, aliases, addresses = assert(socket.gethostbyaddr "127.0.0.1")
---
---**Errors** `HOST_NOT_FOUND`, `TRY_AGAIN`, `NO_RECOVERY`, `NO_DATA`; for a host name those of `socket.getaddrinfo`
---
---**Available** everywhere · **Source** `gethostbyaddr(3)`; documented: `socket.gethostbyaddr`
---@param address string a numeric IPv4 or IPv6 address, or a host name, which is resolved first
---@return string? hostname the primary name of the host
---@return string[] aliases its other names; after a failure the message
---@return string[] addresses numeric; after a failure the code
---@nodiscard
function socket.gethostbyaddr(address) end

---Looks up the names of the host and of the service of an address. The host in the address must be numeric, the port a
---number. A scope is appended to the returned host as `%scope`. With an IPv4 host only the first two fields count;
---others are ignored.
---
---    local host, port = assert(socket.getnameinfo({ "127.0.0.1", 80 }, socket.NI_NUMERICHOST))
---
---**Errors** `EAI_NONAME`: the host in the address is not numeric, or has no name, with `NI_NAMEREQD`; `EAI_AGAIN`:
---temporary failure; `EAI_BADFLAGS`: invalid flags
---
---**Available** everywhere · **Source** `getnameinfo(3)`; documented: `socket.getnameinfo`
---@param sockaddr bsdsocket.AddressArgument of `AF_INET` or `AF_INET6`
---@param flags? integer `NI_` constants, 0 by default
---@return string? host a host name, or a numeric address
---@return string port the service name, or the port number as a string; after a failure the message
---@return bsdsocket.Code? code
---@nodiscard
function socket.getnameinfo(sockaddr, flags) end

---Returns the number of a protocol, for the third argument of `socket.socket`.
---
---**Errors** `ENOENT`: an unknown protocol
---
---**Available** everywhere · **Source** `getprotobyname(3)`; documented: `socket.getprotobyname`
---@param protocolname string `"tcp"`, `"icmp"` …
---@return integer? proto
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function socket.getprotobyname(protocolname) end

---Returns the port of a service.
---
---**Errors** `ENOENT`: an unknown service
---
---**Available** everywhere · **Source** `getservbyname(3)`; documented: `socket.getservbyname`
---@param servicename string `"http"` …
---@param protocolname? string `"tcp"` or `"udp"`; any by default
---@return integer? port
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function socket.getservbyname(servicename, protocolname) end

---Returns the name of the service of a port.
---
---**Errors** `ENOENT`: an unknown port
---
---**Available** everywhere · **Source** `getservbyport(3)`; documented: `socket.getservbyport`
---@param port integer 0 to 65535
---@param protocolname? string `"tcp"` or `"udp"`; any by default
---@return string? servicename
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function socket.getservbyport(port, protocolname) end

---Converts a 32-bit integer from network to host byte order.
---
---**Available** everywhere · **Source** `ntohl(3)`; documented: `socket.ntohl`
---@param x integer 0 to 4294967295
---@return integer
---@nodiscard
function socket.ntohl(x) end

---Converts a 16-bit integer from network to host byte order.
---
---**Available** everywhere · **Source** `ntohs(3)`; documented: `socket.ntohs`
---@param x integer 0 to 65535
---@return integer
---@nodiscard
function socket.ntohs(x) end

---Converts a 32-bit integer from host to network byte order.
---
---**Available** everywhere · **Source** `htonl(3)`; documented: `socket.htonl`
---@param x integer 0 to 4294967295
---@return integer
---@nodiscard
function socket.htonl(x) end

---Converts a 16-bit integer from host to network byte order.
---
---**Available** everywhere · **Source** `htons(3)`; documented: `socket.htons`
---@param x integer 0 to 65535
---@return integer
---@nodiscard
function socket.htons(x) end

---Converts an IPv4 address from text to four bytes in network byte order. Like inet_aton(3) it accepts fewer than four
---parts, and hexadecimal or octal numbers (`"127.1"`, `"0x7f.1"`).
---
---**Errors** `EINVAL`: an invalid address
---
---**Available** everywhere · **Source** `inet_aton(3)`; documented: `socket.inet_aton`
---@param ip_string string the address as text
---@return string? packed
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function socket.inet_aton(ip_string) end

---Converts an IPv4 address from bytes to dotted decimal.
---
---**Errors** `EINVAL`: the length is not four bytes
---
---**Available** everywhere · **Source** `inet_ntoa(3)`; documented: `socket.inet_ntoa`
---@param packed_ip bsdsocket.Bytes the address, in network byte order
---@return string? address
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function socket.inet_ntoa(packed_ip) end

---Converts an address from text to bytes in network byte order, four for IPv4, sixteen for IPv6.
---
---**Errors** `EINVAL`: an invalid address of the family; `EAFNOSUPPORT`: another family
---
---**Available** everywhere · **Source** `inet_pton(3)`; documented: `socket.inet_pton`
---@param address_family integer `AF_INET` or `AF_INET6`
---@param ip_string string the address as text
---@return string? packed
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function socket.inet_pton(address_family, ip_string) end

---Converts an address from bytes to text. A wrong length for the family, or another family, raises an error.
---
---**Available** everywhere · **Source** `inet_ntop(3)`; documented: `socket.inet_ntop`
---@param address_family integer `AF_INET` or `AF_INET6`
---@param packed_ip bsdsocket.Bytes the address, in network byte order
---@return string address
---@nodiscard
function socket.inet_ntop(address_family, packed_ip) end

---Returns the length of a control message with its header, without trailing padding, in bytes.
---
---**Available** everywhere · **Source** `cmsg(3)`; documented: `socket.CMSG_LEN`
---@param length integer the length of the data in bytes; raises an error if the result would exceed 2147483647
---@return integer bytes
---@nodiscard
function socket.CMSG_LEN(length) end

---Returns the space that a control message needs in the buffer for ancillary data, with padding, in bytes. For several
---messages add the values.
---
---**Available** everywhere · **Source** `cmsg(3)`; documented: `socket.CMSG_SPACE`
---@param length integer the length of the data in bytes; raises an error if the result would exceed 2147483647
---@return integer bytes
---@nodiscard
function socket.CMSG_SPACE(length) end

---Returns the timeout of new sockets in seconds, `nil` for none.
---
---**Available** everywhere · **Source** documented: `socket.getdefaulttimeout`
---@return number? seconds
---@nodiscard
function socket.getdefaulttimeout() end

---Sets the timeout of new sockets of this Lua state, `nil` at first.
---
---**Available** everywhere · **Source** documented: `socket.setdefaulttimeout`
---@param seconds number? 0 or more, as for `settimeout`; `nil` must be explicit
---@return true
function socket.setdefaulttimeout(seconds) end

---Sets the host name of this machine.
---
---**Errors** `EPERM`: it needs privileges; `EINVAL`: the name is too long
---
---**Available** Unix · **Source** `sethostname(2)`; documented: `socket.sethostname`
---@param name string
---@return true? done
---@return string? message
---@return bsdsocket.Code? code
function socket.sethostname(name) end

---Lists the addresses of the network interfaces, one table for each: an interface with several addresses is in the list
---several times. On Linux it has one of `AF_PACKET`, its hardware address, on macOS and the BSDs one of `AF_LINK`. The
---port of an address is 0. An address that the library cannot read is left out, as on Linux that of another family.
---
---    for _, interface in ipairs(assert(socket.getifaddrs())) do
---      if interface.flags.up and interface.family == socket.AF_INET then
---        print(interface.name, interface.address.host, interface.netmask.host)
---      end
---    end
---
---**Errors** those of the system (`ENOBUFS` …)
---
---**Available** everywhere · **Source** `getifaddrs(3)`; on Windows `GetAdaptersAddresses`
---@return bsdsocket.InterfaceAddress[]? addresses
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function socket.getifaddrs() end

---Lists the network interfaces.
---
---    for _, interface in ipairs(assert(socket.if_nameindex())) do
---      print(interface.index, interface.name)
---    end
---
---**Errors** those of the system (`ENOBUFS` …)
---
---**Available** everywhere · **Source** `if_nameindex(3)`; documented: `socket.if_nameindex`
---@return bsdsocket.Interface[]? interfaces
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function socket.if_nameindex() end

---Returns the index of a network interface.
---
---**Errors** `ENODEV`: an unknown name
---
---**Available** everywhere · **Source** `if_nametoindex(3)`; documented: `socket.if_nametoindex`
---@param if_name string
---@return integer? index
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function socket.if_nametoindex(if_name) end

---Returns the name of a network interface.
---
---**Errors** `ENXIO`: an unknown index
---
---**Available** everywhere · **Source** `if_indextoname(3)`; documented: `socket.if_indextoname`
---@param if_index integer 0 to 4294967295
---@return string? name
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function socket.if_indextoname(if_index) end

---Returns the context id (CID) of this machine, to which `AF_VSOCK` peers connect. It comes from the ioctl request
---`IOCTL_VM_SOCKETS_GET_LOCAL_CID` of the device `/dev/vsock`.
---
---    local cid = assert(socket.get_local_cid())
---    print(cid ~= socket.VMADDR_CID_ANY and cid or "none yet")
---
---**Errors** `ENOENT`: the device is missing; `EACCES`: no permission to open it
---
---**Available** Linux · **Source** `vsock(7)`; documented: `socket.IOCTL_VM_SOCKETS_GET_LOCAL_CID`
---@return integer? cid 0 to 4294967295; `VMADDR_CID_ANY` if there is no vsock transport to other machines
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function socket.get_local_cid() end

---Sends descriptors with data over an `AF_UNIX` socket; the receiver gets duplicates.
---
---    assert(socket.send_fds(channel, { "x" }, { connection:fileno() }))
---
---**Errors** those of `sendmsg`; `EBADF`: an invalid descriptor; `ETOOMANYREFS`: too many descriptors in flight
---
---**Available** Unix · **Source** `sendmsg(2)`, `unix(7)`; documented: `socket.send_fds`
---@param sock bsdsocket.Socket of `AF_UNIX`
---@param buffers bsdsocket.Bytes[] the data, at least one byte on a stream
---@param fds integer[] the descriptors
---@param flags? integer `MSG_` constants, 0 by default
---@param address? bsdsocket.AddressArgument the destination, by default the peer
---@return integer? count the number of data bytes sent
---@return string? message
---@return bsdsocket.Code? code
function socket.send_fds(sock, buffers, fds, flags, address) end

---Receives data and descriptors over an `AF_UNIX` socket. The caller owns the descriptors, which are close-on-exec:
---`socket.socket { fileno = fd }` creates a socket from one, `socket.close` closes it.
---
---    local data, fds = assert(socket.recv_fds(channel, 1, 1))
---    local connection = assert(socket.socket { fileno = fds[1] })
---
---**Errors** those of `recvmsg`
---
---**Available** Unix · **Source** `recvmsg(2)`, `unix(7)`; documented: `socket.recv_fds`
---@param sock bsdsocket.Socket of `AF_UNIX`
---@param bufsize integer the maximum number of data bytes to receive, 0 to 2147483647
---@param maxfds integer the maximum number of descriptors to receive; others are closed, with `MSG_CTRUNC` in the flags
---@param flags? integer `MSG_` constants, 0 by default
---@return string? data
---@return integer[] fds the descriptors; after a failure the message
---@return integer msg_flags as for `recvmsg`; after a failure the code
---@return bsdsocket.Address? address the sender's address, `nil` if the system returns none
function socket.recv_fds(sock, bufsize, maxfds, flags) end

---Converts an address to the bytes of a `sockaddr`, for options and ancillary data that contain one.
---
---**Errors** for a host name those of `socket.getaddrinfo`; `ENAMETOOLONG`: an `AF_UNIX` path that is too long;
---`EAFNOSUPPORT`: the host `"<broadcast>"` with `AF_INET6`
---
---**Available** everywhere · **Source** `bsdsocket`, `sockaddr(3type)`
---@param family integer an `AF_` constant
---@param address bsdsocket.AddressArgument
---@param proto? integer the protocol number, for families whose addresses depend on it
---@return string? bytes
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function socket.pack_address(family, address, proto) end

---Converts the bytes of a `sockaddr` to an address; for an unknown family it has the family and bytes. A wrong length
---for the family raises an error.
---
---**Available** everywhere · **Source** `bsdsocket`, `sockaddr(3type)`
---@param bytes bsdsocket.Bytes
---@param proto? integer the protocol number, for families whose addresses depend on it
---@return bsdsocket.Address address
---@nodiscard
function socket.unpack_address(bytes, proto) end

---Makes the bytes of a structure of C, such as the value of an option, of numbers and strings, as Lua 5.4's
---`string.pack` does: its own function where Lua has one, the same for the other Luas.
---
---    local LINGER = "ii" -- struct linger: on or off, seconds
---    assert(s:setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, socket.pack(LINGER, 1, 0)))
---    local on, seconds = socket.unpack(LINGER, assert(s:getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)))
---    assert(on == 1 and seconds == 0)
---
---| option | |
---| --- | --- |
---| `<` `>` `=` | little-endian, big-endian, the byte order of this machine, which is the default |
---| `![n]` | align to at most `n` bytes, 8 by default; without it nothing is aligned |
---| `b` `B` | a signed and an unsigned byte |
---| `h` `H` `l` `L` | C's `short` and `long`, signed and unsigned |
---| `i[n]` `I[n]` | an integer of `n` bytes, by default C's `int`, signed and unsigned |
---| `j` `J` `T` | 8 bytes, signed and unsigned; C's `size_t` |
---| `f` `d` `n` | C's `float`; C's `double`, twice |
---| `s[n]` | a string behind its length of `n` bytes, by default a `size_t` |
---| `c<n>` | a string of `n` bytes, padded with zeros |
---| `z` | a string with a zero at its end |
---| `x`, `X<option>`, a space | a zero; what aligns to that option; nothing |
---
---An integer that does not fit raises an error.
---
---**Available** everywhere · **Source** `bsdsocket`
---@param format string
---@param ... integer|number|string
---@return string bytes
---@nodiscard
function socket.pack(format, ...) end

---Reads numbers and strings from the bytes of a structure of C; the opposite of `socket.pack`. Returns them, and the
---place after them. On Lua 5.1, 5.2 and LuaJIT an integer beyond 2⁵³, which no number is equal to, raises an error.
---
---    if socket.SO_PEERCRED then
---      local pid, uid, gid = socket.unpack("iII", assert(channel:getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)))
---      assert(pid > 0 and uid >= 0 and gid >= 0)
---    end
---
---**Available** everywhere · **Source** `bsdsocket`
---@param format string as for `socket.pack`
---@param bytes string
---@param place? integer where to begin, 1 by default; negative ones count from the end
---@return any ... the values, then the place after them
---@nodiscard
function socket.unpack(format, bytes, place) end

---Returns the size in bytes of what a format describes. A string of any length (`s`, `z`) raises an error.
---
---    local linger = assert(s:getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, socket.packsize "ii"))
---
---**Available** everywhere · **Source** `bsdsocket`
---@param format string as for `socket.pack`
---@return integer size
---@nodiscard
function socket.packsize(format) end

---Adds an audit hook, which is called before each operation that has an audit event, with the event's name and
---arguments:
---
---| event | arguments |
---| --- | --- |
---| `socket.__new__` | a temporary, closed socket object, family, type, protocol |
---| `socket.bind`, `socket.connect`, `socket.sendto` | the socket, the address; `{ 0, "" }` for `connect(AF_UNSPEC)` |
---| `socket.sendmsg` | the socket, the address or `nil` |
---| `socket.getaddrinfo` | host, port, family, type, protocol |
---| `socket.gethostbyname`, `socket.gethostbyaddr`, `socket.sethostname` | the name or address |
---| `socket.getnameinfo` | the address |
---| `socket.getservbyname` | service, protocol or `nil` |
---| `socket.getservbyport` | port, protocol or `nil` |
---| `socket.gethostname` | none |
---
---A hook vetoes the operation by raising an error, which the caller gets. It cannot yield. On Lua 5.5 hooks run in a
---coroutine of their own, and a hook that closes it vetoes the operation. A host name in an address is already resolved;
---the look-up has its own event, `socket.getaddrinfo` with the name. `listen` on an unbound socket raises `socket.bind`
---with the wildcard address. A hook cannot be removed.
---
---    socket.addaudithook(function(event, s, address)
---      if event == "socket.connect" and address.host ~= "127.0.0.1" then
---        error("no way to " .. tostring(address), 0)
---      end
---    end)
---
---**Available** everywhere · **Source** documented: audit events, `sys.addaudithook`
---@param hook fun(event: string, ...: any)
---@return true
function socket.addaudithook(hook) end

---Returns the documented exception for a code, and its PEP 3151 name if there is one; `nil` for an unknown code.
---
---    socket.error_class "ECONNREFUSED"     --> error     ConnectionRefusedError
---    socket.error_class "EAI_NONAME"       --> gaierror  nil
---    socket.error_class "timeout"          --> timeout   TimeoutError
---    socket.error_class "EOF"              --> nil       EOFError
---
---**Available** everywhere · **Source** `bsdsocket`; documented: `socket.error`, `socket.herror`, `socket.gaierror`,
---`socket.timeout`
---@param code bsdsocket.Code
---@return bsdsocket.ErrorClass? class
---@return string? exception
---@nodiscard
function socket.error_class(code) end

---Creates a buffer: zeroed, with the given size, or with a copy of the given bytes.
---
---**Available** everywhere · **Source** `bsdsocket`
---@param content integer|string|bsdsocket.Buffer a size in bytes, 0 to 2147483647, or the bytes
---@return bsdsocket.Buffer
---@nodiscard
function socket.buffer(content) end

---Returns `"socket"` or `"closed socket"` for a socket, and `nil` for anything else, like `io.type` for files.
---
---**Available** everywhere · **Source** `bsdsocket`
---@param value any
---@return "socket"|"closed socket"|nil
---@nodiscard
function socket.type(value) end

---Returns what the sockets of the Lua state have done and what they hold. Only a host adds this function, by
---`Builder::with_stats` in Rust and `with_stats` in C.
---
---    local stats = socket.stats and socket.stats()
---    for _, entry in ipairs(stats and stats.sockets or {}) do
---      print(entry.laddr, entry.raddr, entry.received, entry.sent, #entry.tasks)
---    end
---
---**Errors** `ENOMEM`: there are more sockets than memory for the list
---
---**Available** hosts · **Source** `bsdsocket`
---@return bsdsocket.Stats? stats
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function socket.stats() end

return socket
