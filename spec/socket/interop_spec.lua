local expect = require "spec.support.expect"
local lua = require "spec.support.lua"
local network = require "spec.support.network"
local socket = require "bsdsocket"

---@type bsdsocket.Socket, bsdsocket.Socket
local one, other

before_each(function()
  one, other = assert(socket.socketpair())
end)

after_each(function()
  network.close(one, other)
end)

for _, name in ipairs({ "getfd", "pollfd" }) do
  describe(name, function()
    it("returns the descriptor like fileno", function()
      assert.same({ one:fileno(), n = 1 }, lua.pack(one[name](one)))
      assert.are_not.equal(one[name](one), other[name](other))
      one:close()
      assert.same({ -1, n = 1 }, lua.pack(one[name](one)))
    end)
  end)
end

describe("socket:setfd", function()
  it("releases the descriptor without closing it", function()
    local fd = one:getfd()
    expect.done(one:setfd(-1))
    assert.equal("closed socket", socket.type(one))
    expect.failure("recv: Bad file descriptor", "EBADF", one:recv(1))
    one:close()
    local taken = assert(socket.socket({ fileno = fd }))
    assert(taken:sendall("still open"))
    assert.equal("still open", other:recv(20))
    taken:close()
  end)

  it("releases it from streams too", function()
    local fd = one:getfd()
    local stream = assert(one:makefile("rw"))
    expect.done(one:setfd(-1))
    assert.equal("EBADF", select(3, stream:read("l")))
    stream:close()
    local taken = assert(socket.socket({ fileno = fd }))
    assert(taken:sendall("still open"))
    assert.equal("still open", other:recv(20))
    taken:close()
  end)

  it("leaves the descriptor to open streams if the socket is closed", function()
    local stream = assert(one:makefile("rw"))
    one:close()
    expect.done(one:setfd(-1))
    assert(other:sendall("still open\n"))
    assert.equal("still open", stream:read("l"))
    stream:close()
    assert.equal("", other:recv(1))
  end)

  it("may be called again", function()
    socket.close(one:detach())
    expect.done(one:setfd(-1))
    expect.done(one:setfd(-1))
  end)

  for _, wrong in ipairs({ 0, 1, -2, 2 ^ 31 }) do
    it("rejects numbers other than -1: " .. wrong, function()
      local fd = one:fileno()
      local reason = "bad argument #1 to 'setfd' (-1 expected: socket.socket { fileno = fd } takes a descriptor)"
      expect.misuse(reason, one.setfd, one, wrong)
      assert.equal(fd, one:fileno())
    end)
  end

  it("requires a number", function()
    expect.misuse("bad argument #1 to 'setfd' (number expected, got no value)", one.setfd, one)
    expect.misuse("bad argument #1 to 'setfd' (number expected, got boolean)", one.setfd, one, true)
  end)
end)

describe("socket:dirty", function()
  it("returns false, because the socket has no receive buffer of its own", function()
    assert(other:sendall("two"))
    assert.equal("t", one:recv(1))
    assert.same({ false, n = 1 }, lua.pack(one:dirty()))
  end)
end)

describe("socket:events", function()
  -- Calls that receive or send: the events, the method, and its argument.
  local CALLS = {
    { "r", "recv", 1 },
    { "r", "recvfrom", 1 },
    { "r", "recv_into", socket.buffer(1) },
    { "r", "recvmsg", 1 },
    { "w", "send", "x" },
    { "w", "sendall", "x" },
    { "w", "sendmsg", { "x" } },
  }

  it('returns "r" at first', function()
    assert.same({ "r", n = 1 }, lua.pack(one:events()))
  end)

  for _, call in ipairs(CALLS) do
    local events, name, argument = call[1], call[2], call[3]
    it(("returns %q after %s would have blocked"):format(events, name), function()
      -- The other direction first.
      network.fill(one)
      if events == "w" then
        assert.is_nil(one:recv(1))
        assert.equal("r", one:events())
      else
        assert.equal("w", one:events())
      end
      assert.equal("EAGAIN", select(3, one[name](one, argument)))
      assert.equal(events, one:events())
    end)

    it(("returns %q after %s timed out"):format(events, name), function()
      network.fill(one)
      if events == "w" then
        assert.is_nil(one:recv(1))
      end
      one:settimeout(0.001)
      assert.equal("timeout", select(3, one[name](one, argument)))
      assert.equal(events, one:events())
    end)
  end

  it("is not changed by a call that did not wait", function()
    network.fill(one)
    assert(other:sendall("x"))
    assert.equal("x", one:recv(1))
    assert.equal("w", one:events())
  end)

  it('returns "r" for a listener without pending connections', function()
    local listener = network.listener()
    listener:setblocking(false)
    assert.equal("EAGAIN", select(3, listener:accept()))
    assert.equal("r", listener:events())
    listener:close()
  end)

  for _, name in ipairs({ "connect", "connect_ex" }) do
    it(('returns "w" while %s is in progress'):format(name), function()
      local listener, filling = network.full_listener()
      local client = assert(socket.socket())
      client:setblocking(false)
      local outcome, _, code = client[name](client, listener:getsockname())
      assert.is_true(code == "EINPROGRESS" or outcome == socket.errno.EINPROGRESS)
      assert.equal("w", client:events())
      network.close(client, listener, lua.unpack(filling))
    end)
  end

  it("takes the calls of streams into account", function()
    network.fill(one)
    local stream = assert(one:makefile("r"))
    assert.equal("EAGAIN", select(3, stream:read("l")))
    assert.equal("r", one:events())
    stream:close()
  end)
end)
