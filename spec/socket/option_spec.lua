local descriptors = require "spec.support.descriptors"
local expect = require "spec.support.expect"
local lua = require "spec.support.lua"
local network = require "spec.support.network"
local socket = require "bsdsocket"

local SOL_SOCKET = socket.SOL_SOCKET

---@type bsdsocket.Socket
local s

before_each(function()
  s = assert(socket.socket())
end)

after_each(function()
  s:close()
end)

describe("socket:getsockopt", function()
  it("returns an integer", function()
    assert.equal(socket.SOCK_STREAM, s:getsockopt(SOL_SOCKET, socket.SO_TYPE))
    assert.equal(0, s:getsockopt(SOL_SOCKET, socket.SO_KEEPALIVE))
    assert.equal(socket.SOCK_STREAM, s:getsockopt(SOL_SOCKET, socket.SO_TYPE, 0))
    assert.equal(socket.SOCK_STREAM, s:getsockopt(SOL_SOCKET, socket.SO_TYPE, nil))
    if math.type then
      assert.equal("integer", math.type(s:getsockopt(SOL_SOCKET, socket.SO_TYPE)))
    end
  end)

  it("returns bytes if a length is given", function()
    local bytes = s:getsockopt(SOL_SOCKET, socket.SO_TYPE, 4)
    assert.equal(4, #bytes)
    assert.is_truthy(bytes:find(string.char(socket.SOCK_STREAM), 1, true))
    assert.equal(8, #s:getsockopt(SOL_SOCKET, socket.SO_LINGER, 8))
  end)

  it("returns no more bytes than the system did", function()
    assert.equal(4, #s:getsockopt(SOL_SOCKET, socket.SO_TYPE, 1024))
    assert.equal(2, #s:getsockopt(SOL_SOCKET, socket.SO_TYPE, 2))
  end)

  it("fails for invalid lengths", function()
    for _, length in ipairs({ -1, 1025, 2147483647 }) do
      local message = "getsockopt: buflen out of range"
      expect.failure(message, "EINVAL", s:getsockopt(SOL_SOCKET, socket.SO_TYPE, length))
    end
  end)

  it("fails for an unknown option", function()
    expect.failure("getsockopt: Protocol not available", "ENOPROTOOPT", s:getsockopt(SOL_SOCKET, 9999))
    expect.failure("getsockopt: Protocol not available", "ENOPROTOOPT", s:getsockopt(SOL_SOCKET, 9999, 4))
  end)

  it("returns the error of a connection once (SO_ERROR)", function()
    local refusing = network.bound()
    s:setblocking(false)
    local _, _, code = s:connect(refusing:getsockname())
    if code == "EINPROGRESS" then
      s:settimeout(5)
      assert.equal(socket.errno.ECONNREFUSED, s:getsockopt(SOL_SOCKET, socket.SO_ERROR))
      assert.equal(0, s:getsockopt(SOL_SOCKET, socket.SO_ERROR))
    else
      assert.equal("ECONNREFUSED", code)
    end
    refusing:close()
  end)
end)

describe("socket:setsockopt", function()
  descriptors.watch(setup, teardown)

  it("accepts an integer", function()
    expect.done(s:setsockopt(SOL_SOCKET, socket.SO_KEEPALIVE, 1))
    assert.equal(1, s:getsockopt(SOL_SOCKET, socket.SO_KEEPALIVE))
    expect.done(s:setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 42))
    assert.equal(42, s:getsockopt(socket.IPPROTO_IP, socket.IP_TTL))
    expect.done(s:setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1))
    assert.equal(1, s:getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
  end)

  it("accepts bytes, as a string, a buffer or a view", function()
    local on = s:getsockopt(SOL_SOCKET, socket.SO_TYPE, 4)
    local off = ("\0"):rep(4)
    for _, value in ipairs({ on, socket.buffer(on), socket.buffer("...." .. on .. "..."):view(5, 8) }) do
      expect.done(s:setsockopt(SOL_SOCKET, socket.SO_KEEPALIVE, off))
      assert.equal(0, s:getsockopt(SOL_SOCKET, socket.SO_KEEPALIVE))
      expect.done(s:setsockopt(SOL_SOCKET, socket.SO_KEEPALIVE, value))
      assert.equal(1, s:getsockopt(SOL_SOCKET, socket.SO_KEEPALIVE))
    end
    local linger = on .. s:getsockopt(SOL_SOCKET, socket.SO_TYPE, 4)
    expect.done(s:setsockopt(SOL_SOCKET, socket.SO_LINGER, linger))
    assert.equal(linger, s:getsockopt(SOL_SOCKET, socket.SO_LINGER, 8))
  end)

  it("accepts true for 1 and false for 0", function()
    for _, case in ipairs({ { true, 1 }, { false, 0 }, { true, 1 } }) do
      expect.done(s:setsockopt(SOL_SOCKET, socket.SO_KEEPALIVE, case[1]))
      local value = assert(s:getsockopt(SOL_SOCKET, socket.SO_KEEPALIVE))
      assert.equal(case[2], value == 0 and 0 or 1)
    end
  end)

  it("accepts nil and a length", function()
    expect.failure("setsockopt: Bad address", "EFAULT", s:setsockopt(SOL_SOCKET, socket.SO_KEEPALIVE, nil, 4))
    expect.failure("setsockopt: Invalid argument", "EINVAL", s:setsockopt(SOL_SOCKET, socket.SO_KEEPALIVE, nil, 0))
    -- SO_BINDTODEVICE with an empty name unbinds a socket from its device.
    expect.done(s:setsockopt(SOL_SOCKET, 25, nil, 0))
  end)

  it("fails for too few bytes and for an unknown option", function()
    expect.failure("setsockopt: Invalid argument", "EINVAL", s:setsockopt(SOL_SOCKET, socket.SO_KEEPALIVE, ""))
    expect.failure("setsockopt: Protocol not available", "ENOPROTOOPT", s:setsockopt(SOL_SOCKET, 9999, 1))
  end)

  -- Invalid arguments and the error messages.
  local WRONG = {
    { { 1, 9 }, "#3 to 'setsockopt' (number, boolean, string or buffer expected, got no value)", 2 },
    { { 1, 9, nil }, "#3 to 'setsockopt' (number, boolean, string or buffer expected, got nil)", 3 },
    { { 1, 9, {} }, "#3 to 'setsockopt' (number, boolean, string or buffer expected, got table)", 3 },
    { { 1, 9, print }, "#3 to 'setsockopt' (number, boolean, string or buffer expected, got function)", 3 },
    { { 1, 9, 1.5 }, "#3 to 'setsockopt' (number has no integer representation)", 3 },
    { { 1, 9, 2 ^ 40 }, "#3 to 'setsockopt' (number out of range)", 3 },
    { { 1, 9, 1, 4 }, "#4 to 'setsockopt' (a length goes with nil only)", 4 },
    { { 1, 9, true, 4 }, "#4 to 'setsockopt' (a length goes with nil only)", 4 },
    { { 1, 9, "x", 4 }, "#4 to 'setsockopt' (a length goes with nil only)", 4 },
    { { 1, 9, nil, -1 }, "#4 to 'setsockopt' (number out of range)", 4 },
    { { 1, 9, nil, "x" }, "#4 to 'setsockopt' (number expected, got string)", 4 },
  }
  for _, case in ipairs(WRONG) do
    it("rejects: " .. case[2], function()
      expect.misuse("bad argument " .. case[2], s.setsockopt, s, lua.unpack(case[1], 1, case[3]))
    end)
  end
end)
