local child = require "spec.support.child"
local descriptors = require "spec.support.descriptors"
local expect = require "spec.support.expect"
local lua = require "spec.support.lua"
local network = require "spec.support.network"
local skip = require "spec.support.skip"
local socket = require "bsdsocket"
local streams = require "spec.support.streams"
local system = require "spec.support.system"

descriptors.watch(setup, teardown)

local BEYOND = "read: more bytes than the stream's limit"

-- The results of a read that would exceed the limit, with the given unread data.
local function beyond(partial)
  return { nil, BEYOND, "EMSGSIZE", partial, n = 4 }
end

describe("a stream with a limit", function()
  ---@type bsdsocket.Stream, bsdsocket.Socket, bsdsocket.Socket
  local stream, peer, own

  local function open(options)
    stream, peer, own = streams.pair("r", options)
    own:settimeout(5)
  end

  after_each(function()
    network.close(stream, peer, own)
  end)

  it("reads shorter data normally", function()
    open { limit = 10 }
    assert(peer:sendall("123456789\n1234567890rest\n 42 x"))
    peer:shutdown(socket.SHUT_WR)
    assert.equal("123456789", stream:read("l"))
    assert.equal("1234567890", stream:read(10))
    assert.equal("rest\n", stream:read("L"))
    assert.equal(42, stream:read("n"))
    assert.equal(" x", stream:read("a"))
    assert.is_nil((stream:read("l")))
  end)

  it("reads exactly as many bytes at the end of the stream", function()
    for _, format in ipairs({ "l", "L", "a", 10, 11 }) do
      open { limit = 10 }
      assert(peer:sendall("0123456789"))
      peer:shutdown(socket.SHUT_WR)
      assert.equal("0123456789", stream:read(format))
      network.close(stream, peer, own)
    end
  end)

  for _, buffering in ipairs({ -1, 0, 7 }) do
    it("fails beyond it without losing data, with buffering = " .. buffering, function()
      open { limit = 10, buffering = buffering }
      assert(peer:sendall("0123456789abcdef\nrest"))
      for _, format in ipairs({ "l", "L", "a", 11, 1000000 }) do
        assert.same(beyond "0123456789", lua.pack(stream:read(format)))
      end
      assert.same(beyond "0123456789", lua.pack(stream:read(3, "l")))
      assert.equal(10, stream:buffered())
      -- No more was received.
      assert.equal("abcdef\nrest", own:recv(100, socket.MSG_PEEK))
      assert.equal("012", stream:read(3))
      assert.same(beyond "3456789abc", lua.pack(stream:read("l")))
      assert.equal("3456789", stream:read(7))
      assert.equal("abcdef", stream:read("l"))
      assert.equal("rest", stream:read(4))
    end)
  end

  it("fails for white space without a number", function()
    open { limit = 10 }
    assert(peer:sendall((" "):rep(20) .. "42\n"))
    assert.same(beyond((" "):rep(10)), lua.pack(stream:read("n")))
    assert.equal((" "):rep(10), stream:read(10))
    assert.same(beyond((" "):rep(10)), lua.pack(stream:read("n")))
    assert.equal(" ", stream:read(1))
    assert.same(beyond((" "):rep(9) .. "4"), lua.pack(stream:read("n")))
    assert.equal(" ", stream:read(1))
    assert.same(beyond "        42", lua.pack(stream:read("l", "l")))
  end)

  it("raises in the iterator of lines", function()
    open { limit = 10 }
    assert(peer:sendall("one\n" .. ("x"):rep(100)))
    local next_line = stream:lines()
    assert.equal("one", next_line())
    expect.misuse((BEYOND:gsub("read", "lines")), next_line)
    assert.equal(("x"):rep(10), stream:read(10))
  end)

  it("counts decoded text", function()
    open { limit = 10, encoding = "latin-1" }
    assert(peer:sendall(("\233"):rep(20)))
    peer:shutdown(socket.SHUT_WR)
    local value, message, code, partial = stream:read("a")
    assert.same({ nil, BEYOND, "EMSGSIZE" }, { value, message, code })
    assert.is_true(#partial >= 10 and #partial < 14, partial)
    assert.equal(#partial, stream:buffered())
    local text = {}
    for n = 1, 20 do
      text[n] = stream:read(2)
    end
    assert.equal(("é"):rep(20), table.concat(text))
    assert.is_nil((stream:read(1)))
  end)

  it("must have one of at least 1", function()
    open { limit = 1 }
    local misuse = "bad argument #1 to 'makefile' (option 'limit': %s)"
    expect.misuse(misuse:format("limit out of range"), own.makefile, own, { limit = 0 })
    expect.misuse(misuse:format("size out of range"), own.makefile, own, { limit = -1 })
    expect.misuse(misuse:format("number expected, got string"), own.makefile, own, { limit = "x" })
    assert(peer:sendall("ab"))
    assert.equal("a", stream:read(1))
    assert.equal("b", stream:read(1))
  end)
end)

describe("buffered", function()
  it("returns the number of received but unread bytes", function()
    local stream, peer, own = streams.pair("r")
    assert.equal(0, stream:buffered())
    assert(peer:sendall("one\ntwo"))
    assert.equal(0, stream:buffered())
    assert.equal("one", stream:read())
    assert.equal(3, stream:buffered())
    own:setblocking(false)
    assert.same({ nil, "EAGAIN" }, { stream:read(), (select(3, stream:read())) })
    assert.equal(3, stream:buffered())
    assert.equal("two", stream:read(3))
    assert.equal(0, stream:buffered())
    stream:close()
    expect.failure("buffered: Bad file descriptor", "EBADF", stream:buffered())
    local writing = assert(own:makefile("w"))
    expect.failure("buffered: Bad file descriptor", "EBADF", writing:buffered())
    network.close(writing, peer, own)
  end)

  it("counts bytes of UTF-8", function()
    local stream = streams.holding("\233\n\233\233", { encoding = "latin-1" })
    assert.equal("é", stream:read())
    assert.equal(4, stream:buffered())
    stream:close()
  end)
end)

describe("a read that fails", function()
  -- A stream with the given number of unread bytes, and its non-blocking socket.
  local function waiting(count)
    local stream, peer, own = streams.pair("r")
    own:setblocking(false)
    local sent, block = 0, ("x"):rep(65536)
    while sent < count do
      sent = sent + assert(peer:send(block:sub(1, count - sent)))
      stream:read("a")
    end
    return stream, peer, own
  end

  it("returns the received data, up to 64 KiB", function()
    for _, count in ipairs({ 1, 65535, 65536 }) do
      local stream, peer, own = waiting(count)
      for _, format in ipairs({ "l", "a", 10000000 }) do
        local results = lua.pack(stream:read(format))
        assert.equal(4, results.n)
        assert.equal("EAGAIN", results[3])
        assert.equal(count, #results[4])
      end
      network.close(stream, peer, own)
    end
  end)

  it("does not return more than that, which buffered counts", function()
    for _, count in ipairs({ 65537, 3000000 }) do
      local stream, peer, own = waiting(count)
      for _, format in ipairs({ "l", "a", 10000000 }) do
        expect.failure("read: Resource temporarily unavailable", "EAGAIN", stream:read(format))
        assert.equal(count, stream:buffered())
      end
      assert.equal(count, #stream:read(count))
      network.close(stream, peer, own)
    end
  end)
end)

-- Programs that check their peak memory, for known allocations of Lua.
local MEMORY = [[
  local network = require "spec.support.network"
  local socket = require "bsdsocket"
  local one, other = assert(socket.socketpair())

  -- The peak resident set size, in megabytes.
  local function peak()
    for line in io.lines "/proc/self/status" do
      local size = line:match "VmHWM:%s*(%d+)"
      if size then
        return size / 1000
      end
    end
  end
]]

local function run(program)
  local output, complaints, status = child.run(MEMORY .. program)
  assert.same({ "done\n", "", 0 }, { output, complaints, status })
end

describe("the memory of a stream", function()
  if not system.linux then
    return skip("the memory of a process, which needs Linux")
  end

  it("does not grow with unsent data, whatever the buffer size", function()
    run [[
      one:setblocking(false)
      local stream = one:makefile("w")
      stream:setvbuf("full", 2e9)
      local text = ("x"):rep(1000000)
      for _ = 1, 4 do
        stream:write(text)
      end
      local before = peak()
      for n = 1, 300 do
        stream:write(text, "\n")
        stream:write "y"
      end
      assert(peak() - before < 1, peak() - before)
      print "done"
    ]]
  end)

  -- The call, and how many bytes the peer receives.
  for name, case in pairs({
    ["one string"] = { "stream:write(text)", 10000000 },
    ["several strings"] = { "stream:write(text, text, text)", 30000000 },
    ["a string that is encoded"] = { "stream:write(text)", 10000000, "{ encoding = 'utf-8' }" },
    ["line feeds that are translated"] = { "stream:write(lines)", 16000000, "{ newline = '\\r\\n' }" },
  }) do
    it("does not grow while sending " .. name, function()
      local listener = network.listener()
      local program = ([[
        local stream = assert(socket.create_connection({ "127.0.0.1", %d })):makefile("w", %s)
        stream:setvbuf("full", 2e9)
        local text, lines = ("x"):rep(10000000), ("\n"):rep(8000000)
        stream:write(text:sub(1, 10), "\n")
        stream:flush()
        local before = peak()
        assert(%s)
        assert(stream:flush())
        assert(peak() - before < 6, peak() - before)
        print "done"
      ]]):format(listener:getsockname().port, case[3] or "nil", case[1])
      local started = child.lua(MEMORY .. program)
      local connection = assert(listener:accept())
      local buffer, total = socket.buffer(1000000), 0
      repeat
        local count = assert(connection:recv_into(buffer))
        total = total + count
      until count == 0
      network.close(connection, listener)
      assert.same({ "done\n", "", 0 }, { started:finish() })
      assert.equal(case[2] + 11, total - (case[3] and case[3]:find "newline" and 1 or 0))
    end)
  end

  it("is freed after reading much data", function()
    run [[
      local function current()
        for line in io.lines "/proc/self/status" do
          local size = line:match "VmRSS:%s*(%d+)"
          if size then
            return size / 1000
          end
        end
      end
      one:setblocking(false)
      local stream, block = one:makefile(), ("x"):rep(100000)
      stream:read(1)
      collectgarbage()
      local before = current()
      for _ = 1, 400 do
        assert(other:sendall(block))
        stream:read "a"
      end
      assert(stream:buffered() == 40000000)
      -- In pieces, so that Lua itself needs little.
      while stream:buffered() > 0 do
        stream:read(100000)
      end
      collectgarbage()
      collectgarbage()
      assert(current() - before < 10, current() - before)
      print "done"
    ]]
  end)

  it("is allocated fallibly", function()
    for _, act in ipairs({
      'one:makefile("w", { newline = "\\r\\n" }):write(("\\n"):rep(20000000))',
      'one:makefile("w", { encoding = "gb18030" }):write(("é"):rep(10000000))',
      'one:makefile("w", { encoding = "utf-8", errors = "replace" }):write(("\\255"):rep(20000000))',
    }) do
      local program = "one:setblocking(false) local _, _, code = " .. act .. " print(code)"
      local output, complaints, status = child.run(MEMORY .. program, { before = "ulimit -v 80000" })
      assert.is_true(output == "ENOMEM\n" or output == "EAGAIN\n", output .. complaints)
      assert.equal(0, status)
    end
  end)
end)
