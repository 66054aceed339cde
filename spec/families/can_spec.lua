local child = require "spec.support.child"
local expect = require "spec.support.expect"
local family = require "spec.support.family"
local pack = require "spec.support.pack"
local socket = require "bsdsocket"

if not family.has("AF_CAN", socket.AF_CAN, socket.SOCK_RAW, socket.CAN_RAW) then
  return
end
if not family.has_interface("AF_CAN", "vcan0") then
  return
end

local AF_CAN = socket.AF_CAN
local BUS = "vcan0"

-- A frame and an FD frame: identifier, length, flags, up to 8 or 64 bytes.
local function frame(id, data)
  return pack.pack("=I4Bxxxc8", id, #data, data)
end

local function long_frame(id, data)
  return pack.pack("=I4BBxxc64", id, #data, 0, data)
end

local function raw()
  return family.bound({ BUS }, AF_CAN, socket.SOCK_RAW, socket.CAN_RAW)
end

local function datagram(proto)
  return family.open(AF_CAN, socket.SOCK_DGRAM, proto)
end

-- Invalid interfaces, in an address with the given other fields.
local function refuses_wrong_interfaces(open, ...)
  local s = open()
  local rest = { ... }
  local function address(interface)
    return { interface, rest[1], rest[2], rest[3] }
  end
  expect.failure("bind nonesuch0: No such device", "ENODEV", s:bind(address "nonesuch0"))
  local long = "bind: AF_CAN interface name too long"
  expect.failure(long, "ENAMETOOLONG", s:bind(address(("x"):rep(16))))
  local wrong = "bad argument #1 to 'bind' (address field 'interface': string expected)"
  expect.misuse(wrong, s.bind, s, address(1))
  expect.misuse("bad argument #1 to 'bind' (address in a table expected, got string)", s.bind, s, BUS)
end

describe("a CAN_RAW socket", function()
  after_each(family.close)

  ---@type bsdsocket.Socket, bsdsocket.Socket
  local one, other

  before_each(function()
    one, other = raw(), raw()
  end)

  it("reports its family and protocol", function()
    assert.same({ AF_CAN, socket.SOCK_RAW, socket.CAN_RAW }, { one.family, one.type, one.proto })
  end)

  it("has an interface as its address", function()
    local address = one:getsockname()
    assert.same({ BUS }, address)
    assert.equal(BUS, address.interface)
    assert.equal(BUS, tostring(address))
    local s = family.open(AF_CAN, socket.SOCK_RAW, socket.CAN_RAW)
    expect.done(s:bind(address))
    assert.is_true(address == s:getsockname())
  end)

  it("exchanges frames", function()
    local sent = frame(0x123, "ABCD")
    assert.equal(16, one:send(sent))
    local data, from = other:recvfrom(100)
    assert.same({ sent, { BUS } }, { data, from })
    assert.equal(16, other:sendto(sent, from))
    assert.equal(sent, one:recv(100))
  end)

  it("may be bound to all interfaces", function()
    local all = family.bound({ "" }, AF_CAN, socket.SOCK_RAW, socket.CAN_RAW)
    assert.same({ "" }, all:getsockname())
    assert(one:send(frame(0x124, "any")))
    local data, from = all:recvfrom(100)
    assert.same({ frame(0x124, "any"), { BUS } }, { data, from })
    assert.equal(16, all:sendto(frame(0x125, "back"), { interface = BUS }))
    assert.equal(frame(0x125, "back"), one:recv(100))
  end)

  it("filters frames", function()
    local filter = pack.pack("=I4I4", 0x200, socket.CAN_SFF_MASK) .. pack.pack("=I4I4", 0x300, 0x700)
    expect.done(other:setsockopt(socket.SOL_CAN_RAW, socket.CAN_RAW_FILTER, filter))
    assert.equal(filter, other:getsockopt(socket.SOL_CAN_RAW, socket.CAN_RAW_FILTER, 64))
    for _, id in ipairs({ 0x123, 0x200, 0x201, 0x345 }) do
      assert(one:send(frame(id, "x")))
    end
    assert.equal(frame(0x200, "x"), other:recv(100))
    assert.equal(frame(0x345, "x"), other:recv(100))
    -- An empty list of filters drops everything.
    expect.done(other:setsockopt(socket.SOL_CAN_RAW, socket.CAN_RAW_FILTER, ""))
    assert(one:send(frame(0x200, "x")))
    other:settimeout(0.05)
    expect.failure("recv: timed out", "timeout", other:recv(100))
  end)

  it("exchanges CAN FD frames", function()
    local sent = long_frame(0x200, ("F"):rep(64))
    expect.failure("send: Invalid argument", "EINVAL", one:send(sent))
    for _, each in ipairs({ one, other }) do
      expect.done(each:setsockopt(socket.SOL_CAN_RAW, socket.CAN_RAW_FD_FRAMES, 1))
      assert.equal(1, each:getsockopt(socket.SOL_CAN_RAW, socket.CAN_RAW_FD_FRAMES))
    end
    assert.equal(72, one:send(sent))
    -- The kernel sets a flag in it.
    local received = other:recv(100)
    assert.same({ sent:sub(1, 5), sent:sub(7) }, { received:sub(1, 5), received:sub(7) })
  end)

  it("receives its own frames on request", function()
    expect.done(one:setsockopt(socket.SOL_CAN_RAW, socket.CAN_RAW_RECV_OWN_MSGS, 1))
    assert(one:send(frame(0x201, "own")))
    local data, _, flags = one:recvmsg(100)
    assert.equal(frame(0x201, "own"), data)
    -- MSG_CONFIRM: the frame was sent by this socket.
    assert.equal(0x800, flags % 0x1000 - flags % 0x800)
    expect.done(one:setsockopt(socket.SOL_CAN_RAW, socket.CAN_RAW_LOOPBACK, 0))
    assert.equal(0, one:getsockopt(socket.SOL_CAN_RAW, socket.CAN_RAW_LOOPBACK))
    assert(one:send(frame(0x202, "unheard")))
    one:settimeout(0.05)
    assert.equal(frame(0x201, "own"), other:recv(100))
    expect.failure("recv: timed out", "timeout", one:recv(100))
  end)

  it("has its other options", function()
    expect.done(one:setsockopt(socket.SOL_CAN_RAW, socket.CAN_RAW_ERR_FILTER, socket.CAN_ERR_MASK))
    assert.equal(socket.CAN_ERR_MASK, one:getsockopt(socket.SOL_CAN_RAW, socket.CAN_RAW_ERR_FILTER))
    expect.done(one:setsockopt(socket.SOL_CAN_RAW, socket.CAN_RAW_JOIN_FILTERS, 1))
    assert.equal(1, one:getsockopt(socket.SOL_CAN_RAW, socket.CAN_RAW_JOIN_FILTERS))
    expect.failure("setsockopt: Invalid argument", "EINVAL", one:setsockopt(socket.SOL_CAN_RAW, 1, "short"))
    expect.failure("getsockopt: Protocol not available", "ENOPROTOOPT", one:getsockopt(socket.SOL_CAN_RAW, 99))
  end)

  it("fails for invalid frames", function()
    expect.failure("send: Invalid argument", "EINVAL", one:send("short"))
    local unbound = family.open(AF_CAN, socket.SOCK_RAW, socket.CAN_RAW)
    expect.failure("send: No such device or address", "ENXIO", unbound:send(frame(1, "")))
    expect.failure("sendto lo: Operation not permitted", "EPERM", unbound:sendto(frame(1, ""), { "lo" }))
  end)

  it("rejects invalid interfaces", function()
    refuses_wrong_interfaces(raw)
  end)
end)

describe("a CAN_BCM socket", function()
  after_each(family.close)

  -- The header of a broadcast manager message: opcode, flags, count, two intervals in seconds and microseconds,
  -- identifier, number of frames; in the layout of a 64-bit machine.
  local HEAD = "=I4I4I4xxxxi8i8i8i8I4I4"

  local function head(operation, flags, microseconds, id, frames)
    return pack.pack(HEAD, operation, flags, 0, 0, 0, 0, microseconds, id, frames)
  end

  local function manager()
    local s = datagram(socket.CAN_BCM)
    expect.done(s:connect({ BUS }))
    return s
  end

  it("sends a frame cyclically", function()
    local listening, s = raw(), manager()
    local sent = frame(0x321, "hi")
    local flags = socket.CAN_BCM_SETTIMER + socket.CAN_BCM_STARTTIMER
    assert.equal(72, s:send(head(socket.CAN_BCM_TX_SETUP, flags, 20000, 0x321, 1) .. sent))
    for _ = 1, 3 do
      assert.equal(sent, listening:recv(16))
    end
    assert.equal(56, s:send(head(socket.CAN_BCM_TX_DELETE, 0, 0, 0x321, 0)))
  end)

  it("reports when a frame changes", function()
    local sender, s = raw(), manager()
    assert(s:send(head(socket.CAN_BCM_RX_SETUP, 0, 0, 0x321, 1) .. frame(0, ("\255"):rep(8))))
    for _, data in ipairs({ "one", "one", "two" }) do
      assert(sender:send(frame(0x321, data)))
    end
    for _, data in ipairs({ "one", "two" }) do
      local told, from = s:recvfrom(200)
      assert.same({ BUS }, from)
      assert.equal(socket.CAN_BCM_RX_CHANGED, (pack.unpack("=I4", told)))
      assert.equal(frame(0x321, data), told:sub(57))
    end
  end)

  it("fails for invalid messages", function()
    local s = manager()
    expect.failure("send: Invalid argument", "EINVAL", s:send("short"))
    expect.failure("send: Invalid argument", "EINVAL", s:send(head(socket.CAN_BCM_TX_DELETE, 0, 0, 0x777, 0)))
  end)

  it("rejects invalid interfaces", function()
    local s = datagram(socket.CAN_BCM)
    expect.failure("connect nonesuch0: No such device", "ENODEV", s:connect({ "nonesuch0" }))
    local wrong = "bad argument #1 to 'connect' (address field 'interface': string expected)"
    expect.misuse(wrong, s.connect, s, {})
  end)
end)

describe("a CAN_ISOTP socket", function()
  after_each(family.close)

  -- An option of linux/can/isotp.h that the module does not have: flags, time, extended address, two padding bytes,
  -- extended receive address.
  local SOL_CAN_ISOTP, CAN_ISOTP_OPTS, CAN_ISOTP_TX_PADDING = socket.SOL_CAN_BASE + socket.CAN_ISOTP, 1, 4

  local function pair()
    local one, other = datagram(socket.CAN_ISOTP), datagram(socket.CAN_ISOTP)
    return one, other
  end

  it("has the identifiers of both directions in its address", function()
    local s = datagram(socket.CAN_ISOTP)
    expect.done(s:bind({ interface = BUS, rx_addr = 0x711, tx_addr = 0x712 }))
    local address = s:getsockname()
    assert.same({ BUS, 0x711, 0x712 }, address)
    assert.same({ BUS, 0x711, 0x712 }, { address.interface, address.rx_addr, address.tx_addr })
    assert.equal("vcan0:1809:1810", tostring(address))
    s:close()
    s = datagram(socket.CAN_ISOTP)
    expect.done(s:bind(address))
    assert.is_true(address == s:getsockname())
  end)

  it("supports extended identifiers", function()
    local s = datagram(socket.CAN_ISOTP)
    local rx, tx = 0x18da00f1 + socket.CAN_EFF_FLAG, 0x18daf100 + socket.CAN_EFF_FLAG
    expect.done(s:bind({ BUS, rx, tx }))
    assert.same({ BUS, rx, tx }, s:getsockname())
  end)

  it("exchanges messages longer than a frame", function()
    local one, other = pair()
    assert(one:bind({ BUS, 0x711, 0x712 }))
    assert(other:bind({ BUS, 0x712, 0x711 }))
    local message = ("0123456789abcdef"):rep(64)
    assert.equal(1024, one:send(message))
    assert.equal(message, other:recv(4096))
    assert(other:send("pong"))
    local data, from = one:recvfrom(4096)
    assert.same({ "pong", BUS }, { data, from.interface })
  end)

  it("has options", function()
    local one, other = pair()
    local options = pack.pack("=I4I4BBBB", CAN_ISOTP_TX_PADDING, 0, 0, 0xaa, 0, 0)
    expect.done(one:setsockopt(SOL_CAN_ISOTP, CAN_ISOTP_OPTS, options))
    assert.equal(options, one:getsockopt(SOL_CAN_ISOTP, CAN_ISOTP_OPTS, 12))
    assert(one:bind({ BUS, 0x711, 0x712 }))
    assert(other:bind({ BUS, 0x712, 0x711 }))
    local listening = raw()
    assert(one:send("pad"))
    assert.equal("pad", other:recv(100))
    assert.equal(frame(0x712, "\3pad\170\170\170\170"), listening:recv(100))
  end)

  it("fails for invalid identifiers", function()
    local s = datagram(socket.CAN_ISOTP)
    local message = "bind vcan0:1:1: Cannot assign requested address"
    expect.failure(message, "EADDRNOTAVAIL", s:bind({ BUS, 1, 1 }))
    expect.misuse("bad argument #1 to 'bind' (address field 'rx_addr': number expected)", s.bind, s, { BUS })
    expect.misuse("bad argument #1 to 'bind' (address field 'tx_addr': number expected)", s.bind, s, { BUS, 1 })
    expect.misuse("bad argument #1 to 'bind' (address field 'tx_addr' out of range)", s.bind, s, { BUS, 1, -1 })
  end)

  it("rejects invalid interfaces", function()
    refuses_wrong_interfaces(function()
      return datagram(socket.CAN_ISOTP)
    end, 1, 2)
  end)
end)

describe("a CAN_J1939 socket", function()
  after_each(family.close)

  local NO_NAME, NO_PGN, PGN = socket.J1939_NO_NAME, socket.J1939_NO_PGN, 0x12300
  local SOL_CAN_J1939 = socket.SOL_CAN_BASE + socket.CAN_J1939

  local function bound(address, name)
    return family.bound({ BUS, name or NO_NAME, NO_PGN, address }, AF_CAN, socket.SOCK_DGRAM, socket.CAN_J1939)
  end

  it("has name, PGN and address", function()
    local s = bound(0x20)
    local address = s:getsockname()
    assert.same({ BUS, NO_NAME, NO_PGN, 0x20 }, address)
    assert.same({ BUS, NO_NAME, NO_PGN, 0x20 }, { address.interface, address.name, address.pgn, address.addr })
    assert.equal("vcan0:0:262144:32", tostring(address))
  end)

  it("exchanges messages, short and long", function()
    local one, other = bound(0x20), bound(0x30)
    local message = ("J"):rep(100)
    assert.equal(100, one:sendto(message, { BUS, NO_NAME, PGN, 0x30 }))
    local data, from = other:recvfrom(200)
    assert.equal(message, data)
    -- For a long message the kernel does not return the interface, and accepts an answer without it.
    assert.same({ "", NO_NAME, PGN, 0x20 }, from)
    from.pgn = 0x12400
    assert.equal(5, other:sendto("short", from))
    data, from = one:recvfrom(200)
    assert.same({ "short", { BUS, NO_NAME, 0x12400, 0x30 } }, { data, from })
    assert(one:connect({ BUS, NO_NAME, PGN, 0x30 }))
    assert.same({ BUS, NO_NAME, PGN, 0x30 }, one:getpeername())
    assert(one:send("connected"))
    assert.equal("connected", other:recv(100))
  end)

  it("supports 64-bit names", function()
    -- Decimal digits hold all bits on any Lua; the payload is the name's bytes.
    local name, bytes = "0xf122334455667788", pack.hex "8877665544332 2f1"
    local given = { BUS, name, NO_PGN, 0x40 }
    local one, other = bound(0x40, name), bound(0x50)
    local function bits(address)
      return socket.pack_address(AF_CAN, address, socket.CAN_J1939)
    end
    assert.equal(bits(given), bits(one:getsockname()))
    -- Claims an address for the name, and waits for objections.
    assert(one:setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1))
    local everybody = { BUS, NO_NAME, socket.J1939_PGN_ADDRESS_CLAIMED, socket.J1939_NO_ADDR }
    assert.equal(8, one:sendto(bytes, everybody))
    os.execute "sleep 0.4"
    assert.equal(4, one:sendto("from", { BUS, NO_NAME, PGN, 0x50 }))
    local data, from = other:recvfrom(100)
    assert.equal("from", data)
    assert.equal(bits({ BUS, name, PGN, 0x40 }), bits(from))
    assert.equal(2, other:sendto("to", { BUS, from.name, PGN, socket.J1939_NO_ADDR }))
    assert.equal("to", one:recv(100))
  end)

  it("has options, and returns message information as ancillary data", function()
    local one, other = bound(0x20), bound(0x30)
    expect.done(one:setsockopt(SOL_CAN_J1939, socket.SO_J1939_SEND_PRIO, 3))
    assert.equal(3, one:getsockopt(SOL_CAN_J1939, socket.SO_J1939_SEND_PRIO))
    expect.done(other:setsockopt(SOL_CAN_J1939, socket.SO_J1939_PROMISC, 1))
    assert.equal(1, other:getsockopt(SOL_CAN_J1939, socket.SO_J1939_PROMISC))
    assert(one:sendto("x", { BUS, NO_NAME, PGN, 0x30 }))
    local data, items = other:recvmsg(100, 200)
    assert.equal("x", data)
    local told = {}
    for _, item in ipairs(items) do
      assert.equal(SOL_CAN_J1939, item.level)
      told[item.type] = item.data
    end
    assert.same({ "\48", "\3" }, { told[socket.SCM_J1939_DEST_ADDR], told[socket.SCM_J1939_PRIO] })
  end)

  it("filters messages", function()
    local one, other = bound(0x20), bound(0x30)
    local filter = pack.pack("=I8I8I4I4BBc6", 0, 0, 0x12400, 0x3ffff, 0, 0, "")
    expect.done(other:setsockopt(SOL_CAN_J1939, socket.SO_J1939_FILTER, filter))
    assert(one:sendto("dropped", { BUS, NO_NAME, PGN, 0x30 }))
    assert(one:sendto("taken", { BUS, NO_NAME, 0x12400, 0x30 }))
    assert.equal("taken", other:recv(100))
  end)

  it("fails for values that the kernel rejects", function()
    local s = datagram(socket.CAN_J1939)
    -- In a destination-specific PGN the lowest byte is the destination, and not part of the number.
    local message = "bind vcan0:0x0:74497:32: Invalid argument"
    expect.failure(message, "EINVAL", s:bind({ BUS, NO_NAME, PGN + 1, 0x20 }))
    for field, address in pairs({
      ["name': number expected"] = { BUS },
      ["pgn': number expected"] = { BUS, 0 },
      ["pgn' out of range"] = { BUS, 0, -1 },
      ["addr': number expected"] = { BUS, 0, 0, {} },
      ["addr' out of range"] = { BUS, 0, 0, 256 },
    }) do
      expect.misuse(("bad argument #1 to 'bind' (address field '%s)"):format(field), s.bind, s, address)
    end
  end)

  it("rejects invalid interfaces", function()
    refuses_wrong_interfaces(function()
      return datagram(socket.CAN_J1939)
    end, 0, 0, 0)
  end)
end)

describe("examples/can.lua", function()
  it("echoes", function()
    local program = child.start(child.interpreter() .. " examples/can.lua vcan0")
    assert.equal("listening on\tvcan0", program:line())
    local s = raw()
    assert(s:send(frame(0x123, "hello")))
    assert.equal("received\tid=123, length=5, data=hello", program:line())
    local output, complaints, status = program:finish()
    assert.same({ "", "", 0 }, { output, complaints, status })
    assert.equal(frame(0x123, "hello"), s:recv(100))
    assert.equal(frame(0x1, "fin"), s:recv(100))
    family.close()
  end)
end)
