local expect = require "spec.support.expect"
local family = require "spec.support.family"
local pack = require "spec.support.pack"
local socket = require "bsdsocket"

if not family.has("AF_QIPCRTR", socket.AF_QIPCRTR, socket.SOCK_DGRAM) then
  return
end

-- The local node number: 1 unless it was changed.
local NODE = 1

-- Constants of linux/qrtr.h that the module does not have.
local QRTR_TYPE_NEW_SERVER, QRTR_TYPE_NEW_LOOKUP, QRTR_PORT_CTRL = 4, 10, 0xfffffffe

local function open()
  return family.open(socket.AF_QIPCRTR, socket.SOCK_DGRAM)
end

local function bound(port)
  return family.bound({ NODE, port or 0 }, socket.AF_QIPCRTR, socket.SOCK_DGRAM)
end

describe("an AF_QIPCRTR socket", function()
  after_each(family.close)

  it("reports its family", function()
    local s = open()
    assert.same({ socket.AF_QIPCRTR, socket.SOCK_DGRAM, 0 }, { s.family, s.type, s.proto })
  end)

  it("has node and port as its address", function()
    local s = bound()
    local address = s:getsockname()
    assert.equal(NODE, address.node)
    assert.is_true(address.port > 0)
    assert.same({ address.node, address.port }, { address[1], address[2] })
    assert.equal(("1:%d"):format(address.port), tostring(address))
    local chosen = open()
    expect.done(chosen:bind({ node = NODE, port = 0x5678 }))
    assert.same({ NODE, 0x5678 }, chosen:getsockname())
  end)

  it("exchanges datagrams", function()
    local one, other = bound(), bound()
    assert.equal(5, one:sendto("hello", other:getsockname()))
    local data, from = other:recvfrom(100)
    assert.equal("hello", data)
    assert.is_true(from == one:getsockname())
    expect.done(other:connect(from))
    assert.is_true(from == other:getpeername())
    assert.equal(6, other:send("answer"))
    assert.equal("answer", one:recv(100))
  end)

  it("looks services up", function()
    local looking, serving = bound(), bound(0x5679)
    local control = { NODE, QRTR_PORT_CTRL }
    -- Command, service, instance, node, port.
    assert.equal(20, looking:sendto(pack.pack("<I4I4I4I4I4", QRTR_TYPE_NEW_LOOKUP, 77, 0, 0, 0), control))
    local answer = { pack.unpack("<I4I4I4I4I4", looking:recv(100)) }
    assert.same({ QRTR_TYPE_NEW_SERVER, 0, 0, 0, 0 }, answer)
    assert.equal(20, serving:sendto(pack.pack("<I4I4I4I4I4", QRTR_TYPE_NEW_SERVER, 77, 1, NODE, 0x5679), control))
    local data, from = looking:recvfrom(100)
    assert.same({ QRTR_TYPE_NEW_SERVER, 77, 1, NODE, 0x5679 }, { pack.unpack("<I4I4I4I4I4", data) })
    assert.same(control, from)
  end)

  it("has the generic socket options", function()
    local s = bound()
    assert.equal(socket.SOCK_DGRAM, s:getsockopt(socket.SOL_SOCKET, socket.SO_TYPE))
    expect.done(s:setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536))
    assert.is_true(s:getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) >= 65536)
  end)

  it("fails for values that the kernel rejects", function()
    local s = bound(0x5680)
    local other = open()
    expect.failure("bind 1:22144: Address already in use", "EADDRINUSE", other:bind({ NODE, 0x5680 }))
    expect.failure("bind 99:1: Invalid argument", "EINVAL", other:bind({ 99, 1 }))
    expect.failure("send: Transport endpoint is not connected", "ENOTCONN", s:send("x"))
    expect.failure("sendto 1:9999: No such device", "ENODEV", s:sendto("x", { NODE, 9999 }))
  end)

  it("rejects invalid addresses", function()
    local s = open()
    for reason, address in pairs({
      ["address in a table expected, got string"] = "1:2",
      ["address field 'node': number expected"] = {},
      ["address field 'node' out of range"] = { -1, 1 },
      ["address field 'port': number expected"] = { 1 },
      ["address field 'port' out of range"] = { 1, 2 ^ 32 },
    }) do
      expect.misuse(("bad argument #1 to 'bind' (%s)"):format(reason), s.bind, s, address)
      expect.misuse(("bad argument #2 to 'sendto' (%s)"):format(reason), s.sendto, s, "x", address)
    end
  end)
end)
