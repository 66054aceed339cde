local child = require "spec.support.child"
local descriptors = require "spec.support.descriptors"
local expect = require "spec.support.expect"
local lua = require "spec.support.lua"
local network = require "spec.support.network"
local socket = require "bsdsocket"
local streams = require "spec.support.streams"
local temporary = require "spec.support.temporary"

-- A stream that writes, and its own socket, which are closed after the spec.
---@type bsdsocket.Stream, bsdsocket.Socket, bsdsocket.Socket
local stream, peer, own

local function open(options)
  network.close(stream, peer, own)
  stream, peer, own = streams.pair("w", options)
end

descriptors.watch(setup, teardown)

before_each(function()
  stream, peer, own = streams.pair "w"
end)

after_each(function()
  network.close(stream, peer, own)
end)

-- The data sent so far.
local function sent()
  return streams.arrived(peer)
end

-- Numbered lines, `size` bytes in total.
local function numbered(size)
  local lines = {}
  for n = 1, size / 10 do
    lines[n] = ("%09d\n"):format(n)
  end
  return table.concat(lines)
end

-- Asserts that two texts are equal, without printing them.
local function same_text(expected, actual)
  assert.equal(#expected, #actual)
  assert.is_true(expected == actual, "the contents differ")
end

describe("stream:write", function()
  it("returns the stream, so that calls can be chained", function()
    assert.same({ stream, n = 1 }, lua.pack(stream:write("a")))
    assert.same({ stream, n = 1 }, lua.pack(stream:write()))
    assert.same({ stream, n = 1 }, lua.pack(stream:write("")))
    stream:write("b"):write("c", "d"):write("e"):flush()
    assert.equal("abcde", sent())
  end)

  it("accepts buffers and views", function()
    local buffer = socket.buffer("0123456789")
    assert(stream:write(buffer, "-", buffer:view(3, 5), "\n"))
    assert(stream:flush())
    assert.equal("0123456789-234\n", sent())
  end)

  it("copies its arguments", function()
    local buffer = socket.buffer("before")
    assert(stream:write(buffer))
    buffer:fill(0)
    assert(stream:flush())
    assert.equal("before", sent())
  end)

  it("sends every byte value", function()
    local bytes = {}
    for byte = 0, 255 do
      bytes[byte + 1] = string.char(byte)
    end
    assert(stream:write(lua.unpack(bytes)))
    assert(stream:flush())
    assert.equal(table.concat(bytes), sent())
  end)

  it("formats numbers as Lua's own files do", function()
    local NUMBERS =
      { 42, -7, 0, 1.5, 3.0, -0.5, 0.1, 1 / 3, 1e15, 1e16, 1e100, 2 ^ 31, 2 ^ 53, 2 ^ 63, 1e-10, 1 / 0, -1 / 0 }
    local path = temporary.path()
    local file = assert(io.open(path, "wb"))
    for _, number in ipairs(NUMBERS) do
      file:write(number, " ")
      assert(stream:write(number, " "))
    end
    file:close()
    assert(stream:flush())
    assert.equal(temporary.read(path), sent())
    temporary.remove(path)
  end)

  -- The arguments and the error message.
  local MISUSE = {
    { { {} }, "#1 to 'write' (string expected, got table)" },
    { { nil, n = 1 }, "#1 to 'write' (string expected, got nil)" },
    { { true }, "#1 to 'write' (string expected, got boolean)" },
    { { "a", print }, "#2 to 'write' (string expected, got function)" },
    { { "a", 1, nil, "b", n = 4 }, "#3 to 'write' (string expected, got nil)" },
  }
  for _, case in ipairs(MISUSE) do
    it("rejects, and writes nothing: " .. case[2], function()
      expect.misuse("bad argument " .. case[2], stream.write, stream, lua.unpack(case[1], 1, case[1].n))
      assert(stream:flush())
      assert.equal("", sent())
    end)
  end

  it("requires a stream", function()
    expect.misuse("bad argument #1 to 'write' (stream expected, got no value)", stream.write)
    expect.misuse("bad argument #1 to 'write' (stream expected, got socket)", stream.write, own, "x")
  end)

  it("fails for a read-only stream and for a closed one", function()
    local reading = assert(own:makefile("r"))
    expect.failure("write: Bad file descriptor", "EBADF", reading:write("x"))
    expect.failure("write: Bad file descriptor", "EBADF", reading:write())
    reading:close()
    stream:close()
    expect.failure("write: Bad file descriptor", "EBADF", stream:write("x"))
    assert.equal("", sent())
  end)
end)

describe("buffered data is sent", function()
  it("by flush, before it returns", function()
    assert(stream:write("one"))
    assert.equal("", sent())
    expect.done(stream:flush())
    assert.equal("one", sent())
    expect.done(stream:flush())
    assert.equal("", sent())
  end)

  it("if there is much of it", function()
    local text = numbered(50000)
    assert(stream:write(text))
    same_text(text, sent())
  end)

  it("when the buffer is full", function()
    open { buffering = 10 }
    assert(stream:write("123456789"))
    assert.equal("", sent())
    assert(stream:write("0"))
    assert.equal("1234567890", sent())
    assert(stream:write("12345", "67890", "12345"))
    assert.equal("123456789012345", sent())
    assert(stream:write("\n"))
    assert.equal("", sent())
  end)

  it("at each line feed, with buffering = 1", function()
    open { buffering = 1 }
    assert(stream:write("one"))
    assert.equal("", sent())
    assert(stream:write("\n"))
    assert.equal("one\n", sent())
    assert(stream:write("two\nthr"))
    assert.equal("two\nthr", sent())
    assert(stream:write("ee", "\n", "four\n"))
    assert.equal("ee\nfour\n", sent())
  end)

  it("at once, with buffering = 0", function()
    open { buffering = 0 }
    assert(stream:write("a"))
    assert.equal("a", sent())
    assert(stream:write("b", 1, "c"))
    assert.equal("b1c", sent())
  end)

  it("as by default, with buffering = -1", function()
    open { buffering = -1 }
    assert(stream:write("a\n"))
    assert.equal("", sent())
    assert(stream:flush())
    assert.equal("a\n", sent())
  end)

  it("when the stream is closed", function()
    assert(stream:write("last"))
    expect.done(stream:close())
    assert.equal("last", sent())
  end)

  it("before the same stream waits to read", function()
    open()
    local both = assert(own:makefile("rw"))
    own:settimeout(0.01)
    for n, format in ipairs({ "l", "L", "n", "a", 1, 0 }) do
      assert(both:write("question ", n))
      assert.equal("", sent())
      assert.same({ nil, "read: timed out", "timeout", "", n = 4 }, lua.pack(both:read(format)))
      assert.equal("question " .. n, sent())
    end
    assert(both:write("another"))
    expect.misuse("lines: timed out", both:lines())
    assert.equal("another", sent())
    assert(peer:sendall("answer\n"))
    assert.equal("answer", both:read())
    both:close()
  end)

  it("in a dialogue of requests and answers", function()
    local answering = assert(peer:makefile("rw"))
    local asking = assert(own:makefile("rw"))
    local answerer = coroutine.wrap(function()
      while true do
        local question = answering:read()
        answering:write("answer to ", question, "\n")
        assert(answering:flush())
        coroutine.yield()
      end
    end)
    for n = 1, 3 do
      asking:write("question ", n, "\n"):flush()
      answerer()
      assert.equal("answer to question " .. n, asking:read())
    end
    network.close(answering, asking)
  end)
end)

describe("stream:setvbuf", function()
  it("changes the buffering from the next write on", function()
    assert(stream:write("a"))
    expect.done(stream:setvbuf("no"))
    assert.equal("", sent())
    assert(stream:write("b"))
    assert.equal("ab", sent())
    expect.done(stream:setvbuf("line"))
    assert(stream:write("c"))
    assert.equal("", sent())
    assert(stream:write("d\ne"))
    assert.equal("cd\ne", sent())
    expect.done(stream:setvbuf("full", 4))
    assert(stream:write("f\ng"))
    assert.equal("", sent())
    assert(stream:write("h"))
    assert.equal("f\ngh", sent())
    expect.done(stream:setvbuf("full"))
    assert(stream:write("ijklm\n"))
    assert.equal("", sent())
  end)

  it("works on every open stream", function()
    local reading = assert(own:makefile("r"))
    expect.done(reading:setvbuf("full", 100))
    reading:close()
    expect.failure("setvbuf: Bad file descriptor", "EBADF", reading:setvbuf("full", 100))
  end)

  it("rejects other modes and sizes", function()
    expect.misuse("bad argument #1 to 'setvbuf' (string expected, got no value)", stream.setvbuf, stream)
    expect.misuse("bad argument #1 to 'setvbuf' (invalid option)", stream.setvbuf, stream, "some")
    expect.misuse("bad argument #2 to 'setvbuf' (size out of range)", stream.setvbuf, stream, "full", -1)
    expect.misuse("bad argument #2 to 'setvbuf' (number expected, got string)", stream.setvbuf, stream, "full", "x")
  end)
end)

describe("a written line feed", function()
  -- The option, and what the text becomes.
  for newline, expected in pairs({
    ["\n"] = "a\nb\r\nc\rd",
    [""] = "a\nb\r\nc\rd",
    ["\r"] = "a\rb\r\rc\rd",
    ["\r\n"] = "a\r\nb\r\r\nc\rd",
  }) do
    it(("is translated by the newline option: %q"):format(newline), function()
      open { newline = newline }
      assert(stream:write("a\nb\r", "\nc\rd"))
      assert(stream:flush())
      assert.equal(expected, sent())
    end)
  end

  it("flushes a line-buffered stream, whatever it is translated to", function()
    open { newline = "\r", buffering = 1 }
    assert(stream:write("a\nb"))
    assert.equal("a\rb", sent())
    open { newline = "\r\n", buffering = 1 }
    assert(stream:write("a\nb"))
    assert.equal("a\r\nb", sent())
  end)

  it("is unchanged in binary mode and by default", function()
    assert(stream:write("a\nb\r\n"):flush())
    local binary = assert(own:makefile("wb"))
    assert(binary:write("c\nd\r\n"):flush())
    binary:close()
    assert.equal("a\nb\r\nc\nd\r\n", sent())
  end)
end)

describe("data that cannot be sent now", function()
  ---@type string
  local text

  setup(function()
    text = numbered(5000000)
  end)

  -- Flushes until everything is sent, while the peer receives; returns what it received, and how often flush failed.
  local function drain(message, code)
    local pieces, failures = {}, 0
    while true do
      local result, actual, actual_code = stream:flush()
      pieces[#pieces + 1] = sent()
      if result then
        return table.concat(pieces), failures
      end
      assert.same({ message, code }, { actual, actual_code })
      failures = failures + 1
    end
  end

  it("stays buffered after a timeout, and is sent later", function()
    own:settimeout(0.02)
    expect.failure("write: timed out", "timeout", stream:write(text))
    expect.failure("flush: timed out", "timeout", stream:flush())
    local received, failures = drain("flush: timed out", "timeout")
    same_text(text, received)
    assert.is_true(failures > 0)
  end)

  it("stays buffered on a non-blocking socket, and is sent later", function()
    own:setblocking(false)
    expect.failure("write: Resource temporarily unavailable", "EAGAIN", stream:write(text))
    expect.failure("flush: Resource temporarily unavailable", "EAGAIN", stream:flush())
    local received, failures = drain("flush: Resource temporarily unavailable", "EAGAIN")
    same_text(text, received)
    assert.is_true(failures > 0)
  end)

  it("is sent before what is written after it", function()
    open { buffering = 0 }
    own:setblocking(false)
    local again = "write: Resource temporarily unavailable"
    local some = text:sub(1, 1000000)
    expect.failure(again, "EAGAIN", stream:write(some))
    expect.failure(again, "EAGAIN", stream:write("and "))
    expect.failure(again, "EAGAIN", stream:write("more"))
    same_text(some .. "and more", (drain("flush: Resource temporarily unavailable", "EAGAIN")))
    assert(stream:write("!"))
    assert.equal("!", sent())
  end)

  it("is limited: write then fails and returns the number of bytes that it accepted", function()
    for _, options in ipairs({ { buffering = 0 }, { buffering = 2 ^ 24 }, { encoding = "utf-8" } }) do
      open(options)
      own:setblocking(false)
      local again = "write: Resource temporarily unavailable"
      expect.failure(again, "EAGAIN", stream:write(text))
      assert.same({ nil, again, "EAGAIN", 0, n = 4 }, lua.pack(stream:write("and ")))
      assert.same({ nil, again, "EAGAIN", 0, n = 4 }, lua.pack(stream:write("more", text)))
      same_text(text, (drain("flush: Resource temporarily unavailable", "EAGAIN")))
      -- The last argument that is kept is the one at which sending fails.
      local first = text:sub(1, 600000)
      assert.same({ nil, again, "EAGAIN", 1200000, n = 4 }, lua.pack(stream:write(first, first, first, "and more")))
      same_text(first:rep(2), (drain("flush: Resource temporarily unavailable", "EAGAIN")))
      assert(stream:write("!"):flush())
      assert.equal("!", sent())
    end
  end)

  it("stays buffered if a read fails to send it", function()
    open()
    local both = assert(own:makefile("rw", { buffering = 2 ^ 24 }))
    stream:close()
    stream = both
    own:settimeout(0.02)
    local some = text:sub(1, 1000000)
    assert(both:write(some))
    assert(peer:sendall("answer\n"))
    assert.same({ nil, "read: timed out", "timeout", "", n = 4 }, lua.pack(both:read()))
    same_text(some, (drain("flush: timed out", "timeout")))
    assert.equal("answer", both:read())
  end)

  it("fails if the peer is closed, and close still closes", function()
    peer:close()
    assert(stream:write("a"))
    expect.failure("flush: Broken pipe", "EPIPE", stream:flush())
    expect.failure("write: Broken pipe", "EPIPE", stream:write(text))
    expect.failure("close: Broken pipe", "EPIPE", stream:close())
    expect.failure("flush: Bad file descriptor", "EBADF", stream:flush())
    expect.done(stream:close())
    assert.equal("stream (closed)", tostring(stream))
  end)

  it("fails after a connection reset", function()
    local client, server = network.connected()
    local writing = assert(client:makefile("w"))
    client:settimeout(5)
    streams.reset(server)
    assert(writing:write("a"))
    expect.failure("flush: Connection reset by peer", "ECONNRESET", writing:flush())
    expect.failure("flush: Broken pipe", "EPIPE", writing:flush())
    writing:close()
    client:close()
  end)

  it("is lost if close times out, which still closes the stream", function()
    open { buffering = 2 ^ 24 }
    own:settimeout(0.02)
    local some = text:sub(1, 1000000)
    assert(stream:write(some))
    expect.failure("close: timed out", "timeout", stream:close())
    assert.equal("stream (closed)", tostring(stream))
    expect.done(stream:close())
    own:close()
    local received = sent()
    assert.is_true(#received > 0 and #received < #some)
    assert.is_true(some:sub(1, #received) == received, "the contents differ")
  end)

  -- A program that connects, and reads so slowly that the sender waits many times.
  local function slow_reader(port)
    return child.lua(([[
      local socket = require "bsdsocket"
      local reader, pacemaker, silent = assert(socket.socket()), socket.socketpair()
      reader:setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 20000)
      assert(reader:connect({ "127.0.0.1", %d }))
      pacemaker:settimeout(0.01)
      local total = 0
      repeat
        local data = reader:recv(20000) or ""
        total = total + #data
        pacemaker:recv(1)
      until data == ""
      print(total)
    ]]):format(port))
  end

  it("is waited for until the deadline of the whole call, even while some is sent", function()
    local listener = network.listener()
    listener:setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 20000)
    local reader = slow_reader(listener:getsockname().port)
    local connection = assert(listener:accept())
    local writing = assert(connection:makefile("w"))
    connection:settimeout(0.15)
    local much = text:rep(4)
    for _, case in ipairs({ { "write", much }, { "flush" }, { "close" } }) do
      local start = network.clock()
      expect.failure(case[1] .. ": timed out", "timeout", writing[case[1]](writing, case[2]))
      local taken = network.clock() - start
      assert.is_true(taken >= 0.14 and taken <= 0.45 * network.patience, case[1] .. " took " .. taken .. " s")
    end
    network.close(writing, connection, listener)
    reader:finish()
  end)

  it("is sent completely before the deadline", function()
    local listener = network.listener()
    listener:setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 20000)
    local reader = slow_reader(listener:getsockname().port)
    local connection = assert(listener:accept())
    connection:settimeout(15)
    local writing = assert(connection:makefile("w"))
    assert(writing:write(text:sub(1, 500000)))
    expect.done(writing:close())
    network.close(connection, listener)
    assert.equal("500000\n", (reader:finish()))
  end)
end)

describe("stream:seek", function()
  it("fails, because sockets have no position", function()
    expect.failure("seek: Illegal seek", "ESPIPE", stream:seek())
    expect.failure("seek: Illegal seek", "ESPIPE", stream:seek("set", 0))
    expect.failure("seek: Illegal seek", "ESPIPE", stream:seek("cur", 1))
    local reading = assert(own:makefile())
    expect.failure("seek: Illegal seek", "ESPIPE", reading:seek("end"))
    reading:close()
  end)
end)

describe("stream:flush", function()
  it("succeeds on a read-only stream", function()
    local reading = assert(own:makefile())
    expect.done(reading:flush())
    reading:close()
    expect.failure("flush: Bad file descriptor", "EBADF", reading:flush())
  end)
end)
