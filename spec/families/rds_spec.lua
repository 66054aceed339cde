local expect = require "spec.support.expect"
local family = require "spec.support.family"
local socket = require "bsdsocket"

if not family.has("AF_RDS", socket.AF_RDS, socket.SOCK_SEQPACKET, 0) then
  return
end

local HOST = "127.0.0.1"

-- Constants of linux/rds.h that the module does not have.
local SOL_RDS, RDS_RECVERR, RDS_CONG_MONITOR = 276, 5, 6

local function open()
  return family.open(socket.AF_RDS, socket.SOCK_SEQPACKET, 0)
end

local function bound(port)
  return family.bound({ HOST, port }, socket.AF_RDS, socket.SOCK_SEQPACKET, 0)
end

describe("an AF_RDS socket", function()
  after_each(family.close)

  it("reports its family", function()
    local s = open()
    assert.same({ socket.AF_RDS, socket.SOCK_SEQPACKET, 0 }, { s.family, s.type, s.proto })
  end)

  it("has an IPv4 address", function()
    local s = bound(4000)
    local address = s:getsockname()
    assert.same({ HOST, 4000 }, address)
    assert.same({ HOST, 4000 }, { address.host, address.port })
    assert.equal("127.0.0.1:4000", tostring(address))
    local named = open()
    expect.done(named:bind({ host = "localhost", port = 0 }))
    assert.equal(HOST, named:getsockname().host)
    assert.is_true(named:getsockname().port > 0)
  end)

  it("exchanges messages", function()
    local one, other = bound(4001), bound(4002)
    local message = ("message"):rep(100)
    assert.equal(#message, one:sendto(message, other:getsockname()))
    local data, from = other:recvfrom(2000)
    assert.equal(message, data)
    assert.same({ HOST, 4001 }, from)
    assert.equal(6, other:sendto("answer", from))
    data, from = one:recvfrom(2000)
    assert.same({ "answer", { HOST, 4002 } }, { data, from })
    expect.done(one:connect(from))
    assert.is_true(from == one:getpeername())
    assert.equal(9, one:send("connected"))
    assert.equal("connected", other:recv(100))
  end)

  it("preserves message boundaries", function()
    local one, other = bound(4003), bound(4004)
    for n = 1, 3 do
      assert(one:sendmsg({ "message ", n }, nil, 0, other:getsockname()))
    end
    for n = 1, 3 do
      assert.equal("message " .. n, other:recv(100))
    end
  end)

  it("has options", function()
    local s = bound(4005)
    assert.equal(0, s:getsockopt(SOL_RDS, RDS_RECVERR))
    expect.done(s:setsockopt(SOL_RDS, RDS_RECVERR, 1))
    assert.equal(1, s:getsockopt(SOL_RDS, RDS_RECVERR))
    expect.done(s:setsockopt(SOL_RDS, RDS_CONG_MONITOR, 1))
    expect.failure("setsockopt: Protocol not available", "ENOPROTOOPT", s:setsockopt(SOL_RDS, 99, 1))
  end)

  it("fails for values that the kernel rejects", function()
    local s, other = bound(4006), open()
    local message = "bind 127.0.0.1:4006: Address already in use"
    expect.failure(message, "EADDRINUSE", other:bind({ HOST, 4006 }))
    expect.failure(
      "bind 8.8.8.8:4006: Cannot assign requested address",
      "EADDRNOTAVAIL",
      other:bind({ "8.8.8.8", 4006 })
    )
    local unbound = "sendto 127.0.0.1:4006: Transport endpoint is not connected"
    expect.failure(unbound, "ENOTCONN", other:sendto("x", { HOST, 4006 }))
    message = "send: Transport endpoint is not connected"
    expect.failure(message, "ENOTCONN", s:send("x"))
  end)

  it("rejects invalid addresses", function()
    local s = open()
    for reason, address in pairs({
      ["address in a table expected, got string"] = HOST,
      ["address field 'host': string expected"] = {},
      ["address field 'port': number expected"] = { HOST },
      ["address field 'port' out of range"] = { HOST, 65536 },
      ["host contains a NUL"] = { "127.0.0.1\0", 1 },
    }) do
      expect.misuse(("bad argument #1 to 'bind' (%s)"):format(reason), s.bind, s, address)
      expect.misuse(("bad argument #2 to 'sendto' (%s)"):format(reason), s.sendto, s, "x", address)
    end
    local message = "bind ::1:1: Address family for hostname not supported"
    expect.failure(message, "EAI_ADDRFAMILY", s:bind({ "::1", 1 }))
  end)
end)
