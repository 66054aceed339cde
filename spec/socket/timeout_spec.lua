local descriptors = require "spec.support.descriptors"
local expect = require "spec.support.expect"
local lua = require "spec.support.lua"
local network = require "spec.support.network"
local socket = require "bsdsocket"

-- Invalid timeouts and the error messages.
local WRONG = {
  { -1, "timeout out of range" },
  { -0.001, "timeout out of range" },
  { 0 / 0, "timeout out of range" },
  { math.huge, "timeout out of range" },
  { -math.huge, "timeout out of range" },
  { 1e10, "timeout out of range" },
  { 1e300, "timeout out of range" },
  { "soon", "number expected, got string" },
  { true, "number expected, got boolean" },
  { {}, "number expected, got table" },
  { print, "number expected, got function" },
}

describe("socket:settimeout", function()
  descriptors.watch(setup, teardown)

  ---@type bsdsocket.Socket, bsdsocket.Socket
  local one, other

  before_each(function()
    one, other = assert(socket.socketpair())
  end)

  after_each(function()
    network.close(one, other)
  end)

  -- The value, and the resulting timeout and blocking mode.
  local SET = {
    { nil, nil, true },
    { 0, 0, false },
    { -0.0, 0, false },
    { 0.5, 0.5, true },
    { 3, 3, true },
    { 1e-9, 1e-9, true },
    { 9e9, 9e9, true },
    { "0.25", 0.25, true },
  }
  for _, case in ipairs(SET) do
    it("sets " .. tostring(case[1]), function()
      expect.done(one:settimeout(case[1]))
      assert.equal(case[2], one:gettimeout())
      assert.equal(case[2], one.timeout)
      assert.equal(case[3], one:getblocking())
      expect.done(one:settimeout(nil))
      assert.same({ n = 1 }, lua.pack(one:gettimeout()))
      assert.is_nil(one.timeout)
    end)
  end

  it("affects one socket", function()
    one:settimeout(7)
    assert.is_nil(other:gettimeout())
    assert.is_nil(other.timeout)
    local third, fourth = assert(socket.socketpair())
    assert.is_nil(third.timeout)
    network.close(third, fourth)
  end)

  it("decides whether calls wait", function()
    one:settimeout(0)
    expect.failure("recv: Resource temporarily unavailable", "EAGAIN", one:recv(1))
    one:settimeout(0.001)
    expect.failure("recv: timed out", "timeout", one:recv(1))
    one:settimeout(nil)
    assert(other:sendall("x"))
    assert.equal("x", one:recv(1))
  end)

  for _, case in ipairs(WRONG) do
    it("rejects " .. lua.show(case[1]), function()
      one:settimeout(4)
      expect.misuse(("bad argument #1 to 'settimeout' (%s)"):format(case[2]), one.settimeout, one, case[1])
      assert.equal(4, one:gettimeout())
    end)
  end

  it("requires a value, which may be nil", function()
    expect.misuse("bad argument #1 to 'settimeout' (number expected, got no value)", one.settimeout, one)
  end)

  it("keeps the socket's other fields and methods", function()
    for timeout = 1, 50 do
      one:settimeout(timeout)
      assert.same({ socket.AF_UNIX, socket.SOCK_STREAM, 0, timeout }, { one.family, one.type, one.proto, one.timeout })
      assert.equal(socket.SocketType.recv, one.recv)
    end
  end)

  it("survives a garbage collection", function()
    one:settimeout(12.5)
    collectgarbage()
    collectgarbage()
    assert.equal(12.5, one.timeout)
    assert(one:sendall("x"))
    assert.equal("x", other:recv(1))
  end)
end)

describe("socket:setblocking", function()
  ---@type bsdsocket.Socket, bsdsocket.Socket
  local one, other

  before_each(function()
    one, other = assert(socket.socketpair())
  end)

  after_each(function()
    network.close(one, other)
  end)

  it("sets a timeout of nil or 0", function()
    assert.is_true(one:getblocking())
    expect.done(one:setblocking(false))
    assert.same({ false, 0 }, { one:getblocking(), (one:gettimeout()) })
    assert.equal(0, one.timeout)
    expect.done(one:setblocking(true))
    assert.is_true(one:getblocking())
    assert.is_nil(one:gettimeout())
    assert.is_nil(one.timeout)
  end)

  it("requires a boolean", function()
    expect.misuse("bad argument #1 to 'setblocking' (boolean expected, got no value)", one.setblocking, one)
    expect.misuse("bad argument #1 to 'setblocking' (boolean expected, got nil)", one.setblocking, one, nil)
    expect.misuse("bad argument #1 to 'setblocking' (boolean expected, got number)", one.setblocking, one, 0)
  end)
end)

describe("the default timeout", function()
  after_each(function()
    socket.setdefaulttimeout(nil)
  end)

  it("is nil at first", function()
    assert.same({ n = 1 }, lua.pack(socket.getdefaulttimeout()))
  end)

  for _, timeout in ipairs({ 0, 2.5, 60 }) do
    it("applies to new sockets: " .. timeout, function()
      local before = assert(socket.socket())
      expect.done(socket.setdefaulttimeout(timeout))
      assert.equal(timeout, socket.getdefaulttimeout())
      local made, one, other = assert(socket.socket()), assert(socket.socketpair())
      local adopted = assert(socket.socket({ fileno = assert(socket.socket()):detach() }))
      for _, each in ipairs({ made, one, other, adopted }) do
        assert.same({ timeout, timeout, timeout ~= 0 }, { each:gettimeout(), each.timeout, each:getblocking() })
      end
      assert.is_nil(before:gettimeout())
      expect.done(socket.setdefaulttimeout(nil))
      assert.is_nil(socket.getdefaulttimeout())
      assert.equal(timeout, made:gettimeout())
      network.close(before, made, one, other, adopted)
    end)
  end

  it("makes the descriptor non-blocking", function()
    socket.setdefaulttimeout(0)
    local one, other = assert(socket.socketpair())
    expect.failure("recv: Resource temporarily unavailable", "EAGAIN", one:recv(1))
    network.close(one, other)
    socket.setdefaulttimeout(0.001)
    one, other = assert(socket.socketpair())
    expect.failure("recv: timed out", "timeout", one:recv(1))
    network.close(one, other)
  end)

  for _, case in ipairs(WRONG) do
    it("rejects " .. lua.show(case[1]), function()
      socket.setdefaulttimeout(4)
      local message = ("bad argument #1 to 'setdefaulttimeout' (%s)"):format(case[2])
      expect.misuse(message, socket.setdefaulttimeout, case[1])
      assert.equal(4, socket.getdefaulttimeout())
    end)
  end

  it("requires a value, which may be nil", function()
    local message = "bad argument #1 to 'setdefaulttimeout' (number expected, got no value)"
    expect.misuse(message, socket.setdefaulttimeout)
  end)
end)
