local descriptors = require "spec.support.descriptors"
local expect = require "spec.support.expect"
local lua = require "spec.support.lua"
local network = require "spec.support.network"
local socket = require "bsdsocket"

---@type bsdsocket.Socket
local s

before_each(function()
  s = assert(socket.socket())
end)

after_each(function()
  s:close()
end)

describe("a method", function()
  descriptors.watch(setup, teardown)

  -- Values that are not sockets, and how the message names them.
  local FOREIGN = {
    { "nothing", "no value" },
    { "nil", "nil", nil },
    { "a number", "number", 1 },
    { "a string", "string", "text" },
    { "a boolean", "boolean", true },
    { "a table", "table", {} },
    { "a table with the fields of a socket", "table", { family = 2, type = 1, proto = 0, fileno = print } },
    { "a table that names itself a socket", "socket", setmetatable({}, { __name = "socket" }) },
    { "a function", "function", print },
    { "a coroutine", "thread", coroutine.create(function() end) },
    { "a file", lua.type_name(io.stdout), io.stdout },
    { "a buffer", "buffer", socket.buffer(64) },
    { "a large buffer", "buffer", socket.buffer(4096) },
    { "an address", "table", nil },
  }

  for _, case in ipairs(FOREIGN) do
    it("is rejected on " .. case[1], function()
      for name, method in pairs(socket.SocketType) do
        local message = ("bad argument #1 to '%s' (socket expected, got %s)"):format(name, case[2])
        if case[1] == "nothing" then
          expect.misuse(message, method)
        elseif case[1] == "an address" then
          expect.misuse(message, method, s:getsockname())
        else
          expect.misuse(message, method, case[3], 1, 2, 3)
        end
      end
    end)
  end

  it("is rejected if called with a dot instead of a colon", function()
    expect.misuse("bad argument #1 to 'send' (socket expected, got string)", s.send, "hello")
    expect.misuse("bad argument #1 to 'close' (socket expected, got no value)", s.close)
  end)

  it("is rejected on another userdata with the metatable of a socket", function()
    local foreign = io.tmpfile()
    local own = debug.getmetatable(foreign)
    debug.setmetatable(foreign, debug.getmetatable(s))
    local results = lua.pack(pcall(s.fileno, foreign))
    debug.setmetatable(foreign, own)
    foreign:close()
    assert.same({ false, "bad argument #1 to 'fileno' (socket expected, got socket)", n = 2 }, results)
  end)
end)

describe("a socket", function()
  it("is a userdata with a protected metatable", function()
    assert.equal("userdata", type(s))
    assert.equal("socket", getmetatable(s))
    assert.is_false(pcall(setmetatable, s, {}))
    s:settimeout(3)
    assert.equal("socket", getmetatable(s))
    local one, other = assert(socket.socketpair())
    assert.equal("socket", getmetatable(other))
    network.close(one, other)
  end)

  it("does not expose its metamethods", function()
    for _, name in ipairs({ "__gc", "__index", "__close", "__tostring", "__metatable", "__name" }) do
      assert.is_nil(s[name])
    end
  end)

  it("has read-only fields and methods", function()
    assert.same({ socket.AF_INET, socket.SOCK_STREAM, 0 }, { s.family, s.type, s.proto })
    ---@diagnostic disable-next-line: undefined-field
    assert.is_nil(s.nothing)
    ---@diagnostic disable-next-line: undefined-field
    assert.is_nil(s[1])
    assert.is_false(pcall(function()
      s.family = 1
    end))
    assert.is_false(pcall(function()
      ---@diagnostic disable-next-line: inject-field
      s.anything = 1
    end))
    assert.equal(socket.AF_INET, s.family)
  end)

  it("is equal only to itself", function()
    local other = assert(socket.socket())
    assert.is_true(s == s)
    assert.is_false(s == other)
    other:close()
  end)
end)

describe("a coroutine", function()
  it("may call every function", function()
    local echoed = {}
    local client, server = network.connected()
    client:setblocking(false)
    server:setblocking(false)
    local function receive(from)
      while true do
        local data, message, code = from:recv(100)
        if code ~= "EAGAIN" then
          return data, message
        end
        coroutine.yield()
      end
    end
    local echo = coroutine.create(function()
      repeat
        local data = assert(receive(server))
        assert(server:sendall(data))
      until data == ""
      server:close()
    end)
    local ask = coroutine.create(function()
      for n = 1, 3 do
        assert(client:sendall("message " .. n))
        echoed[n] = assert(receive(client))
      end
      client:close()
    end)
    repeat
      for _, each in ipairs({ ask, echo }) do
        if coroutine.status(each) ~= "dead" then
          assert(coroutine.resume(each))
        end
      end
    until coroutine.status(ask) == "dead" and coroutine.status(echo) == "dead"
    assert.same({ "message 1", "message 2", "message 3" }, echoed)
  end)

  it("raises its own errors", function()
    local resumed = lua.pack(coroutine.resume(coroutine.create(function()
      s:bind(1)
    end)))
    assert.is_false(resumed[1])
    assert.is_truthy(resumed[2]:find("bad argument #1 to 'bind' (address expected, got number)", 1, true))
  end)

  it("may create sockets, set their timeout, and pass them on", function()
    local made = coroutine.wrap(function()
      local one, other = assert(socket.socketpair())
      one:settimeout(0.001)
      coroutine.yield(one)
      other:sendall("from the coroutine")
      coroutine.yield(other)
    end)
    local one = made()
    assert.equal(0.001, one.timeout)
    expect.failure("recv: timed out", "timeout", one:recv(10))
    local other = made()
    assert.equal("from the coroutine", one:recv(100))
    network.close(one, other)
  end)

  it("returns addresses that equal those from elsewhere", function()
    assert(s:bind({ "127.0.0.1", 0 }))
    local address = coroutine.wrap(function()
      return s:getsockname()
    end)()
    assert.is_true(address == s:getsockname())
  end)
end)
