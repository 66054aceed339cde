-- Flags that affect memory and waiting: MSG_TRUNC, MSG_ZEROCOPY, MSG_ERRQUEUE; and empty buffers.

local expect = require "spec.support.expect"
local network = require "spec.support.network"
local skip = require "spec.support.skip"
local socket = require "bsdsocket"
local system = require "spec.support.system"

local SECRET = "secret " .. ("0123456789"):rep(1000)

-- Leaves a secret where a later call could expose it: on the stack, and in the receive buffer of the thread.
local function leave_secret()
  local one, other = assert(socket.socketpair())
  for _, size in ipairs({ 1000, 5000 }) do
    assert(one:sendall(SECRET:sub(1, size)))
    assert.equal(size, #other:recv(size))
  end
  network.close(one, other)
end

describe("MSG_TRUNC on a TCP socket", function()
  if system.windows then
    skip("MSG_TRUNC as a flag of a call, which Windows lacks")
    return
  end

  ---@type bsdsocket.Socket, bsdsocket.Socket
  local client, server

  before_each(function()
    client, server = network.connected()
  end)

  after_each(function()
    network.close(client, server)
  end)

  -- The calls that receive into memory of the library.
  local CALLS = {
    recv = function(...)
      return (server:recv(...))
    end,
    recvfrom = function(...)
      return (server:recvfrom(...))
    end,
    recvmsg = function(size, flags)
      return (server:recvmsg(size, 0, flags))
    end,
    recv_fds = function(size, flags)
      return (socket.recv_fds(server, size, 1, flags))
    end,
  }

  for name, call in pairs(CALLS) do
    for _, size in ipairs({ 100, 2000, 5000, 2000000 }) do
      it(("returns only received bytes: %s of %d bytes"):format(name, size), function()
        for _, flags in ipairs({ socket.MSG_TRUNC, socket.MSG_TRUNC + socket.MSG_PEEK }) do
          leave_secret()
          assert(client:sendall(("x"):rep(100)))
          assert.is_nil(call(size, flags):find("[^x%z]"))
          if flags == socket.MSG_TRUNC then
            assert(client:sendall("next"))
            assert.equal("next", server:recv(100))
          end
        end
      end)
    end
  end

  it("does not change a buffer", function()
    local buffer = socket.buffer("........")
    assert(client:sendall("abcd"))
    assert.equal(4, server:recv_into(buffer, 8, socket.MSG_TRUNC))
    assert.equal("........", tostring(buffer))
  end)
end)

describe("MSG_TRUNC on a datagram socket", function()
  it("returns the part of a longer datagram that fits", function()
    if system.windows then
      return skip("MSG_TRUNC as a flag of a call, which Windows lacks")
    end
    local one, other = network.datagram(), network.datagram()
    assert(one:sendto("0123456789", other:getsockname()))
    leave_secret()
    assert.equal("0123", other:recv(4, socket.MSG_TRUNC))
    network.close(one, other)
  end)
end)

describe("MSG_ZEROCOPY", function()
  -- The system would still read the string after Lua has freed it.
  it("fails with EOPNOTSUPP in all calls that send", function()
    if system.windows or not socket.MSG_ERRQUEUE then
      return skip("MSG_ZEROCOPY, which only Linux has")
    end
    local one, other = network.connected()
    local flags = 0x4000000 -- MSG_ZEROCOPY of Linux, which the module does not name
    local words = ": MSG_ZEROCOPY is not supported"
    expect.failure("send" .. words, "EOPNOTSUPP", one:send("x", flags))
    expect.failure("sendall" .. words, "EOPNOTSUPP", one:sendall("x", flags))
    expect.failure("sendmsg" .. words, "EOPNOTSUPP", one:sendmsg({ "x" }, nil, flags))
    expect.failure("send_fds" .. words, "EOPNOTSUPP", socket.send_fds(one, { "x" }, {}, flags))
    expect.failure("sendto" .. words, "EOPNOTSUPP", one:sendto("x", flags, other:getsockname()))
    other:setblocking(false)
    expect.failure("recv: Resource temporarily unavailable", "EAGAIN", other:recv(1))
    network.close(one, other)
  end)
end)

describe("MSG_ERRQUEUE", function()
  it("does not wait, with or without queued data", function()
    if system.windows or not socket.MSG_ERRQUEUE then
      return skip("MSG_ERRQUEUE, which the system lacks")
    end
    local one, other = network.datagram(), network.datagram()
    local again = "recvmsg: Resource temporarily unavailable"
    for _, timeout in ipairs({ false, 5 }) do
      other:settimeout(timeout or nil)
      expect.failure(again, "EAGAIN", other:recvmsg(10, 100, socket.MSG_ERRQUEUE))
      assert(one:sendto("queued", other:getsockname()))
      expect.failure(again, "EAGAIN", other:recvmsg(10, 100, socket.MSG_ERRQUEUE))
    end
    network.close(one, other)
  end)
end)

describe("an empty buffer", function()
  it("receives nothing, without waiting", function()
    local one, other = assert(socket.socketpair())
    local buffer = socket.buffer(4)
    for _, empty in ipairs({ socket.buffer(0), buffer:view(3, 2) }) do
      for _, timeout in ipairs({ false, 0, 5 }) do
        one:settimeout(timeout or nil)
        assert.equal(0, one:recv_into(empty))
        assert.same({ 0, nil }, { one:recvfrom_into(empty) })
      end
    end
    assert(other:send("kept"))
    assert.equal(0, one:recv_into(socket.buffer(0)))
    assert.equal("kept", one:recv(10))
    one:close()
    assert.equal("EBADF", (select(3, one:recv_into(socket.buffer(0)))))
    other:close()
  end)
end)
