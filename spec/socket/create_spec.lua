local child = require "spec.support.child"
local descriptors = require "spec.support.descriptors"
local expect = require "spec.support.expect"
local lua = require "spec.support.lua"
local network = require "spec.support.network"
local socket = require "bsdsocket"
local temporary = require "spec.support.temporary"

local function fields(s)
  return { s.family, s.type, s.proto, s.timeout }
end

describe("socket", function()
  descriptors.watch(setup, teardown)

  -- The arguments, and the fields of the new socket.
  local MADE = {
    { "nothing", {}, { socket.AF_INET, socket.SOCK_STREAM, 0 } },
    { "a family", { socket.AF_UNIX }, { socket.AF_UNIX, socket.SOCK_STREAM, 0 } },
    { "a family and a type", { socket.AF_INET, socket.SOCK_DGRAM }, { socket.AF_INET, socket.SOCK_DGRAM, 0 } },
    {
      "a family, a type and a protocol",
      { socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_UDP },
      { socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_UDP },
    },
    { "only a type", { nil, socket.SOCK_DGRAM }, { socket.AF_INET, socket.SOCK_DGRAM, 0 }, count = 2 },
    { "an empty table", { {} }, { socket.AF_INET, socket.SOCK_STREAM, 0 } },
    { "a table with a family", { { family = socket.AF_UNIX } }, { socket.AF_UNIX, socket.SOCK_STREAM, 0 } },
    {
      "a table with all of them",
      { { family = socket.AF_INET, type = socket.SOCK_DGRAM, proto = socket.IPPROTO_UDP } },
      { socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_UDP },
    },
    {
      "a family and a table",
      { socket.AF_UNIX, { type = socket.SOCK_SEQPACKET } },
      { socket.AF_UNIX, socket.SOCK_SEQPACKET, 0 },
    },
  }
  for _, case in ipairs(MADE) do
    it("creates a socket from " .. case[1], function()
      local made = assert(socket.socket(lua.unpack(case[2], 1, case.count or #case[2])))
      assert.same(case[3], fields(made))
      assert.is_true(made:fileno() > 2)
      assert.equal(made.type, made:getsockopt(socket.SOL_SOCKET, socket.SO_TYPE))
      made:close()
    end)
  end

  it("does not show the flags in the type", function()
    local made = assert(socket.socket(socket.AF_INET, socket.SOCK_STREAM + socket.SOCK_CLOEXEC))
    assert.equal(socket.SOCK_STREAM, made.type)
    assert.is_nil(made:gettimeout())
    made:close()
  end)

  it("creates a non-blocking socket with SOCK_NONBLOCK", function()
    local made = assert(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM + socket.SOCK_NONBLOCK))
    assert.equal(socket.SOCK_DGRAM, made.type)
    assert.equal(0, made:gettimeout())
    assert.is_false(made:getblocking())
    expect.failure("recv: Resource temporarily unavailable", "EAGAIN", made:recv(1))
    made:close()
  end)

  it("fails for what the system does not support", function()
    expect.failure("socket: Address family not supported by protocol", "EAFNOSUPPORT", socket.socket(12345))
    expect.failure("socket: Address family not supported by protocol", "EAFNOSUPPORT", socket.socket(-1))
    expect.failure("socket: Protocol not supported", "EPROTONOSUPPORT", socket.socket(nil, socket.SOCK_STREAM, 17))
  end)

  -- Invalid arguments and the error messages.
  local WRONG = {
    { { "inet" }, "bad argument #1 to 'socket' (number expected, got string)" },
    { { true }, "bad argument #1 to 'socket' (number expected, got boolean)" },
    { { 2.5 }, "bad argument #1 to 'socket' (number has no integer representation)" },
    { { 2 ^ 40 }, "bad argument #1 to 'socket' (number out of range)" },
    { { 2, {}, 0 }, "bad argument #2 to 'socket' (number expected, got table)" },
    { { 2, 1, "x" }, "bad argument #3 to 'socket' (number expected, got string)" },
    { { 2, 1, 0, "x" }, "bad argument #4 to 'socket' (number expected, got string)" },
    { { 2, 1, 0, -1 }, "bad argument #4 to 'socket' (negative file descriptor)" },
    { { { fileno = -1 } }, "bad argument #1 to 'socket' (option 'fileno': negative file descriptor)" },
    { { { typ = 1 } }, "bad argument #1 to 'socket' (unknown option 'typ')" },
    { { { 2, 1 } }, "bad argument #1 to 'socket' (unknown option '?')" },
    { { 2, { family = 2 } }, "bad argument #2 to 'socket' (unknown option 'family')" },
    { { { type = "stream" } }, "bad argument #1 to 'socket' (option 'type': number expected, got string)" },
  }
  for _, case in ipairs(WRONG) do
    it("rejects: " .. case[2], function()
      expect.misuse(case[2], socket.socket, lua.unpack(case[1]))
    end)
  end
end)

describe("socket with fileno", function()
  descriptors.watch(setup, teardown)

  it("takes ownership of a descriptor and detects what it is", function()
    local original = assert(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    local fd = assert(original:detach())
    local adopted = assert(socket.socket({ fileno = fd }))
    assert.equal(fd, adopted:fileno())
    assert.same({ socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_UDP }, fields(adopted))
    adopted:close()
  end)

  it("takes it by position too", function()
    local one, other = assert(socket.socketpair())
    local adopted = assert(socket.socket(nil, nil, nil, one:detach()))
    assert.same({ socket.AF_UNIX, socket.SOCK_STREAM, 0 }, fields(adopted))
    assert(adopted:sendall("still connected"))
    assert.equal("still connected", other:recv(20))
    network.close(adopted, other)
  end)

  it("uses the given values without checking them", function()
    local one, other = assert(socket.socketpair())
    local adopted = assert(socket.socket({ fileno = one:detach(), type = socket.SOCK_DGRAM, proto = 7 }))
    assert.same({ socket.AF_UNIX, socket.SOCK_DGRAM, 7 }, fields(adopted))
    network.close(adopted, other)
  end)

  it("fails for a closed descriptor", function()
    local original = assert(socket.socket())
    local fd = original:fileno()
    original:close()
    expect.failure("socket: Bad file descriptor", "EBADF", socket.socket({ fileno = fd }))
    expect.failure("socket: Bad file descriptor", "EBADF", socket.socket({ fileno = 2 ^ 31 - 1 }))
  end)

  it("fails for a descriptor that an audit hook closes", function()
    local program = temporary.file([[
      local socket = require "bsdsocket"
      local fd = socket.socket():detach()
      socket.addaudithook(function()
        assert(socket.close(fd))
      end)
      print(socket.socket({ fileno = fd }))
    ]])
    local printed = child.output(("%s %s"):format(child.interpreter(), program))
    temporary.remove(program)
    assert.equal("nil\tsocket: Bad file descriptor\tEBADF\n", printed)
  end)

  it("fails for a descriptor that is not a socket, and does not close it", function()
    local program = temporary.file([[
      local socket = require "bsdsocket"
      print(socket.socket({ fileno = 0 }))
      print(socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0, 0))
      collectgarbage()
      print(io.read("*l"))
    ]])
    local text = temporary.file("it can still be read\n")
    local run = ("%s %s"):format(child.interpreter(), program)
    local from_pipe = child.output(("cat %s | %s"):format(text, run))
    local from_file = child.output(("%s <%s"):format(run, text))
    temporary.remove(program, text)
    local failure = "nil\tsocket: Socket operation on non-socket\tENOTSOCK\n"
    local expected = failure .. failure .. "it can still be read\n"
    assert.same({ expected, expected }, { from_pipe, from_file })
  end)

  it("leaves the descriptor to the caller if other arguments are invalid", function()
    local original = assert(socket.socket())
    local ok, message = pcall(socket.socket, 70000, nil, nil, original:fileno())
    assert.same({ false, "bad argument #1 to 'socket' (family out of range)" }, { ok, message })
    collectgarbage()
    assert(original:bind({ "127.0.0.1", 0 }))
    original:close()
  end)
end)

describe("socketpair", function()
  it("creates two connected sockets", function()
    local one, other = assert(socket.socketpair())
    assert.same({ socket.AF_UNIX, socket.SOCK_STREAM, 0 }, fields(one))
    assert.same(fields(one), fields(other))
    assert.are_not.equal(one:fileno(), other:fileno())
    assert(one:sendall("there"))
    assert.equal("there", other:recv(10))
    assert(other:sendall("back"))
    assert.equal("back", one:recv(10))
    network.close(one, other)
  end)

  it("accepts family, type and protocol", function()
    local one, other = assert(socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM, 0))
    assert.same({ socket.AF_UNIX, socket.SOCK_DGRAM, 0 }, fields(one))
    one:send("first")
    one:send("second")
    assert.same({ "first", "second" }, { other:recv(20), (other:recv(20)) })
    network.close(one, other)
  end)

  it("fails for unsupported families", function()
    expect.failure("socketpair: Operation not supported", "EOPNOTSUPP", socket.socketpair(socket.AF_INET))
  end)

  it("requires numbers", function()
    expect.misuse("bad argument #1 to 'socketpair' (number expected, got table)", socket.socketpair, {})
    expect.misuse("bad argument #2 to 'socketpair' (number expected, got string)", socket.socketpair, nil, "x")
    expect.misuse("bad argument #3 to 'socketpair' (number expected, got boolean)", socket.socketpair, nil, nil, true)
  end)
end)

describe("a new descriptor", function()
  it("is not inherited by other programs", function()
    local before = descriptors.open()
    local made =
      { assert(socket.socket()), network.listener(), assert(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) }
    made[4], made[5] = assert(socket.socketpair())
    made[6] = assert(socket.socket(socket.AF_INET, socket.SOCK_STREAM + socket.SOCK_NONBLOCK))
    made[7], made[8] = network.connected()
    socket.setdefaulttimeout(5)
    made[9], made[10] = network.connected()
    socket.setdefaulttimeout(nil)
    assert.equal(10, descriptors.opened(before))
    assert.equal(0, descriptors.inherited(before))
    network.close(lua.unpack(made))
  end)
end)
