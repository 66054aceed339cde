local expect = require "spec.support.expect"
local lua = require "spec.support.lua"
local network = require "spec.support.network"
local socket = require "bsdsocket"

describe("buffer", function()
  it("allocates zeroed memory of a size", function()
    local buffer = socket.buffer(5)
    assert.equal(5, #buffer)
    assert.equal(("\0"):rep(5), tostring(buffer))
  end)

  it("copies a string", function()
    local text = "a\0b\255"
    local buffer = socket.buffer(text)
    assert.equal(4, #buffer)
    assert.equal(text, tostring(buffer))
    buffer[1] = 120
    assert.equal("a\0b\255", text)
    assert.equal("x\0b\255", tostring(buffer))
  end)

  it("copies another buffer or a view", function()
    local original = socket.buffer("abcdef")
    local copy, part = socket.buffer(original), socket.buffer(original:view(2, 3))
    original:fill(0)
    assert.same({ "abcdef", "bc" }, { tostring(copy), tostring(part) })
  end)

  it("accepts size 0", function()
    for _, empty in ipairs({ socket.buffer(0), socket.buffer("") }) do
      assert.equal(0, #empty)
      assert.equal("", tostring(empty))
      assert.is_nil(empty[1])
    end
  end)

  -- Invalid arguments and the error messages.
  local WRONG = {
    { -1, "size out of range" },
    { 2 ^ 31, "size out of range" },
    { 2 ^ 40, "size out of range" },
    { 1.5, "number has no integer representation" },
    { 0 / 0, "number has no integer representation" },
    { math.huge, "number has no integer representation" },
    { nil, "number, string or buffer expected, got nil" },
    { true, "number, string or buffer expected, got boolean" },
    { {}, "number, string or buffer expected, got table" },
    { print, "number, string or buffer expected, got function" },
    { io.stdout, "number, string or buffer expected, got " .. lua.type_name(io.stdout) },
  }
  for n = 1, 11 do
    it("rejects " .. lua.show(WRONG[n][1]), function()
      expect.misuse(("bad argument #1 to 'buffer' (%s)"):format(WRONG[n][2]), socket.buffer, WRONG[n][1])
    end)
  end
end)

describe("a buffer", function()
  ---@type bsdsocket.Buffer
  local buffer

  before_each(function()
    buffer = socket.buffer("0123456789")
  end)

  it("is indexed by byte from 1 to its length", function()
    assert.equal(48, buffer[1])
    assert.equal(57, buffer[10])
    for _, outside in ipairs({ 0, -1, 11, 2 ^ 40, -2 ^ 40, 1.5, 0 / 0, math.huge }) do
      assert.is_nil(buffer[outside])
    end
    ---@diagnostic disable-next-line: undefined-field
    assert.is_nil(buffer.nothing)
    ---@diagnostic disable-next-line: undefined-field
    assert.is_nil(buffer[true])
    ---@diagnostic disable-next-line: undefined-field
    assert.is_nil(buffer["1"])
    if math.type then
      assert.equal("integer", math.type(buffer[1]))
    end
  end)

  it("assigns bytes from 1 to its length", function()
    buffer[1], buffer[10] = 0, 255
    assert.equal("\00012345678\255", tostring(buffer))
    assert.same({ 0, 255 }, { buffer[1], buffer[10] })
  end)

  -- Invalid assignments and the error messages.
  local UNSETTABLE = {
    { 0, 1, "bad argument #1 to '__newindex' (index out of range)" },
    { -1, 1, "bad argument #1 to '__newindex' (index out of range)" },
    { 11, 1, "bad argument #1 to '__newindex' (index out of range)" },
    { 2 ^ 40, 1, "bad argument #1 to '__newindex' (index out of range)" },
    { 1.5, 1, "bad argument #1 to '__newindex' (integer expected)" },
    { "size", 1, "bad argument #1 to '__newindex' (integer expected)" },
    { "fill", 1, "bad argument #1 to '__newindex' (integer expected)" },
    { true, 1, "bad argument #1 to '__newindex' (integer expected)" },
    { 1, 256, "bad argument #2 to '__newindex' (number out of range)" },
    { 1, -1, "bad argument #2 to '__newindex' (number out of range)" },
    { 1, 1.5, "bad argument #2 to '__newindex' (number has no integer representation)" },
    { 1, "x", "bad argument #2 to '__newindex' (number expected, got string)" },
    { 1, {}, "bad argument #2 to '__newindex' (number expected, got table)" },
  }
  for _, case in ipairs(UNSETTABLE) do
    it(("rejects [%s] = %s"):format(lua.show(case[1]), lua.show(case[2])), function()
      local chunk = lua.load("local buffer, place, byte = ...; buffer[place] = byte", "=place")
      expect.misuse("place:1: " .. case[3], chunk, buffer, case[1], case[2])
      assert.equal("0123456789", tostring(buffer))
    end)
  end

  it("compares by content", function()
    assert.is_true(buffer == socket.buffer("0123456789"))
    assert.is_false(buffer == socket.buffer("0123456780"))
    assert.is_false(buffer == socket.buffer("012345678"))
    assert.is_true(buffer == buffer:view())
    assert.is_true(buffer:view(2, 3) == socket.buffer("12"))
    assert.is_true(socket.buffer(0) == socket.buffer(""))
  end)

  it("is not equal to other types", function()
    local s = assert(socket.socket())
    for _, else_ in ipairs({ io.stdout, s, {}, "0123456789", 10, true }) do
      assert.is_false(buffer == else_)
      assert.is_false(else_ == buffer)
    end
    assert.is_false(buffer == nil)
    s:close()
  end)

  describe("buffer:sub", function()
    -- First and last index, as for string.sub.
    for _, first in ipairs({ -100, -10, -3, 0, 1, 2, 10, 11, 100 }) do
      for _, last in ipairs({ "none", -100, -3, -1, 0, 1, 5, 10, 100 }) do
        it(("behaves as string.sub: %s, %s"):format(first, last), function()
          local text = "0123456789"
          if last == "none" then
            assert.equal(text:sub(first), buffer:sub(first))
            assert.equal(text:sub(first), buffer:sub(first, nil))
          else
            assert.equal(text:sub(first, last), buffer:sub(first, last))
          end
        end)
      end
    end

    it("returns a copy, as a string", function()
      local copy = buffer:sub(1, 3)
      buffer:fill(0)
      assert.equal("012", copy)
    end)

    it("accepts extreme indexes", function()
      assert.equal("0123456789", buffer:sub(-2 ^ 53, 2 ^ 53))
      assert.equal("", buffer:sub(2 ^ 53, -2 ^ 53))
      if math.mininteger then
        assert.equal("0123456789", buffer:sub(math.mininteger, math.maxinteger))
        assert.equal("", buffer:sub(math.maxinteger, math.mininteger))
      end
    end)
  end)

  describe("buffer:view", function()
    it("shares the memory", function()
      local view = buffer:view(3, 6)
      assert.equal(4, #view)
      assert.equal("2345", tostring(view))
      view[1] = 65
      buffer[6] = 66
      assert.equal("A34B", tostring(view))
      assert.equal("01A34B6789", tostring(buffer))
    end)

    it("takes indexes as sub does", function()
      assert.equal("0123456789", tostring(buffer:view()))
      assert.equal("23456789", tostring(buffer:view(3)))
      assert.equal("789", tostring(buffer:view(-3)))
      assert.equal("78", tostring(buffer:view(-3, -2)))
      assert.equal("0123456789", tostring(buffer:view(-100, 100)))
      assert.equal("01", tostring(buffer:view(nil, 2)))
      assert.equal(0, #buffer:view(5, 4))
      assert.equal(0, #buffer:view(11))
    end)

    it("can be taken of a view", function()
      local view = buffer:view(3, 8):view(2, 4)
      assert.equal("345", tostring(view))
      view:fill(46)
      assert.equal("012...6789", tostring(buffer))
      assert.is_nil(view[4])
      assert.is_nil(view[0])
    end)

    it("cannot reach beyond its range", function()
      local view = buffer:view(3, 6)
      assert.same({ nil, nil, n = 2 }, lua.pack(view[0], view[5]))
      expect.misuse("bad argument #1 to 'set' (index out of range)", view.set, view, 6, "x")
      expect.misuse("bad argument #2 to 'set' (bytes do not fit)", view.set, view, 4, "xx")
      assert.equal("2345", view:sub(-100, 100))
    end)

    it("keeps its buffer alive", function()
      local views = {}
      for n = 1, 50 do
        local text = ("%04d"):format(n):rep(500)
        views[n] = socket.buffer(text):view(2):view(3, 1998)
      end
      for _ = 1, 3 do
        collectgarbage()
        for _ = 1, 200 do
          socket.buffer(2000):fill(255)
        end
      end
      for n = 1, 50 do
        assert.equal(("%04d"):format(n):rep(500):sub(4, 1999), tostring(views[n]))
      end
    end)

    it("lets its buffer be collected after it", function()
      local size = 1000000
      collectgarbage()
      collectgarbage()
      local before = collectgarbage("count")
      for _ = 1, 100 do
        socket.buffer(size):view(1, 1)
      end
      for _ = 1, 4 do
        collectgarbage()
      end
      assert.is_true((collectgarbage("count") - before) * 1024 < 3 * size)
    end)
  end)

  describe("buffer:set", function()
    it("writes bytes at an index", function()
      expect.done(buffer:set(1, "ab"))
      expect.done(buffer:set(9, "yz"))
      expect.done(buffer:set(5, ""))
      expect.done(buffer:set(6, 42))
      assert.equal("ab23442" .. "7yz", tostring(buffer))
    end)

    it("accepts buffers and views, also of itself", function()
      expect.done(buffer:set(1, socket.buffer("AB")))
      assert.equal("AB23456789", tostring(buffer))
      expect.done(buffer:set(1, buffer:view(6, 10)))
      assert.equal("5678956789", tostring(buffer))
    end)

    it("copies overlapping ranges correctly", function()
      buffer:set(3, buffer:view(1, 8))
      assert.equal("0101234567", tostring(buffer))
      buffer:set(1, buffer:view(3, 10))
      assert.equal("0123456767", tostring(buffer))
    end)

    it("never writes past the end", function()
      expect.done(buffer:set(11, ""))
      assert.equal("0123456789", tostring(buffer))
    end)

    -- Invalid arguments and the error messages.
    local WRONG = {
      { { 0, "x" }, "#1 to 'set' (index out of range)" },
      { { -1, "x" }, "#1 to 'set' (index out of range)" },
      { { 12, "" }, "#1 to 'set' (index out of range)" },
      { { 2 ^ 53, "x" }, "#1 to 'set' (index out of range)" },
      { { 1.5, "x" }, "#1 to 'set' (number has no integer representation)" },
      { { 11, "x" }, "#2 to 'set' (bytes do not fit)" },
      { { 1, "0123456789x" }, "#2 to 'set' (bytes do not fit)" },
      { { "a", "x" }, "#1 to 'set' (number expected, got string)" },
      { { 1, {} }, "#2 to 'set' (string expected, got table)" },
      { { 1 }, "#2 to 'set' (string expected, got no value)" },
      { {}, "#1 to 'set' (number expected, got no value)" },
    }
    for _, case in ipairs(WRONG) do
      it("rejects: " .. case[2], function()
        expect.misuse("bad argument " .. case[2], buffer.set, buffer, lua.unpack(case[1]))
        assert.equal("0123456789", tostring(buffer))
      end)
    end
  end)

  describe("buffer:fill", function()
    it("sets every byte", function()
      expect.done(buffer:fill(120))
      assert.equal("xxxxxxxxxx", tostring(buffer))
      buffer:view(2, 3):fill(0)
      assert.equal("x\0\0xxxxxxx", tostring(buffer))
    end)

    it("accepts a byte value", function()
      expect.misuse("bad argument #1 to 'fill' (number out of range)", buffer.fill, buffer, 256)
      expect.misuse("bad argument #1 to 'fill' (number out of range)", buffer.fill, buffer, -1)
      expect.misuse("bad argument #1 to 'fill' (number expected, got no value)", buffer.fill, buffer)
      expect.misuse("bad argument #1 to 'fill' (number expected, got string)", buffer.fill, buffer, "x")
    end)
  end)

  it("has methods that work on buffers only", function()
    for _, name in ipairs({ "sub", "view", "set", "fill" }) do
      local method = buffer[name]
      local message = "bad argument #1 to '%s' (buffer expected, got %s)"
      expect.misuse(message:format(name, "string"), method, "text", 1, 1)
      expect.misuse(message:format(name, "table"), method, {}, 1, 1)
      expect.misuse(message:format(name, "no value"), method)
      expect.misuse(message:format(name, lua.type_name(io.stdout)), method, io.stdout, 1, 1)
      local s = assert(socket.socket())
      expect.misuse(message:format(name, "socket"), method, s, 1, 1)
      s:close()
    end
  end)

  it("hides its metatable", function()
    assert.equal("buffer", getmetatable(buffer))
    assert.is_false(pcall(setmetatable, buffer, {}))
  end)

  it("is accepted wherever bytes are", function()
    local one, other = assert(socket.socketpair())
    assert.equal(10, one:send(buffer))
    assert(one:sendall(buffer:view(1, 2)))
    assert.equal("012345678901", other:recv(100))
    network.close(one, other)
  end)
end)
