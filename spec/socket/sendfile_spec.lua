local alarm = require("spec.support.alarm")
local child = require("spec.support.child")
local expect = require("spec.support.expect")
local handles = require("spec.support.handles")
local lua = require("spec.support.lua")
local network = require("spec.support.network")
local preload = require("spec.support.preload")
local socket = require("bsdsocket")
local temporary = require("spec.support.temporary")

local library = alarm.build()
---@type bsdsocket.Socket, bsdsocket.Socket, integer, string[], file[]
local one, other, before, paths, files

setup(function()
  before = handles.count()
end)

teardown(function()
  temporary.remove(library)
end)

before_each(function()
  one, other = assert(socket.socketpair())
  paths, files = {}, {}
end)

after_each(function()
  network.close(one, other)
  for _, file in ipairs(files) do
    if io.type(file) == "file" then
      file:close()
    end
  end
  temporary.remove(lua.unpack(paths))
end)

-- A file with this content, open for reading or in another mode.
local function open(content, mode)
  local path = temporary.file(content)
  local file = assert(io.open(path, mode or "rb"))
  paths[#paths + 1], files[#files + 1] = path, file
  return file
end

-- The output of a command, as a file.
local function piped(command)
  local file = assert(io.popen(command))
  files[#files + 1] = file
  return file
end

-- Non-repeating bytes.
local function distinct(size)
  local pieces = {}
  for n = 1, math.ceil(size / 8) do
    pieces[n] = ("%07d,"):format(n)
  end
  return table.concat(pieces):sub(1, size)
end

-- All data that a socket has received, without waiting.
local function drain(receiver)
  receiver:setblocking(false)
  local pieces = {}
  repeat
    pieces[#pieces + 1] = receiver:recv(1000000)
  until #pieces == 0 or pieces[#pieces] == "" or select("#", receiver:recv(1, socket.MSG_PEEK)) == 3
  receiver:setblocking(true)
  return table.concat(pieces)
end

-- A program that connects, and writes all it receives into a file.
local READER = [[
  local socket = require "bsdsocket"
  local port, path = %d, %q
  local reader = assert(socket.socket())
  assert(reader:connect({ "127.0.0.1", port }))
  local file = assert(io.open(path, "wb"))
  repeat
    local data = assert(reader:recv(100000))
    file:write(data)
  until data == ""
  file:close()
]]

-- A connection whose peer reads to the end; then a function that closes it and returns what the peer received.
local function read_elsewhere()
  local listener, path = network.listener(), temporary.path()
  local reader = child.lua(READER:format(listener:getsockname().port, path))
  listener:settimeout(10)
  local connection = assert(listener:accept())
  listener:close()
  return connection,
    function()
      connection:close()
      local _, complaints = reader:finish()
      assert.equal("", complaints)
      local content = temporary.read(path)
      temporary.remove(path)
      return content
    end
end

describe("socket:sendfile", function()
  it("sends a whole file and returns the number of bytes", function()
    local file = open("hello world")
    assert.same({ 11, n = 1 }, lua.pack(one:sendfile(file)))
    assert.equal("hello world", other:recv(100))
    assert.equal(11, file:seek())
    assert.same({ 0, n = 1 }, lua.pack(one:sendfile(file)))
  end)

  it("sends nothing of an empty file", function()
    local file = open("")
    assert.equal(0, one:sendfile(file))
    assert.equal(0, file:seek())
  end)

  it("sends every byte value", function()
    local bytes = {}
    for byte = 0, 255 do
      bytes[byte + 1] = string.char(byte)
    end
    local all = table.concat(bytes)
    assert.equal(256, one:sendfile(open(all)))
    assert.equal(all, other:recv(1000))
  end)

  it("starts at an offset", function()
    local file = open("hello world")
    assert.equal(5, one:sendfile(file, 6))
    assert.equal("world", other:recv(100))
    assert.equal(11, file:seek())
    assert.equal(11, one:sendfile(file, 0))
    assert.equal("hello world", other:recv(100))
  end)

  it("sends at most as many bytes as given", function()
    local file = open("hello world")
    assert.equal(4, one:sendfile(file, nil, 4))
    assert.equal(4, file:seek())
    assert.equal(3, one:sendfile(file, 6, 3))
    assert.equal(9, file:seek())
    assert.equal(2, one:sendfile(file, nil, 1000))
    assert.equal(11, file:seek())
    assert.equal("hellworld", other:recv(100))
  end)

  it("sends nothing from beyond the end of the file, and keeps the offset", function()
    local file = open("hello")
    for _, offset in ipairs({ 5, 6, 1000, 2 ^ 40 }) do
      assert.equal(0, one:sendfile(file, offset))
      assert.equal(offset, file:seek())
      assert.equal(0, one:sendfile(file, offset, 10))
    end
    one:shutdown(socket.SHUT_WR)
    assert.equal("", other:recv(1))
  end)

  it("starts at the position of the Lua file, whatever its buffer holds", function()
    local content = distinct(20000)
    local file = open(content)
    assert.equal(content:sub(1, 5), file:read(5))
    assert.equal(10, one:sendfile(file, nil, 10))
    assert.equal(content:sub(6, 15), other:recv(100))
    assert.equal(content:sub(16, 20), file:read(5))
    assert.equal(20, file:seek())
    assert.equal(5000, one:sendfile(file, 10000, 5000))
    assert.equal(content:sub(10001, 15000), drain(other))
    assert.equal(content:sub(15001, 15008), file:read(8))
    assert.equal(4992, one:sendfile(file))
    assert.equal(content:sub(15009), drain(other))
    assert.is_nil(file:read(1))
  end)

  it("starts after the lines that were read", function()
    local file = open("first\nsecond\nthird\n")
    assert.equal("first", file:read("*l"))
    assert.equal(13, one:sendfile(file))
    assert.equal("second\nthird\n", other:recv(100))
    assert.is_nil(file:read("*l"))
  end)

  it("sends data that was written but not flushed", function()
    local file = open("", "w+b")
    file:setvbuf("full", 10000)
    file:write("pending")
    assert.equal(7, one:sendfile(file, 0))
    assert.equal("pending", other:recv(100))
    assert.equal(7, file:seek())
    file:write(" and more")
    assert.equal(0, one:sendfile(file))
    assert.equal(9, one:sendfile(file, 7))
    assert.equal(" and more", other:recv(100))
    assert.equal(16, file:seek("end"))
  end)

  it("sends more than the socket buffer holds", function()
    local content = distinct(5000000)
    local file = open(content)
    local connection, finish = read_elsewhere()
    assert.equal(4999000, connection:sendfile(file, 1000))
    assert.equal(5000000, file:seek())
    assert.is_true(finish() == content:sub(1001))
  end)

  it("sends that with a timeout too", function()
    local content = distinct(3000000)
    local file = open(content)
    local connection, finish = read_elsewhere()
    connection:settimeout(15)
    assert.equal(3000000, connection:sendfile(file))
    assert.is_true(finish() == content)
  end)

  it("supports offsets beyond two gigabytes", function()
    local offset, size = 2 ^ 31 + 2 ^ 20 + 7, 3000000
    local file = open("", "w+b")
    assert(file:seek("set", offset))
    local content = distinct(size)
    file:write(content)
    assert(file:seek("set", 3 * 2 ^ 30 - 1))
    file:write("z")
    file:flush()
    local connection, finish = read_elsewhere()
    assert.equal(size, connection:sendfile(file, offset, size))
    assert.equal(offset + size, file:seek())
    assert(file:seek("set", offset + 8))
    assert.equal(16, connection:sendfile(file, nil, 16))
    assert.equal(offset + 24, file:seek())
    assert.equal(1, connection:sendfile(file, 3 * 2 ^ 30 - 1))
    assert.equal(3 * 2 ^ 30, file:seek())
    assert.is_true(finish() == content .. content:sub(9, 24) .. "z")
  end)

  if library then
    it("continues after signals", function()
      local listener, pause = network.listener(), assert(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
      listener:setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 20000)
      local content = distinct(400000)
      paths[1] = temporary.file(content)
      local sender = preload.start(
        library,
        ([[
          local socket = require "bsdsocket"
          local port, path = %d, %q
          for _, timeout in ipairs({ false, 15 }) do
            local s = assert(socket.socket())
            s:setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 20000)
            assert(s:connect({ "127.0.0.1", port }))
            s:settimeout(timeout or nil)
            print(s:sendfile(io.open(path, "rb")))
            s:close()
          end
        ]]):format(listener:getsockname().port, paths[1])
      )
      listener:settimeout(10)
      pause:settimeout(0.005)
      for _ = 1, 2 do
        local connection, received = assert(listener:accept()), {}
        repeat
          received[#received + 1] = assert(connection:recv(20000))
          pause:recv(1)
        until received[#received] == ""
        assert.is_true(table.concat(received) == content)
        connection:close()
      end
      local output, complaints = sender:finish()
      assert.equal("400000\n400000\n", output)
      assert.is_true(alarm.count(complaints) > 5, complaints)
      network.close(listener, pause)
    end)
  end

  it("sends a file in /proc, which has no size", function()
    local file = assert(io.open("/proc/version", "rb"))
    files[1] = file
    local content = temporary.read("/proc/version")
    assert.equal(#content, one:sendfile(file))
    assert.equal(content, other:recv(10000))
  end)

  it("sends a part of a device", function()
    local file = assert(io.open("/dev/zero", "rb"))
    files[1] = file
    assert.equal(1000, one:sendfile(file, nil, 1000))
    assert.equal(("\0"):rep(1000), other:recv(10000))
  end)
end)

describe("socket:sendfile of a pipe", function()
  it("sends everything up to the end", function()
    assert.same({ 12, n = 1 }, lua.pack(one:sendfile(piped("echo hello; echo world"))))
    assert.equal("hello\nworld\n", other:recv(100))
  end)

  it("sends as many bytes as given, and leaves the rest", function()
    local file = piped("echo hello world")
    assert.equal(3, one:sendfile(file, nil, 3))
    assert.equal("hel", other:recv(100))
    assert.equal("lo", file:read(2))
    assert.equal(6, one:sendfile(file, nil, 6))
    assert.equal(" world", other:recv(100))
    assert.equal("\n", file:read("*a"))
    assert.equal(0, one:sendfile(file))
  end)

  it("sends large amounts", function()
    local content = distinct(2000000)
    local connection, finish = read_elsewhere()
    paths[1] = temporary.file(content)
    assert.equal(2000000, connection:sendfile(piped("cat " .. paths[1])))
    assert.is_true(finish() == content)
  end)

  it("fails for an offset", function()
    local file = piped("echo hello")
    assert.same({ nil, "sendfile: Illegal seek", "ESPIPE", 0, n = 4 }, lua.pack(one:sendfile(file, 3)))
    assert.equal("hello\n", file:read("*a"))
  end)

  it("keeps the data that it could not send", function()
    paths[1] = temporary.file(distinct(1000000))
    local file = piped("cat " .. paths[1])
    one:setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 10000)
    one:settimeout(0.05)
    local result, message, code, sent = one:sendfile(file)
    assert.same({ nil, "sendfile: timed out", "timeout" }, { result, message, code })
    assert.is_true(sent > 0 and sent < 1000000)
    local content = distinct(1000000)
    assert.is_true(drain(other) == content:sub(1, sent))
    assert.is_true(file:read("*a") == content:sub(sent + 1))
  end)

  if library then
    it("continues after signals", function()
      local output, complaints = preload.run(
        library,
        [[
          local socket = require "bsdsocket"
          local one, other = assert(socket.socketpair())
          local command = "printf one; sleep 0.1; printf two; sleep 0.1; printf three"
          local file = assert(io.popen("unset LD_PRELOAD; sh -c '" .. command .. "'; true"))
          print(one:sendfile(file, nil, 3))
          print(one:sendfile(file))
          print(other:recv(100))
        ]]
      )
      assert.equal("3\n8\nonetwothree\n", output)
      assert.is_true(alarm.count(complaints) > 5, complaints)
    end)
  end
end)

describe("a failing socket:sendfile", function()
  -- The results of a call that failed after sending a part: the file is positioned after the bytes that were sent,
  -- which are the file's.
  local function check(file, start, content, received, ...)
    local result, message, code, sent = ...
    assert.equal(4, select("#", ...))
    assert.is_nil(result)
    assert.equal(start + sent, file:seek())
    assert.equal(sent, #received)
    assert.is_true(received == content:sub(start + 1, start + sent))
    return message, code, sent
  end

  it("reports how much it sent before the timeout, and moves the file position", function()
    local content = distinct(3000000)
    local file = open(content)
    one:setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 10000)
    one:settimeout(0.12)
    assert.equal(content:sub(1, 100), file:read(100))
    local start = network.clock()
    local results = lua.pack(one:sendfile(file))
    local taken = network.clock() - start
    local message, code, sent = check(file, 100, content, drain(other), lua.unpack(results))
    assert.same({ "sendfile: timed out", "timeout" }, { message, code })
    assert.is_true(sent > 0 and sent < 2999900)
    assert.is_true(taken >= 0.11 and taken < 1 * network.patience, "it took " .. taken .. " s")
    -- The next call continues there.
    assert.equal(5000, one:sendfile(file, nil, 5000))
    assert.is_true(drain(other) == content:sub(101 + sent, 5100 + sent))
  end)

  it("has one timeout for the whole call", function()
    local listener = network.listener()
    listener:setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 20000)
    local reader = child.lua(([[
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
    ]]):format(listener:getsockname().port))
    local connection = assert(listener:accept())
    local file = open("", "w+b")
    file:seek("set", 49999999)
    file:write("x")
    connection:settimeout(0.3)
    local start = network.clock()
    local results = lua.pack(connection:sendfile(file, 0))
    local taken = network.clock() - start
    network.close(connection, listener)
    local total = tonumber((reader:finish()))
    assert.same({ nil, "sendfile: timed out", "timeout", total, n = 4 }, results)
    assert.equal(total, file:seek())
    assert.is_true(total > 100000 / network.patience, "sent " .. total .. " bytes")
    assert.is_true(taken >= 0.29 and taken < 1.5 * network.patience, "it took " .. taken .. " s")
  end)

  it("reports 0 bytes if the peer is closed", function()
    local file = open("hello")
    other:close()
    assert.same({ nil, "sendfile: Broken pipe", "EPIPE", 0, n = 4 }, lua.pack(one:sendfile(file, 2)))
    assert.equal(2, file:seek())
    local pipe = piped("echo hello")
    assert.same({ nil, "sendfile: Broken pipe", "EPIPE", 0, n = 4 }, lua.pack(one:sendfile(pipe)))
    assert.equal("hello\n", pipe:read("*a"))
  end)

  -- The sender is a separate program, because a signal would end it.
  for name, family in pairs({ AF_INET = socket.AF_INET, AF_UNIX = socket.AF_UNIX }) do
    for _, timeout in ipairs({ "nil", "10" }) do
      it(("reports how much it sent if the peer closes meanwhile: %s, %s"):format(name, timeout), function()
        local listener = assert(socket.socket(family))
        paths[1], paths[2] = temporary.path(), temporary.path()
        assert(listener:bind(family == socket.AF_UNIX and paths[1] or network.any()))
        assert(listener:listen())
        local file = assert(io.open(paths[2], "wb"))
        file:seek("set", 2 ^ 30 - 1)
        file:write("x")
        file:close()
        local address = listener:getsockname()
        local sender = child.lua(([[
            local socket = require "bsdsocket"
            local path, port, file, timeout = %q, %d, assert(io.open(%q, "rb")), %s
            local s = assert(socket.socket(port > 0 and socket.AF_INET or socket.AF_UNIX))
            assert(s:connect(port > 0 and { "127.0.0.1", port } or path))
            s:settimeout(timeout)
            local result, message, code, sent = s:sendfile(file)
            print(result, message, code, ("%%d %%d"):format(sent, file:seek()))
          ]]):format(paths[1], family == socket.AF_INET and address.port or 0, paths[2], timeout))
        listener:settimeout(10)
        local connection, total = assert(listener:accept()), 0
        repeat
          total = total + #assert(connection:recv(100000))
        until total >= 1000000
        network.close(connection, listener)
        local output, complaints, status = sender:finish()
        assert.same({ "", 0 }, { complaints, status })
        local message, code, sent, position = output:match("^nil\tsendfile: (.-)\t(%u+)\t(%d+) (%d+)\n$")
        local expected = { ECONNRESET = "Connection reset by peer", EPIPE = "Broken pipe" }
        assert.equal(expected[code], message)
        assert.equal(sent, position)
        assert.is_true(tonumber(sent) >= total and tonumber(sent) < 2 ^ 30, output)
      end)
    end
  end

  it("does not raise SIGPIPE", function()
    local path = temporary.file(("x"):rep(100000))
    paths[1] = path
    local output, complaints, status = child.run(([[
      local socket = require "bsdsocket"
      local path = %q
      for _, file in ipairs({ io.open(path, "rb"), io.popen("cat " .. path), io.open("/dev/zero", "rb") }) do
        local one, other = assert(socket.socketpair())
        other:close()
        print(one:sendfile(file))
        one, other = assert(socket.socketpair())
        one:shutdown(socket.SHUT_WR)
        one:settimeout(1)
        print(one:sendfile(file))
      end
    ]]):format(path))
    local line = "nil\tsendfile: Broken pipe\tEPIPE\t0\n"
    assert.same({ line:rep(6), "", 0 }, { output, complaints, status })
  end)

  it("reports a closed file", function()
    local file, pipe = open("hello"), piped("true")
    file:close()
    pipe:close()
    for _, each in ipairs({ file, pipe }) do
      expect.failure("sendfile: file is closed", "EBADF", one:sendfile(each))
      expect.failure("sendfile: file is closed", "EBADF", one:sendfile(each, 0, 1))
    end
  end)

  it("reports a closed socket", function()
    local file = open("hello")
    one:close()
    expect.failure("sendfile: Bad file descriptor", "EBADF", one:sendfile(file))
    assert.equal(0, file:seek())
  end)

  it("reports an unconnected socket", function()
    local alone, file = assert(socket.socket()), open("hello")
    local result, message, code, sent = alone:sendfile(file, 1)
    assert.is_nil(result)
    assert.is_true(code == "EPIPE" or code == "ENOTCONN", code)
    assert.is_truthy(message:find("^sendfile: "))
    assert.same({ 0, 1 }, { sent, file:seek() })
    alone:close()
  end)

  it("reports a file that cannot be read", function()
    local path = temporary.file("hello")
    paths[1] = path
    local file = assert(io.open(path, "ab"))
    files[1] = file
    assert.same({ nil, "sendfile: Bad file descriptor", "EBADF", 0, n = 4 }, lua.pack(one:sendfile(file, 0)))
    local directory = io.open("/", "r")
    if directory then
      files[2] = directory
      assert.same({ nil, "sendfile: Is a directory", "EISDIR", 0, n = 4 }, lua.pack(one:sendfile(directory)))
    end
  end)
end)

describe("socket:sendfile with invalid arguments", function()
  -- The file argument; `true` stands for a file.
  local WRONG = {
    { {}, "#1 to 'sendfile' (file expected, got no value)" },
    { { "path" }, "#1 to 'sendfile' (file expected, got string)" },
    { { 3 }, "#1 to 'sendfile' (file expected, got number)" },
    { { {} }, "#1 to 'sendfile' (file expected, got table)" },
    { { true, "x" }, "#2 to 'sendfile' (number expected, got string)" },
    { { true, 0.5 }, "#2 to 'sendfile' (number has no integer representation)" },
    { { true, -1 }, "#2 to 'sendfile' (offset out of range)" },
    { { true, 0, {} }, "#3 to 'sendfile' (number expected, got table)" },
    { { true, 0, 1.5 }, "#3 to 'sendfile' (number has no integer representation)" },
    { { true, 0, 0 }, "#3 to 'sendfile' (count out of range)" },
    { { true, 0, -1 }, "#3 to 'sendfile' (count out of range)" },
  }
  for _, case in ipairs(WRONG) do
    it("raises: " .. case[2], function()
      local arguments, file = {}, open("hello")
      for n, value in ipairs(case[1]) do
        arguments[n] = value == true and file or value
      end
      expect.misuse("bad argument " .. case[2], one.sendfile, one, lua.unpack(arguments))
      assert.equal(0, file:seek())
    end)
  end

  it("raises for a socket and for a buffer", function()
    local message = "bad argument #1 to 'sendfile' (file expected, got %s)"
    for _, value in ipairs({ one, socket.buffer(10) }) do
      expect.misuse(message:format(lua.type_name(value)), one.sendfile, one, value)
    end
  end)

  it("raises on a non-blocking socket", function()
    local message, file = "calling 'sendfile' on bad self (non-blocking sockets are not supported)", open("hello")
    one:setblocking(false)
    expect.misuse(message, one.sendfile, one, file)
    one:settimeout(0)
    expect.misuse(message, one.sendfile, one, file)
    one:settimeout(1)
    assert.equal(5, one:sendfile(file))
  end)

  it("raises on a socket that is not a stream", function()
    local message, file = "calling 'sendfile' on bad self (only SOCK_STREAM sockets are supported)", open("hello")
    local left, right = assert(socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM))
    expect.misuse(message, left.sendfile, left, file)
    local packets = assert(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET))
    expect.misuse(message, packets.sendfile, packets, file)
    network.close(left, right, packets)
  end)
end)

describe("sending files", function()
  it("leaks no descriptor", function()
    assert.equal(before + 2, handles.count())
  end)
end)
