local child = require "spec.support.child"
local descriptors = require "spec.support.descriptors"
local expect = require "spec.support.expect"
local lua = require "spec.support.lua"
local network = require "spec.support.network"
local socket = require "bsdsocket"
local streams = require "spec.support.streams"

---@type bsdsocket.Socket, bsdsocket.Socket
local own, peer

descriptors.watch(setup, teardown)

before_each(function()
  own, peer = assert(socket.socketpair())
end)

after_each(function()
  network.close(own, peer)
end)

local collect = lua.collect

-- Whether the descriptor at the other end of `peer` is open.
local function is_open()
  peer:setblocking(false)
  local data, _, code = peer:recv(1, socket.MSG_PEEK)
  peer:setblocking(true)
  return data ~= "" and code ~= "ECONNRESET"
end

describe("socket:makefile", function()
  -- The mode, whether the stream reads, and whether it writes.
  local MODES = {
    { nil, true, false },
    { "r", true, false },
    { "w", false, true },
    { "rw", true, true },
    { "wr", true, true },
    { "b", true, false },
    { "rb", true, false },
    { "br", true, false },
    { "wb", false, true },
    { "rwb", true, true },
    { "wbr", true, true },
    { "", true, false },
  }
  for _, case in ipairs(MODES) do
    local mode, reads, writes = lua.unpack(case, 1, 3)

    it(("has the mode %s"):format(mode and ("%q"):format(mode) or "r when nothing is said"), function()
      local stream = assert(own:makefile(mode))
      assert(peer:sendall("x"))
      if reads then
        assert.equal("x", stream:read(1))
      else
        expect.failure("read: Bad file descriptor", "EBADF", stream:read(1))
      end
      if writes then
        assert(stream:write("y"))
        expect.done(stream:close())
        assert.equal("y", streams.arrived(peer))
      else
        expect.failure("write: Bad file descriptor", "EBADF", stream:write("y"))
        stream:close()
      end
    end)
  end

  it("accepts options by name, with or without a mode", function()
    local reading = assert(own:makefile({ newline = "\r", encoding = "latin-1" }))
    assert(peer:sendall("\233\r"))
    assert.equal("é", reading:read())
    local writing = assert(own:makefile({ mode = "w", buffering = 0, errors = "replace", encoding = "ascii" }))
    assert(writing:write("é"))
    assert.equal("?", peer:recv(10))
    local third = assert(own:makefile("w", { newline = "\r\n", encoding = "utf-8", errors = "strict", buffering = 1 }))
    assert(third:write("é\n"))
    assert.equal("é\r\n", peer:recv(10))
    assert(own:makefile("r", {})):close()
    assert(own:makefile({})):close()
    network.close(reading, writing, third)
  end)

  local MODE = "#1 to 'makefile' (invalid mode (only r, w, rw, b are allowed))"
  local BINARY = "#1 to 'makefile' (binary mode takes no encoding, errors or newline)"

  -- The arguments and the error message.
  local MISUSE = {
    { { "x" }, MODE },
    { { "a" }, MODE },
    { { "r+" }, MODE },
    { { "rt" }, MODE },
    { { "rr" }, MODE },
    { { "rwbw" }, MODE },
    { { "R" }, MODE },
    { { { mode = "q" } }, "#1 to 'makefile' (option 'mode': invalid mode (only r, w, rw, b are allowed))" },
    { { true }, "#1 to 'makefile' (string expected, got boolean)" },
    { { print }, "#1 to 'makefile' (string expected, got function)" },
    { { "rb", { encoding = "utf-8" } }, BINARY },
    { { "wb", { errors = "strict" } }, BINARY },
    { { "rwb", { newline = "\n" } }, BINARY },
    { { { mode = "b", newline = "" } }, (BINARY:gsub("%(", "(option 'mode': ", 1)) },
    { { "r", { buffering = -2 } }, "#2 to 'makefile' (option 'buffering': invalid buffering size)" },
    { { "r", { buffering = 1.5 } }, "#2 to 'makefile' (option 'buffering': number has no integer representation)" },
    { { "r", { buffering = 2 ^ 40 } }, "#2 to 'makefile' (option 'buffering': number out of range)" },
    { { "r", { buffering = "x" } }, "#2 to 'makefile' (option 'buffering': number expected, got string)" },
    { { "r", "x" }, "#2 to 'makefile' (number expected, got string)" },
    { { "r", { encoding = "nonsense" } }, "#2 to 'makefile' (option 'encoding': unknown encoding)" },
    { { "r", { encoding = "" } }, "#2 to 'makefile' (option 'encoding': unknown encoding)" },
    { { "r", { encoding = true } }, "#2 to 'makefile' (option 'encoding': string expected, got boolean)" },
    { { "w", { encoding = "utf-16" } }, "#2 to 'makefile' (option 'encoding': the encoding can only be read)" },
    { { "rw", { encoding = "utf-16le" } }, "#2 to 'makefile' (option 'encoding': the encoding can only be read)" },
    {
      { { mode = "w", encoding = "utf-16be" } },
      "#1 to 'makefile' (option 'encoding': the encoding can only be read)",
    },
    { { "r", { errors = "x" } }, "#2 to 'makefile' (option 'errors': unknown error handler)" },
    { { "r", { errors = 1 } }, "#2 to 'makefile' (option 'errors': unknown error handler)" },
    { { "r", { newline = "x" } }, "#2 to 'makefile' (option 'newline': illegal newline value)" },
    { { "r", { newline = "\n\r" } }, "#2 to 'makefile' (option 'newline': illegal newline value)" },
    { { "r", { newline = false } }, "#2 to 'makefile' (option 'newline': string expected, got boolean)" },
    { { "r", { buffer = 1 } }, "#2 to 'makefile' (unknown option 'buffer')" },
    { { "r", { mode = "r" } }, "#2 to 'makefile' (unknown option 'mode')" },
    { { "r", { "r" } }, "#2 to 'makefile' (unknown option '?')" },
    { { { "r" } }, "#1 to 'makefile' (unknown option '?')" },
    { { "r", {}, 1 }, "#2 to 'makefile' (number expected, got table)" },
  }
  for _, case in ipairs(MISUSE) do
    it("rejects: " .. case[2], function()
      expect.misuse("bad argument " .. case[2], own.makefile, own, lua.unpack(case[1]))
      -- The failed call left no stream behind.
      own:close()
      assert.is_false(is_open())
    end)
  end

  it("requires a socket", function()
    expect.misuse("bad argument #1 to 'makefile' (socket expected, got no value)", own.makefile)
    expect.misuse("bad argument #1 to 'makefile' (socket expected, got string)", own.makefile, "r")
  end)

  it("fails for a closed socket", function()
    own:close()
    expect.failure("makefile: Bad file descriptor", "EBADF", own:makefile())
    expect.failure("makefile: Bad file descriptor", "EBADF", own:makefile("w", { buffering = 0 }))
  end)

  it("fails for a closed socket with open streams", function()
    local stream = assert(own:makefile())
    own:close()
    expect.failure("makefile: Bad file descriptor", "EBADF", own:makefile())
    stream:close()
    assert.is_false(is_open())
  end)
end)

describe("a socket", function()
  it("can have at most 65535 streams", function()
    local made = {}
    for n = 1, 65535 do
      made[n] = assert(own:makefile())
    end
    expect.failure("makefile: too many streams", "EMFILE", own:makefile())
    made[1]:close()
    assert(own:makefile("w")):close()
    own:close()
    made = nil
    collect()
    assert.is_nil(made)
    assert.is_false(is_open())
  end)
end)

describe("a stream", function()
  it("shows its descriptor in tostring", function()
    local stream = assert(own:makefile())
    assert.equal(("stream (fd=%d)"):format(own:fileno()), tostring(stream))
    own:close()
    assert.is_truthy(tostring(stream):find("^stream %(fd=%d+%)$"))
    stream:close()
    assert.equal("stream (closed)", tostring(stream))
  end)

  it("is neither a Lua file nor a socket", function()
    local stream = assert(own:makefile())
    assert.equal("userdata", type(stream))
    assert.equal("stream", lua.type_name(stream))
    assert.is_nil(io.type(stream))
    assert.is_nil((socket.type(stream)))
    assert.equal("stream", getmetatable(stream))
    expect.misuse("bad argument #1 to 'recv' (socket expected, got stream)", own.recv, stream, 1)
    expect.misuse("bad argument #1 to 'close' (stream expected, got socket)", stream.close, own)
    stream:close()
  end)

  it("has the methods of Lua's files, and no other fields", function()
    local stream = assert(own:makefile())
    local file = io.tmpfile()
    for name in pairs(debug.getmetatable(file).__index) do
      if not name:find("^__") then
        assert.equal("function", type(stream[name]), name)
      end
    end
    file:close()
    ---@diagnostic disable-next-line: undefined-field
    assert.is_nil(stream.socket)
    ---@diagnostic disable-next-line: undefined-field
    assert.is_nil(stream[1])
    local function write()
      ---@diagnostic disable-next-line: inject-field
      stream.field = 1
    end
    assert.is_false((pcall(write)))
    stream:close()
  end)

  it("uses the socket's current timeout", function()
    local stream = assert(own:makefile())
    own:setblocking(false)
    local _, _, code = stream:read()
    assert.equal("EAGAIN", code)
    own:settimeout(0.001)
    _, _, code = stream:read()
    assert.equal("timeout", code)
    own:settimeout(nil)
    assert(peer:sendall("x\n"))
    assert.equal("x", stream:read())
    stream:close()
  end)

  it("can be used together with its socket", function()
    local stream = assert(own:makefile("w"))
    assert(stream:write("second"))
    assert(own:sendall("first "))
    assert(stream:flush())
    assert.equal("first second", streams.arrived(peer))
    stream:close()
    assert(own:sendall("third"))
    assert.equal("third", peer:recv(10))
  end)
end)

describe("a descriptor", function()
  it("is closed after the socket and then its stream are closed", function()
    local stream = assert(own:makefile("rw"))
    expect.done(own:close())
    assert.equal(-1, own:fileno())
    assert.equal("closed socket", socket.type(own))
    expect.failure("recv: Bad file descriptor", "EBADF", own:recv(1))
    expect.failure("settimeout: Bad file descriptor", "EBADF", own:settimeout(1))
    assert.is_true(is_open())
    assert(peer:sendall("still\n"))
    assert.equal("still", stream:read())
    assert(stream:write("open"))
    assert(stream:flush())
    assert.equal("open", peer:recv(10))
    expect.done(own:close())
    assert.is_true(is_open())
    expect.done(stream:close())
    assert.is_false(is_open())
  end)

  it("is closed after the stream and then its socket are closed", function()
    local stream = assert(own:makefile())
    expect.done(stream:close())
    assert.is_true(is_open())
    assert(own:sendall("open"))
    assert.equal("open", peer:recv(10))
    expect.done(own:close())
    assert.is_false(is_open())
  end)

  it("is closed with the last of several streams", function()
    local first, second, third = assert(own:makefile()), assert(own:makefile("w")), assert(own:makefile("rw"))
    expect.done(second:close())
    expect.done(second:close())
    expect.done(own:close())
    assert.is_true(is_open())
    expect.done(first:close())
    expect.done(first:close())
    assert.is_true(is_open())
    assert(third:write("last"))
    expect.done(third:close())
    assert.equal("last", peer:recv(10))
    assert.is_false(is_open())
  end)

  it("is not reused before its streams are closed", function()
    local number = own:fileno()
    local stream = assert(own:makefile())
    own:close()
    local other = assert(socket.socket())
    assert.is_true(other:fileno() ~= number)
    stream:close()
    local another = assert(socket.socket())
    assert.equal(number, another:fileno())
    -- The number now belongs to another socket.
    stream:close()
    own:close()
    stream = nil
    collect()
    assert.is_nil(stream)
    assert(another:bind({ "127.0.0.1", 0 }))
    network.close(other, another)
  end)

  it("is released by its streams when the socket is detached", function()
    local stream = assert(own:makefile("rw"))
    assert(stream:write("lost"))
    local number = own:detach()
    assert.same({ nil, "read: Bad file descriptor", "EBADF", "", n = 4 }, lua.pack(stream:read()))
    expect.failure("flush: Bad file descriptor", "EBADF", stream:flush())
    expect.failure("close: Bad file descriptor", "EBADF", stream:close())
    expect.done(stream:close())
    expect.done(own:close())
    assert.is_true(is_open())
    local taken = assert(socket.socket({ fileno = number }))
    assert(taken:sendall("x"))
    assert.equal("x", peer:recv(10))
    taken:close()
  end)

  it("is closed by the collector, together with the socket or after it", function()
    local stream = assert(own:makefile())
    own:close()
    collect()
    assert.is_true(is_open())
    assert.equal("userdata", type(stream))
    stream = nil
    collect()
    assert.is_nil(stream)
    assert.is_false(is_open())
    local made
    made, peer = assert(socket.socketpair())
    stream = assert(made:makefile())
    made = nil
    collect()
    assert.is_nil(made)
    assert.is_true(is_open())
    assert(peer:sendall("kept\n"))
    assert.equal("kept", stream:read())
    stream = nil
    collect()
    assert.is_nil(stream)
    assert.is_false(is_open())
  end)

  it("stays open if only a stream is collected", function()
    assert(own:makefile())
    assert(own:makefile("w")):close()
    collect()
    assert.is_true(is_open())
    assert(own:sendall("x"))
    assert.equal("x", peer:recv(1))
    own:close()
    assert.is_false(is_open())
  end)

  it("does not leak, however streams end", function()
    local before = descriptors.open()
    for n = 1, 50 do
      local one, other = assert(socket.socketpair())
      one:setblocking(false)
      local first, second = assert(one:makefile("rw")), assert(other:makefile())
      local iterator = first:lines()
      if n % 2 == 0 then
        one:close()
        first:close()
      end
      if n % 3 == 0 then
        second:close()
        other:close()
      end
      pcall(iterator)
      pcall(one.makefile, one, "x")
    end
    assert.equal(0, descriptors.opened(before))
  end)

  if lua.closes then
    it("is closed by <close> after buffered data was sent", function()
      local chunk = lua.load [[
        local own = ...
        do
          local stream <close> = own:makefile("w")
          stream:write("sent")
        end
        do
          local stream <close> = own:makefile("w")
          stream:write(" twice")
          stream:close()
        end
        local ended <close> = own
        local stream <close> = own:makefile("w")
        stream:write(", and when it fails")
        error("failed", 0)
      ]]
      assert.same({ false, "failed" }, { pcall(chunk, own) })
      assert.equal("sent twice, and when it fails", streams.arrived(peer))
      assert.is_false(is_open())
    end)

    it("is closed by <close> in a loop over lines that ends early", function()
      local chunk = lua.load [[
        local own = ...
        local stream <close> = own:makefile()
        own:close()
        for line in stream:lines() do
          return line
        end
      ]]
      assert(peer:sendall("one\ntwo\n"))
      assert.equal("one", chunk(own))
      assert.is_false(is_open())
    end)
  end
end)

describe("buffered data of an unclosed stream", function()
  it("is sent by the collector", function()
    local stream = assert(own:makefile("w"))
    assert(stream:write("not lost"))
    assert.equal("", streams.arrived(peer))
    stream = nil
    collect()
    assert.is_nil(stream)
    assert.equal("not lost", streams.arrived(peer))
    assert.is_true(is_open())
  end)

  it("is sent by the collector if the socket is closed", function()
    local stream = assert(own:makefile("w"))
    assert(stream:write("not lost"))
    own:close()
    stream = nil
    collect()
    assert.is_nil(stream)
    assert.equal("not lost", streams.arrived(peer))
    assert.is_false(is_open())
  end)

  -- Separate programs, so that one that waits for ever can be ended.
  it("does not make the collector wait", function()
    for _, timeout in ipairs({ "nil", "60" }) do
      local output, complaints = child.run(
        ([[
        local socket = require "bsdsocket"
        local one, other = assert(socket.socketpair())
        one:settimeout(%s)
        local stream = assert(one:makefile("w", { buffering = 2 ^ 24 }))
        assert(stream:write(("x"):rep(1000000)))
        one, stream = nil, nil
        for _ = 1, 4 do collectgarbage() end
        local total = 0
        repeat
          local data = assert(other:recv(1000000))
          total = total + #data
        until data == ""
        print(total > 0 and total < 1000000)
      ]]):format(timeout),
        { limit = 5 }
      )
      assert.equal("true\n", output, complaints)
    end
  end)

  it("is sent when the program ends", function()
    local listener = network.listener()
    local program = ([[
      local socket = require "bsdsocket"
      stream = assert(socket.create_connection({ "127.0.0.1", %d })):makefile("w")
      assert(stream:write("the last words"))
    ]]):format(listener:getsockname().port)
    local started = child.lua(program)
    local connection = assert(listener:accept())
    connection:settimeout(5)
    local reading = assert(connection:makefile())
    assert.equal("the last words", reading:read("a"))
    assert.same({ "", "", 0 }, { started:finish() })
    network.close(reading, connection, listener)
  end)

  it("does not disturb the collector if it cannot be sent", function()
    local stream = assert(own:makefile("w"))
    assert(stream:write("too late"))
    peer:close()
    stream = nil
    collect()
    assert.is_nil(stream)
  end)
end)
