local descriptors = require "spec.support.descriptors"
local expect = require "spec.support.expect"
local lua = require "spec.support.lua"
local network = require "spec.support.network"
local socket = require "bsdsocket"

local NOT_INTEGERS = {
  { "nil", nil, "number expected, got nil" },
  { "a boolean", true, "number expected, got boolean" },
  { "a word", "x", "number expected, got string" },
  { "a table", {}, "number expected, got table" },
  { "a function", print, "number expected, got function" },
  { "a coroutine", coroutine.create(function() end), "number expected, got thread" },
  { "a fraction", 1.5, "number has no integer representation" },
  { "no number", 0 / 0, "number has no integer representation" },
  { "an infinite number", math.huge, "number has no integer representation" },
  { "a negative infinite number", -math.huge, "number has no integer representation" },
  { "more than any integer", 2 ^ 70, "number has no integer representation" },
}

-- The ranges of C's int and of sizes.
local OUT_OF_INT = { 2 ^ 31, -2 ^ 31 - 1, 2 ^ 40, -2 ^ 40 }
local OUT_OF_SIZE = { -1, -2 ^ 31, 2 ^ 31, 2 ^ 40 }

local NOT_BYTES = {
  { "nil", nil, "string expected, got nil" },
  { "a boolean", true, "string expected, got boolean" },
  { "a table", {}, "string expected, got table" },
  { "a function", print, "string expected, got function" },
  { "a file", io.stdout, "string expected, got " .. lua.type_name(io.stdout) },
}

local NOT_BUFFERS = {
  { "nil", nil, "buffer expected, got nil" },
  { "a number", 10, "buffer expected, got number" },
  { "a string", "text", "buffer expected, got string" },
  { "a table", {}, "buffer expected, got table" },
  { "a function", print, "buffer expected, got function" },
  { "a file", io.stdout, "buffer expected, got " .. lua.type_name(io.stdout) },
}

-- Every argument of every method that checks a type: the method, the arguments before, the position, the expected type,
-- and whether it is optional.
local buffer = socket.buffer(8)
local PLACES = {
  { "listen", {}, 1, "int", optional = true },
  { "recv", {}, 1, "size" },
  { "recv", { 1 }, 2, "int", optional = true },
  { "recvfrom", {}, 1, "size" },
  { "recvfrom", { 1 }, 2, "int", optional = true },
  { "recv_into", {}, 1, "buffer" },
  { "recv_into", { buffer }, 2, "size", optional = true },
  { "recv_into", { buffer, 1 }, 3, "int", optional = true },
  { "recvfrom_into", {}, 1, "buffer" },
  { "recvfrom_into", { buffer }, 2, "size", optional = true },
  { "recvfrom_into", { buffer, 1 }, 3, "int", optional = true },
  { "send", {}, 1, "bytes" },
  { "send", { "x" }, 2, "int", optional = true },
  { "sendall", {}, 1, "bytes" },
  { "sendall", { "x" }, 2, "int", optional = true },
  { "sendto", {}, 1, "bytes" },
  { "shutdown", {}, 1, "int" },
  { "getsockopt", {}, 1, "int" },
  { "getsockopt", { 1 }, 2, "int" },
  { "getsockopt", { 1, 3 }, 3, "int", optional = true },
  { "setsockopt", {}, 1, "int" },
  { "setsockopt", { 1 }, 2, "int" },
}

local WRONG = { int = NOT_INTEGERS, size = NOT_INTEGERS, bytes = NOT_BYTES, buffer = NOT_BUFFERS }
local EXPECTED = { int = "number", size = "number", bytes = "string", buffer = "buffer" }

describe("an argument of a method", function()
  ---@type bsdsocket.Socket, bsdsocket.Socket
  local s, peer
  descriptors.watch(setup, teardown)

  before_each(function()
    s, peer = assert(socket.socketpair())
    s:settimeout(5)
  end)

  after_each(function()
    network.close(s, peer)
  end)

  local function refuse(place, value, reason)
    local name, given, n = place[1], place[2], place[3]
    local arguments = { lua.unpack(given) }
    arguments[n] = value
    local message = ("bad argument #%d to '%s' (%s)"):format(n, name, reason)
    expect.misuse(message, s[name], s, lua.unpack(arguments, 1, n))
  end

  for _, place in ipairs(PLACES) do
    local name, given, n, kind = place[1], place[2], place[3], place[4]

    describe(("#%d of %s"):format(n, name), function()
      for _, wrong in ipairs(WRONG[kind]) do
        if not (place.optional and wrong[1] == "nil") then
          it("is rejected as " .. wrong[1], function()
            refuse(place, wrong[2], wrong[3])
          end)
        end
      end

      if place.optional then
        it("may be nil or omitted", function()
          local results = {}
          for _, last in ipairs({ n - 1, n }) do
            assert(peer:send("12345678"))
            results[#results + 1] = lua.pack(s[name](s, lua.unpack(given, 1, last)))
            s:settimeout(0)
            s:recv(8)
            s:settimeout(5)
          end
          assert.same(results[1], results[2])
          assert.are_not.equal(0, results[1].n)
        end)
      else
        it("is required", function()
          local message = ("bad argument #%d to '%s' (%s expected, got no value)"):format(n, name, EXPECTED[kind])
          expect.misuse(message, s[name], s, lua.unpack(given))
        end)
      end

      if kind == "int" then
        it("must fit into an int", function()
          for _, value in ipairs(OUT_OF_INT) do
            refuse(place, value, "number out of range")
          end
        end)
      elseif kind == "size" then
        it("must be a valid size", function()
          for _, value in ipairs(OUT_OF_SIZE) do
            refuse(place, value, "size out of range")
          end
        end)
      end
    end)
  end

  it("may be a numeral, as in Lua's own library", function()
    peer:send("hello")
    assert.equal("he", s:recv("2"))
    assert.equal("llo", s:recv("0x10"))
  end)

  it("may be followed by an extra argument", function()
    assert.equal(1, s:send("x", 0, "what", {}, nil))
    assert.equal(s:fileno(), s:fileno(1, 2, 3))
    assert.is_true(s:close("now"))
  end)

  if debug.upvalueid then
    it("is reported by its type if it is light userdata", function()
      local light = debug.upvalueid(refuse, 1)
      expect.misuse("bad argument #1 to 'recv' (number expected, got light userdata)", s.recv, s, light)
    end)
  end

  it("may be followed by a hundred others", function()
    local many = {}
    for n = 1, 100 do
      many[n] = 0
    end
    assert.equal(1, s:send("x", lua.unpack(many)))
  end)

  describe("of sendto", function()
    ---@type bsdsocket.Socket
    local datagram

    before_each(function()
      datagram = network.datagram()
    end)

    after_each(function()
      datagram:close()
    end)

    -- The arguments and the error message.
    local CASES = {
      { { "x" }, "#2 to 'sendto' (address expected, got no value)" },
      { { "x", nil }, "#2 to 'sendto' (address expected, got nil)", 2 },
      { { "x", 0 }, "#3 to 'sendto' (address expected, got no value)" },
      { { "x", 0, nil }, "#3 to 'sendto' (address expected, got nil)", 3 },
      { { "x", 0, 0 }, "#3 to 'sendto' (address expected, got number)" },
      { { "x", "text" }, "#2 to 'sendto' (address in a table expected, got string)" },
      { { "x", 1.5, {} }, "#2 to 'sendto' (number has no integer representation)" },
      { { "x", 2 ^ 40, {} }, "#2 to 'sendto' (number out of range)" },
      { { "x", {} }, "#2 to 'sendto' (address field 'host': string expected)" },
      { { {}, 0, {} }, "#1 to 'sendto' (string expected, got table)" },
    }
    for _, case in ipairs(CASES) do
      it("is rejected: " .. case[2], function()
        local message = "bad argument " .. case[2]
        expect.misuse(message, datagram.sendto, datagram, lua.unpack(case[1], 1, case[3] or #case[1]))
      end)
    end
  end)
end)

describe("invalid arguments", function()
  descriptors.watch(setup, teardown)

  it("leak no descriptor", function()
    local made = 0
    for _, bad in ipairs({ true, "x", {}, print, 1.5, -1, 2 ^ 40, 0 / 0 }) do
      for _, name in ipairs({ "socket", "socketpair" }) do
        for n = 1, 4 do
          local arguments = {}
          arguments[n] = bad
          local ok, one, other = pcall(socket[name], lua.unpack(arguments, 1, n))
          if ok and one then
            made = made + 1
            network.close(one, type(other) == "userdata" and other or one)
          end
        end
      end
      pcall(socket.socket, { family = bad })
      pcall(socket.socket, { fileno = bad })
      pcall(socket.getaddrinfo, bad, bad)
      for name, method in pairs(socket.SocketType) do
        local s = assert(socket.socket())
        s:setblocking(false)
        local fd = s:fileno()
        local ok = pcall(method, s, bad, bad, bad, bad)
        if ok and (name == "detach" or name == "setfd") then
          s = assert(socket.socket({ fileno = fd }))
        end
        s:close()
      end
    end
    assert.is_true(made < 20, made .. " sockets were made of bad input")
  end)
end)
