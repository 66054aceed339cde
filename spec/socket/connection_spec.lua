local descriptors = require "spec.support.descriptors"
local expect = require "spec.support.expect"
local lua = require "spec.support.lua"
local network = require "spec.support.network"
local skip = require "spec.support.skip"
local socket = require "bsdsocket"
local system = require "spec.support.system"

describe("socket:bind", function()
  descriptors.watch(setup, teardown)

  it("gives the socket its address", function()
    local unbound = assert(socket.socket())
    expect.done(unbound:bind({ "127.0.0.1", 0 }))
    local address = assert(unbound:getsockname())
    assert.equal("127.0.0.1", address.host)
    assert.is_true(address.port > 0)
    unbound:close()
  end)

  it("includes the address in the error", function()
    local listener = network.listener()
    local address = listener:getsockname()
    local other = assert(socket.socket())
    local message = ("bind %s: Address already in use"):format(tostring(address))
    expect.failure(message, "EADDRINUSE", other:bind(address))
    expect.failure("bind 192.0.2.1:0: Cannot assign requested address", "EADDRNOTAVAIL", other:bind({ "192.0.2.1", 0 }))
    network.close(listener, other)
  end)

  it("fails if the socket is already bound", function()
    local bound = network.bound()
    expect.failure("bind 127.0.0.1:0: Invalid argument", "EINVAL", bound:bind({ "127.0.0.1", 0 }))
    bound:close()
  end)
end)

describe("socket:listen", function()
  it("accepts a backlog, negative ones as 0", function()
    for _, backlog in ipairs({ 0, 1, 4096, -1, -2147483648 }) do
      local bound = network.bound()
      expect.done(bound:listen(backlog))
      local client = assert(socket.socket())
      expect.done(client:connect(bound:getsockname()))
      network.close(bound, client)
    end
  end)

  it("has a default backlog", function()
    local bound = network.bound()
    expect.done(bound:listen())
    expect.done(bound:listen(nil))
    bound:close()
  end)

  it("fails for datagram sockets", function()
    local datagram = network.datagram()
    expect.failure("listen: Operation not supported", "EOPNOTSUPP", datagram:listen())
    datagram:close()
  end)
end)

describe("socket:accept", function()
  ---@type bsdsocket.Socket, bsdsocket.Socket
  local listener, client

  before_each(function()
    listener, client = network.listener(), assert(socket.socket())
    assert(client:connect(listener:getsockname()))
  end)

  after_each(function()
    network.close(listener, client)
    socket.setdefaulttimeout(nil)
  end)

  it("returns a new socket and the peer's address", function()
    local connection, address = assert(listener:accept())
    assert.same({ "127.0.0.1", client:getsockname().port }, address)
    assert.is_true(address == client:getsockname())
    assert.is_true(address == connection:getpeername())
    assert.is_true(connection:getsockname() == listener:getsockname())
    assert.same(
      { listener.family, listener.type, listener.proto },
      { connection.family, connection.type, connection.proto }
    )
    assert(client:sendall("hello"))
    assert.equal("hello", connection:recv(10))
    connection:close()
  end)

  -- The listener's timeout, the default timeout, and the timeout of the accepted socket.
  local INHERITED = {
    { nil, nil, nil },
    { 5, nil, nil },
    { 0, nil, nil },
    { nil, 3, 3 },
    { 5, 3, 3 },
    { 5, 0, 0 },
    { nil, 0, 0 },
  }
  for _, case in ipairs(INHERITED) do
    local own, default, inherited = case[1], case[2], case[3]
    it(
      ("gives it the timeout %s if the listener has %s and the default is %s"):format(
        tostring(inherited),
        tostring(own),
        tostring(default)
      ),
      function()
        listener:settimeout(own)
        socket.setdefaulttimeout(default)
        local connection = assert(listener:accept())
        assert.equal(inherited, connection:gettimeout())
        assert.equal(inherited, connection.timeout)
        if inherited == 0 then
          expect.failure("recv: Resource temporarily unavailable", "EAGAIN", connection:recv(1))
        else
          assert(client:sendall("x"))
          assert.equal("x", connection:recv(1))
        end
        connection:close()
      end
    )
  end

  it("fails if the socket does not listen", function()
    local bound, datagram = network.bound(), network.datagram()
    bound:settimeout(5)
    datagram:settimeout(5)
    expect.failure("accept: Invalid argument", "EINVAL", bound:accept())
    expect.failure("accept: Operation not supported", "EOPNOTSUPP", datagram:accept())
    network.close(bound, datagram)
  end)
end)

describe("socket:connect", function()
  ---@type bsdsocket.Socket, any
  local refusing, address

  before_each(function()
    refusing = network.bound()
    address = refusing:getsockname()
  end)

  after_each(function()
    refusing:close()
  end)

  it("connects to a listener", function()
    assert(refusing:listen())
    local client = assert(socket.socket())
    expect.done(client:connect(address))
    assert.is_true(address == client:getpeername())
    client:close()
  end)

  for _, timeout in ipairs({ "none", 5 }) do
    it("includes the address in the error, with the timeout " .. timeout, function()
      local client = assert(socket.socket())
      client:settimeout(tonumber(timeout))
      local message = ("connect %s: Connection refused"):format(tostring(address))
      expect.failure(message, "ECONNREFUSED", client:connect(address))
      client:close()
    end)
  end

  it("goes on in the background on a non-blocking socket", function()
    assert(refusing:listen())
    local client = assert(socket.socket())
    client:setblocking(false)
    local message = ("connect %s: Operation now in progress"):format(tostring(address))
    expect.failure(message, "EINPROGRESS", client:connect(address))
    local connection = assert(refusing:accept())
    client:settimeout(5)
    assert(client:sendall("arrived"))
    assert.equal("arrived", connection:recv(10))
    network.close(client, connection)
  end)

  it("fails after the timeout", function()
    local listener, filling = network.full_listener()
    local client = assert(socket.socket())
    client:settimeout(0.1)
    local start = network.clock()
    local full = listener:getsockname()
    expect.failure(("connect %s: timed out"):format(tostring(full)), "timeout", client:connect(full))
    local taken = network.clock() - start
    assert.is_true(taken >= 0.09 and taken < 2 * network.patience, "it took " .. taken .. " s")
    network.close(listener, client, lua.unpack(filling))
  end)

  it("leaves the socket the system's timeout that it has, and keeps to it", function()
    if not system.linux then
      return skip("SO_SNDTIMEO, whose value is Linux's here")
    end
    local name = socket.SO_SNDTIMEO
    local listener, filling = network.full_listener()
    local full, set = listener:getsockname(), socket.pack("i8i8", 0, 100000)
    local client = assert(socket.socket())
    client:setsockopt(socket.SOL_SOCKET, name, set)
    local start = network.clock()
    expect.failure(
      ("connect %s: Operation now in progress"):format(tostring(full)),
      "EINPROGRESS",
      client:connect(full)
    )
    assert.is_true(network.clock() - start >= 0.09)
    assert.equal(set, client:getsockopt(socket.SOL_SOCKET, name, 16))
    network.close(listener, client, lua.unpack(filling))

    local other = network.listener()
    local free = assert(socket.socket())
    assert(free:connect(other:getsockname()))
    assert.equal(("\0"):rep(16), free:getsockopt(socket.SOL_SOCKET, name, 16))
    network.close(other, free)
  end)

  it("sets the peer of a datagram socket, which then receives from that peer only", function()
    local one, other, stranger = network.datagram(), network.datagram(), network.datagram()
    expect.done(one:connect(other:getsockname()))
    stranger:sendto("stranger", one:getsockname())
    other:sendto("friend", one:getsockname())
    assert.equal("friend", one:recv(20))
    network.close(one, other, stranger)
  end)

  it("takes the peer from a datagram socket for AF_UNSPEC", function()
    local one, other, stranger =
      assert(socket.socket { type = socket.SOCK_DGRAM }), network.datagram(), network.datagram()
    -- Linux takes away a port that it chose, too.
    local chosen = network.datagram()
    local place = chosen:getsockname()
    chosen:close()
    assert(one:bind(place))
    one:settimeout(1)
    for _, operation in ipairs { "connect", "connect_ex" } do
      expect.done(one:connect(other:getsockname()))
      assert.same({ operation == "connect" or 0, n = 1 }, lua.pack(one[operation](one, socket.AF_UNSPEC)))
      expect.failure("getpeername: Transport endpoint is not connected", "ENOTCONN", one:getpeername())
      stranger:sendto("stranger", place)
      assert.equal("stranger", one:recv(20))
      assert.equal(2, one:sendto("to", stranger:getsockname()))
      assert.equal("to", stranger:recv(20))
    end
    network.close(one, other, stranger)
  end)

  it("refuses other numbers than AF_UNSPEC", function()
    local datagram = network.datagram()
    local message = "bad argument #1 to 'connect' (address expected, got number)"
    expect.misuse(message, datagram.connect, datagram, socket.AF_INET)
    expect.misuse(message, datagram.connect, datagram, 0.5)
    datagram:close()
  end)
end)

describe("socket:connect_ex", function()
  it("returns 0 on success", function()
    local listener, client = network.listener(), assert(socket.socket())
    assert.equal(0, client:connect_ex(listener:getsockname()))
    assert.equal(socket.errno.EISCONN, client:connect_ex(listener:getsockname()))
    network.close(listener, client)
  end)

  it("returns the errno on failure", function()
    local refusing = network.bound()
    local client = assert(socket.socket())
    assert.equal(111, client:connect_ex(refusing:getsockname()))
    assert.equal(socket.errno.ECONNREFUSED, 111)
    network.close(refusing, client)
  end)

  it("returns EINPROGRESS on a non-blocking socket", function()
    local listener, client = network.listener(), assert(socket.socket())
    client:setblocking(false)
    assert.equal(socket.errno.EINPROGRESS, client:connect_ex(listener:getsockname()))
    network.close(listener, client)
  end)

  it("returns EAGAIN after the timeout", function()
    local listener, filling = network.full_listener()
    local client = assert(socket.socket())
    client:settimeout(0.02)
    assert.equal(socket.errno.EAGAIN, client:connect_ex(listener:getsockname()))
    network.close(listener, client, lua.unpack(filling))
  end)

  it("fails like connect for errors without an errno", function()
    local unix = assert(socket.socket(socket.AF_UNIX))
    local long = ("p"):rep(200)
    local message = ("connect_ex %s: AF_UNIX path too long"):format(long)
    expect.failure(message, "ENAMETOOLONG", unix:connect_ex(long))
    unix:close()
    local client = assert(socket.socket())
    message = "connect_ex ::1:80: Address family for hostname not supported"
    expect.failure(message, "EAI_ADDRFAMILY", client:connect_ex({ "::1", 80 }))
    client:close()
  end)
end)

describe("socket:getsockname and socket:getpeername", function()
  it("return the addresses of both ends", function()
    local client, server = network.connected()
    assert.is_true(client:getsockname() == server:getpeername())
    assert.is_true(client:getpeername() == server:getsockname())
    network.close(client, server)
  end)

  it("fail if the socket is not connected", function()
    local unconnected = assert(socket.socket())
    assert.same({ "0.0.0.0", 0 }, unconnected:getsockname())
    expect.failure("getpeername: Transport endpoint is not connected", "ENOTCONN", unconnected:getpeername())
    unconnected:close()
  end)
end)

describe("socket:shutdown", function()
  ---@type bsdsocket.Socket, bsdsocket.Socket?
  local client, server

  before_each(function()
    client, server = network.connected()
  end)

  after_each(function()
    network.close(client, server)
  end)

  it("with SHUT_WR ends the stream for the peer", function()
    assert(client:sendall("last words"))
    expect.done(client:shutdown(socket.SHUT_WR))
    assert.equal("last words", server:recv(100))
    assert.equal("", server:recv(100))
    assert.equal("", server:recv(100))
    expect.failure("send: Broken pipe", "EPIPE", client:send("more"))
    assert(server:sendall("the other way still works"))
    assert.equal("the other way still works", client:recv(100))
  end)

  it("with SHUT_RD ends receiving", function()
    expect.done(client:shutdown(socket.SHUT_RD))
    assert.equal("", client:recv(100))
  end)

  it("with SHUT_RDWR ends both", function()
    expect.done(client:shutdown(socket.SHUT_RDWR))
    assert.equal("", client:recv(100))
    assert.equal("", server:recv(100))
  end)

  it("fails for other numbers and unconnected sockets", function()
    expect.failure("shutdown: Invalid argument", "EINVAL", client:shutdown(99))
    local unconnected = assert(socket.socket())
    local message = "shutdown: Transport endpoint is not connected"
    expect.failure(message, "ENOTCONN", unconnected:shutdown(socket.SHUT_RDWR))
    unconnected:close()
  end)
end)
