local child = require "spec.support.child"
local descriptors = require "spec.support.descriptors"
local expect = require "spec.support.expect"
local lua = require "spec.support.lua"
local network = require "spec.support.network"
local skip = require "spec.support.skip"
local socket = require "bsdsocket"
local streams = require "spec.support.streams"
local system = require "spec.support.system"
local temporary = require "spec.support.temporary"

local AGAIN = "read: Resource temporarily unavailable"

-- A stream with its own socket, which is closed after the spec.
---@type bsdsocket.Stream, bsdsocket.Socket, bsdsocket.Socket
local stream, peer, own

descriptors.watch(setup, teardown)

before_each(function()
  stream, peer, own = streams.pair()
end)

after_each(function()
  network.close(stream, peer, own)
end)

-- The results of all calls with `formats`, up to the end of the stream.
local function all(text, options, ...)
  local holding = streams.holding(text, options)
  local values = {}
  for value in holding:lines(...) do
    values[#values + 1] = value
  end
  holding:close()
  return values
end

describe("stream:read", function()
  -- The data sent, the formats, and the results; nil ends the list.
  local CASES = {
    { "a line when nothing is said", "one\ntwo\n", {}, { "one" } },
    { "a line", "one\ntwo\n", { "l" }, { "one" } },
    { "a line with its end", "one\ntwo\n", { "L" }, { "one\n" } },
    { "an empty line", "\n\n", { "l" }, { "" } },
    { "an empty line with its end", "\n\n", { "L" }, { "\n" } },
    { "a line that nothing ends", "one", { "l" }, { "one" } },
    { "a line that nothing ends, as it is", "one", { "L" }, { "one" } },
    { "a line with zeros and carriage returns", "a\0b\r\nc", { "l" }, { "a\0b\r" } },
    { "everything", "one\ntwo\n\nthree", { "a" }, { "one\ntwo\n\nthree" } },
    { "a number", " 42 apples", { "n" }, { 42 } },
    { "so many bytes", "abcdef", { 4 }, { "abcd" } },
    { "as many bytes as there are", "abcdef", { 100 }, { "abcdef" } },
    { "no bytes where there are some", "abc", { 0 }, { "" } },
    { "by formats of Lua 5.1: a line", "one\ntwo\n", { "*l" }, { "one" } },
    { "by formats of Lua 5.1: a line with its end", "one\ntwo\n", { "*L" }, { "one\n" } },
    { "by formats of Lua 5.1: everything", "one\ntwo\n", { "*a" }, { "one\ntwo\n" } },
    { "by formats of Lua 5.1: a number", "-7", { "*n" }, { -7 } },
    { "by the first letter of a format", "one\ntwo 3 rest", { "line", "*L", "all" }, { "one", "two 3 rest", "" } },
    { "by several formats", "one\n2 x\nrest", { "l", "n", 2, "L", "a" }, { "one", 2, " x", "\n", "rest" } },
    { "by formats of every Lua at once", "one\ntwo\nthree", { "l", "*l", "a" }, { "one", "two", "three" } },
    { "up to the end, and then nothing", "one\n", { "a", "a", "a" }, { "one\n", "", "" } },
    { "nothing of nothing, then what is there", "ab", { 0, 1, 0, 1 }, { "", "a", "", "b" } },
    { "a line, and then no more", "one\n", { "l", "l", "l" }, { "one", nil, n = 2 } },
    { "bytes, and then no more", "ab", { 2, 1, "a" }, { "ab", nil, n = 2 } },
    { "no bytes where there are none any more", "ab", { 2, 0, "a" }, { "ab", nil, n = 2 } },
    { "everything, and then no line", "ab", { "a", "l", "a" }, { "ab", nil, n = 2 } },
    { "a number, and then none", "1 x 2", { "n", "n", "n" }, { 1, nil, n = 2 } },
    { "no number where its beginning is all there is", "- 5", { "n", "a" }, { nil, n = 1 } },
  }
  for _, case in ipairs(CASES) do
    it("returns " .. case[1], function()
      local holding = streams.holding(case[2])
      case[4].n = case[4].n or #case[4]
      assert.same(case[4], lua.pack(holding:read(lua.unpack(case[3]))))
      holding:close()
    end)
  end

  it("continues where it stopped", function()
    local holding = streams.holding("one\ntwo\n3 four\nfive\nsix")
    assert.equal("one", holding:read())
    assert.equal("tw", holding:read(2))
    assert.equal("o", holding:read("l"))
    assert.equal(3, holding:read("n"))
    assert.equal(" four\n", holding:read("L"))
    assert.equal("f", holding:read(1))
    assert.equal("ive\nsix", holding:read("a"))
    holding:close()
  end)

  it("accepts up to a hundred formats", function()
    local formats, expected = {}, { n = 100 }
    for n = 1, 100 do
      formats[n] = n % 2 == 0 and 1 or "l"
      expected[n] = n % 2 == 0 and "x" or "line"
    end
    local holding = streams.holding(("line\nx"):rep(50))
    assert.same(expected, lua.pack(holding:read(lua.unpack(formats))))
    holding:close()
  end)

  it("returns a single nil at end of stream, repeatedly", function()
    local holding = streams.holding ""
    for _, format in ipairs({ "l", "L", "n", 0, 1, 100 }) do
      assert.same({ n = 1 }, lua.pack(holding:read(format)))
    end
    assert.same({ n = 1 }, lua.pack(holding:read()))
    assert.same({ "", n = 1 }, lua.pack(holding:read("a")))
    assert.same({ "", n = 1 }, lua.pack(holding:read("a")))
    assert.same({ n = 1 }, lua.pack(holding:read("l")))
    holding:close()
  end)

  it("does not wait for more than it needs", function()
    assert(peer:sendall("one\n42 abc"))
    assert.equal("one", stream:read("l"))
    assert.equal(42, stream:read("n"))
    assert.equal(" ab", stream:read(3))
    assert.equal("", stream:read(0))
    assert.equal("c", stream:read(1))
  end)

  it("does not prevent writing after the peer has shut down sending", function()
    local both = assert(own:makefile("rw"))
    assert(peer:sendall("the last line"))
    assert(peer:shutdown(socket.SHUT_WR))
    assert.equal("the last line", both:read("l"))
    assert.is_nil((both:read("l")))
    assert(both:write("an answer"):flush())
    assert.equal("an answer", peer:recv(100))
    both:close()
  end)

  it("can be called from coroutines", function()
    assert(peer:sendall("one\ntwo\nthree\nfour"))
    peer:shutdown(socket.SHUT_WR)
    local function reader()
      while true do
        coroutine.yield(stream:read("l"))
      end
    end
    local first, second = coroutine.wrap(reader), coroutine.wrap(reader)
    assert.same({ "one", "two", "three" }, { first(), second(), first() })
    first = nil
    collectgarbage()
    assert.is_nil(first)
    assert.same({ "four", nil }, { second(), second() })
  end)

  it("works after the coroutine that created the stream", function()
    local made = coroutine.wrap(function()
      return own:makefile()
    end)()
    collectgarbage()
    collectgarbage()
    assert(peer:sendall("there\n"))
    assert.equal("there", made:read())
    made:close()
  end)

  -- The arguments and the error message.
  local MISUSE = {
    { { "x" }, "#1 to 'read' (invalid format)" },
    { { "*x" }, "#1 to 'read' (invalid format)" },
    { { "" }, "#1 to 'read' (invalid format)" },
    { { "*" }, "#1 to 'read' (invalid format)" },
    { { "5" }, "#1 to 'read' (invalid format)" },
    { { "l", "x" }, "#2 to 'read' (invalid format)" },
    { { -1 }, "#1 to 'read' (size out of range)" },
    { { 2 ^ 53 }, "#1 to 'read' (size out of range)" },
    { { 1.5 }, "#1 to 'read' (number has no integer representation)" },
    { { 0 / 0 }, "#1 to 'read' (number has no integer representation)" },
    { { true }, "#1 to 'read' (string expected, got boolean)" },
    { { "l", {} }, "#2 to 'read' (string expected, got table)" },
    { { nil, "l", n = 2 }, "#1 to 'read' (string expected, got nil)" },
  }
  for _, case in ipairs(MISUSE) do
    it("rejects: " .. case[2], function()
      assert(peer:sendall("line\n"))
      expect.misuse("bad argument " .. case[2], stream.read, stream, lua.unpack(case[1], 1, case[1].n))
      assert.equal("line", stream:read())
    end)
  end

  it("requires a stream", function()
    expect.misuse("bad argument #1 to 'read' (stream expected, got no value)", stream.read)
    expect.misuse("bad argument #1 to 'read' (stream expected, got socket)", stream.read, own)
  end)

  it("fails for a write-only stream and for a closed one", function()
    local writing = assert(own:makefile("w"))
    expect.failure("read: Bad file descriptor", "EBADF", writing:read())
    writing:close()
    stream:close()
    expect.failure("read: Bad file descriptor", "EBADF", stream:read("a"))
    expect.failure("read: Bad file descriptor", "EBADF", stream:read("l", 0))
  end)
end)

describe("stream:lines", function()
  it("returns lines without their ends by default", function()
    assert.same({ "one", "", "two", "three" }, all("one\n\ntwo\nthree"))
  end)

  it("accepts formats", function()
    assert.same({ "one\n", "\n", "two" }, all("one\n\ntwo", nil, "L"))
    assert.same({ "one", "\ntw", "o" }, all("one\ntwo", nil, 3))
    assert.same({ 1, 2, 3 }, all("1 2\n3", nil, "n"))
    local holding, seen = streams.holding "a 1\nb 2\n", {}
    for letter, number, rest in holding:lines(1, "n", "l") do
      seen[#seen + 1] = letter .. "=" .. number .. rest
    end
    assert.same({ "a=1", "b=2" }, seen)
    holding:close()
  end)

  it("returns nothing for an empty stream", function()
    assert.same({}, all "")
    local holding = streams.holding ""
    local next_line = holding:lines()
    assert.same({ n = 1 }, lua.pack(next_line()))
    assert.same({ n = 1 }, lua.pack(next_line()))
    holding:close()
  end)

  it("shares its position with read and other loops", function()
    local holding = streams.holding "one\ntwo\nthree\nfour\nfive"
    local first, second = holding:lines(), holding:lines("L")
    assert.same({ "one", "two\n", "three", "four", "five" }, { first(), second(), holding:read(), first(), second() })
    holding:close()
  end)

  it("keeps its stream alive, and the stream keeps its socket alive", function()
    ---@type bsdsocket.Socket
    local sender
    local seen = {}
    local function start()
      ---@type bsdsocket.Socket
      local receiver
      receiver, sender = assert(socket.socketpair())
      return receiver:makefile():lines()
    end
    local next_line = start()
    for n = 1, 3 do
      collectgarbage()
      collectgarbage()
      assert(sender:sendall(n .. "\n"))
      seen[n] = next_line()
    end
    assert.same({ "1", "2", "3" }, seen)
    sender:close()
  end)

  it("raises errors at the position of the call, and loses no data", function()
    assert(peer:sendall("one\npart"))
    own:settimeout(0.01)
    local seen = {}
    local function loop()
      for line in stream:lines() do
        seen[#seen + 1] = line
      end
    end
    local done, message = pcall(loop)
    assert.is_false(done)
    assert.is_truthy(message:find("^.-read_spec%.lua:%d+: lines: timed out$"), message)
    assert.same({ "one" }, seen)
    assert(peer:sendall("ial\nlast"))
    peer:close()
    loop()
    assert.same({ "one", "partial", "last" }, seen)
  end)

  it("raises the system's error message", function()
    own:setblocking(false)
    expect.misuse("lines: Resource temporarily unavailable", stream:lines())
    local next_line = stream:lines("L", 1)
    stream:close()
    expect.misuse("lines: Bad file descriptor", next_line)
  end)

  it("rejects unknown formats", function()
    expect.misuse("bad argument #1 to 'lines' (invalid format)", stream.lines, stream, "x")
    expect.misuse("bad argument #2 to 'lines' (size out of range)", stream.lines, stream, 1, -1)
    expect.misuse("bad argument #1 to 'lines' (string expected, got table)", stream.lines, stream, {})
  end)

  it("raises for a write-only stream and for a closed one", function()
    local writing = assert(own:makefile("w"))
    expect.misuse("lines: Bad file descriptor", writing.lines, writing)
    writing:close()
    stream:close()
    expect.misuse("lines: Bad file descriptor", stream.lines, stream, "L")
  end)
end)

describe("a number", function()
  local digits = ("1"):rep(250)

  -- A text, the number at its beginning, and the rest. Before 5.3, Lua reads files with the C library's scanf, which
  -- parses the texts marked `scanf` differently.
  ---@type table[]
  local TEXTS = {
    { "42", 42, "" },
    { " 42", 42, "" },
    { " \n\t\v\f\r 42 x", 42, " x" },
    { "0", 0, "" },
    { "00012", 12, "" },
    { "-7", -7, "" },
    { "+7", 7, "" },
    { "-0", tonumber("-0"), "" },
    { "12abc", 12, "abc" },
    { "5 6", 5, " 6" },
    { "5\n6", 5, "\n6" },
    { "1,5", 1, ",5" },
    { "1_000", 1, "_000" },
    { "1\0", 1, "\0" },
    { "1f", 1, "f" },
    { "7L", 7, "L" },
    { "0b1", 0, "b1" },
    { "9007199254740993", 9007199254740993, "" },
    { "9223372036854775807", 9223372036854775807, "" },
    { "9223372036854775808", 9223372036854775808, "" },
    { "1.5", 1.5, "" },
    { ".5", 0.5, "" },
    { "5.", 5.0, "" },
    { "+.5", 0.5, "" },
    { "1.5.5", 1.5, ".5" },
    { "3.0", 3.0, "" },
    { "1e3", 1e3, "" },
    { "1E+3", 1e3, "" },
    { "1e-3", 1e-3, "" },
    { "0e1", 0.0, "" },
    { "1e400", math.huge, "" },
    { "1e1e1", 10.0, "e1" },
    { "1e1.5", 10.0, ".5" },
    { "0x1F", 31, "" },
    { "0X1f", 31, "" },
    { "-0xA", -10, "" },
    { "0x1e+1", 30, "+1" },
    { "0x1p4", 16.0, "" },
    { "0x1P+1", 2.0, "" },
    { "0x1.8p-1", 0.75, "" },
    { "0x.8", 0.5, "" },
    { "0x1.", 1.0, "" },
    { digits:sub(1, 199), tonumber(digits:sub(1, 199)), "" },
    { digits:sub(1, 200), tonumber(digits:sub(1, 200)), "" },
    { "abc", nil, "abc" },
    { "", nil, "" },
    { "   ", nil, "" },
    { "  x", nil, "x" },
    { "é", nil, "é" },
    { ".", nil, "" },
    { "-", nil, "" },
    { "+", nil, "" },
    { "--5", nil, "-5" },
    { "+-1", nil, "-1" },
    { "- 5", nil, " 5" },
    { "-.e1", nil, "e1" },
    { "e5", nil, "e5" },
    { "x10", nil, "x10" },
    { "0x", nil, "" },
    { "0xg", nil, "g" },
    { "0xx1", nil, "x1" },
    { "1e", nil, "", scanf = true },
    { "1e+", nil, "", scanf = true },
    { "1ex", nil, "x", scanf = true },
    { "12e+x", nil, "x", scanf = true },
    { "0x1p", nil, "", scanf = true },
    { "0x.p1", nil, "p1", scanf = true },
    { "inf", nil, "inf", scanf = true },
    { "nan", nil, "nan", scanf = true },
    { "-inf", nil, "inf", scanf = true },
    { "nil", nil, "nil", scanf = true },
    { digits:sub(1, 201), nil, "1", scanf = true },
    { digits, nil, digits:sub(201), scanf = true },
    { ("0"):rep(250), nil, ("0"):rep(50), scanf = true },
    { "." .. digits, nil, digits:sub(200), scanf = true },
    { "0x" .. digits, nil, digits:sub(199), scanf = true },
    { "-" .. digits .. " 5", nil, digits:sub(200) .. " 5", scanf = true },
  }

  -- A number as a string that distinguishes integers from floats.
  local function word(value)
    return math.type and math.type(value) == "integer" and ("%d"):format(value) or value and ("%.17g"):format(value)
  end

  -- What a file or a stream returns, in several calls and in one: the number, the rest, the number of results.
  local function results(open, text)
    local source = open(text)
    local number, rest = source:read("*n"), source:read("*a")
    source:close()
    source = open(text)
    local together = lua.pack(source:read("*n", "*a"))
    local left = source:read("*a")
    source:close()
    return { word(number), rest, word(together[1]), together[2], together.n, left }
  end

  local function open_file(text)
    local path = temporary.file(text)
    local file = assert(io.open(path, "rb"))
    os.remove(path)
    return file
  end

  for _, case in ipairs(TEXTS) do
    local text, number, rest = case[1], case[2], case[3]
    local shown = #text < 40 and ("%q"):format(text) or ("%q … of %d"):format(text:sub(1, 10), #text)

    it("is parsed as Lua parses it: " .. shown, function()
      local expected = { word(number), rest, word(number) }
      expected[4], expected[5], expected[6] = number and rest, number and 2 or 1, number and "" or rest
      if number == nil then
        expected = { nil, rest, nil, nil, 1, rest }
      end
      local actual = results(streams.holding, text)
      if math.type or not case.scanf then
        assert.same(results(open_file, text), actual)
      end
      assert.same(expected, actual)
    end)
  end

  it("is an integer or a float, as in Lua", function()
    local holding = streams.holding "3 3.0 0x10 1e2 9223372036854775808"
    for _, expected in ipairs({ 3, 3.0, 0x10, 1e2, 9223372036854775808 }) do
      local number = holding:read("n")
      assert.equal(expected, number)
      assert.equal(tostring(expected), tostring(number))
    end
    holding:close()
  end)

  it("may arrive byte by byte", function()
    local values = streams.in_pieces(" 12 -0x1F\n3.5e1 \n 7", 1, nil, function(from)
      return from:read("n")
    end)
    assert.same({ 12, -31, 35, 7 }, values)
  end)

  it("is complete only once the next byte is known", function()
    own:settimeout(0.01)
    assert(peer:sendall(" 12"))
    assert.same({ nil, "read: timed out", "timeout", " 12", n = 4 }, lua.pack(stream:read("n")))
    assert(peer:sendall("34."))
    assert.same({ nil, "read: timed out", "timeout", " 1234.", n = 4 }, lua.pack(stream:read("n")))
    assert(peer:sendall("5,"))
    assert.same({ 1234.5, n = 1 }, lua.pack(stream:read("n")))
    assert.equal(",", stream:read(1))
  end)

  it("is read in linear time after much white space", function()
    local started = child.lua [[
      local socket = require "bsdsocket"
      local network = require "spec.support.network"
      local listener = network.listener()
      print(listener:getsockname().port)
      io.stdout:flush()
      local stream = listener:accept():makefile()
      print(stream:read("n"))
    ]]
    local client = assert(socket.create_connection({ "127.0.0.1", tonumber(started:line()) }))
    local space = (" "):rep(2 ^ 20)
    local start = network.clock()
    for _ = 1, 32 do
      assert(client:sendall(space))
    end
    assert(client:sendall("42\n"))
    client:close()
    assert.equal("42\n", (started:finish()))
    local taken = network.clock() - start
    assert.is_true(taken < 3 * network.patience, "it took " .. taken .. " s")
  end)
end)

describe("data that arrives in small pieces", function()
  local lines = {}
  ---@type string
  local text

  setup(function()
    for n, length in ipairs({ 3, 0, 0, 1, 2, 16383, 16384, 16385, 5, 40000, 0, 7 }) do
      lines[n] = ("%d:%s"):format(n, ("x"):rep(length)):sub(1, length)
    end
    text = table.concat(lines, "\n")
  end)

  -- Sizes of the pieces in bytes; the smallest only for a short text.
  for _, size in ipairs({ 1, 2, 3, 7, 100, 4095, 16383, 16384, 16385, 100000 }) do
    it("is read as the same lines, in pieces of " .. size .. " bytes", function()
      local shorter = size < 100 and text:gsub("x+", "xxxxxx") or text
      local expected = {}
      for line in (shorter .. "\n"):gmatch("([^\n]*)\n") do
        expected[#expected + 1] = line
      end
      assert.equal(#lines, #expected)
      local values, failures = streams.in_pieces(shorter, size, nil, function(from)
        return from:read()
      end)
      assert.same(expected, values)
      assert.is_true(size == 100000 or failures > 0)
      values = streams.in_pieces(shorter, size, { buffering = 5 }, function(from)
        return from:read("L")
      end)
      assert.equal(shorter, table.concat(values))
      assert.equal(#lines, #values)
    end)

    it("is read as the same blocks, in pieces of " .. size .. " bytes", function()
      local shorter = size < 100 and text:sub(1, 500) or text
      for _, count in ipairs({ 1, 9, 5000, 1000000 }) do
        if count > 1 or #shorter <= 500 then
          local values = streams.in_pieces(shorter, size, nil, function(from)
            return from:read(count)
          end)
          assert.equal(shorter, table.concat(values))
          assert.equal(math.ceil(#shorter / count), #values)
        end
      end
    end)
  end

  it("is read as the values of several formats", function()
    local values = streams.in_pieces("one 1\ntwo 2\n", 1, nil, function(from)
      local name, number, rest = from:read(3, "n", "L")
      if name == nil then
        return name, number, rest
      end
      return name .. "=" .. number .. rest
    end)
    assert.same({ "one=1\n", "two=2\n" }, values)
  end)

  it("is read as a line of 64 MiB in linear time", function()
    local started = child.lua [[
      local socket = require "bsdsocket"
      local network = require "spec.support.network"
      local listener = network.listener()
      print(listener:getsockname().port)
      io.stdout:flush()
      local stream = listener:accept():makefile()
      local line = stream:read("l")
      print(#line, line == ("0123456789abcdef"):rep(2 ^ 22), stream:read("l"))
    ]]
    local client = assert(socket.create_connection({ "127.0.0.1", tonumber(started:line()) }))
    local block = ("0123456789abcdef"):rep(2 ^ 16)
    local start = network.clock()
    for _ = 1, 64 do
      assert(client:sendall(block))
    end
    assert(client:sendall("\nnext"))
    client:close()
    assert.equal("67108864\ttrue\tnext\n", (started:finish()))
    local taken = network.clock() - start
    assert.is_true(taken < 5 * network.patience, "it took " .. taken .. " s")
  end)
end)

describe("a line end", function()
  -- The option, and the lines of the text below.
  local TEXT = "a\nb\rc\r\nd\n\re\r\r\n\r\nf"
  local NEWLINES = {
    { "\n", { "a\n", "b\rc\r\n", "d\n", "\re\r\r\n", "\r\n", "f" } },
    { "\r", { "a\nb\r", "c\r", "\nd\n\r", "e\r", "\r", "\n\r", "\nf" } },
    { "\r\n", { "a\nb\rc\r\n", "d\n\re\r\r\n", "\r\n", "f" } },
    { "", { "a\n", "b\r", "c\r\n", "d\n", "\r", "e\r", "\r\n", "\r\n", "f" } },
  }

  local function without_end(line, newline)
    if newline == "" then
      return (line:gsub("[\r\n]+$", ""))
    end
    return line:sub(-#newline) == newline and line:sub(1, -#newline - 1) or line
  end

  for _, case in ipairs(NEWLINES) do
    local newline, with_ends = case[1], case[2]
    local options = { newline = newline }
    local bare = {}
    for n, line in ipairs(with_ends) do
      bare[n] = without_end(line, newline)
    end

    it(("is the one of the newline option: %q"):format(newline), function()
      assert.same(bare, all(TEXT, options))
      assert.same(with_ends, all(TEXT, options, "L"))
      local holding = streams.holding(TEXT, options)
      assert.equal(TEXT, holding:read("a"))
      holding:close()
    end)

    for size = 1, 4 do
      it(("may arrive in parts: %q, in pieces of %d"):format(newline, size), function()
        local values = streams.in_pieces(TEXT, size, options, function(from)
          return from:read("l")
        end)
        assert.same(bare, values)
        values = streams.in_pieces(TEXT, size, options, function(from)
          return from:read("L")
        end)
        assert.same(with_ends, values)
      end)
    end
  end

  it("is a line feed by default", function()
    assert.same({ "a", "b\rc\r", "d" }, all "a\nb\rc\r\nd\n")
    local binary = assert(own:makefile("rb"))
    assert(peer:sendall("a\r\nb\n"))
    assert.same({ "a\r", "b\n" }, { binary:read("l", "L") })
    binary:close()
  end)

  it("is recognised at end of stream even if it could have been longer", function()
    assert.same({ "a", "" }, all("a\r\r", { newline = "" }))
    assert.same({ "a\r" }, all("a\r", { newline = "\r\n" }))
    assert.same({ "a\r" }, all("a\r", { newline = "" }, "L"))
  end)

  it("is not recognised before the byte that could continue it", function()
    local universal = assert(own:makefile("r", { newline = "" }))
    own:settimeout(0.01)
    assert(peer:sendall("a\r"))
    assert.same({ nil, "read: timed out", "timeout", "a\r", n = 4 }, lua.pack(universal:read("l")))
    assert(peer:sendall("\nb"))
    assert.equal("a\r\n", universal:read("L"))
    assert(peer:sendall("\rc"))
    assert.equal("b", universal:read("l"))
    assert.equal("c", universal:read(1))
    universal:close()
  end)
end)

describe("a failed read", function()
  it("returns the partial data and leaves it in the buffer, for every format", function()
    own:settimeout(0.01)
    assert(peer:sendall("part"))
    for _, formats in ipairs({ {}, { "l" }, { "L" }, { "a" }, { 5 }, { 4, 1 }, { 2, "l" } }) do
      assert.same({ nil, "read: timed out", "timeout", "part", n = 4 }, lua.pack(stream:read(lua.unpack(formats))))
    end
    assert.same({ "par", n = 1 }, lua.pack(stream:read(3)))
    assert.same({ nil, "read: timed out", "timeout", "t", n = 4 }, lua.pack(stream:read()))
    assert(peer:sendall("ial\n"))
    assert.same({ "tial", n = 1 }, lua.pack(stream:read()))
    assert.same({ nil, "read: timed out", "timeout", "", n = 4 }, lua.pack(stream:read()))
  end)

  it("leaves the data of all its formats in the buffer", function()
    own:settimeout(0.01)
    assert(peer:sendall("one\ntwo\nthr"))
    assert.same({ nil, "read: timed out", "timeout", "one\ntwo\nthr", n = 4 }, lua.pack(stream:read("l", "l", "l")))
    assert.same({ "one", "two", n = 2 }, lua.pack(stream:read("l", "l")))
    assert(peer:sendall("ee\n"))
    assert.equal("three", stream:read())
  end)

  it("returns EAGAIN on a non-blocking socket", function()
    own:setblocking(false)
    assert.same({ nil, AGAIN, "EAGAIN", "", n = 4 }, lua.pack(stream:read()))
    assert(peer:sendall("part"))
    assert.same({ nil, AGAIN, "EAGAIN", "part", n = 4 }, lua.pack(stream:read("l")))
    assert.same({ nil, AGAIN, "EAGAIN", "part", n = 4 }, lua.pack(stream:read("a")))
    assert.same({ nil, AGAIN, "EAGAIN", "part", n = 4 }, lua.pack(stream:read(5)))
    assert.same({ "part", n = 1 }, lua.pack(stream:read(4)))
    assert.same({ nil, AGAIN, "EAGAIN", "", n = 4 }, lua.pack(stream:read(0)))
    assert.same({ nil, AGAIN, "EAGAIN", "", n = 4 }, lua.pack(stream:read("n")))
  end)

  it("does not happen if the data is already there, however short the timeout", function()
    assert(peer:sendall("there\nand"))
    own:settimeout(1e-9)
    assert.equal("there", stream:read())
    assert.equal("an", stream:read(2))
    assert.same({ nil, "read: timed out", "timeout", "d", n = 4 }, lua.pack(stream:read("a")))
  end)

  it("does not happen at end of stream", function()
    assert(peer:sendall("one\npart"))
    assert(peer:shutdown(socket.SHUT_WR))
    assert.same({ "one", "part", n = 2 }, lua.pack(stream:read("l", "l")))
    assert.same({ n = 1 }, lua.pack(stream:read("l")))
  end)

  it("reports a connection reset", function()
    for _, format in ipairs({ "l", "L", "a", 10 }) do
      local client, server = network.connected()
      local reading = assert(client:makefile())
      client:settimeout(5)
      assert(server:sendall("one\nabc"))
      assert.equal("one", reading:read())
      assert.equal("a", reading:read(1))
      streams.reset(server)
      local expected = { nil, "read: Connection reset by peer", "ECONNRESET", "bc", n = 4 }
      assert.same(expected, lua.pack(reading:read(format)))
      assert.equal("bc", reading:read(2))
      network.close(reading, client)
    end
  end)

  it("is raised by a loop over lines after a connection reset", function()
    local client, server = network.connected()
    local reading = assert(client:makefile())
    client:settimeout(5)
    assert(server:sendall("one\nabc"))
    local next_line = reading:lines()
    assert.equal("one", next_line())
    streams.reset(server)
    expect.misuse("lines: Connection reset by peer", next_line)
    assert.equal("abc", reading:read(3))
    network.close(reading, client)
  end)

  -- A program that connects and sends a byte every 0.05 s without end.
  local function slow_sender(port)
    return child.lua(([[
      local socket = require "bsdsocket"
      local sender, pacemaker, silent = assert(socket.create_connection({ "127.0.0.1", %d })), socket.socketpair()
      pacemaker:settimeout(0.02)
      while sender:sendall("x") do
        pacemaker:recv(1)
      end
    ]]):format(port))
  end

  it("happens when the deadline of the whole call is over, though bytes still arrive", function()
    local listener = network.listener()
    local sender = slow_sender(listener:getsockname().port)
    local connection = assert(listener:accept())
    connection:settimeout(0.15)
    local reading = assert(connection:makefile())
    for _, formats in ipairs({ { "l" }, { 1000 }, { "a" }, { 1, 1, "L" } }) do
      local start = network.clock()
      local result, message, code, partial = reading:read(lua.unpack(formats))
      local taken = network.clock() - start
      assert.same({ nil, "read: timed out", "timeout" }, { result, message, code })
      assert.is_truthy(partial:find("^xxx+$"), partial)
      assert.is_true(taken >= 0.14 and taken <= 0.45 * network.patience, "it took " .. taken .. " s")
    end
    network.close(reading, connection, listener)
    sender:finish()
  end)
end)

describe("reading with buffering = 0", function()
  before_each(function()
    stream:close()
    stream = assert(own:makefile("r", { buffering = 0 }))
  end)

  it("leaves the rest for the socket", function()
    assert(peer:sendall("one\ntwo\nthree\nfour"))
    assert.equal("one", stream:read())
    assert.equal("two\n", stream:read("L"))
    assert.equal("th", stream:read(2))
    assert.equal("r", own:recv(1))
    assert.equal("ee", stream:read("l"))
    assert.equal("four", own:recv(100))
  end)

  it("supports all formats", function()
    assert(peer:sendall(("0123456789"):rep(2000)))
    peer:close()
    assert.equal(("0123456789"):rep(2000), stream:read("a"))
    assert.equal("", stream:read("a"))
  end)

  it("can be set later", function()
    local later = assert(own:makefile())
    expect.done(later:setvbuf("no"))
    assert(peer:sendall("one\ntwo\n"))
    assert.equal("one", later:read())
    assert.equal("two\n", own:recv(100))
    later:close()
  end)
end)

describe("a large count", function()
  for _, buffering in ipairs({ 16384, 0, 2147483647 }) do
    it("allocates nothing before the bytes arrive, with buffering = " .. buffering, function()
      local program = ([[
        local socket = require "bsdsocket"
        local one, other = assert(socket.socketpair())
        local stream = one:makefile("r", { buffering = %d })
        assert(other:sendall("little"))
        other:close()
        print(stream:read(2 ^ 31 - 1))
        print(io.open("/proc/self/status"):read("*a"):match("VmHWM:%%s*(%%d+)"))
      ]]):format(buffering)
      local output, complaints = child.run(program)
      local read, kilobytes = output:match("^(%w+)\n(%d+)\n$")
      assert.equal("little", read, complaints)
      assert.is_true(tonumber(kilobytes) < 100000, kilobytes .. " KiB")
    end)
  end
end)

describe("many bytes", function()
  local block = ("0123456789"):rep(10000)

  it("are read between others", function()
    for _, options in ipairs { {}, { buffering = 0 }, { buffering = 200000 }, { encoding = "utf-8" } } do
      local holding = streams.holding("first\n" .. block .. "\nnext\n" .. block, options)
      assert.equal("first", holding:read("l"))
      assert.is_true(block == holding:read(#block))
      assert.equal("", holding:read("l"))
      assert.equal("next", holding:read("l"))
      assert.is_true(block == holding:read("a"))
      assert.equal("", holding:read("a"))
      assert.is_nil((holding:read("l")))
      holding:close()
    end
  end)

  if not system.linux then
    skip("the memory of a large read: this system has no /proc")
    return
  end

  for _, format in ipairs { '"a"', "2 ^ 24" } do
    it("take memory once for the stream and once for Lua, and none later: read(" .. format .. ")", function()
      local started = child.lua(([[
        local socket = require "bsdsocket"
        local temporary = require "spec.support.temporary"
        local listener = assert(socket.create_server({ "127.0.0.1", 0 }))
        print(listener:getsockname().port)
        io.stdout:flush()
        local connection = listener:accept()
        local stream = connection:makefile()
        local function memory(name)
          return tonumber(temporary.read("/proc/self/status"):match(name .. ":%%s*(%%d+)"))
        end
        local before = memory "VmRSS"
        local size = #stream:read(%s)
        collectgarbage()
        collectgarbage()
        print(size, memory "VmHWM" - before, memory "VmRSS" - before)
      ]]):format(format))
      local client = assert(socket.create_connection { "127.0.0.1", tonumber(started:line()) })
      local piece = ("x"):rep(2 ^ 20)
      for _ = 1, 16 do
        assert(client:sendall(piece))
      end
      client:close()
      local output, complaints = started:finish()
      local size, peak, kept = output:match "^(%d+)\t(%d+)\t(%d+)\n$"
      assert.equal("16777216", size, complaints)
      assert.is_true(tonumber(peak) < 38 * 1024, peak .. " KiB")
      assert.is_true(tonumber(kept) < 4 * 1024, kept .. " KiB")
    end)
  end
end)
