local child = require "spec.support.child"
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

-- Two datagram sockets connected to each other.
local function datagrams()
  local left, right = assert(socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM))
  left:settimeout(5)
  right:settimeout(5)
  return left, right
end

describe("socket:recv", function()
  it("returns available data, at most as much as asked for", function()
    assert(other:sendall("hello world"))
    assert.equal("hello", one:recv(5))
    assert.equal(" world", one:recv(100))
  end)

  it("returns an empty string at end of stream", function()
    other:close()
    assert.same({ "", n = 1 }, lua.pack(one:recv(10)))
    assert.equal("", one:recv(10))
  end)

  it("returns an empty string if asked for 0 bytes", function()
    assert(other:sendall("x"))
    assert.equal("", one:recv(0))
    assert.equal("x", one:recv(1))
  end)

  it("returns every byte value", function()
    local bytes = {}
    for byte = 0, 255 do
      bytes[byte + 1] = string.char(byte)
    end
    local all = table.concat(bytes)
    assert(other:sendall(all))
    assert.equal(all, one:recv(1000))
  end)

  -- Sizes around those where the implementation changes its buffer.
  for _, size in ipairs({ 1, 2047, 2048, 2049, 4096, 65536, 100000, 2000000 }) do
    it("receives up to " .. size .. " bytes", function()
      local sent = ("%d:"):format(size) .. ("x"):rep(math.min(size, 100000))
      sent = sent:sub(1, size)
      assert(other:sendall(sent))
      local received = assert(one:recv(size))
      assert.equal(sent, received)
    end)
  end

  it("may be asked for much more than is available", function()
    assert(other:sendall("little"))
    assert.equal("little", one:recv(2 ^ 26))
  end)

  it("fails if there is not enough memory", function()
    local output, complaints = child.run(
      [[
        local socket = require "bsdsocket"
        local one, other = assert(socket.socketpair())
        assert(other:send("kept"))
        print(one:recv(2 ^ 31 - 1))
        print(one:recv(100))
      ]],
      { before = "ulimit -v 1000000" }
    )
    assert.same({ "nil\trecv: Cannot allocate memory\tENOMEM\nkept\n", "" }, { output, complaints })
  end)

  it("keeps the data with MSG_PEEK", function()
    assert(other:sendall("abc"))
    assert.equal("ab", one:recv(2, socket.MSG_PEEK))
    assert.equal("abc", one:recv(10, socket.MSG_PEEK))
    assert.equal("abc", one:recv(10))
  end)

  it("receives whole datagrams, and truncates those that are too long", function()
    local left, right = datagrams()
    left:send("first")
    left:send("")
    left:send("third")
    left:send("fourth")
    assert.equal("first", right:recv(100))
    assert.equal("", right:recv(100))
    assert.equal("th", right:recv(2))
    assert.equal("fo", right:recv(2, socket.MSG_TRUNC))
    network.close(left, right)
  end)

  it("receives out-of-band data with MSG_OOB", function()
    local client, server = network.connected()
    assert.equal(1, client:send("!", socket.MSG_OOB))
    server:settimeout(5)
    local urgent
    repeat
      urgent = server:recv(1, socket.MSG_OOB)
    until urgent
    assert.equal("!", urgent)
    network.close(client, server)
  end)
end)

describe("socket:recv_into", function()
  ---@type bsdsocket.Buffer
  local buffer

  before_each(function()
    buffer = socket.buffer("..........")
  end)

  it("fills a buffer from its start, and returns the count", function()
    assert(other:sendall("abc"))
    assert.equal(3, one:recv_into(buffer))
    assert.equal("abc.......", tostring(buffer))
  end)

  it("receives at most as much as the buffer holds", function()
    assert(other:sendall("0123456789abcdef"))
    assert.equal(10, one:recv_into(buffer))
    assert.equal("0123456789", tostring(buffer))
    assert.equal(6, one:recv_into(buffer))
    assert.equal("abcdef6789", tostring(buffer))
  end)

  it("receives at most as much as asked for; 0 and nil mean the whole buffer", function()
    assert(other:sendall("0123456789abcdefghij"))
    assert.equal(4, one:recv_into(buffer, 4))
    assert.equal("0123......", tostring(buffer))
    assert.equal(10, one:recv_into(buffer, 0))
    assert.equal("456789abcd", tostring(buffer))
    assert.equal(6, one:recv_into(buffer, nil))
    assert.equal("efghijabcd", tostring(buffer))
  end)

  it("accepts flags", function()
    assert(other:sendall("abc"))
    assert.equal(2, one:recv_into(buffer, 2, socket.MSG_PEEK))
    assert.equal(3, one:recv_into(buffer, nil, socket.MSG_PEEK))
    assert.equal(3, one:recv_into(buffer))
  end)

  it("fills a part of a buffer through a view", function()
    assert(other:sendall("abcdef"))
    assert.equal(4, one:recv_into(buffer:view(3, 6)))
    assert.equal("..abcd....", tostring(buffer))
    assert.equal(2, one:recv_into(buffer:view(9)))
    assert.equal("..abcd..ef", tostring(buffer))
  end)

  it("returns 0 at end of stream, and leaves the buffer unchanged", function()
    other:close()
    assert.equal(0, one:recv_into(buffer))
    assert.equal("..........", tostring(buffer))
  end)

  it("returns the real length of a datagram with MSG_TRUNC", function()
    local left, right = datagrams()
    left:send("abcdef")
    assert.equal(6, right:recv_into(buffer, 2, socket.MSG_TRUNC))
    assert.equal("ab........", tostring(buffer))
    network.close(left, right)
  end)

  it("rejects a size larger than the buffer", function()
    expect.misuse("bad argument #2 to 'recv_into' (buffer too small)", one.recv_into, one, buffer, 11)
    expect.misuse("bad argument #2 to 'recv_into' (buffer too small)", one.recv_into, one, buffer:view(3, 4), 3)
  end)

  it("does not allocate", function()
    assert(other:sendall(("x"):rep(200)))
    local taken = lua.allocated(function()
      for _ = 1, 50 do
        one:recv_into(buffer, 1)
      end
    end)
    assert.equal(0, taken)
    assert.equal("x.........", tostring(buffer))
  end)
end)

describe("socket:recvfrom", function()
  it("returns data and the sender's address", function()
    local left, right = network.datagram(), network.datagram()
    assert.equal(5, left:sendto("hello", right:getsockname()))
    local data, address = right:recvfrom(100)
    assert.equal("hello", data)
    assert.same({ "127.0.0.1", left:getsockname().port }, address)
    assert.is_true(address == left:getsockname())
    assert.equal(2, right:sendto("ok", address))
    assert.equal("ok", left:recv(10))
    network.close(left, right)
  end)

  it("accepts flags", function()
    local left, right = network.datagram(), network.datagram()
    left:sendto("hello", right:getsockname())
    assert.equal("he", (right:recvfrom(2, socket.MSG_PEEK)))
    assert.equal("hello", (right:recvfrom(5)))
    network.close(left, right)
  end)

  it("returns no address for a stream", function()
    assert(other:sendall("x"))
    assert.same({ "x", n = 2 }, lua.pack(one:recvfrom(1)))
    local client, server = network.connected()
    assert(client:sendall("x"))
    assert.same({ "x", n = 2 }, lua.pack(server:recvfrom(1)))
    network.close(client, server)
  end)

  it("may ask for 0 bytes of a datagram", function()
    local left, right = network.datagram(), network.datagram()
    left:sendto("hello", right:getsockname())
    local data, address = right:recvfrom(0)
    assert.equal("", data)
    assert.is_true(address == left:getsockname())
    network.close(left, right)
  end)
end)

describe("socket:recvfrom_into", function()
  it("fills a buffer, and returns the count and the address", function()
    local left, right, buffer = network.datagram(), network.datagram(), socket.buffer("........")
    left:sendto("abc", right:getsockname())
    local count, address = right:recvfrom_into(buffer)
    assert.equal(3, count)
    assert.is_true(address == left:getsockname())
    assert.equal("abc.....", tostring(buffer))
    left:sendto("123456", right:getsockname())
    assert.equal(4, (right:recvfrom_into(buffer, 4, socket.MSG_PEEK)))
    assert.equal("1234....", tostring(buffer))
    assert.equal(6, (right:recvfrom_into(buffer, 4, socket.MSG_TRUNC)))
    network.close(left, right)
  end)

  it("rejects a size larger than the buffer", function()
    local message = "bad argument #2 to 'recvfrom_into' (buffer too small)"
    expect.misuse(message, one.recvfrom_into, one, socket.buffer(3), 4)
  end)
end)

describe("socket:send", function()
  it("returns the number of bytes sent", function()
    assert.equal(5, one:send("hello"))
    assert.equal("hello", other:recv(10))
    assert.equal(0, one:send(""))
  end)

  it("accepts a number and sends its text", function()
    assert.equal(2, one:send(42))
    assert.equal("42", other:recv(10))
  end)

  it("accepts buffers and views", function()
    local buffer = socket.buffer("0123456789")
    assert.equal(10, one:send(buffer))
    assert.equal(3, one:send(buffer:view(4, 6)))
    assert.equal("0123456789345", other:recv(100))
  end)

  it("accepts flags", function()
    network.fill(one)
    one:setblocking(true)
    local message = "send: Resource temporarily unavailable"
    one:settimeout(0)
    expect.failure(message, "EAGAIN", one:send("x", socket.MSG_DONTWAIT))
  end)

  it("sends a part if the socket buffer has no space for everything", function()
    one:setblocking(false)
    local much = ("x"):rep(10000000)
    local count = assert(one:send(much))
    assert.is_true(count > 0 and count < #much)
    expect.failure("send: Resource temporarily unavailable", "EAGAIN", one:send(much))
  end)

  it("fails if the peer is closed", function()
    other:close()
    expect.failure("send: Broken pipe", "EPIPE", one:send("x"))
    expect.failure("send: Broken pipe", "EPIPE", one:send("x", socket.MSG_DONTWAIT))
  end)

  it("fails for a datagram without an address", function()
    local datagram = network.datagram()
    expect.failure("send: Destination address required", "EDESTADDRREQ", datagram:send("x"))
    datagram:close()
  end)

  it("reports that the last datagram was refused", function()
    local refusing, datagram = network.datagram(), network.datagram()
    assert(datagram:connect(refusing:getsockname()))
    refusing:close()
    assert.equal(1, datagram:send("x"))
    datagram:settimeout(5)
    expect.failure("recv: Connection refused", "ECONNREFUSED", datagram:recv(1))
    datagram:close()
  end)
end)

describe("socket:sendto", function()
  it("sends to an address, with or without flags", function()
    local left, right = network.datagram(), network.datagram()
    local address = right:getsockname()
    assert.equal(3, left:sendto("one", address))
    assert.equal(3, left:sendto("two", socket.MSG_DONTWAIT, address))
    assert.equal(5, left:sendto("three", nil, address))
    assert.equal(4, left:sendto(socket.buffer("four"), { host = address.host, port = address.port }))
    assert.equal(0, left:sendto("", address))
    for _, expected in ipairs({ "one", "two", "three", "four", "" }) do
      assert.equal(expected, right:recv(10))
    end
    network.close(left, right)
  end)

  it("includes the address in the error", function()
    local datagram = network.datagram()
    local message = "sendto 127.0.0.1:9: Message too long"
    expect.failure(message, "EMSGSIZE", datagram:sendto(("x"):rep(70000), { "127.0.0.1", 9 }))
    datagram:close()
  end)
end)

describe("socket:sendall", function()
  it("sends everything", function()
    expect.done(one:sendall("hello"))
    expect.done(one:sendall(" "))
    expect.done(one:sendall(""))
    expect.done(one:sendall(socket.buffer("world"):view(1, 4)))
    expect.done(one:sendall(1, socket.MSG_DONTWAIT))
    assert.equal("hello worl1", other:recv(100))
  end)

  -- A program that connects, and reads so slowly that the sender waits many times; at the end it prints how much it
  -- read.
  local function slow_reader(port)
    return child.lua(([[
      local socket = require "bsdsocket"
      local reader, one, other = assert(socket.socket()), assert(socket.socketpair())
      reader:setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 20000)
      assert(reader:connect({ "127.0.0.1", %d }))
      one:settimeout(0.01)
      local total = 0
      repeat
        local data = assert(reader:recv(20000))
        total = total + #data
        one:recv(1)
      until data == ""
      print(total)
    ]]):format(port))
  end

  it("has one deadline for the whole call, and reports how much it sent", function()
    local listener = network.listener()
    listener:setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 20000)
    local reader = slow_reader(listener:getsockname().port)
    local connection = assert(listener:accept())
    connection:settimeout(0.3)
    local much = ("x"):rep(10000000)
    local start = network.clock()
    local results = lua.pack(connection:sendall(much))
    local taken = network.clock() - start
    connection:close()
    local total = tonumber((reader:finish()))
    assert.same({ nil, "sendall: timed out", "timeout", total, n = 4 }, results)
    assert.is_true(total > 100000 / network.patience, "sent " .. total .. " bytes")
    assert.is_true(taken >= 0.29 and taken < 1.5 * network.patience, "it took " .. taken .. " s")
    listener:close()
  end)

  it("continues until the deadline", function()
    local listener = network.listener()
    listener:setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 20000)
    local reader = slow_reader(listener:getsockname().port)
    local connection = assert(listener:accept())
    connection:settimeout(15)
    expect.done(connection:sendall(("x"):rep(500000)))
    network.close(connection, listener)
    assert.equal(500000, tonumber((reader:finish())))
  end)

  it("reports how much it sent on a non-blocking socket", function()
    one:setblocking(false)
    local much = ("x"):rep(10000000)
    local result, message, code, sent = one:sendall(much)
    assert.same({ nil, "sendall: Resource temporarily unavailable", "EAGAIN" }, { result, message, code })
    other:setblocking(false)
    local received = 0
    repeat
      local data = other:recv(1000000)
      received = received + #(data or "")
    until not data
    assert.is_true(sent > 0)
    assert.equal(received, sent)
  end)

  it("reports how much it sent if the peer is closed", function()
    other:close()
    assert.same({ nil, "sendall: Broken pipe", "EPIPE", 0, n = 4 }, lua.pack(one:sendall("x")))
  end)

  it("reports 0 bytes if the socket buffer was full", function()
    network.fill(one)
    one:settimeout(0.001)
    assert.same({ nil, "sendall: timed out", "timeout", 0, n = 4 }, lua.pack(one:sendall("x")))
  end)
end)
