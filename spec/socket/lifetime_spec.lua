local descriptors = require "spec.support.descriptors"
local child = require "spec.support.child"
local expect = require "spec.support.expect"
local lua = require "spec.support.lua"
local network = require "spec.support.network"
local skip = require "spec.support.skip"
local socket = require "bsdsocket"

describe("socket:close", function()
  it("may be called repeatedly", function()
    local s = assert(socket.socket())
    expect.done(s:close())
    expect.done(s:close())
    assert.equal(-1, s:fileno())
  end)

  it("ends the stream for the peer", function()
    local one, other = assert(socket.socketpair())
    one:close()
    assert.equal("", other:recv(1))
    other:close()
  end)

  it("never uses the descriptor's number again", function()
    local first = assert(socket.socket())
    local number = first:fileno()
    first:close()
    local second = assert(socket.socket())
    assert.equal(number, second:fileno())
    first:close()
    first = nil
    collectgarbage()
    collectgarbage()
    assert.is_nil(first)
    assert(second:bind({ "127.0.0.1", 0 }))
    second:close()
  end)
end)

describe("a closed socket", function()
  descriptors.watch(setup, teardown)

  local buffer = socket.buffer(4)
  local ADDRESS = { "127.0.0.1", 9 }

  -- Every method: its arguments, and its error message or else its results.
  local METHODS = {
    accept = { {}, "accept: Bad file descriptor" },
    bind = { { ADDRESS }, "bind 127.0.0.1:9: Bad file descriptor" },
    close = { {}, returns = { true, n = 1 } },
    connect = { { ADDRESS }, "connect 127.0.0.1:9: Bad file descriptor" },
    connect_ex = { { ADDRESS }, returns = { socket.errno.EBADF, n = 1 } },
    detach = { {}, "detach: Bad file descriptor" },
    dirty = { {}, returns = { false, n = 1 } },
    dup = { {}, "dup: Bad file descriptor" },
    events = { {}, returns = { "r", n = 1 } },
    fileno = { {}, returns = { -1, n = 1 } },
    get_inheritable = { {}, "get_inheritable: Bad file descriptor" },
    getblocking = { {}, returns = { true, n = 1 } },
    getfd = { {}, returns = { -1, n = 1 } },
    getpeername = { {}, "getpeername: Bad file descriptor" },
    getsockname = { {}, "getsockname: Bad file descriptor" },
    getsockopt = { { socket.SOL_SOCKET, socket.SO_TYPE }, "getsockopt: Bad file descriptor" },
    gettimeout = { {}, returns = { 5, n = 1 } },
    ioctl = { { socket.SIO_RCVALL, 1 }, "ioctl: Bad file descriptor" },
    listen = { {}, "listen: Bad file descriptor" },
    makefile = { {}, "makefile: Bad file descriptor" },
    pollfd = { {}, returns = { -1, n = 1 } },
    recv = { { 1 }, "recv: Bad file descriptor" },
    recv_into = { { buffer }, "recv_into: Bad file descriptor" },
    recvall = {
      { 1 },
      "recvall: Bad file descriptor",
      returns = { nil, "recvall: Bad file descriptor", "EBADF", "", n = 4 },
    },
    recvfrom = { { 1 }, "recvfrom: Bad file descriptor" },
    recvfrom_into = { { buffer }, "recvfrom_into: Bad file descriptor" },
    recvmsg = { { 1 }, "recvmsg: Bad file descriptor" },
    recvmsg_into = { { { buffer } }, "recvmsg_into: Bad file descriptor" },
    send = { { "x" }, "send: Bad file descriptor" },
    sendall = {
      { "x" },
      "sendall: Bad file descriptor",
      returns = { nil, "sendall: Bad file descriptor", "EBADF", 0, n = 4 },
    },
    sendfile = { { io.tmpfile() }, "sendfile: Bad file descriptor" },
    sendmsg = { { { "x" } }, "sendmsg: Bad file descriptor" },
    sendmsg_afalg = { {}, misuse = "calling 'sendmsg_afalg' on bad self (algset is only supported for AF_ALG)" },
    sendto = { { "x", ADDRESS }, "sendto 127.0.0.1:9: Bad file descriptor" },
    set_inheritable = { { true }, "set_inheritable: Bad file descriptor" },
    setblocking = { { false }, "setblocking: Bad file descriptor" },
    setfd = { { -1 }, returns = { true, n = 1 } },
    setsockopt = { { socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1 }, "setsockopt: Bad file descriptor" },
    settimeout = { { 1 }, "settimeout: Bad file descriptor" },
    share = { { 1 }, "share: Bad file descriptor" },
    shutdown = { { socket.SHUT_RDWR }, "shutdown: Bad file descriptor" },
  }

  -- Ways to close a socket.
  local ENDS = {
    closed = function(s)
      s:close()
    end,
    detached = function(s)
      socket.socket({ fileno = s:detach() }):close()
    end,
  }

  local names = {}
  for name in pairs(socket.SocketType) do
    names[#names + 1] = name
  end
  table.sort(names)

  for _, name in ipairs(names) do
    for how, finish in pairs(ENDS) do
      it(("fails with EBADF or returns the documented value: %s, %s"):format(name, how), function()
        local method = assert(METHODS[name], "say what this method does on a closed socket")
        local s = assert(socket.socket())
        s:settimeout(5)
        finish(s)
        if method.misuse then
          return expect.misuse(method.misuse, s[name], s, lua.unpack(method[1]))
        end
        local expected = method.returns or { nil, method[2], "EBADF", n = 3 }
        assert.same(expected, lua.pack(s[name](s, lua.unpack(method[1]))))
        assert.equal(-1, s:fileno())
      end)
    end
  end

  it("fails even for zero bytes", function()
    local s = assert(socket.socket())
    s:close()
    expect.failure("recv: Bad file descriptor", "EBADF", s:recv(0))
    expect.failure("recvfrom: Bad file descriptor", "EBADF", s:recvfrom(0))
    expect.failure("send: Bad file descriptor", "EBADF", s:send(""))
    assert.same({ nil, "sendall: Bad file descriptor", "EBADF", 0 }, { s:sendall("") })
  end)

  it("keeps its fields", function()
    local s = assert(socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_UDP))
    s:settimeout(3)
    s:close()
    assert.same({ socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_UDP, 3 }, { s.family, s.type, s.proto, s.timeout })
  end)

  it("still checks arguments", function()
    local s = assert(socket.socket())
    s:close()
    expect.misuse("bad argument #1 to 'bind' (address expected, got number)", s.bind, s, 1)
    expect.misuse("bad argument #1 to 'recv' (size out of range)", s.recv, s, -1)
  end)
end)

describe("a socket closed while a coroutine uses it", function()
  it("fails there with EBADF", function()
    local one, other = assert(socket.socketpair())
    one:setblocking(false)
    local reader = coroutine.wrap(function()
      while true do
        local data, message, code = one:recv(10)
        if code ~= "EAGAIN" then
          return data, message, code
        end
        coroutine.yield("waiting")
      end
    end)
    assert.equal("waiting", reader())
    assert.equal("waiting", reader())
    one:close()
    -- Its number is in use by other descriptors, which must not be affected.
    local third, fourth = assert(socket.socketpair())
    fourth:send("for the third alone")
    expect.failure("recv: Bad file descriptor", "EBADF", reader())
    assert.equal("for the third alone", third:recv(100))
    network.close(other, third, fourth)
  end)

  it("can be closed inside the accept loop", function()
    local listener = network.listener()
    listener:setblocking(false)
    local accepting = coroutine.wrap(function()
      repeat
        local connection, message, code = listener:accept()
        coroutine.yield(connection, message, code)
      until code == "EBADF"
    end)
    expect.failure("accept: Resource temporarily unavailable", "EAGAIN", accepting())
    listener:close()
    expect.failure("accept: Bad file descriptor", "EBADF", accepting())
  end)

  it("can be closed by a finalizer in the middle of a call", function()
    -- A program of its own: in a large heap the collector rarely runs in the middle of these calls.
    local output, complaints = child.run([[
      local lua = require "spec.support.lua"
      local network = require "spec.support.network"
      local socket = require "bsdsocket"
      lua.collector(200, 200)
      local current, closed_inside, ignored = nil, 0, nil
      local function finish()
        if current then
          closed_inside = closed_inside + 1
          current:close()
        end
      end
      -- Leaves an object that calls `finish` when it is collected, on every Lua.
      local function litter()
        if newproxy then
          getmetatable(newproxy(true)).__gc = finish
        else
          setmetatable({}, { __gc = finish })
        end
      end
      -- The received string must be new, not an interned one.
      local half = socket.buffer(5000)
      local rounds = 0
      repeat
        rounds = rounds + 1
        half:set(1, ("%d"):format(rounds))
        -- Rounds that allocate alike could keep the collector from ever working at the same place.
        ignored = (rounds .. "x"):rep(rounds * 37 % 1999)
        local one, other = assert(socket.socketpair())
        one:setblocking(false)
        assert(other:sendall(half))
        half[5000] = 255
        assert(other:sendall(half))
        litter()
        current = one
        -- The collection that the first result makes due happens when the second result is created.
        local first, _, first_code = one:recv(5000)
        local second, _, second_code = one:recv(5000)
        current = nil
        assert(second == tostring(half) or second_code == "EBADF")
        half[5000] = 0
        assert(first == tostring(half) or first_code == "EBADF")
        network.close(one, other)
      until closed_inside >= 5 or rounds == 20000
      print(closed_inside >= 5, rounds, #ignored)
    ]])
    assert.is_truthy(output:find("^true\t"), output .. complaints)
  end)
end)

describe("socket:detach", function()
  it("returns the descriptor without closing it, and closes the socket", function()
    local one, other = assert(socket.socketpair())
    local number = one:fileno()
    assert.same({ number, n = 1 }, lua.pack(one:detach()))
    assert.equal(-1, one:fileno())
    one:close()
    one = nil
    collectgarbage()
    assert.is_nil(one)
    local again = assert(socket.socket({ fileno = number }))
    assert(again:sendall("still open"))
    assert.equal("still open", other:recv(20))
    network.close(again, other)
  end)
end)

describe("a socket whose descriptor was closed by its number", function()
  ---@type bsdsocket.Socket, bsdsocket.Socket
  local one, other

  before_each(function()
    one, other = assert(socket.socketpair())
    assert(socket.close(one:fileno()))
  end)

  after_each(function()
    network.close(one, other)
  end)

  it("fails with EBADF", function()
    expect.failure("recv: Bad file descriptor", "EBADF", one:recv(1))
    expect.failure("recv: Bad file descriptor", "EBADF", one:recv(1, socket.MSG_WAITALL))
    expect.failure("send: Bad file descriptor", "EBADF", one:send("x"))
    expect.failure("listen: Bad file descriptor", "EBADF", one:listen())
    expect.failure("accept: Bad file descriptor", "EBADF", one:accept())
  end)

  it("keeps the timeout that it had", function()
    expect.failure("settimeout: Bad file descriptor", "EBADF", one:settimeout(1))
    assert.is_nil(one:gettimeout())
    expect.failure("setblocking: Bad file descriptor", "EBADF", one:setblocking(false))
    assert.is_true(one:getblocking())
  end)

  it("reports that close failed, and is closed", function()
    expect.failure("close: Bad file descriptor", "EBADF", one:close())
    assert.equal(-1, one:fileno())
    expect.done(one:close())
  end)
end)

describe("an unreferenced socket", function()
  it("is closed by the collector", function()
    local before = descriptors.open()
    for _ = 1, 50 do
      assert(socket.socketpair())
      assert(socket.socket()):settimeout(1)
    end
    assert.equal(0, descriptors.opened(before))
  end)

  it("is closed even if accept made it", function()
    local listener = network.listener()
    local before = descriptors.open()
    for _ = 1, 20 do
      local client = assert(socket.socket())
      assert(client:connect(listener:getsockname()))
      assert(listener:accept())
    end
    assert.equal(0, descriptors.opened(before))
    listener:close()
  end)

  it("is closed after an error", function()
    local before = descriptors.open()
    for _ = 1, 20 do
      pcall(function()
        local s = assert(socket.socket())
        s:bind(nil)
      end)
    end
    assert.equal(0, descriptors.opened(before))
  end)
end)

if lua.closes then
  describe("<close>", function()
    it("closes at the end of the block", function()
      local outcome = assert(lua.load([[
        local socket = ...
        local kept, inside
        do
          local s <close> = assert(socket.socket())
          kept, inside = s, s:fileno()
        end
        return inside, kept:fileno()
      ]]))
      local inside, after = outcome(socket)
      assert.is_true(inside > 2)
      assert.equal(-1, after)
    end)

    it("closes when an error is raised", function()
      local chunk = assert(lua.load([[
        local socket, keep = ...
        local s <close> = assert(socket.socket())
        keep(s)
        error("on purpose", 0)
      ]]))
      ---@type bsdsocket.Socket
      local kept
      expect.misuse("on purpose", chunk, socket, function(s)
        kept = s
      end)
      assert.equal(-1, kept:fileno())
    end)

    it("accepts a socket that is already closed", function()
      local chunk = assert(lua.load([[
        local socket = ...
        local s <close> = assert(socket.socket())
        s:close()
        return true
      ]]))
      assert.is_true(chunk(socket))
    end)
  end)
else
  skip("<close>: this Lua lacks it")
end

describe("tostring", function()
  it("shows descriptor, family, type, protocol and both addresses", function()
    local client, server = network.connected()
    local own, peer = tostring(client:getsockname()), tostring(client:getpeername())
    local expected = ("socket (fd=%d, family=AF_INET, type=SOCK_STREAM, proto=0, laddr=%s, raddr=%s)"):format(
      client:fileno(),
      own,
      peer
    )
    assert.equal(expected, tostring(client))
    network.close(client, server)
  end)

  it("shows what is known", function()
    local unbound = assert(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    local expected = "socket (fd=%d, family=AF_INET, type=SOCK_DGRAM, proto=0, laddr=0.0.0.0:0)"
    assert.equal(expected:format(unbound:fileno()), tostring(unbound))
    unbound:close()
    local one, other = assert(socket.socketpair())
    expected = "socket (fd=%d, family=AF_UNIX, type=SOCK_STREAM, proto=0, laddr=(unnamed), raddr=(unnamed))"
    assert.equal(expected:format(one:fileno()), tostring(one))
    network.close(one, other)
  end)

  it("shows that the socket is closed", function()
    local s = assert(socket.socket())
    s:close()
    assert.equal("socket (closed, family=AF_INET, type=SOCK_STREAM, proto=0)", tostring(s))
  end)

  it("shows numbers without a name", function()
    local one, other = assert(socket.socketpair())
    local odd = assert(socket.socket({ fileno = one:detach(), family = 200, type = 77 }))
    assert.is_truthy(tostring(odd):find("family=200, type=77, proto=0", 1, true))
    network.close(odd, other)
  end)
end)
