-- recvall: exactly so many bytes by one deadline.

local child = require "spec.support.child"
local expect = require "spec.support.expect"
local lua = require "spec.support.lua"
local network = require "spec.support.network"
local skip = require "spec.support.skip"
local socket = require "bsdsocket"
local streams = require "spec.support.streams"
local system = require "spec.support.system"

---@type bsdsocket.Socket, bsdsocket.Socket
local one, other

before_each(function()
  one, other = assert(socket.socketpair())
  one:settimeout(10)
end)

after_each(function()
  network.close(one, other)
end)

describe("socket:recvall", function()
  it("returns as many bytes as asked for, and leaves the others", function()
    assert(other:sendall "hello world")
    assert.equal("hello", one:recvall(5))
    assert.equal(" world", one:recvall(6))
  end)

  it("returns an empty string if asked for 0 bytes", function()
    assert.equal("", one:recvall(0))
    one:close()
    assert.same({ nil, "recvall: Bad file descriptor", "EBADF", "", n = 4 }, lua.pack(one:recvall(0)))
  end)

  -- Sizes around those where the implementation changes its buffer.
  for _, size in ipairs { 1, 2047, 2048, 2049, 65535, 65536, 65537, 131073 } do
    it("returns " .. size .. " bytes", function()
      local sent = ("0123456789abcdef"):rep(size):sub(1, size)
      assert(other:sendall(sent .. "more"))
      assert.is_true(sent == one:recvall(size))
      assert.equal("more", one:recv(5))
    end)
  end

  for _, size in ipairs { 10, 5000 } do
    it("returns what had come of " .. size .. " bytes after a timeout of the whole call", function()
      one:settimeout(0.05)
      assert(other:sendall "abc")
      assert.same({ nil, "recvall: timed out", "timeout", "abc", n = 4 }, lua.pack(one:recvall(size)))
      assert.same({ nil, "recvall: timed out", "timeout", "", n = 4 }, lua.pack(one:recvall(size)))
    end)

    it("fails with EOF if the stream ends before " .. size .. " bytes", function()
      assert(other:sendall "abc")
      other:close()
      local message = ("recvall: end of the stream after %d of %d bytes"):format(3, size)
      assert.same({ nil, message, "EOF", "abc", n = 4 }, lua.pack(one:recvall(size)))
      message = ("recvall: end of the stream after %d of %d bytes"):format(0, size)
      assert.same({ nil, message, "EOF", "", n = 4 }, lua.pack(one:recvall(size)))
    end)

    it("returns what is there of " .. size .. " bytes on a non-blocking socket", function()
      one:setblocking(false)
      assert(other:sendall "abc")
      local _, _, code, came = one:recvall(size)
      assert.same({ "EAGAIN", "abc" }, { code, came })
    end)
  end

  it("does not wait with MSG_DONTWAIT", function()
    if not socket.MSG_DONTWAIT then
      return skip "MSG_DONTWAIT, which the system lacks"
    end
    one:settimeout(nil)
    assert(other:sendall "abc")
    local _, _, code, came = one:recvall(10, socket.MSG_DONTWAIT)
    assert.same({ "EAGAIN", "abc" }, { code, came })
  end)

  it("returns what had come before a reset", function()
    local client, server = network.connected()
    assert(client:sendall "abc")
    assert.equal("abc", server:recv(3, socket.MSG_PEEK))
    streams.reset(client)
    local _, message, code, came = server:recvall(3000)
    assert.same({ "recvall: Connection reset by peer", "ECONNRESET", "abc" }, { message, code, came })
    server:close()
  end)

  it("refuses MSG_PEEK, and sockets that are no streams", function()
    local refused = lua.pack(one:recvall(1, socket.MSG_PEEK))
    assert.same({ nil, "recvall: MSG_PEEK is not supported", "EOPNOTSUPP", "", n = 4 }, refused)
    local datagram = network.datagram()
    refused = lua.pack(datagram:recvall(1))
    assert.same({ nil, "recvall: not a stream socket", "EOPNOTSUPP", "", n = 4 }, refused)
    datagram:close()
  end)

  it("raises an error for what is no number of bytes", function()
    expect.misuse("bad argument #1 to 'recvall' (size out of range)", one.recvall, one, -1)
    expect.misuse("bad argument #1 to 'recvall' (number expected, got table)", one.recvall, one, {})
  end)

  if system.windows then
    skip "recvall with a limit of memory, which needs a Unix shell"
    return
  end

  it("allocates memory as bytes come, not for all that may", function()
    local output, complaints = child.run(
      [[
        local socket = require "bsdsocket"
        local one, other = assert(socket.socketpair())
        assert(other:send(("x"):rep(100000)))
        other:close()
        local data, message, code, came = one:recvall(2 ^ 31 - 1)
        print(data, message, code, #came)
      ]],
      { before = "ulimit -v 1000000" }
    )
    local message = "nil\trecvall: end of the stream after 100000 of 2147483647 bytes\tEOF\t100000\n"
    assert.same({ message, "" }, { output, complaints })
  end)

  for _, size in ipairs { 16, 160000 } do
    it("waits for " .. size .. " bytes that come in pieces, with and without a timeout", function()
      local listener = network.listener()
      local sender = child.lua(([[
        local socket = require "bsdsocket"
        local client = assert(socket.create_connection { "127.0.0.1", %d })
        local data = ("0123456789abcdef"):rep(%d)
        for piece = 1, 8 do
          assert(client:sendall(data:sub((piece - 1) * #data / 8 + 1, piece * #data / 8)))
          io.popen("sleep 0.01"):close()
        end
      ]]):format(listener:getsockname().port, size / 8))
      local connection = assert(listener:accept())
      for _, time in ipairs { false, 10 } do
        connection:settimeout(time or nil)
        assert.is_true(("0123456789abcdef"):rep(size / 16) == connection:recvall(size))
      end
      local _, complaints, status = sender:finish()
      assert.same({ "", 0 }, { complaints, status })
      network.close(connection, listener)
    end)
  end

  it("times out by one deadline although bytes keep coming", function()
    local listener = network.listener()
    local sender = child.lua(([[
      local socket = require "bsdsocket"
      local client = assert(socket.create_connection { "127.0.0.1", %d })
      while client:send "x" do
        io.popen("sleep 0.01"):close()
      end
    ]]):format(listener:getsockname().port))
    local connection = assert(listener:accept())
    connection:settimeout(0.1)
    local _, _, code, came = connection:recvall(3000)
    assert.equal("timeout", code)
    assert.is_true(#came >= 1 and #came < 50, came)
    network.close(connection, listener)
    sender:finish()
  end)

  it("is interrupted by Ctrl-C with what had come", function()
    local started = child.lua [[
      local socket = require "bsdsocket"
      local one, other = assert(socket.socketpair())
      assert(other:send "abc")
      print("ready")
      io.stdout:flush()
      one:recvall(3000)
    ]]
    assert.equal("ready", started:line())
    started:asleep()
    started:signal "INT"
    local _, complaints, status = started:finish()
    assert.is_truthy(complaints:find("interrupted!", 1, true), complaints)
    assert.equal(1, status)
  end)
end)
