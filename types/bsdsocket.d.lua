---@meta bsdsocket

-- The reference of the module, for readers and for editors. The integer constants are in constants.d.lua.
--
-- Every entry says what a function does, what it takes and gives, with units, how it fails, where it exists, and its
-- source: the manual page of the system call, and the name in the documentation of CPython's `socket`.
--
-- Times are in seconds, sizes in bytes. A function that can fail returns `nil, message, code`; misuse raises an error.

-- ── Errors ────────────────────────────────────────────────────────────────────────────────────────────────────
--
-- A function that can fail returns `nil, message, code`. The message begins with the operation, `connect 127.0.0.1:9:
-- Connection refused`; the code is for programs. Misuse, such as a wrong type or port 70000, raises an error.

---Why a call failed, the same on every system and in every locale: the name of an error number (`"ECONNREFUSED"`,
---`"EAGAIN"`; `"E524"` for a number without a name), the name of a resolver's error (`"EAI_NONAME"`,
---`"HOST_NOT_FOUND"`), or `"timeout"` for the socket's own deadline.
---
---`"EWOULDBLOCK"` is reported as `"EAGAIN"`. The kernel's own timeout is `"ETIMEDOUT"`. The numbers of Winsock have the
---same names: `WSAECONNREFUSED` is `"ECONNREFUSED"`.
---@alias bsdsocket.Code string

---The documented exception that a code belongs to.
---@alias bsdsocket.ErrorClass
---| "error" # `OSError`: the code is the name of an error number
---| "gaierror" # a failure of `getaddrinfo` or `getnameinfo`
---| "herror" # a failure of `gethostbyname_ex` or `gethostbyaddr`
---| "timeout" # the socket's own deadline passed

-- ── Addresses ─────────────────────────────────────────────────────────────────────────────────────────────────
--
-- How the addresses of each family look: `bsdsocket.Address` is what functions return, `bsdsocket.AddressArgument` what
-- they take.

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

---An address of `AF_NETLINK` (Linux).
---@class bsdsocket.NetlinkAddress
---@field [1] integer the port's number, 0 for the kernel
---@field [2] integer a mask of multicast groups
---@field pid integer
---@field groups integer
---@operator len: integer

---An address of `AF_TIPC` (Linux).
---@class bsdsocket.TipcAddress
---@field [1] integer `TIPC_ADDR_NAMESEQ`, `TIPC_ADDR_NAME` or `TIPC_ADDR_ID`
---@field [2] integer the type of the service; of an id the node
---@field [3] integer the lower end of a range; the instance; of an id the reference
---@field [4] integer the upper end of a range; of a name or an id 0, and not looked at when it is given
---@field [5] integer `TIPC_ZONE_SCOPE`, `TIPC_CLUSTER_SCOPE` or `TIPC_NODE_SCOPE`
---@field addr_type integer
---@field v1 integer
---@field v2 integer
---@field v3 integer
---@field scope integer
---@operator len: integer

---An address of `AF_CAN` (Linux, NetBSD), but for those of the protocols below.
---@class bsdsocket.CanAddress
---@field [1] string the interface's name, `""` for all
---@field interface string
---@operator len: integer

---An address of `AF_CAN`, `CAN_ISOTP` (Linux).
---@class bsdsocket.CanIsotpAddress
---@field [1] string the interface's name, `""` for all
---@field [2] integer the id that is received
---@field [3] integer the id that is sent
---@field interface string
---@field rx_addr integer
---@field tx_addr integer
---@operator len: integer

---An address of `AF_CAN`, `CAN_J1939` (Linux).
---@class bsdsocket.CanJ1939Address
---@field [1] string the interface's name, `""` for all
---@field [2] integer|string 64 bits, as an integer that may be negative; on a Lua without such integers those from 2^53
---on as a string, `"0x…"`
---@field [3] integer the number of the parameter group
---@field [4] integer the ECU's address, 0 to 255
---@field interface string
---@field name integer|string
---@field pgn integer
---@field addr integer
---@operator len: integer

---An address of `AF_BLUETOOTH`, `BTPROTO_L2CAP`. The last two fields are there where they are not 0.
---@class bsdsocket.L2capAddress
---@field [1] string the device, as `"12:34:56:78:9A:BC"`
---@field [2] integer the port
---@field [3]? integer the channel
---@field [4]? integer `BDADDR_BREDR` (0), `BDADDR_LE_PUBLIC` or `BDADDR_LE_RANDOM`
---@field bdaddr string
---@field psm integer
---@field cid? integer
---@field bdaddr_type? integer
---@operator len: integer

---An address of `AF_BLUETOOTH`, `BTPROTO_RFCOMM`.
---@class bsdsocket.RfcommAddress
---@field [1] string the device, as `"12:34:56:78:9A:BC"`
---@field [2] integer 0 to 255
---@field bdaddr string
---@field channel integer
---@operator len: integer

---An address of `AF_BLUETOOTH`, `BTPROTO_HCI`, whose channel is not `HCI_CHANNEL_RAW`; else it is the device's number.
---@class bsdsocket.HciAddress
---@field [1] integer the device's number
---@field [2] integer an `HCI_CHANNEL_` constant
---@field device_id integer
---@field channel integer
---@operator len: integer

---An address of `AF_ALG` (Linux).
---@class bsdsocket.AlgAddress
---@field [1] string `"hash"`, `"skcipher"` …, at most 13 bytes
---@field [2] string the algorithm's name, at most 63 bytes
---@field [3] integer flags of the kernel's choice of an algorithm, 32 bits
---@field [4] integer which of the flags count, 32 bits
---@field type string
---@field name string
---@field feat integer
---@field mask integer
---@operator len: integer

---An address of `AF_VSOCK` (Linux, macOS).
---@class bsdsocket.VsockAddress
---@field [1] integer the machine's number, or a `VMADDR_CID_` constant
---@field [2] integer 0 to 4294967295
---@field cid integer
---@field port integer
---@operator len: integer

---An address of `AF_PACKET` (Linux).
---@class bsdsocket.PacketAddress
---@field [1] string the interface's name, `""` for all
---@field [2] integer the Ethernet protocol, in host byte order
---@field [3] integer a `PACKET_` constant
---@field [4] integer the type of the hardware's addresses
---@field [5] string the hardware address, at most 8 bytes
---@field ifname string
---@field proto integer
---@field pkttype integer
---@field hatype integer
---@field addr string
---@operator len: integer

---An address of `PF_SYSTEM`, `SYSPROTO_CONTROL` (macOS).
---@class bsdsocket.ControlAddress
---@field [1] integer the number of the control
---@field [2] integer the number of the unit
---@field id integer
---@field unit integer
---@operator len: integer

---An address of `AF_LINK` (macOS, BSD): an interface, as ancillary data names it.
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
---@field [1] integer 0 to 4294967295
---@field [2] integer 0 to 4294967295
---@field node integer
---@field port integer
---@operator len: integer

---An address of `AF_HYPERV` (Windows).
---@class bsdsocket.HypervAddress
---@field [1] string the virtual machine, a UUID in capitals, or an `HV_GUID_` constant
---@field [2] string the service, a UUID in capitals
---@field vm_id string
---@field service_id string
---@operator len: integer

---An address of any other family, as bytes.
---@class bsdsocket.RawAddress
---@field [1] integer the family's number
---@field [2] string what follows the family in the `sockaddr`
---@field family integer
---@field bytes string
---@operator len: integer

---A returned address: a table of the documented fields, which also have their names, or one value: of
---`AF_UNIX` a string (a path, an abstract name with its leading `"\0"`, `""` when unnamed), of `BTPROTO_SCO` the device
---as a string, of `BTPROTO_HCI` its number (of the BSDs a string). `nil` where there is no address. What is returned
---can be passed back; a table with more fields than its family has raises an error. `tostring` puts colons between the
---fields.
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
---@field host? string a numeric address or a name, which is looked up: the first result of the socket's family counts
---@field port? integer 0 to 65535; of `AF_VSOCK` and `AF_QIPCRTR` 0 to 4294967295
---@field flowinfo? integer 0 to 1048575, 0 by default
---@field scope_id? integer 0 to 4294967295; 0, or what a `%scope` in the host says, by default
---@field path? string of `AF_UNIX`
---@field pid? integer of `AF_NETLINK`, 0 to 4294967295
---@field groups? integer of `AF_NETLINK`, 0 to 4294967295
---@field addr_type? integer of `AF_TIPC`
---@field v1? integer of `AF_TIPC`, 0 to 4294967295
---@field v2? integer of `AF_TIPC`, 0 to 4294967295
---@field v3? integer of `AF_TIPC`, 0 to 4294967295; it has to be given, and is not looked at in a name or an id
---@field scope? integer of `AF_TIPC`, `TIPC_CLUSTER_SCOPE` by default
---@field interface? string of `AF_CAN`
---@field rx_addr? integer of `CAN_ISOTP`, 0 to 4294967295
---@field tx_addr? integer of `CAN_ISOTP`, 0 to 4294967295
---@field name? integer|string of `CAN_J1939`: 64 bits, as an integer or as digits; of `AF_ALG` the algorithm's name
---@field pgn? integer of `CAN_J1939`, 0 to 4294967295
---@field addr? integer|string of `CAN_J1939`, 0 to 255; of `AF_PACKET` the hardware address, at most 8 bytes, none by
---default; of `AF_LINK` the same without that limit
---@field bdaddr? string of `AF_BLUETOOTH`: six numbers of two hexadecimal digits, with colons between
---@field psm? integer of `BTPROTO_L2CAP`, 0 to 65535
---@field cid? integer of `BTPROTO_L2CAP`, 0 to 65535, 0 by default; of `AF_VSOCK`, 0 to 4294967295
---@field bdaddr_type? integer of `BTPROTO_L2CAP`, 0 to 255, 0 by default
---@field channel? integer of `BTPROTO_RFCOMM`, 0 to 255; of `BTPROTO_HCI`, 0 to 65535, 0 by default
---@field device_id? integer|string of `BTPROTO_HCI`, 0 to 65535; on FreeBSD the name of a node, on NetBSD and DragonFly
---the `bdaddr`
---@field type? string|integer of `AF_ALG`; of `AF_LINK`, 0 to 255, 0 by default
---@field feat? integer of `AF_ALG`, 0 to 4294967295, 0 by default
---@field mask? integer of `AF_ALG`, 0 to 4294967295, 0 by default
---@field ifname? string of `AF_PACKET`; of `AF_LINK`, where it may be `""`
---@field proto? integer of `AF_PACKET`, 0 to 65535, in host byte order
---@field pkttype? integer of `AF_PACKET`, 0 to 255, 0 by default
---@field hatype? integer of `AF_PACKET`, 0 to 65535, 0 by default
---@field node? integer of `AF_QIPCRTR`, 0 to 4294967295
---@field vm_id? string of `AF_HYPERV`, a UUID
---@field service_id? string of `AF_HYPERV`, a UUID
---@field id? integer|string of `PF_SYSTEM`, 0 to 4294967295; without a unit the name of a control, which is looked up
---@field unit? integer of `PF_SYSTEM`, 0 to 4294967295
---@field index? integer of `AF_LINK`, 0 to 65535, 0 by default
---@field family? integer of any other family
---@field bytes? string of any other family

---An address as it is taken: an address that was returned, a table of the fields by position or by name, or a string
---for a family that has addresses of one field (`AF_UNIX`, `BTPROTO_SCO`, the control's name of `PF_SYSTEM`,
---`BTPROTO_HCI`, which takes a number too).
---
---An interface that is not there fails with `ENODEV`, one whose name is too long for `AF_CAN` with `ENAMETOOLONG`; a
---Bluetooth device that is not written as one with `EINVAL`. A field of another name than these is misuse where a field
---of the family is not given by position, and so looked for by name.
---
---    { "127.0.0.1", 80 }                     -- AF_INET
---    { host = "127.0.0.1", port = 80 }       -- the same
---    { "", 80 }                              -- every interface
---    { "<broadcast>", 9 }                    -- AF_INET, the broadcast address
---    { "fe80::1%eth0", 80 }                  -- AF_INET6; also { "fe80::1", 80, 0, 2 }
---    "/run/service.sock"                     -- AF_UNIX; also { "/run/service.sock" }
---    "\0name"                                -- AF_UNIX, abstract (Linux)
---    { "eth0", socket.ETH_P_ALL }            -- AF_PACKET
---    { "hash", "sha256" }                    -- AF_ALG
---@alias bsdsocket.AddressArgument bsdsocket.Address|bsdsocket.AddressFields|(string|integer)[]

-- ── Buffer ────────────────────────────────────────────────────────────────────────────────────────────────────

---Bytes to be read: a string, a number taken as one, or a buffer or a view of one.
---@alias bsdsocket.Bytes string|number|bsdsocket.Buffer

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

---An item of ancillary data, as it is returned. What is returned can be given back.
---@class bsdsocket.ControlMessage
---@field [1] integer the level, `SOL_SOCKET` or a protocol
---@field [2] integer the type, a constant of that level (`SCM_RIGHTS` …)
---@field [3] string the data, as the system lays it out
---@field level integer
---@field type integer
---@field data string
---@operator len: integer

---The fields of an item of ancillary data by name.
---@class bsdsocket.ControlMessageFields
---@field level integer the level, `SOL_SOCKET` or a protocol
---@field type integer the type, a constant of that level (`SCM_RIGHTS` …)
---@field data bsdsocket.Bytes the data, laid out as the system wants it

---An item of ancillary data as it is taken: one that was returned, or a table of level, type and data, by position or
---by name.
---@alias bsdsocket.ControlMessageArgument
---| bsdsocket.ControlMessage
---| bsdsocket.ControlMessageFields
---| (integer|bsdsocket.Bytes)[]

---A socket. It is closed by `close`, by `local s <close>` (Lua 5.4 and later), and when it is collected. `tostring`
---shows its descriptor, family, type, protocol and both addresses.
---
---Every method fails with `EBADF` once the socket is closed, except `close`, `fileno`, `gettimeout`, `getblocking` and
---those that are there for other libraries, `getfd`, `setfd`, `dirty`, `pollfd` and `events`.
---Streams that `makefile` made keep the descriptor open for themselves until the last of them is closed.
---Calls that wait (`accept`, `connect`, and all that sends or receives) can also fail, as *the errors of waiting*, with
---`timeout` after the socket's timeout, with `EAGAIN` when a non-blocking socket would have to wait (`EINPROGRESS`
---from `connect`), and with `EINTR` when a signal interrupted the call and a debug hook of the Lua state is due, as
---after Ctrl-C in the stock interpreter. After any other signal the call goes on with the time that is left. It also
---fails with `EAGAIN` after the time that `SO_RCVTIMEO` or `SO_SNDTIMEO` sets.
---@class bsdsocket.Socket
---@field family integer the family, an `AF_` constant
---@field type integer the type, a `SOCK_` constant without `SOCK_NONBLOCK` and `SOCK_CLOEXEC`
---@field proto integer the protocol's number
---@field timeout number? the timeout in seconds, as `gettimeout` returns it
local Socket = {}

---Accepts a connection, waiting for one as the timeout says. The socket has to be bound and to listen.
---
---The new socket is close-on-exec. Its timeout is the default timeout (`socket.setdefaulttimeout`); without one it
---blocks.
---
---**Errors** those of waiting; `EINVAL`: the socket does not listen; `EOPNOTSUPP`: it is no stream;
---`ECONNABORTED`: the peer closed the connection before; `EMFILE`, `ENFILE`: too many open descriptors
---
---**Available** everywhere · **Source** `accept(2)`; documented: `socket.accept`
---@return bsdsocket.Socket? connection
---@return bsdsocket.Address address the peer's address; in case of failure the message
---@return bsdsocket.Code? code
function Socket:accept() end

---Binds the socket to an address.
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

---Connects to an address, waiting as the timeout says. On a datagram socket it sets the peer: where `send` sends
---to, and whose datagrams are received.
---
---On a non-blocking socket it fails with `EINPROGRESS`, and the system goes on connecting: once the socket is writable,
---`getsockopt(SOL_SOCKET, SO_ERROR)` returns the error number, 0 for success.
---
---**Errors** those of waiting; `ECONNREFUSED`: no socket listens there; `ETIMEDOUT`: no answer; `ENETUNREACH`,
---`EHOSTUNREACH`: no route; `EISCONN`, `EALREADY`: it is connected, or connecting; `EAFNOSUPPORT`; of a host
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

---Detaches the descriptor: the object is closed, the descriptor stays open and belongs to the caller.
---
---**Errors** `EBADF`: the socket is closed
---
---**Available** everywhere · **Source** documented: `socket.detach`
---@return integer? descriptor
---@return string? message
---@return bsdsocket.Code? code
function Socket:detach() end

---Returns a new socket object for a duplicate of the descriptor, with the same family, type, protocol and timeout.
---For the system both are the same socket; each has to be closed. The new descriptor is close-on-exec.
---
---**Errors** `EMFILE`: too many open descriptors
---
---**Available** everywhere · **Source** `dup(2)`, `fcntl(2)`; documented: `socket.dup`
---@return bsdsocket.Socket? socket
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function Socket:dup() end

---Returns the descriptor, -1 when the socket is closed.
---
---**Available** everywhere · **Source** documented: `socket.fileno`
---@return integer descriptor
---@nodiscard
function Socket:fileno() end

---Returns whether programs that this one starts inherit the descriptor.
---
---**Available** everywhere · **Source** `fcntl(2)`; documented: `socket.get_inheritable`
---@return boolean? inheritable
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function Socket:get_inheritable() end

---Returns the address of the other end.
---
---**Errors** `ENOTCONN`: the socket is not connected
---
---**Available** everywhere · **Source** `getpeername(2)`; documented: `socket.getpeername`
---@return bsdsocket.Address? address
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function Socket:getpeername() end

---Returns the socket's own address, for instance the port that the system chose for port 0.
---
---**Available** everywhere · **Source** `getsockname(2)`; documented: `socket.getsockname`
---@return bsdsocket.Address? address
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function Socket:getsockname() end

---Reads an option: as an integer, or, when a length is given, as a string of the bytes that the system returns, which
---`string.unpack` (Lua 5.3 and later) can take apart.
---
---Some options of Linux make a descriptor at each call, `SO_PEERPIDFD`, `SCTP_SOCKOPT_PEELOFF` and
---`SCTP_SOCKOPT_PEELOFF_FLAGS`: the caller has to close it. Where a host accepts no descriptors these options raise an
---error.
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

---Returns whether calls may wait: true unless the timeout is 0.
---
---**Available** everywhere · **Source** documented: `socket.getblocking`
---@return boolean blocking
---@nodiscard
function Socket:getblocking() end

---Returns the timeout in seconds, `nil` for none, 0 for a socket that does not block.
---
---**Available** everywhere · **Source** documented: `socket.gettimeout`
---@return number? seconds
---@nodiscard
function Socket:gettimeout() end

---Makes an ioctl request: `SIO_RCVALL` takes one of the `RCVALL_` constants, `SIO_KEEPALIVE_VALS`
---whether (1 or 0), after how many milliseconds and how many milliseconds apart, `SIO_LOOPBACK_FAST_PATH` 1 or 0.
---
---    assert(s:ioctl(socket.SIO_RCVALL, socket.RCVALL_ON))
---    assert(s:ioctl(socket.SIO_KEEPALIVE_VALS, { 1, 10000, 3000 }))
---
---**Errors** `EBADF`: it is closed; `EOPNOTSUPP`: the system does not have it; `EACCES`: a privilege is needed;
---`EINVAL`: not for such a socket. Any other control is misuse
---
---**Available** Windows · **Source** `WSAIoctl`; documented: `socket.ioctl`
---@param control integer `SIO_RCVALL`, `SIO_KEEPALIVE_VALS` or `SIO_LOOPBACK_FAST_PATH`
---@param option integer|integer[] one number, or a sequence where the control takes several
---@return integer? count bytes of the answer, 0 for all of these
---@return string? message
---@return bsdsocket.Code? code
function Socket:ioctl(control, option) end

---Listens for connections.
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

---Makes a stream over the socket, with the interface of Lua's own files. The mode may be in the options table
---instead. Calls of the stream wait as the socket's timeout says, which applies to each call as a whole; the socket
---should be blocking or have a timeout.
---
---The socket can be closed while streams are open: the descriptor is closed when the socket and all its streams are.
---
---    for line in assert(connection:makefile()):lines() do
---      assert(connection:sendall(line .. "\n"))
---    end
---
---**Errors** `EBADF`: the socket is closed
---
---**Available** everywhere · **Source** documented: `socket.makefile`
---@param mode? string `"r"` (by default), `"w"` or `"rw"`; `"b"` beside them says that bytes are left as they are
---@param options? bsdsocket.StreamOptions
---@return bsdsocket.Stream? stream
---@return string? message
---@return bsdsocket.Code? code
---@overload fun(self: self, options: bsdsocket.StreamModeOptions): bsdsocket.Stream?, string?, string?
---@nodiscard
function Socket:makefile(mode, options) end

---Receives bytes: what is there, at most `bufsize`, waiting for the first one. `""` is the end of the stream (or an
---empty datagram). A datagram that is longer than `bufsize` is truncated; on Windows the call fails with `EMSGSIZE`.
---
---    while true do
---      local data = assert(connection:recv(4096))
---      if data == "" then
---        break
---      end
---      assert(connection:sendall(data))
---    end
---
---**Errors** those of waiting; `ECONNRESET`: connection reset by peer; `ENOTCONN`; `ECONNREFUSED`: ICMP port
---unreachable, for a datagram sent before; `ENOMEM`: not enough memory for `bufsize`
---
---**Available** everywhere · **Source** `recv(2)`; documented: `socket.recv`
---@param bufsize integer most bytes to receive, 0 to 2147483647
---@param flags? integer `MSG_` constants, 0 by default
---@return string? data
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function Socket:recv(bufsize, flags) end

---Receives bytes like `recv`, and returns the sender's address.
---
---**Errors** those of `recv`
---
---**Available** everywhere · **Source** `recvfrom(2)`; documented: `socket.recvfrom`
---@param bufsize integer most bytes to receive, 0 to 2147483647
---@param flags? integer `MSG_` constants, 0 by default
---@return string? data
---@return bsdsocket.Address address the sender's, `nil` where there is none (a stream); in case of failure the
---message
---@return bsdsocket.Code? code
---@nodiscard
function Socket:recvfrom(bufsize, flags) end

---Receives a message: data, ancillary data, and the sender's address.
---
---Descriptors in the ancillary data (`SCM_RIGHTS`, and `SCM_PIDFD` of Linux) are close-on-exec, and the caller has to
---close them; `socket.recv_fds` returns those of `SCM_RIGHTS` as integers. They are closed if the call fails after
---receiving them, and where a host accepts no descriptors. A truncated item is returned with the data that is there,
---and Lua's `warn` (Lua 5.4 and later) reports it.
---
---    local data, ancdata, flags = assert(channel:recvmsg(1024, socket.CMSG_SPACE(4)))
---    for _, item in ipairs(ancdata) do
---      print(item.level, item.type, #item.data)
---    end
---
---**Errors** those of `recv`
---
---**Available** everywhere · **Source** `recvmsg(2)`, `cmsg(3)`; documented: `socket.recvmsg`
---@param bufsize integer most bytes of data to receive, 0 to 2147483647
---@param ancbufsize? integer bytes of room for ancillary data, 0 by default: none is received
---@param flags? integer `MSG_` constants, 0 by default
---@return string? data
---@return bsdsocket.ControlMessage[] ancdata in case of failure the message
---@return integer msg_flags `MSG_` constants that describe the message (`MSG_TRUNC`, `MSG_CTRUNC` …); in case of failure
---the code
---@return bsdsocket.Address? address the sender's, `nil` where there is none (a stream)
---@nodiscard
function Socket:recvmsg(bufsize, ancbufsize, flags) end

---Receives a message like `recvmsg`, its data into buffers, each filled before the next. Views of one buffer place it
---within that buffer.
---
---    local header, body = socket.buffer(4), socket.buffer(1024)
---    local count = assert(channel:recvmsg_into { header, body:view(1, 100) })
---
---**Errors** those of `recv`; `EMSGSIZE`: more buffers than the system takes in one call (`IOV_MAX`, 1024 on Linux)
---
---**Available** everywhere · **Source** `recvmsg(2)`, `cmsg(3)`; documented: `socket.recvmsg_into`
---@param buffers bsdsocket.Buffer[]
---@param ancbufsize? integer bytes of room for ancillary data, 0 by default: none is received
---@param flags? integer `MSG_` constants, 0 by default
---@return integer? count bytes of data received
---@return bsdsocket.ControlMessage[] ancdata in case of failure the message
---@return integer msg_flags `MSG_` constants that describe the message; in case of failure the code
---@return bsdsocket.Address? address the sender's, `nil` where there is none (a stream)
function Socket:recvmsg_into(buffers, ancbufsize, flags) end

---Receives bytes into a buffer, from its beginning, and returns the sender's address.
---
---**Errors** those of `recv`
---
---**Available** everywhere · **Source** `recvfrom(2)`; documented: `socket.recvfrom_into`
---@param buffer bsdsocket.Buffer
---@param nbytes? integer most bytes to receive; 0 or nothing for as many as the buffer holds
---@param flags? integer `MSG_` constants, 0 by default
---@return integer? count bytes received
---@return bsdsocket.Address address the sender's, `nil` where there is none; in case of failure the message
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

---Sends bytes to the peer, and returns how many were sent; the caller has to send the rest, if any. `SIGPIPE` is never
---raised.
---
---**Errors** those of waiting; `EPIPE`: the stream is shut down; `ECONNRESET`: connection reset by peer;
---`ENOTCONN`; `EDESTADDRREQ`: a datagram socket without a peer; `EMSGSIZE`: a datagram too long
---
---**Available** everywhere · **Source** `send(2)`; documented: `socket.send`
---@param data bsdsocket.Bytes
---@param flags? integer `MSG_` constants, 0 by default
---@return integer? count bytes sent
---@return string? message
---@return bsdsocket.Code? code
function Socket:send(data, flags) end

---Sends bytes to the peer, all of them. The timeout applies to the whole call, not to each part.
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
---    assert(datagram:sendto("ping", { "127.0.0.1", 9 }))
---    assert(datagram:sendto("ping", socket.MSG_DONTWAIT, { "127.0.0.1", 9 }))
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

---Sends a message: data from several buffers, which are not copied into one, and ancillary data. Returns how many
---bytes were sent, as `send` does.
---
---    assert(channel:sendmsg { header, body })
---    assert(channel:sendmsg({ "x" }, { { socket.SOL_SOCKET, socket.SCM_RIGHTS, ("i"):pack(descriptor) } }))
---
---**Errors** those of `sendto`; `EMSGSIZE`: more buffers than the system takes in one call (`IOV_MAX`, 1024 on Linux);
---`EINVAL`, `EBADF`: of the ancillary data
---
---**Available** everywhere · **Source** `sendmsg(2)`, `cmsg(3)`; documented: `socket.sendmsg`
---@param buffers bsdsocket.Bytes[] the pieces, in order
---@param ancdata? bsdsocket.ControlMessageArgument[] none by default
---@param flags? integer `MSG_` constants, 0 by default
---@param address? bsdsocket.AddressArgument where to; the peer by default
---@return integer? count bytes of data sent
---@return string? message
---@return bsdsocket.Code? code
function Socket:sendmsg(buffers, ancdata, flags, address) end

---Sends a file up to its end, or a part of it: a regular file by sendfile(2), anything else (a pipe, a
---device) by reading and sending. The timeout applies to the whole call. The socket has to be a stream that may wait:
---another type, or one that does not block, is misuse.
---
---Without an offset it begins where the file's next read would. Afterwards the file's position is behind the last byte
---that was sent, when the call failed too.
---
---    local file = assert(io.open("README.md", "rb"))
---    local count = assert(connection:sendfile(file))
---    file:close()
---
---**Errors** those of `send`; those of reading the file (`EIO` …); `EBADF`: the file is closed, or not open for
---reading; `ESPIPE`: an offset into a pipe; once sending has begun, with the number of bytes that were sent before as a
---fourth result
---
---**Available** everywhere · **Source** `sendfile(2)`; documented: `socket.sendfile`
---@param file file* a file of Lua's own (`io.open`, `io.popen`), open for reading
---@param offset? integer where to begin, in bytes from the beginning of the file; beyond its end nothing is sent
---@param count? integer most bytes to send, 1 or more; up to the end of the file by default
---@return integer? count bytes sent
---@return string? message
---@return bsdsocket.Code? code
---@return integer? sent bytes sent before the failure
function Socket:sendfile(file, offset, count) end

---Sends data and an operation to the kernel crypto API (`AF_ALG`).
---
---    assert(work:sendmsg_afalg { msg = { text }, op = socket.ALG_OP_ENCRYPT, iv = vector, flags = socket.MSG_MORE })
---
---**Errors** those of `sendmsg`; on a socket of another family it is misuse
---
---**Available** Linux · **Source** `sendmsg(2)`; documented: `socket.sendmsg_afalg`
---@param options bsdsocket.AlgOptions
---@return integer? count bytes of data sent
---@return string? message
---@return bsdsocket.Code? code
function Socket:sendmsg_afalg(options) end

---Sets whether programs that this one starts inherit the descriptor. Descriptors of new sockets are not
---inherited.
---
---**Available** everywhere · **Source** `fcntl(2)`; documented: `socket.set_inheritable`
---@param inheritable boolean
---@return true? done
---@return string? message
---@return bsdsocket.Code? code
function Socket:set_inheritable(inheritable) end

---Makes the socket blocking or non-blocking: `setblocking(true)` is `settimeout(nil)`, `setblocking(false)` is
---`settimeout(0)`. Only a boolean is taken: 0 would be true in Lua.
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
---With a timeout the descriptor itself is non-blocking, also for other programs that share it.
---
---**Available** everywhere · **Source** `fcntl(2)`, `poll(2)`; documented: `socket.settimeout`
---@param seconds number? 0 or more, fractions too; `nil` has to be given
---@return true? done
---@return string? message
---@return bsdsocket.Code? code
function Socket:settimeout(seconds) end

---Sets an option to an integer, or to bytes that the caller has laid out (`string.pack` on Lua 5.3 and later); or
---passes no value at all, only a length. An integer has 32 bits; of `AF_VSOCK` it has 64, as `getsockopt` reads it.
---`true` is 1, `false` is 0.
---
---    assert(s:setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, true))
---    assert(s:setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ("ii"):pack(1, 0)))
---
---**Errors** `ENOPROTOOPT`: the level has no such option; `EINVAL`, `EDOM`: a value that it does not take; `EPERM`: a
---privileged option
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

---Shuts down one direction of a connection, or both. What was sent is still delivered; the peer then reads the end of
---the stream.
---
---**Errors** `ENOTCONN`: the socket is not connected; `EINVAL`: no such direction
---
---**Available** everywhere · **Source** `shutdown(2)`; documented: `socket.shutdown`
---@param how integer `SHUT_RD`: no more receiving; `SHUT_WR`: no more sending; `SHUT_RDWR`: neither
---@return true? done
---@return string? message
---@return bsdsocket.Code? code
function Socket:shutdown(how) end

---Duplicates the socket for another process: returns bytes that `fromshare` turns into a socket there. Both then have
---the socket; each has to close its own.
---
---**Errors** `EBADF`: it is closed; `EINVAL`: there is no such process; `EACCES`: it belongs to another user
---
---**Available** Windows · **Source** `WSADuplicateSocketW`; documented: `socket.share`
---@param process_id integer the process that may use the bytes, and no other
---@return string? data
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function Socket:share(process_id) end

-- Methods that other libraries call: see docs/interop.md.

---Returns the descriptor, -1 when the socket is closed, as `fileno` does: for LuaSocket's `select` and for LuaSec.
---
---**Available** everywhere · **Source** LuaSocket, LuaSec
---@return integer descriptor
---@nodiscard
function Socket:getfd() end

---Releases the descriptor: the object is closed, the descriptor stays open and belongs to the caller of `getfd`, as
---LuaSec's `ssl.wrap`. A closed socket stays closed.
---
---Any other number is misuse: `socket.socket { fileno = fd }` takes ownership of a descriptor.
---
---**Available** everywhere · **Source** LuaSocket, LuaSec
---@param fd -1
---@return true
function Socket:setfd(fd) end

---Whether received data is buffered in the object, as LuaSocket's `select` asks: always `false`. The buffer of a stream
---of `makefile` does not count.
---
---**Available** everywhere · **Source** LuaSocket
---@return false
---@nodiscard
function Socket:dirty() end

---Returns the descriptor, -1 when the socket is closed, as `fileno` does: what cqueues polls. `cqueues.cancel(s)` has
---to come before `s:close()` when cqueues has polled the socket.
---
---**Available** everywhere · **Source** cqueues
---@return integer descriptor
---@nodiscard
function Socket:pollfd() end

---Returns what to wait for, as cqueues takes it: what the last call that had to wait, or would have had to, waited
---for; `"r"` at first. After a `connect` that failed with `EINPROGRESS` it is `"w"`.
---
---    local data, message, code = s:recv(1024)
---    while code == "EAGAIN" do
---      cqueues.poll(s)
---      data, message, code = s:recv(1024)
---    end
---
---**Available** everywhere · **Source** cqueues
---@return "r"|"w" events `"r"`: until it is readable; `"w"`: until it is writable
---@nodiscard
function Socket:events() end

---What `sendmsg_afalg` takes.
---@class bsdsocket.AlgOptions
---@field op integer an `ALG_OP_` constant
---@field msg? bsdsocket.Bytes[] the data, in pieces; none by default
---@field iv? bsdsocket.Bytes the initialisation vector
---@field assoclen? integer how many bytes at the beginning are only authenticated
---@field flags? integer `MSG_` constants, 0 by default

-- ── Stream ────────────────────────────────────────────────────────────────────────────────────────────────────

---What `makefile` takes in its options table.
---@class bsdsocket.StreamOptions
---@field buffering? integer the size of the buffers in bytes, 2 or more; 0 for none: written bytes are sent at once,
---and no more is received than is read; 1 to send at each end of a line; -1, as by default, for 16384 bytes. What is
---written is sent when there are 1048576 bytes at the latest
---@field encoding? string the encoding of the bytes, by its name (`"latin-1"`, `"shift_jis"`, `"utf-16"` …): what is
---read and written is UTF-8. By default bytes stay as they are. One that can only be read (`"utf-16"` …) is misuse in a
---mode that writes
---@field errors? string how to treat invalid bytes, and characters that the encoding lacks: `"strict"`
---(by default) fails with `EILSEQ`, `"ignore"` leaves them out, `"replace"` replaces them by a mark
---@field newline? string what ends a line: `"\n"` (by default), `"\r"` or `"\r\n"`, which is sent for each `"\n"` that
---is written; `""` for any of the three, with `"\n"` sent as it is. What is read is never translated
---@field limit? integer the most bytes that the stream buffers unread; no limit by default. A line, a number, a count
---or an `"a"` that needs more fails with `EMSGSIZE`, and loses nothing: the bytes can be read in smaller parts. With an
---encoding the bytes of the text count, and the last character may go beyond

---The options of `makefile`, with the mode among them.
---@class bsdsocket.StreamModeOptions: bsdsocket.StreamOptions
---@field mode? string `"r"` by default

---A stream over a socket, made by `makefile`, with the interface of Lua's own files. It is closed by `close` and by
---`local stream <close>` (Lua 5.4 and later), which send what was written; one that is collected sends what it can
---without waiting. `tostring` shows its descriptor.
---
---The end of the stream is `nil` alone. A failure is `nil, message, code`; of reading it has a fourth result, the bytes
---that were received and not read yet, and loses nothing: these stay readable. Of more than 65536 bytes there is no
---fourth result; `buffered` returns how many there are.
---
---The socket's timeout counts for the whole of each call. What a stream for both directions has written is sent before
---it waits to receive. `EBADF` stands for a closed stream, and for a direction that the mode does not have.
---@class bsdsocket.Stream
local Stream = {}

---Returns how many received bytes have not been read yet; with an encoding, how many of the decoded text.
---
---**Errors** `EBADF`: the stream is closed, or not for reading
---
---**Available** everywhere · **Source** `bsdsocket`
---@return integer? count
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function Stream:buffered() end

---Sends what was written, and closes the stream, whatever came of that. Closing it again does nothing and succeeds. The
---socket stays open until it is closed too.
---
---**Errors** those of `flush`; what was not sent is lost then
---
---**Available** everywhere · **Source** documented: `io.IOBase.close`; `file:close` of Lua
---@return true? done
---@return string? message
---@return bsdsocket.Code? code
function Stream:close() end

---Sends what was written. What a failure left unsent stays, and the next flush sends it.
---
---**Errors** those of `send`; `EILSEQ`: the last character is not whole, all before it was sent
---
---**Available** everywhere · **Source** `send(2)`; documented: `io.IOBase.flush`; `file:flush` of Lua
---@return true? done
---@return string? message
---@return bsdsocket.Code? code
function Stream:flush() end

---Gives a function for a loop: each call reads by the formats, `"l"` by default, and the end of the stream ends the
---loop. A failure of reading is raised, as by Lua's own files: its message, such as `lines: timed out`.
---
---    for line in assert(connection:makefile()):lines() do
---      print(line)
---    end
---
---**Errors** raised: the stream is closed, or not for reading
---
---**Available** everywhere · **Source** `file:lines` of Lua
---@param ... string|integer formats, as `read` takes them
---@return fun(): string|number|nil, ... next
---@nodiscard
function Stream:lines(...) end

---Reads by formats, as Lua's own files do: `"l"` a line without its end (by default), `"L"` a line with it, `"n"` a
---number, `"a"` everything up to the end of the stream, a count so many bytes, fewer only at the end of the stream.
---`"*l"` and the like are the same, on every Lua. With several formats nothing is read before all of it is there.
---
---    local name, size = assert(stream:read("l", "n"))
---
---**Errors** those of `recv`; `EILSEQ`: bytes that are invalid in the encoding; `EMSGSIZE`: it takes more than the
---stream's limit; `ENOMEM`: not enough memory for more
---
---**Available** everywhere · **Source** `recv(2)`; documented: `io.RawIOBase.read`; `file:read` of Lua
---@param ... string|integer formats
---@return string|number|nil value `nil` at the end of the stream (`""` for `"a"`), and for what is no number
---@return string|number|nil ... a value for each further format, up to the first `nil`; in case of failure the message,
---the code, and all that was received and not read yet, up to 65536 bytes
function Stream:read(...) end

---Fails with `ESPIPE`: a socket has no positions.
---
---**Available** everywhere · **Source** documented: `io.IOBase.seek`; `file:seek` of Lua
---@param whence? string
---@param offset? integer
---@return nil
---@return string message
---@return bsdsocket.Code code
function Stream:seek(whence, offset) end

---Sets when written bytes are sent: `"no"` at once, `"full"` when there are so many, `"line"` when a line ends. It is
---also how much is received at once: with `"no"` no more than is read.
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

---Writes its arguments, to be sent when the buffering says, and gives the stream back, so that calls can be chained.
---A character may be written in parts, in several arguments or calls.
---
---A failure of sending keeps the bytes of the call, and the next flush sends what was not sent. Only when 1048576 bytes
---wait no more are taken before some are sent: the argument at which sending fails is kept as a whole, those after it
---are not, and a fourth result is the number of bytes of the call that were kept. With `EILSEQ` and `ENOMEM` none are
---taken; where some had been sent already, the fourth result is their number.
---
---**Errors** those of `send`; `EILSEQ`: characters that the encoding lacks; `ENOMEM`: not enough memory for the bytes
---
---**Available** everywhere · **Source** `send(2)`; documented: `io.RawIOBase.write`; `file:write` of Lua
---@param ... bsdsocket.Bytes
---@return bsdsocket.Stream? stream
---@return string? message
---@return bsdsocket.Code? code
---@return integer? taken
function Stream:write(...) end

-- ── Module ────────────────────────────────────────────────────────────────────────────────────────────────────

---The address of a TCP service, as `socket.create_connection` takes it. The host may be left out, for this machine; the
---port is a number or the name of a service.
---@class bsdsocket.ServiceFields
---@field host? string a numeric address or a name
---@field port integer|string

---The address of a TCP service, by position or by name.
---@alias bsdsocket.Service bsdsocket.Address|bsdsocket.ServiceFields|(string|integer)[]

---What `socket.create_connection` takes in its options table.
---@class bsdsocket.ConnectionOptions
---@field timeout? number|false the timeout in seconds of the socket, and so of each attempt; `false` for none; the
---default timeout by default
---@field source_address? bsdsocket.AddressArgument the address to bind to before connecting, none by default
---@field all_errors? boolean whether to return the failures of all attempts, `false` by default

---The failure of an attempt of `socket.create_connection`.
---@class bsdsocket.AttemptError
---@field message string
---@field code bsdsocket.Code
---@field address? bsdsocket.Address where it should have connected to, or the source address that it could not take

---What `socket.create_server` takes in its options table.
---@class bsdsocket.ServerOptions
---@field family? integer `AF_INET` (by default) or `AF_INET6`
---@field backlog? integer how many connections may wait to be accepted, as `listen` takes it
---@field reuse_port? boolean whether other sockets may serve the same port (`SO_REUSEPORT`), `false` by default
---@field dualstack_ipv6? boolean whether an `AF_INET6` server takes IPv4 connections too, `false` by default

---A network interface.
---@class bsdsocket.Interface
---@field index integer
---@field name string

---What `socket.socket` takes in one table.
---@class bsdsocket.SocketOptions
---@field family? integer an `AF_` constant, `AF_INET` by default
---@field type? integer a `SOCK_` constant, `SOCK_STREAM` by default
---@field proto? integer the protocol's number, 0 by default
---@field fileno? integer a descriptor to take ownership of

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
---    local server = assert(socket.create_server { "127.0.0.1", 50007 })
---    local connection, address = assert(server:accept())
---    print("connected by", address)
---
---A constant that the system does not have is `nil`: `if socket.AF_UNIX then` tests for a feature.
---@class bsdsocket
---@field SocketType bsdsocket.Socket the methods of all sockets: a function that is added here is a method of each
---@field errno table<string|integer, integer|string> `errno.EPIPE` is 32, `errno[32]` is `"EPIPE"`
---@field error "error" the class of most failures, as `error_class` returns it
---@field gaierror "gaierror" the class of a failed `getaddrinfo` or `getnameinfo`
---@field herror "herror" the class of a failed `gethostbyname_ex` or `gethostbyaddr`
---@field timeout "timeout" the code, and the class, of a call that took longer than the socket's timeout
---@field has_ipv6 boolean whether the system knows IPv6
---@field _VERSION string the name and version of the library, as `"bsdsocket 0.1.0"`
local socket = {}

---Makes a socket. The last argument may be a table of the ones that are left out, by name.
---
---With `fileno` the socket takes ownership of that descriptor, unless the call fails; family, type and protocol are
---those of the system by default. The new socket is close-on-exec, and its timeout is the default timeout; with
---`SOCK_NONBLOCK` in the type it is 0.
---
---    local tcp = assert(socket.socket())
---    local udp = assert(socket.socket(socket.AF_INET6, socket.SOCK_DGRAM))
---    local inherited = assert(socket.socket { fileno = 3 })
---
---**Errors** `EAFNOSUPPORT`: no such family; `EPROTONOSUPPORT`, `ESOCKTNOSUPPORT`: not with this type; `EACCES`,
---`EPERM`: a privileged type; `EMFILE`, `ENFILE`: too many open descriptors; of a descriptor `EBADF`, `ENOTSOCK`
---
---**Available** everywhere · **Source** `socket(2)`; documented: `socket.socket`
---@param family? integer an `AF_` constant, `AF_INET` by default
---@param type? integer a `SOCK_` constant, `SOCK_STREAM` by default
---@param proto? integer the protocol's number, 0 by default
---@param fileno? integer a descriptor to take ownership of, 0 or more
---@return bsdsocket.Socket? socket
---@return string? message
---@return bsdsocket.Code? code
---@overload fun(options: bsdsocket.SocketOptions): bsdsocket.Socket?, string?, string?
---@nodiscard
function socket.socket(family, type, proto, fileno) end

---Makes two sockets that are connected with each other. On Windows they are stream sockets of `AF_INET` or `AF_INET6`,
---over the loopback interface.
---
---**Errors** those of `socket.socket`; `EOPNOTSUPP`: the family has no pairs
---
---**Available** everywhere · **Source** `socketpair(2)`; documented: `socket.socketpair`
---@param family? integer an `AF_` constant, by default `AF_UNIX`, on Windows `AF_INET`
---@param type? integer a `SOCK_` constant, `SOCK_STREAM` by default
---@param proto? integer the protocol's number, 0 by default
---@return bsdsocket.Socket? one
---@return bsdsocket.Socket other in case of failure the message
---@return bsdsocket.Code? code
---@nodiscard
function socket.socketpair(family, type, proto) end

---Connects to a TCP service: to each address of the host in turn, IPv6 or IPv4, until one answers. The timeout is that
---of each attempt, and afterwards that of the socket; alone it may stand in place of the table.
---
---    local connection = assert(socket.create_connection({ "localhost", 50007 }, { timeout = 5 }))
---
---**Errors** of the last attempt those of `connect`, and of a source address those of `bind`; or those of
---`socket.getaddrinfo`
---
---**Available** everywhere · **Source** documented: `socket.create_connection`
---@param address bsdsocket.Service host and port
---@param options? bsdsocket.ConnectionOptions|number|false
---@return bsdsocket.Socket? connection
---@return string? message
---@return bsdsocket.Code? code
---@return bsdsocket.AttemptError[]? errors with `all_errors` the failure of each attempt, in order; `nil` when the
---look-up failed
---@nodiscard
function socket.create_connection(address, options) end

---Makes a TCP socket that listens. On Unix the address can be taken again at once (`SO_REUSEADDR`). An `AF_INET6`
---server takes IPv6 connections only, unless `dualstack_ipv6` is set; the peer of an IPv4 connection then reads
---as `::ffff:127.0.0.1`. To ask for it where the system cannot, or with `AF_INET`, is misuse, as is `reuse_port` where
---the system has none, and any other family: for `AF_UNIX` call `socket.socket`, `bind` and `listen`. The options are
---only taken in a table.
---
---    local server = assert(socket.create_server { "", 50007 })
---    local both = assert(socket.create_server({ "", 50008 }, { family = socket.AF_INET6, dualstack_ipv6 = true }))
---
---**Errors** those of `socket.socket`, `bind` and `listen`
---
---**Available** everywhere · **Source** documented: `socket.create_server`
---@param address bsdsocket.AddressArgument host and port; `""` is every interface
---@param options? bsdsocket.ServerOptions
---@return bsdsocket.Socket? server
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function socket.create_server(address, options) end

---Returns whether one TCP socket can take connections of IPv4 and IPv6.
---
---**Available** everywhere · **Source** documented: `socket.has_dualstack_ipv6`
---@return boolean
---@nodiscard
function socket.has_dualstack_ipv6() end

---Makes a socket of a duplicate of a descriptor, which the caller still owns. The duplicate is close-on-exec; the
---socket's timeout is the default timeout. Family, type and protocol are not checked;
---`socket.socket { fileno = fd }` asks the system for them, and takes ownership of the descriptor itself.
---
---**Errors** `EBADF`, `ENOTSOCK`: of the descriptor; `EMFILE`: too many open descriptors
---
---**Available** everywhere · **Source** `dup(2)`; documented: `socket.fromfd`
---@param fd integer the descriptor, 0 or more
---@param family integer an `AF_` constant
---@param type integer a `SOCK_` constant
---@param proto? integer the protocol's number, 0 by default
---@return bsdsocket.Socket? socket
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function socket.fromfd(fd, family, type, proto) end

---Makes a socket of the bytes that another process got from `share` for this one. It works once for each `share`;
---family, type and protocol come with the bytes. The socket is not inherited by other programs; its timeout is the
---default timeout.
---
---**Errors** `EINVAL`, `EACCES`: the bytes are of no socket, or for another process; another length is misuse
---
---**Available** Windows · **Source** `WSASocketW`; documented: `socket.fromshare`
---@param data string
---@return bsdsocket.Socket? socket
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function socket.fromshare(data) end

---Closes a descriptor that no object holds, as `detach` or `recv_fds` gave it.
---
---**Errors** `EBADF`: it is not open
---
---**Available** everywhere · **Source** `close(2)`; documented: `socket.close`
---@param fd integer
---@return true? done
---@return string? message
---@return bsdsocket.Code? code
function socket.close(fd) end

---Duplicates a descriptor. The new one is close-on-exec and the caller's.
---
---**Errors** `EBADF`: it is not open; `EMFILE`: too many open descriptors
---
---**Available** everywhere · **Source** `dup(2)`, `fcntl(2)`; CPython: `socket.dup`
---@param fd integer
---@return integer? descriptor
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function socket.dup(fd) end

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

---Returns the fully qualified name of a host: the first of its names that has a dot. Where none has, it is the name
---that the system knows it by; where the system does not know it, the name as given.
---
---**Errors** those of `socket.gethostname`, without a name
---
---**Available** everywhere · **Source** documented: `socket.getfqdn`
---@param name? string a name or a numeric address; this machine by default, for `""` too
---@return string? name
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function socket.getfqdn(name) end

---Looks up the IPv4 address of a host. `socket.getaddrinfo` knows IPv6 too.
---
---**Errors** those of `socket.getaddrinfo`; `EAI_ADDRFAMILY`: an IPv6 address
---
---**Available** everywhere · **Source** `getaddrinfo(3)`; documented: `socket.gethostbyname`
---@param hostname string a name or a numeric address
---@return string? address in dotted decimal
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function socket.gethostbyname(hostname) end

---Looks up the names and the IPv4 addresses of a host. `socket.getaddrinfo` knows IPv6 too.
---
---**Errors** those of `socket.gethostbyname`; `HOST_NOT_FOUND`, `TRY_AGAIN`, `NO_RECOVERY`, `NO_DATA`
---
---**Available** everywhere · **Source** `gethostbyname(3)`; documented: `socket.gethostbyname_ex`
---@param hostname string a name or a numeric address
---@return string? hostname the host's first name
---@return string[] aliases its other names; in case of failure the message
---@return string[] addresses in dotted decimal; in case of failure the code
---@nodiscard
function socket.gethostbyname_ex(hostname) end

---Returns the name of this machine, as the system has it; `socket.getfqdn` may tell more.
---
---**Available** everywhere · **Source** `gethostname(2)`; documented: `socket.gethostname`
---@return string? name
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function socket.gethostname() end

---Looks up the names of the host that has an address.
---
---    local name, aliases, addresses = assert(socket.gethostbyaddr "127.0.0.1")
---
---**Errors** `HOST_NOT_FOUND`, `TRY_AGAIN`, `NO_RECOVERY`, `NO_DATA`; of a name those of `socket.getaddrinfo`
---
---**Available** everywhere · **Source** `gethostbyaddr(3)`; documented: `socket.gethostbyaddr`
---@param address string a numeric address, IPv4 or IPv6, or a name, which is looked up
---@return string? hostname the host's first name
---@return string[] aliases its other names; in case of failure the message
---@return string[] addresses numeric; in case of failure the code
---@nodiscard
function socket.gethostbyaddr(address) end

---Looks up the name of the host and of the service at an address. The host in the address has to be numeric, the port a
---number. A scope stands behind the host as `%scope`. With an IPv4 host only the first two fields count; others may be
---there.
---
---    local host, port = assert(socket.getnameinfo({ "127.0.0.1", 80 }, socket.NI_NUMERICHOST))
---
---**Errors** `EAI_NONAME`: the host in the address is not numeric, or has no name, with `NI_NAMEREQD`; `EAI_AGAIN`:
---temporary failure; `EAI_BADFLAGS`
---
---**Available** everywhere · **Source** `getnameinfo(3)`; documented: `socket.getnameinfo`
---@param sockaddr bsdsocket.AddressArgument of `AF_INET` or `AF_INET6`
---@param flags? integer `NI_` constants, 0 by default
---@return string? host a name, or a numeric address
---@return string port the service's name, or the port's number as text; in case of failure the message
---@return bsdsocket.Code? code
---@nodiscard
function socket.getnameinfo(sockaddr, flags) end

---Returns the number of a protocol, for the third argument of `socket.socket`.
---
---**Errors** `ENOENT`: there is no protocol of that name
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
---**Errors** `ENOENT`: there is no service of that name
---
---**Available** everywhere · **Source** `getservbyname(3)`; documented: `socket.getservbyname`
---@param servicename string `"http"` …
---@param protocolname? string `"tcp"` or `"udp"`; any by default
---@return integer? port
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function socket.getservbyname(servicename, protocolname) end

---Returns the name of the service at a port.
---
---**Errors** `ENOENT`: there is no service at that port
---
---**Available** everywhere · **Source** `getservbyport(3)`; documented: `socket.getservbyport`
---@param port integer 0 to 65535
---@param protocolname? string `"tcp"` or `"udp"`; any by default
---@return string? servicename
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function socket.getservbyport(port, protocolname) end

---Turns a 32-bit number from network to host byte order.
---
---**Available** everywhere · **Source** `ntohl(3)`; documented: `socket.ntohl`
---@param x integer 0 to 4294967295
---@return integer
---@nodiscard
function socket.ntohl(x) end

---Turns a 16-bit number from network to host byte order.
---
---**Available** everywhere · **Source** `ntohs(3)`; documented: `socket.ntohs`
---@param x integer 0 to 65535
---@return integer
---@nodiscard
function socket.ntohs(x) end

---Turns a 32-bit number from host to network byte order.
---
---**Available** everywhere · **Source** `htonl(3)`; documented: `socket.htonl`
---@param x integer 0 to 4294967295
---@return integer
---@nodiscard
function socket.htonl(x) end

---Turns a 16-bit number from host to network byte order.
---
---**Available** everywhere · **Source** `htons(3)`; documented: `socket.htons`
---@param x integer 0 to 65535
---@return integer
---@nodiscard
function socket.htons(x) end

---Packs an IPv4 address: four bytes in network order. It may be given in fewer than four parts, in hexadecimal or octal
---(`"127.1"`, `"0x7f.1"`), as the C library takes it.
---
---**Errors** `EINVAL`: it is no address
---
---**Available** everywhere · **Source** `inet_aton(3)`; documented: `socket.inet_aton`
---@param ip_string string the address as text
---@return string? packed
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function socket.inet_aton(ip_string) end

---Writes a packed IPv4 address in dotted decimal.
---
---**Errors** `EINVAL`: it is not four bytes long
---
---**Available** everywhere · **Source** `inet_ntoa(3)`; documented: `socket.inet_ntoa`
---@param packed_ip bsdsocket.Bytes the address, in network byte order
---@return string? address
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function socket.inet_ntoa(packed_ip) end

---Packs an address of a family: four bytes in network order, or sixteen.
---
---**Errors** `EINVAL`: it is no address of the family; `EAFNOSUPPORT`: another family
---
---**Available** everywhere · **Source** `inet_pton(3)`; documented: `socket.inet_pton`
---@param address_family integer `AF_INET` or `AF_INET6`
---@param ip_string string the address as text
---@return string? packed
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function socket.inet_pton(address_family, ip_string) end

---Writes a packed address of a family as text. Another length than the family's, or another family, is misuse.
---
---**Available** everywhere · **Source** `inet_ntop(3)`; documented: `socket.inet_ntop`
---@param address_family integer `AF_INET` or `AF_INET6`
---@param packed_ip bsdsocket.Bytes the address, in network byte order
---@return string address
---@nodiscard
function socket.inet_ntop(address_family, packed_ip) end

---Returns the length of an item of ancillary data, without the padding behind it.
---
---**Available** everywhere · **Source** `cmsg(3)`; documented: `socket.CMSG_LEN`
---@param length integer how many bytes of data the item has; one whose item would have 2147483648 or more is misuse
---@return integer bytes
---@nodiscard
function socket.CMSG_LEN(length) end

---Returns the room that an item of ancillary data takes, with its padding. The room for several is the sum.
---
---**Available** everywhere · **Source** `cmsg(3)`; documented: `socket.CMSG_SPACE`
---@param length integer how many bytes of data the item has; one whose item would have 2147483648 or more is misuse
---@return integer bytes
---@nodiscard
function socket.CMSG_SPACE(length) end

---Returns the timeout of new sockets in seconds, `nil` for none.
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

---Sets the name of this machine.
---
---**Errors** `EPERM`: a privilege is needed; `EINVAL`: the name is too long
---
---**Available** Unix · **Source** `sethostname(2)`; documented: `socket.sethostname`
---@param name string
---@return true? done
---@return string? message
---@return bsdsocket.Code? code
function socket.sethostname(name) end

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
---**Errors** `ENODEV`: there is none of that name
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
---**Errors** `ENXIO`: there is none of that index
---
---**Available** everywhere · **Source** `if_indextoname(3)`; documented: `socket.if_indextoname`
---@param if_index integer 0 to 4294967295
---@return string? name
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function socket.if_indextoname(if_index) end

---Returns the context id (CID) of this machine, which peers of `AF_VSOCK` connect to. It
---is the answer of `/dev/vsock` to the ioctl `IOCTL_VM_SOCKETS_GET_LOCAL_CID`.
---
---    local cid = assert(socket.get_local_cid())
---    print(cid ~= socket.VMADDR_CID_ANY and cid or "none yet")
---
---**Errors** `ENOENT`: there is no such device; `EACCES`: it may not be opened
---
---**Available** Linux · **Source** `vsock(7)`; documented: `socket.IOCTL_VM_SOCKETS_GET_LOCAL_CID`
---@return integer? cid 0 to 4294967295; `VMADDR_CID_ANY` while nothing connects this machine with others
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function socket.get_local_cid() end

---Sends descriptors with some data over an `AF_UNIX` socket: the receiver gets duplicates.
---
---    assert(socket.send_fds(channel, { "x" }, { connection:fileno() }))
---
---**Errors** those of `sendmsg`; `EBADF`: a descriptor is not open; `ETOOMANYREFS`: too many are in flight
---
---**Available** Unix · **Source** `sendmsg(2)`, `unix(7)`; documented: `socket.send_fds`
---@param sock bsdsocket.Socket of `AF_UNIX`
---@param buffers bsdsocket.Bytes[] the data, at least one byte on a stream
---@param fds integer[] the descriptors
---@param flags? integer `MSG_` constants, 0 by default
---@param address? bsdsocket.AddressArgument where to; the peer by default
---@return integer? count bytes of data sent
---@return string? message
---@return bsdsocket.Code? code
function socket.send_fds(sock, buffers, fds, flags, address) end

---Receives data and descriptors over an `AF_UNIX` socket. The descriptors are close-on-exec and the caller's:
---`socket.socket { fileno = fd }` makes a socket of one, `socket.close` closes it.
---
---    local data, fds = assert(socket.recv_fds(channel, 1, 1))
---    local connection = assert(socket.socket { fileno = fds[1] })
---
---**Errors** those of `recvmsg`
---
---**Available** Unix · **Source** `recvmsg(2)`, `unix(7)`; documented: `socket.recv_fds`
---@param sock bsdsocket.Socket of `AF_UNIX`
---@param bufsize integer most bytes of data to receive, 0 to 2147483647
---@param maxfds integer most descriptors to receive; those beyond are closed, and `MSG_CTRUNC` is among the flags
---@param flags? integer `MSG_` constants, 0 by default
---@return string? data
---@return integer[] fds in case of failure the message
---@return integer msg_flags as `recvmsg` gives them; in case of failure the code
---@return bsdsocket.Address? address the sender's, `nil` where there is none
function socket.recv_fds(sock, bufsize, maxfds, flags) end

---Makes the `sockaddr` of an address, as the system takes it: for options and ancillary data that hold one.
---
---**Errors** of a host name those of `socket.getaddrinfo`; `ENAMETOOLONG`: of `AF_UNIX`, a path that is too long;
---`EAFNOSUPPORT`: of `AF_INET6`, the broadcast address
---
---**Available** everywhere · **Source** `bsdsocket`, `sockaddr(3type)`
---@param family integer an `AF_` constant
---@param address bsdsocket.AddressArgument
---@param proto? integer the protocol's number, for families whose addresses depend on it
---@return string? bytes
---@return string? message
---@return bsdsocket.Code? code
---@nodiscard
function socket.pack_address(family, address, proto) end

---Reads a `sockaddr`; an address of a family without fields of its own comes as family and bytes. Bytes that are not as
---long as the addresses of their family are misuse.
---
---**Available** everywhere · **Source** `bsdsocket`, `sockaddr(3type)`
---@param bytes bsdsocket.Bytes
---@param proto? integer the protocol's number, for families whose addresses depend on it
---@return bsdsocket.Address address
---@nodiscard
function socket.unpack_address(bytes, proto) end

---Adds a hook that is called before each act that has an audit event, with the event's name and arguments:
---
---| event | arguments |
---| --- | --- |
---| `socket.__new__` | a closed socket of these values, not the one that is returned, family, type, protocol |
---| `socket.bind`, `socket.connect`, `socket.sendto` | the socket, the address |
---| `socket.sendmsg` | the socket, the address or `nil` |
---| `socket.getaddrinfo` | host, port, family, type, protocol |
---| `socket.gethostbyname`, `socket.gethostbyaddr`, `socket.sethostname` | the name or address |
---| `socket.getnameinfo` | the address |
---| `socket.getservbyname` | service, protocol or `nil` |
---| `socket.getservbyport` | port, protocol or `nil` |
---| `socket.gethostname` | none |
---
---A hook that raises an error forbids the act, and the caller gets the error; a hook cannot yield. On Lua 5.5 hooks run
---in a coroutine of their own, and one that closes it forbids the act. The host name of an
---address is looked up before, with an event `socket.getaddrinfo` of its own. `listen` on an unbound socket raises
---`socket.bind` with the wildcard address. A hook stays for as long as the Lua state.
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

---Returns the documented exception that a code belongs to, and its name since PEP 3151 where it has one; `nil` for what
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

---Returns what a value is, as `io.type` does for files: `"socket"`, `"closed socket"`, or `nil` for anything else.
---
---**Available** everywhere · **Source** `bsdsocket`
---@param value any
---@return "socket"|"closed socket"|nil
---@nodiscard
function socket.type(value) end

return socket
