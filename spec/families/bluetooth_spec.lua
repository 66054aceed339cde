local expect = require "spec.support.expect"
local family = require "spec.support.family"
local pack = require "spec.support.pack"
local socket = require "bsdsocket"

local AF_BLUETOOTH, RAW, SEQPACKET = socket.AF_BLUETOOTH, socket.SOCK_RAW, socket.SOCK_SEQPACKET
local HCI, L2CAP, RFCOMM, SCO = socket.BTPROTO_HCI, socket.BTPROTO_L2CAP, socket.BTPROTO_RFCOMM, socket.BTPROTO_SCO

if not family.has("AF_BLUETOOTH", AF_BLUETOOTH, RAW, HCI) then
  return
end

-- Constants of bluetooth/hci.h that the module does not have.
local HCI_COMMAND, HCI_EVENT, COMMAND_COMPLETE = 1, 4, 0x0e
local READ_VERSION, READ_BDADDR = 0x1001, 0x1009
local LE_SET_ADVERTISING_PARAMETERS, LE_SET_ADVERTISING = 0x2006, 0x200a
local CMSG_DIR = 1
local SO_TIMESTAMP_LENGTH = 16

-- A socket on a controller that receives all its events.
local function controller(device)
  local s = family.open(AF_BLUETOOTH, RAW, HCI)
  local everything = pack.pack("=I4I4I4Hxx", 0xffffffff, 0xffffffff, 0xffffffff, 0)
  expect.done(s:setsockopt(socket.SOL_HCI, socket.HCI_FILTER, everything))
  local done, message = s:bind({ device })
  if not done then
    return nil, message
  end
  return s
end

-- Sends a command to a controller; returns its answer.
local function command(s, opcode, parameters)
  parameters = parameters or ""
  assert(s:send(pack.pack("<BHB", HCI_COMMAND, opcode, #parameters) .. parameters))
  for _ = 1, 100 do
    local packet = assert(s:recv(260))
    if packet:sub(1, 2) == string.char(HCI_EVENT, COMMAND_COMPLETE) and packet:sub(5, 6) == pack.pack("<H", opcode) then
      return packet:sub(7)
    end
  end
  error("the controller does not answer")
end

-- The address of a controller, as a string.
local function address_of(device)
  local s = assert(controller(device))
  local bytes = command(s, READ_BDADDR):sub(2, 7)
  s:close()
  return bytes
    :reverse()
    :gsub(".", function(byte)
      return (":%02X"):format(byte:byte())
    end)
    :sub(2)
end

describe("a Bluetooth socket", function()
  after_each(family.close)

  it("reports its protocol", function()
    for _, case in ipairs({
      { RAW, HCI },
      { SEQPACKET, L2CAP },
      { socket.SOCK_STREAM, L2CAP },
      { socket.SOCK_DGRAM, L2CAP },
      { socket.SOCK_STREAM, RFCOMM },
      { SEQPACKET, SCO },
    }) do
      local s = family.open(AF_BLUETOOTH, case[1], case[2])
      assert.same({ AF_BLUETOOTH, case[1], case[2] }, { s.family, s.type, s.proto })
    end
  end)

  it("listens on any device, with the address type of its protocol", function()
    local any = socket.BDADDR_ANY
    local l2cap = family.bound({ any, 0x1001 }, AF_BLUETOOTH, SEQPACKET, L2CAP)
    assert.same({ any, 0x1001 }, l2cap:getsockname())
    assert.equal("00:00:00:00:00:00:4097", tostring(l2cap:getsockname()))
    local rfcomm = family.bound({ bdaddr = any, channel = 5 }, AF_BLUETOOTH, socket.SOCK_STREAM, RFCOMM)
    assert.same({ any, 5 }, rfcomm:getsockname())
    assert.equal(5, rfcomm:getsockname().channel)
    local sco = family.bound(any, AF_BLUETOOTH, SEQPACKET, SCO)
    assert.equal(any, sco:getsockname())
    for _, s in ipairs({ l2cap, rfcomm, sco }) do
      expect.done(s:listen())
    end
    local low_energy = family.bound({ any, 0x80, 0, socket.BDADDR_LE_PUBLIC }, AF_BLUETOOTH, SEQPACKET, L2CAP)
    assert.same({ any, 0x80, 0, socket.BDADDR_LE_PUBLIC }, low_energy:getsockname())
    local fixed = family.bound({ any, 0, 4, socket.BDADDR_LE_PUBLIC }, AF_BLUETOOTH, SEQPACKET, L2CAP)
    assert.same({ any, 0, 4, socket.BDADDR_LE_PUBLIC }, fixed:getsockname())
  end)

  it("rejects invalid addresses for its protocol", function()
    for _, case in ipairs({
      { SEQPACKET, L2CAP, 1, "address expected, got number" },
      { SEQPACKET, L2CAP, socket.BDADDR_ANY, "address in a table expected, got string" },
      { SEQPACKET, L2CAP, {}, "address field 'psm': number expected" },
      { SEQPACKET, L2CAP, { socket.BDADDR_ANY, 65536 }, "address field 'psm' out of range" },
      { SEQPACKET, L2CAP, { socket.BDADDR_ANY, 1, -1 }, "address field 'cid' out of range" },
      { SEQPACKET, L2CAP, { socket.BDADDR_ANY, 1, 0, 256 }, "address field 'bdaddr_type' out of range" },
      { SEQPACKET, L2CAP, { 1, 1 }, "address field 'bdaddr': string expected" },
      { socket.SOCK_STREAM, RFCOMM, { socket.BDADDR_ANY, 256 }, "address field 'channel' out of range" },
      { socket.SOCK_STREAM, RFCOMM, { socket.BDADDR_ANY }, "address field 'channel': number expected" },
      { RAW, HCI, {}, "address field 'device_id': number expected" },
      { RAW, HCI, "hci0", "address field 'device_id': number expected" },
      { RAW, HCI, 65536, "address field 'device_id' out of range" },
      { RAW, HCI, { 0, -1 }, "address field 'channel' out of range" },
      { SEQPACKET, SCO, 1, "address expected, got number" },
      { SEQPACKET, SCO, { 1 }, "address field 'bdaddr': string expected" },
    }) do
      local s = family.open(AF_BLUETOOTH, case[1], case[2])
      expect.misuse(("bad argument #1 to 'bind' (%s)"):format(case[4]), s.bind, s, case[3])
    end
    for protocol, address in pairs({ [L2CAP] = { "00:11:22:33:44", 1 }, [SCO] = { "00:11:22:33:44" } }) do
      local s = family.open(AF_BLUETOOTH, SEQPACKET, protocol)
      expect.failure("bind: bad bluetooth address", "EINVAL", s:bind(address))
    end
  end)

  it("has options", function()
    local s = family.open(AF_BLUETOOTH, SEQPACKET, L2CAP)
    local security = pack.pack("BB", socket.BT_SECURITY_MEDIUM, 0)
    expect.done(s:setsockopt(socket.SOL_BLUETOOTH, socket.BT_SECURITY, security))
    assert.equal(security, s:getsockopt(socket.SOL_BLUETOOTH, socket.BT_SECURITY, 2))
    assert(s:bind({ socket.BDADDR_ANY, 0x1003 }))
    expect.done(s:setsockopt(socket.SOL_BLUETOOTH, socket.BT_DEFER_SETUP, 1))
    assert.equal(1, s:getsockopt(socket.SOL_BLUETOOTH, socket.BT_DEFER_SETUP))
    local sco = family.open(AF_BLUETOOTH, SEQPACKET, SCO)
    local voice = pack.pack("=H", socket.BT_VOICE_CVSD_16BIT)
    expect.done(sco:setsockopt(socket.SOL_BLUETOOTH, socket.BT_VOICE, voice))
    assert.equal(voice, sco:getsockopt(socket.SOL_BLUETOOTH, socket.BT_VOICE, 2))
    local rfcomm = family.open(AF_BLUETOOTH, socket.SOCK_STREAM, RFCOMM)
    expect.done(rfcomm:setsockopt(socket.SOL_BLUETOOTH, socket.BT_SECURITY, security))
    assert.equal(security, rfcomm:getsockopt(socket.SOL_BLUETOOTH, socket.BT_SECURITY, 2))
    expect.failure("getsockopt: Protocol not available", "ENOPROTOOPT", s:getsockopt(socket.SOL_BLUETOOTH, 99))
  end)
end)

local probe, reason = controller(0)
family.close()
if not probe then
  family.missing("Bluetooth controllers", reason)
  return
end

describe("a BTPROTO_HCI socket", function()
  after_each(family.close)

  it("has a device number as its address", function()
    local s = assert(controller(0))
    assert.equal(0, s:getsockname())
    s:close()
    s = family.open(AF_BLUETOOTH, RAW, HCI)
    expect.done(s:bind(1))
    assert.equal(1, s:getsockname())
    s = family.open(AF_BLUETOOTH, RAW, HCI)
    expect.failure("getsockname: File descriptor in bad state", "EBADFD", s:getsockname())
  end)

  it("sends commands and receives filtered events", function()
    local s = assert(controller(0))
    assert.equal(0, command(s, READ_VERSION):byte(1))
    local filter = pack.pack("=I4I4I4Hxx", 2 ^ HCI_EVENT, 2 ^ COMMAND_COMPLETE, 0, READ_BDADDR)
    expect.done(s:setsockopt(socket.SOL_HCI, socket.HCI_FILTER, filter))
    assert.equal(filter:sub(1, 14), s:getsockopt(socket.SOL_HCI, socket.HCI_FILTER, 16):sub(1, 14))
    -- The filter drops the answer to the first.
    assert(s:send(pack.pack("<BHB", HCI_COMMAND, READ_VERSION, 0)))
    assert(s:send(pack.pack("<BHB", HCI_COMMAND, READ_BDADDR, 0)))
    assert.equal(pack.pack("<H", READ_BDADDR), s:recv(260):sub(5, 6))
  end)

  it("returns packet information as ancillary data", function()
    local s = assert(controller(0))
    expect.done(s:setsockopt(socket.SOL_HCI, socket.HCI_DATA_DIR, 1))
    assert.equal(1, s:getsockopt(socket.SOL_HCI, socket.HCI_DATA_DIR))
    expect.done(s:setsockopt(socket.SOL_HCI, socket.HCI_TIME_STAMP, 1))
    assert(s:send(pack.pack("<BHB", HCI_COMMAND, READ_VERSION, 0)))
    local heard
    for _ = 1, 100 do
      local data, items = assert(s:recvmsg(260, 200))
      if data:byte(1) == HCI_EVENT then
        heard = items
        break
      end
    end
    local told = {}
    for _, item in ipairs(heard) do
      assert.equal(socket.SOL_HCI, item.level)
      told[item.type] = item.data
    end
    -- Direction: received.
    assert.equal(pack.pack("=I4", 1), told[CMSG_DIR])
    assert.equal(SO_TIMESTAMP_LENGTH, #told[2])
  end)

  it("has channels", function()
    local control = family.open(AF_BLUETOOTH, RAW, HCI)
    expect.done(control:bind({ socket.HCI_DEV_NONE, socket.HCI_CHANNEL_CONTROL }))
    -- The kernel returns no address for channels without a device.
    expect.failure("getsockname: File descriptor in bad state", "EBADFD", control:getsockname())
    -- The version of the management interface: a completion event with the opcode and no error.
    assert(control:send(pack.pack("<HHH", 1, 0xffff, 0)))
    local event, _, _, operation, status = pack.unpack("<HHHHB", control:recv(100))
    assert.same({ 1, 1, 0 }, { event, operation, status })
    local monitor = family.open(AF_BLUETOOTH, RAW, HCI)
    expect.done(monitor:bind({ device_id = socket.HCI_DEV_NONE, channel = socket.HCI_CHANNEL_MONITOR }))
    local logging = family.open(AF_BLUETOOTH, RAW, HCI)
    expect.done(logging:bind({ socket.HCI_DEV_NONE, socket.HCI_CHANNEL_LOGGING }))
    -- The kernel owns a device that is up.
    local user = family.open(AF_BLUETOOTH, RAW, HCI)
    expect.failure("bind 0:1: Device or resource busy", "EBUSY", user:bind({ 0, socket.HCI_CHANNEL_USER }))
  end)

  it("fails for an unknown device", function()
    local s = family.open(AF_BLUETOOTH, RAW, HCI)
    expect.failure("bind 99: No such device", "ENODEV", s:bind(99))
    expect.failure("bind 0:77: Invalid argument", "EINVAL", s:bind({ 0, 77 }))
  end)
end)

describe("Bluetooth sockets of two devices", function()
  ---@type bsdsocket.Socket, bsdsocket.Socket
  local here, there

  setup(function()
    here, there = address_of(0), address_of(1)
  end)

  after_each(family.close)

  -- A client and the connection accepted from it; then the client's address.
  local function connected(kind, protocol, from, to)
    local listener = family.bound(to, AF_BLUETOOTH, kind, protocol)
    assert(listener:listen())
    local client = family.bound(from, AF_BLUETOOTH, kind, protocol)
    expect.done(client:connect(to))
    local server, address = family.accept(listener)
    return client, server, address
  end

  local function exchange(client, server)
    assert(client:sendall("data"))
    assert.equal("data", server:recv(100))
    assert(server:sendall("response"))
    assert.equal("response", client:recv(100))
  end

  for name, kind in pairs({ stream = socket.SOCK_STREAM, ["sequence of packets"] = SEQPACKET }) do
    it("exchange data over L2CAP, as a " .. name, function()
      local client, server, from = connected(kind, L2CAP, { here, 0 }, { there, 0x1001 })
      exchange(client, server)
      -- Each end of a connection has a channel number.
      assert.equal(here, from.bdaddr)
      assert.same({ here, there }, { client:getsockname().bdaddr, client:getpeername().bdaddr })
      local peer = client:getpeername()
      assert.same({ 0x1001, 3 }, { peer.psm, #peer })
      assert.is_true(peer.cid >= 0x40)
    end)
  end

  it("send an L2CAP echo request over a raw socket", function()
    local s = family.bound({ here, 0 }, AF_BLUETOOTH, RAW, L2CAP)
    expect.done(s:connect({ there, 0 }))
    local request, reply = 8, 9
    assert(s:send(pack.pack("<BBHc4", request, 200, 4, "ping")))
    local data
    for _ = 1, 100 do
      data = assert(s:recv(100))
      if data:byte(1) == reply then
        break
      end
    end
    assert.same({ reply, 200, 4, "ping" }, { pack.unpack("<BBHc4", data) })
  end)

  it("exchange data over RFCOMM", function()
    local client, server, from = connected(socket.SOCK_STREAM, RFCOMM, { here, 0 }, { there, 5 })
    exchange(client, server)
    assert.equal(here, from.bdaddr)
    assert.same({ there, 5 }, client:getpeername())
    assert.equal(there .. ":5", tostring(client:getpeername()))
  end)

  it("exchange data over SCO, next to an ACL connection", function()
    connected(SEQPACKET, L2CAP, { here, 0 }, { there, 0x1001 })
    local client, server, from = connected(SEQPACKET, SCO, here, { bdaddr = there })
    assert.equal(here, from)
    assert.equal(there, client:getpeername())
    local sound = ("s"):rep(24)
    assert.equal(24, client:send(sound))
    assert.equal(sound, server:recv(100))
    assert.equal(24, server:send(sound))
    assert.equal(sound, client:recv(100))
  end)

  it("fail to connect to an absent device", function()
    local s = family.bound({ here, 0 }, AF_BLUETOOTH, SEQPACKET, L2CAP)
    local message = "connect 00:11:22:33:44:55:4097: Host is down"
    expect.failure(message, "EHOSTDOWN", s:connect({ "00:11:22:33:44:55", 0x1001 }))
  end)
end)

describe("Bluetooth Low Energy sockets", function()
  local PUBLIC = socket.BDADDR_LE_PUBLIC
  ---@type bsdsocket.Socket, bsdsocket.Socket
  local here, there

  setup(function()
    here, there = address_of(2), address_of(3)
  end)

  after_each(family.close)

  -- Makes a device discoverable.
  local function advertise(device)
    local s = assert(controller(device))
    local parameters = pack.pack("<HHBBBc6BB", 0x20, 0x20, 0, 0, 0, "", 7, 0)
    assert.equal("\0", command(s, LE_SET_ADVERTISING_PARAMETERS, parameters))
    command(s, LE_SET_ADVERTISING, "\1")
    s:close()
  end

  it("exchange data over L2CAP", function()
    advertise(3)
    local to = { there, 0x80, 0, PUBLIC }
    local listener = family.bound(to, AF_BLUETOOTH, SEQPACKET, L2CAP)
    assert(listener:listen())
    local client = family.bound({ here, 0, 0, PUBLIC }, AF_BLUETOOTH, SEQPACKET, L2CAP)
    expect.done(client:connect(to))
    local server, from = family.accept(listener)
    assert.same({ here, PUBLIC }, { from.bdaddr, from.bdaddr_type })
    local peer = client:getpeername()
    assert.same({ there, 0x80, PUBLIC, 4 }, { peer.bdaddr, peer.psm, peer.bdaddr_type, #peer })
    assert(client:sendall("low energy"))
    assert.equal("low energy", server:recv(100))
    assert(server:sendall("as low"))
    assert.equal("as low", client:recv(100))
  end)
end)
