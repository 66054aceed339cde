local expect = require "spec.support.expect"
local handles = require "spec.support.handles"
local lua = require "spec.support.lua"
local network = require "spec.support.network"
local socket = require "bsdsocket"

---@type bsdsocket.Socket, bsdsocket.Socket, integer
local one, other, before

setup(function()
  before = handles.count()
end)

before_each(function()
  one, other = assert(socket.socketpair())
end)

after_each(function()
  network.close(one, other)
  socket.setdefaulttimeout(nil)
end)

-- The number of a closed descriptor.
local function free_number()
  local s = assert(socket.socket())
  local number = s:fileno()
  s:close()
  return number
end

local function fields(s)
  return { s.family, s.type, s.proto, s.timeout }
end

describe("socket:dup", function()
  it("creates a second socket object for the same connection", function()
    local copy = assert(one:dup())
    assert.are_not.equal(one:fileno(), copy:fileno())
    assert.same(fields(one), fields(copy))
    assert(copy:sendall("through the copy"))
    assert.equal("through the copy", other:recv(100))
    copy:close()
    assert(one:sendall("still open"))
    assert.equal("still open", other:recv(100))
  end)

  it("outlives the original", function()
    local copy = assert(one:dup())
    one:close()
    assert(other:sendall("hello"))
    assert.equal("hello", copy:recv(10))
    copy:close()
    assert.equal("", other:recv(1))
  end)

  it("keeps family, type, protocol and timeout", function()
    for _, timeout in ipairs({ 0, 2.5, false }) do
      local udp = assert(socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_UDP))
      udp:settimeout(timeout or nil)
      local copy = assert(udp:dup())
      assert.same({ socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_UDP, timeout or nil }, fields(copy))
      assert.equal(timeout or nil, copy:gettimeout())
      network.close(udp, copy)
    end
  end)

  it("has a timeout of its own", function()
    one:settimeout(5)
    local copy = assert(one:dup())
    copy:settimeout(0.01)
    expect.failure("recv: timed out", "timeout", copy:recv(1))
    assert.equal(5, one:gettimeout())
    copy:close()
  end)

  it("fails for a closed socket", function()
    one:close()
    expect.failure("dup: Bad file descriptor", "EBADF", one:dup())
  end)

  it("requires a socket", function()
    expect.misuse("bad argument #1 to 'dup' (socket expected, got no value)", one.dup)
    expect.misuse("bad argument #1 to 'dup' (socket expected, got number)", one.dup, one:fileno())
  end)
end)

describe("socket.dup", function()
  it("returns the number of a duplicate", function()
    local number = assert(socket.dup(one:fileno()))
    assert.are_not.equal(one:fileno(), number)
    local copy = assert(socket.socket({ fileno = number }))
    assert.is_false(copy:get_inheritable())
    assert(copy:sendall("hello"))
    assert.equal("hello", other:recv(10))
    copy:close()
  end)

  it("duplicates descriptors that are not sockets too", function()
    local number = assert(socket.dup(0))
    expect.failure("socket: Socket operation on non-socket", "ENOTSOCK", socket.socket({ fileno = number }))
    expect.done(socket.close(number))
  end)

  it("fails for an invalid descriptor", function()
    for _, number in ipairs({ free_number(), -1, 2 ^ 31 - 1 }) do
      expect.failure("dup: Bad file descriptor", "EBADF", socket.dup(number))
    end
  end)

  it("requires a descriptor", function()
    expect.misuse("bad argument #1 to 'dup' (number expected, got no value)", socket.dup)
    expect.misuse("bad argument #1 to 'dup' (number expected, got string)", socket.dup, "x")
    expect.misuse("bad argument #1 to 'dup' (number has no integer representation)", socket.dup, 1.5)
    expect.misuse("bad argument #1 to 'dup' (number out of range)", socket.dup, 2 ^ 31)
    local message = "bad argument #1 to 'dup' (number expected, got %s)"
    expect.misuse(message:format(lua.type_name(one)), socket.dup, one)
  end)
end)

describe("socket.close", function()
  it("closes a descriptor", function()
    local number = assert(one:detach())
    expect.done(socket.close(number))
    assert.equal("", other:recv(1))
    expect.failure("close: Bad file descriptor", "EBADF", socket.close(number))
  end)

  it("fails for an invalid descriptor", function()
    for _, number in ipairs({ free_number(), -1, 2 ^ 31 - 1 }) do
      expect.failure("close: Bad file descriptor", "EBADF", socket.close(number))
    end
  end)

  it("ignores that the peer reset the connection", function()
    local client, server = network.connected()
    assert(server:sendall("never read"))
    client:settimeout(5)
    assert.equal("n", client:recv(1))
    client:close()
    server:settimeout(5)
    local _, _, code = server:recv(1)
    assert.equal("ECONNRESET", code)
    expect.done(socket.close(server:detach()))
  end)

  it("requires a descriptor", function()
    expect.misuse("bad argument #1 to 'close' (number expected, got no value)", socket.close)
    expect.misuse("bad argument #1 to 'close' (number expected, got nil)", socket.close, nil)
    expect.misuse("bad argument #1 to 'close' (number expected, got string)", socket.close, "x")
    expect.misuse("bad argument #1 to 'close' (number has no integer representation)", socket.close, 1.5)
    expect.misuse("bad argument #1 to 'close' (number out of range)", socket.close, 2 ^ 31)
    local message = "bad argument #1 to 'close' (number expected, got %s)"
    expect.misuse(message:format(lua.type_name(one)), socket.close, one)
    assert(one:sendall("still open"))
  end)
end)

describe("fromfd", function()
  it("creates a socket from a duplicate", function()
    local made = assert(socket.fromfd(one:fileno(), socket.AF_UNIX, socket.SOCK_STREAM))
    assert.are_not.equal(one:fileno(), made:fileno())
    assert.same({ socket.AF_UNIX, socket.SOCK_STREAM, 0 }, fields(made))
    assert.is_false(made:get_inheritable())
    assert(made:sendall("hello"))
    assert.equal("hello", other:recv(10))
    made:close()
    assert(one:sendall("still open"))
    assert.equal("still open", other:recv(20))
  end)

  it("accepts a protocol, and uses the given values without checking them", function()
    local made = assert(socket.fromfd(one:fileno(), socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_UDP))
    assert.same({ socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_UDP }, fields(made))
    made:close()
  end)

  it("uses the default timeout", function()
    socket.setdefaulttimeout(0.01)
    local made = assert(socket.fromfd(one:fileno(), socket.AF_UNIX, socket.SOCK_STREAM))
    assert.equal(0.01, made:gettimeout())
    expect.failure("recv: timed out", "timeout", made:recv(1))
    made:close()
  end)

  it("fails for invalid descriptors and for those that are not sockets", function()
    for _, number in ipairs({ free_number(), 2 ^ 31 - 1 }) do
      expect.failure("fromfd: Bad file descriptor", "EBADF", socket.fromfd(number, socket.AF_INET, socket.SOCK_STREAM))
    end
    local message = "fromfd: Socket operation on non-socket"
    expect.failure(message, "ENOTSOCK", socket.fromfd(0, socket.AF_INET, socket.SOCK_STREAM))
  end)

  -- The arguments; `true` stands for a descriptor.
  local WRONG = {
    { {}, "#1 to 'fromfd' (number expected, got no value)" },
    { { "x", 1, 1 }, "#1 to 'fromfd' (number expected, got string)" },
    { { -1, 1, 1 }, "#1 to 'fromfd' (number out of range)" },
    { { 2 ^ 40, 1, 1 }, "#1 to 'fromfd' (number out of range)" },
    { { true }, "#2 to 'fromfd' (number expected, got no value)" },
    { { true, "x", 1 }, "#2 to 'fromfd' (number expected, got string)" },
    { { true, 70000, 1 }, "#2 to 'fromfd' (family out of range)" },
    { { true, 1 }, "#3 to 'fromfd' (number expected, got no value)" },
    { { true, 1, {} }, "#3 to 'fromfd' (number expected, got table)" },
    { { true, 1, 70000 }, "#3 to 'fromfd' (type out of range)" },
    { { true, 1, 1, "x" }, "#4 to 'fromfd' (number expected, got string)" },
  }
  for _, case in ipairs(WRONG) do
    it("rejects: " .. case[2], function()
      local arguments = {}
      for n, value in ipairs(case[1]) do
        arguments[n] = value == true and one:fileno() or value
      end
      expect.misuse("bad argument " .. case[2], socket.fromfd, lua.unpack(arguments))
    end)
  end

  it("closes the duplicate if it fails", function()
    local open = handles.count()
    for _ = 1, 20 do
      assert.is_nil((socket.fromfd(0, socket.AF_INET, socket.SOCK_STREAM)))
      assert.is_false((pcall(socket.fromfd, one:fileno(), 70000, socket.SOCK_STREAM)))
    end
    assert.equal(open, handles.count())
  end)
end)

describe("socket:get_inheritable and socket:set_inheritable", function()
  it("get and set whether other programs inherit the descriptor", function()
    local inherited = handles.inherited()
    assert.is_false(one:get_inheritable())
    expect.done(one:set_inheritable(true))
    assert.is_true(one:get_inheritable())
    assert.equal(inherited + 1, handles.inherited())
    expect.done(one:set_inheritable(true))
    expect.done(one:set_inheritable(false))
    assert.is_false(one:get_inheritable())
    assert.equal(inherited, handles.inherited())
  end)

  it("affect one descriptor, not its duplicates", function()
    expect.done(one:set_inheritable(true))
    local copy = assert(one:dup())
    assert.same({ true, false }, { one:get_inheritable(), copy:get_inheritable() })
    copy:close()
  end)

  it("fail for a closed socket", function()
    one:close()
    expect.failure("get_inheritable: Bad file descriptor", "EBADF", one:get_inheritable())
    expect.failure("set_inheritable: Bad file descriptor", "EBADF", one:set_inheritable(true))
    expect.failure("set_inheritable: Bad file descriptor", "EBADF", one:set_inheritable(false))
  end)

  it("require a socket and a boolean", function()
    local message = "bad argument #1 to 'set_inheritable' (boolean expected, got %s)"
    expect.misuse(message:format("no value"), one.set_inheritable, one)
    expect.misuse(message:format("nil"), one.set_inheritable, one, nil)
    expect.misuse(message:format("number"), one.set_inheritable, one, 1)
    expect.misuse("bad argument #1 to 'set_inheritable' (socket expected, got no value)", one.set_inheritable)
    expect.misuse("bad argument #1 to 'get_inheritable' (socket expected, got table)", one.get_inheritable, {})
    assert.is_false(one:get_inheritable())
  end)
end)

describe("socket.type", function()
  it("recognises an open socket", function()
    assert.same({ "socket", n = 1 }, lua.pack(socket.type(one)))
  end)

  it("recognises a closed socket", function()
    one:close()
    assert.same({ "closed socket", n = 1 }, lua.pack(socket.type(one)))
    socket.close(other:detach())
    assert.equal("closed socket", socket.type(other))
  end)

  it("returns nil for anything else", function()
    local others =
      { 1, "socket", true, {}, print, io.stdout, coroutine.create(function() end), socket, socket.buffer(100) }
    for _, value in ipairs(others) do
      assert.same({ nil, n = 1 }, lua.pack(socket.type(value)))
    end
    assert.same({ nil, n = 1 }, lua.pack(socket.type(nil)))
  end)

  it("requires a value", function()
    expect.misuse("bad argument #1 to 'type' (value expected)", socket.type)
  end)
end)

describe("duplicating descriptors", function()
  it("leaks none", function()
    assert.equal(before + 2, handles.count())
  end)
end)
