-- Connections and messages on Windows.

local descriptors = require "spec.support.descriptors"
local expect = require "spec.support.expect"
local network = require "spec.support.network"
local skip = require "spec.support.skip"
local socket = require "bsdsocket"
local system = require "spec.support.system"
local temporary = require "spec.support.temporary"

if not system.windows then
  return skip "connections and messages on Windows: this is another system"
end

descriptors.watch(setup, teardown)

-- The families to test: IPv4, and IPv6 if available.
local FAMILIES = { AF_INET = socket.AF_INET, AF_INET6 = network.has_ipv6() and socket.AF_INET6 or nil }

for name, family in pairs(FAMILIES) do
  describe(name, function()
    it("echoes over a connection", function()
      local client, server = network.connected(family)
      assert(client:sendall(("hello "):rep(20000)))
      local received = 0
      while received < 120000 do
        local piece = assert(server:recv(65536))
        received = received + #piece
        assert(server:sendall(piece))
      end
      assert.equal(("hello "):rep(20000), assert(client:recv(120000, socket.MSG_WAITALL)))
      network.close(client, server)
    end)

    it("echoes datagrams, with and without sendmsg", function()
      local one, other = network.datagram(family), network.datagram(family)
      assert.equal(5, one:sendto("hello", other:getsockname()))
      local data, from = assert(other:recvfrom(100))
      assert.same({ "hello", one:getsockname() }, { data, from })
      assert.equal(6, other:sendmsg({ "one", "two" }, nil, 0, from))
      local message, items, flags, address = assert(one:recvmsg(100, 100))
      assert.same({ "onetwo", {}, 0, other:getsockname() }, { message, items, flags, address })
      network.close(one, other)
    end)

    it("supports socketpair", function()
      local one, other = assert(socket.socketpair(family, socket.SOCK_STREAM))
      assert.equal(one:getpeername(), other:getsockname())
      assert.equal(other:getpeername(), one:getsockname())
      assert(one:sendall("hello"))
      assert.equal("hello", other:recv(100))
      network.close(one, other)
    end)
  end)
end

describe("a message", function()
  it("carries ancillary data", function()
    local one, other = network.datagram(), network.datagram()
    assert(one:setsockopt(socket.IPPROTO_IP, socket.IP_PKTINFO, 1))
    assert(other:sendto("hello", one:getsockname()))
    local data, items = assert(one:recvmsg(100, socket.CMSG_SPACE(8)))
    assert.equal("hello", data)
    assert.same({ socket.IPPROTO_IP, socket.IP_PKTINFO }, { items[1].level, items[1].type })
    -- The address and the interface that received it.
    assert.equal("\127\0\0\1", items[1].data:sub(1, 4))
    assert.equal(8, #items[1].data)
    network.close(one, other)
  end)

  it("is truncated if it is too long, with MSG_TRUNC", function()
    local one, other = network.datagram(), network.datagram()
    for _, room in ipairs({ 0, 100 }) do
      assert(other:sendto("hello", one:getsockname()))
      local data, _, flags = assert(one:recvmsg(2, room))
      assert.same({ "he", socket.MSG_TRUNC }, { data, flags })
    end
    assert(other:sendto("hello", one:getsockname()))
    local _, _, code = one:recv(2)
    assert.equal("EMSGSIZE", code)
    network.close(one, other)
  end)

  it("works over stream connections too", function()
    local client, server = network.connected()
    assert.equal(6, client:sendmsg({ "one", "two" }))
    local first, second = socket.buffer(2), socket.buffer(10)
    assert.equal(6, (server:recvmsg_into({ first, second }, 100)))
    assert.same({ "on", "etwo" }, { tostring(first), second:sub(1, 4) })
    network.close(client, server)
  end)
end)

describe("a refused connection", function()
  local address

  before_each(function()
    local listener = network.listener()
    address = listener:getsockname()
    listener:close()
  end)

  for _, timeout in ipairs({ false, 20 }) do
    it("fails, with the timeout " .. tostring(timeout), function()
      local s = assert(socket.socket())
      s:settimeout(timeout or nil)
      expect.failure(("connect %s: Connection refused"):format(address), "ECONNREFUSED", s:connect(address))
      s:close()
    end)
  end

  it("fails later on a non-blocking socket", function()
    local s = assert(socket.socket())
    s:setblocking(false)
    assert.equal(socket.errno.EINPROGRESS, s:connect_ex(address))
    s:close()
  end)

  it("times out if nothing answers", function()
    local s = assert(socket.socket())
    s:settimeout(0.1)
    local start = network.clock()
    -- An address reserved for documentation, which nothing has; a machine without a route fails at once.
    local done, _, code = s:connect({ "192.0.2.1", 9 })
    local taken = network.clock() - start
    assert.is_nil(done)
    if code == "timeout" then
      assert.is_true(taken >= 0.09 and taken < 5, "it took " .. taken .. " s")
    else
      assert.is_true(code == "ENETUNREACH" or code == "EHOSTUNREACH" or code == "ECONNREFUSED", code)
      skip("a connect that times out: " .. code)
    end
    s:close()
  end)
end)

describe("a call with a timeout", function()
  it("ends in time", function()
    local client, server = network.connected()
    client:settimeout(0.1)
    local start = network.clock()
    expect.failure("recv: timed out", "timeout", client:recv(1))
    local taken = network.clock() - start
    assert.is_true(taken >= 0.09 and taken < 5, "it took " .. taken .. " s")
    network.close(client, server)
  end)
end)

describe("sendfile", function()
  it("sends a file from any offset", function()
    local content = {}
    for n = 1, 20000 do
      content[n] = ("%07d\n"):format(n)
    end
    content = table.concat(content)
    local path = temporary.file(content)
    local file = assert(io.open(path, "rb"))
    local client, server = network.connected()
    assert.equal("0000001", file:read())
    assert.equal(24, client:sendfile(file, nil, 24))
    assert.equal(content:sub(9, 32), server:recv(100))
    assert.equal(32, file:seek())
    assert.equal(16, client:sendfile(file, #content - 16))
    assert.equal(content:sub(-16), server:recv(100))
    file:close()
    network.close(client, server)
    temporary.remove(path)
  end)
end)

describe("a new descriptor", function()
  it("is not inherited by default", function()
    local one = assert(socket.socket())
    assert.is_false(one:get_inheritable())
    expect.done(one:set_inheritable(true))
    assert.is_true(one:get_inheritable())
    local two = assert(one:dup())
    assert.is_false(two:get_inheritable())
    network.close(one, two)
  end)
end)

describe("keep-alive", function()
  it("is set by options, where they exist", function()
    local one = assert(socket.socket())
    for _, name in ipairs({ "TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT" }) do
      local done, message, code = one:setsockopt(socket.IPPROTO_TCP, socket[name], 5)
      if done then
        assert.equal(5, one:getsockopt(socket.IPPROTO_TCP, socket[name]))
      else
        assert.is_true(code == "ENOPROTOOPT" or code == "EINVAL", message)
        skip(name .. ": " .. message)
      end
    end
    one:close()
  end)
end)
