local expect = require "spec.support.expect"
local family = require "spec.support.family"
local pack = require "spec.support.pack"
local socket = require "bsdsocket"

if not family.has("AF_TIPC", socket.AF_TIPC, socket.SOCK_RDM) then
  return
end

local AF_TIPC = socket.AF_TIPC
local NAMESEQ, NAME, ID = socket.TIPC_ADDR_NAMESEQ, socket.TIPC_ADDR_NAME, socket.TIPC_ADDR_ID
local NODE, CLUSTER = socket.TIPC_NODE_SCOPE, socket.TIPC_CLUSTER_SCOPE

local function open(kind)
  return family.open(AF_TIPC, kind or socket.SOCK_RDM)
end

local function bound(address, kind)
  return family.bound(address, AF_TIPC, kind or socket.SOCK_RDM)
end

describe("an AF_TIPC socket", function()
  after_each(family.close)

  it("reports its family", function()
    for _, kind in ipairs({ socket.SOCK_RDM, socket.SOCK_DGRAM, socket.SOCK_STREAM, socket.SOCK_SEQPACKET }) do
      local s = open(kind)
      assert.same({ AF_TIPC, kind, 0 }, { s.family, s.type, s.proto })
    end
  end)

  it("has an id as its address", function()
    local s = open()
    local address = s:getsockname()
    assert.equal(5, #address)
    assert.equal(ID, address.addr_type)
    assert.is_true(address.v2 > 0)
    assert.same({ address[1], address[2], address[3], address[4], address[5] }, {
      address.addr_type,
      address.v1,
      address.v2,
      address.v3,
      address.scope,
    })
    -- Binding adds names and does not change the id.
    expect.done(s:bind({ NAMESEQ, 20010, 0, 9, NODE }))
    assert.is_true(address == s:getsockname())
  end)

  it("exchanges messages by name and by id", function()
    local server, client = bound({ NAMESEQ, 20000, 0, 9, NODE }), open()
    assert.equal(4, client:sendto("ping", { NAME, 20000, 5, 0 }))
    local data, from = server:recvfrom(100)
    assert.equal("ping", data)
    assert.equal(ID, from.addr_type)
    assert.same({ client:getsockname().v1, client:getsockname().v2 }, { from.v1, from.v2 })
    assert.equal(4, server:sendto("pong", from))
    data, from = client:recvfrom(100)
    assert.equal("pong", data)
    assert.equal(server:getsockname().v2, from.v2)
    assert.equal(5, client:sendto("by id", from))
    assert.equal("by id", server:recv(100))
    assert.equal(8, client:sendto("by field", { addr_type = NAME, v1 = 20000, v2 = 9, v3 = 0, scope = CLUSTER }))
    assert.equal("by field", server:recv(100))
  end)

  it("sends to all sockets in a name range (multicast)", function()
    local receivers, client = {}, open()
    for n = 1, 3 do
      receivers[n] = bound({ NAMESEQ, 20003, n, n, NODE })
    end
    assert.equal(3, client:sendto("all", { NAMESEQ, 20003, 1, 3 }))
    for n = 1, 3 do
      assert.equal("all", receivers[n]:recv(100))
    end
  end)

  for name, kind in pairs({ stream = socket.SOCK_STREAM, ["sequence of packets"] = socket.SOCK_SEQPACKET }) do
    it("connects, as a " .. name, function()
      local listener = bound({ NAMESEQ, 20001, 1, 1, NODE }, kind)
      assert(listener:listen())
      local client = open(kind)
      local server, from = family.meet(client, listener, { NAME, 20001, 1, 0 })
      assert.equal(ID, from.addr_type)
      assert(client:sendall("data"))
      assert.equal("data", server:recv(100))
      assert(server:sendall("response"))
      assert.equal("response", client:recv(100))
      assert.is_true(from == server:getpeername())
      assert.equal(server:getsockname().v2, client:getpeername().v2)
      expect.done(client:shutdown(socket.SHUT_RDWR))
      assert.equal("", server:recv(100))
    end)
  end

  it("has options", function()
    local s = open()
    assert.equal(socket.TIPC_LOW_IMPORTANCE, s:getsockopt(socket.SOL_TIPC, socket.TIPC_IMPORTANCE))
    expect.done(s:setsockopt(socket.SOL_TIPC, socket.TIPC_IMPORTANCE, socket.TIPC_HIGH_IMPORTANCE))
    assert.equal(socket.TIPC_HIGH_IMPORTANCE, s:getsockopt(socket.SOL_TIPC, socket.TIPC_IMPORTANCE))
    expect.done(s:setsockopt(socket.SOL_TIPC, socket.TIPC_CONN_TIMEOUT, 1234))
    assert.equal(1234, s:getsockopt(socket.SOL_TIPC, socket.TIPC_CONN_TIMEOUT))
    expect.done(s:setsockopt(socket.SOL_TIPC, socket.TIPC_DEST_DROPPABLE, 1))
    assert.equal(1, s:getsockopt(socket.SOL_TIPC, socket.TIPC_DEST_DROPPABLE))
    expect.failure("setsockopt: Invalid argument", "EINVAL", s:setsockopt(socket.SOL_TIPC, socket.TIPC_IMPORTANCE, 99))
  end)

  it("subscribes to the topology service", function()
    local server = open(socket.SOCK_SEQPACKET)
    expect.done(server:connect({ NAME, socket.TIPC_TOP_SRV, socket.TIPC_TOP_SRV, 0 }))
    -- Type, lower, upper, timeout, filter, and user data.
    local range = pack.pack("=I4I4I4", 20002, 0, 9)
    local subscription = range
      .. pack.pack("=I4I4c8", socket.TIPC_WAIT_FOREVER % 2 ^ 32, socket.TIPC_SUB_SERVICE, "mine")
    assert.equal(28, server:send(subscription))
    local s = bound({ NAMESEQ, 20002, 0, 9, NODE })
    -- The event, the range found, the id, and the subscription.
    local event = server:recv(100)
    assert.equal(48, #event)
    local what, lower, upper, reference = pack.unpack("=I4I4I4I4", event)
    assert.same({ socket.TIPC_PUBLISHED, 0, 9 }, { what, lower, upper })
    local address = s:getsockname()
    assert.is_true(reference == address.v1 or reference == address.v2)
    assert.equal(subscription, event:sub(21))
    s:close()
    assert.equal(socket.TIPC_WITHDRAWN, (pack.unpack("=I4", server:recv(100))))
  end)

  it("withdraws a name", function()
    local s = bound({ NAMESEQ, 20004, 1, 1, NODE })
    -- A negative scope withdraws the name.
    expect.done(s:bind({ NAMESEQ, 20004, 1, 1, -NODE }))
    local client = open(socket.SOCK_SEQPACKET)
    local message = "connect 2:20004:1:0:2: No route to host"
    expect.failure(message, "EHOSTUNREACH", client:connect({ NAME, 20004, 1, 0 }))
  end)

  it("fails for values that the kernel rejects", function()
    local s = open()
    expect.failure("bind 1:1:0:9:3: Permission denied", "EACCES", s:bind({ NAMESEQ, 1, 0, 9, NODE }))
    expect.failure("bind 1:20000:9:0:3: Invalid argument", "EINVAL", s:bind({ NAMESEQ, 20000, 9, 0, NODE }))
    local message = "bind 3:1:2:0:2: Address family not supported by protocol"
    expect.failure(message, "EAFNOSUPPORT", s:bind({ ID, 1, 2, 0 }))
  end)

  it("rejects invalid addresses", function()
    local s = open()
    for reason, address in pairs({
      ["address in a table expected, got string"] = "1:2:3",
      ["address field 'addr_type': number expected"] = {},
      ["address field 'addr_type' unknown"] = { 9, 1, 2, 3 },
      ["address field 'v1': number expected"] = { NAME },
      ["address field 'v2' out of range"] = { NAME, 1, -1, 0 },
      ["address field 'v3': number expected"] = { NAME, 1, 2 },
      ["address field 'scope' out of range"] = { NAME, 1, 2, 3, 128 },
    }) do
      expect.misuse(("bad argument #1 to 'bind' (%s)"):format(reason), s.bind, s, address)
      expect.misuse(("bad argument #1 to 'connect' (%s)"):format(reason), s.connect, s, address)
      expect.misuse(("bad argument #2 to 'sendto' (%s)"):format(reason), s.sendto, s, "x", address)
    end
  end)
end)
