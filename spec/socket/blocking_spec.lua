-- Blocking calls transfer all their data, and Ctrl-C interrupts them.

local child = require "spec.support.child"
local ctrl_c = require "spec.support.ctrl_c"
local network = require "spec.support.network"
local skip = require "spec.support.skip"
local socket = require "bsdsocket"
local system = require "spec.support.system"
local temporary = require "spec.support.temporary"

if system.windows then
  skip("blocking calls that a signal interrupts, which needs a Unix shell")
  return
end

local PRELUDE = [[
  local socket = require "bsdsocket"
  local network = require "spec.support.network"
  local one, other = assert(socket.socketpair())
  local buffer = socket.buffer(10)
  local function ready()
    print("ready")
    io.stdout:flush()
  end
  -- A Unix datagram socket, and the address of a receiver whose queue is full. poll reports the sender as writable.
  local function full_receiver()
    local receiver = assert(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
    local path = os.tmpname()
    os.remove(path)
    assert(receiver:bind(path))
    local sender = assert(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
    sender:setblocking(false)
    repeat until not sender:sendto("x", path)
    sender:setblocking(true)
    return sender, path, receiver
  end
]]

describe("a blocking call", function()
  -- Calls that send 8,000,000 bytes on a connection.
  local CALLS = {
    { "send", "print(one:send(much))" },
    { "sendto", "print(one:sendto(much, one:getpeername()))" },
    { "sendmsg", "print(one:sendmsg({ much }))" },
    {
      "sendmsg of several buffers",
      "print(one:sendmsg({ much:sub(1, 10), '', socket.buffer(much:sub(11, 3000000)), much:sub(3000001) }))",
    },
  }
  for _, each in ipairs(CALLS) do
    it("sends all bytes: " .. each[1], function()
      local started = child.lua(PRELUDE .. [[
        local listener = network.listener()
        print(listener:getsockname().port)
        io.stdout:flush()
        local one = assert(listener:accept())
        local much = ("0123456789"):rep(800000)
      ]] .. each[2])
      local client = assert(socket.create_connection({ "127.0.0.1", tonumber(started:line()) }))
      local parts = {}
      repeat
        parts[#parts + 1] = assert(client:recv(1000000))
      until parts[#parts] == ""
      assert.equal("8000000\n", (started:finish()))
      assert.is_true(("0123456789"):rep(800000) == table.concat(parts))
      client:close()
    end)
  end

  it("sends descriptors only once, with the first part of the data", function()
    local path = temporary.path()
    local listener = assert(socket.socket(socket.AF_UNIX))
    assert(listener:bind(path))
    assert(listener:listen())
    local started = child.lua(PRELUDE .. ([[
      local client = assert(socket.socket(socket.AF_UNIX))
      assert(client:connect(%q))
      print(socket.send_fds(client, { ("x"):rep(8000000) }, { 0 }))
    ]]):format(path))
    local one = assert(listener:accept())
    local total, received = 0, {}
    repeat
      local data, descriptors = socket.recv_fds(one, 1000000, 10)
      total = total + #assert(data)
      for _, fd in ipairs(descriptors) do
        received[#received + 1] = fd
      end
    until data == ""
    assert.equal("8000000\n", (started:finish()))
    assert.same({ 8000000, 1 }, { total, #received })
    assert(socket.close(received[1]))
    network.close(one, listener)
    temporary.remove(path)
  end)

  it("frees memory for data that it did not receive", function()
    local output, complaints = child.run(PRELUDE .. [[
      local function size()
        for line in io.lines("/proc/self/status") do
          local kilobytes = line:match("^VmSize:%s*(%d+)")
          if kilobytes then
            return tonumber(kilobytes)
          end
        end
      end
      one:setblocking(false)
      one:recv(1)
      local before = size()
      for _, call in ipairs({ "recv", "recvfrom", "recvmsg" }) do
        assert(not one[call](one, 2 ^ 30))
        print(size() - before < 100000)
      end
    ]])
    assert.equal("true\ntrue\ntrue\n", output, complaints)
  end)
end)

describe("sendto to a Unix datagram socket with a full queue", function()
  -- os.clock is processor time, in seconds.
  it("uses no processor time while it waits", function()
    local output, complaints = child.run(PRELUDE .. [[
      local sender, path = full_receiver()
      sender:settimeout(0.5)
      local before = os.clock()
      local _, message = sender:sendto("x", path)
      print(message, os.clock() - before < 0.1)
      os.remove(path)
    ]])
    assert.is_truthy(output == "sendto: timed out\ttrue\n", output .. complaints)
  end)

  it("continues when there is space", function()
    for _, timeout in ipairs({ "nil", "10" }) do
      local path = temporary.path()
      local receiver = assert(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
      assert(receiver:bind(path))
      local sender = assert(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
      sender:setblocking(false)
      repeat
      until not sender:sendto("x", path)
      local started = child.lua(PRELUDE .. ([[
        local last = assert(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        last:settimeout(%s)
        ready()
        print(last:sendto("last", %q))
      ]]):format(timeout, path))
      started:line()
      started:asleep()
      receiver:settimeout(5)
      repeat
        local data = assert(receiver:recv(10))
      until data == "last"
      assert.equal("4\n", (started:finish()))
      network.close(sender, receiver)
      temporary.remove(path)
    end
  end)
end)

describe("Ctrl-C", function()
  -- Calls that never return: the name, and the program.
  local CALLS = {
    { "recv of all", "ready() one:recv(10, socket.MSG_WAITALL)" },
    { "recv of all, after a part", "other:send('x') ready() one:recv(10, socket.MSG_WAITALL)" },
    { "recv_into of all", "other:send('x') ready() one:recv_into(buffer, 10, socket.MSG_WAITALL)" },
    { "recvfrom of all", "other:send('x') ready() one:recvfrom(10, socket.MSG_WAITALL)" },
    { "recvmsg of all", "other:send('x') ready() one:recvmsg(10, 0, socket.MSG_WAITALL)" },
    { "recvmsg_into of all", "other:send('x') ready() one:recvmsg_into({ buffer }, 0, socket.MSG_WAITALL)" },
    {
      "recv of all with MSG_PEEK",
      "one, other = network.connected() other:send('x') ready() one:recv(10, socket.MSG_WAITALL + socket.MSG_PEEK)",
    },
    { "connect", "local l, f = network.full_listener() ready() socket.socket():connect(l:getsockname())" },
    { "connect_ex", "local l, f = network.full_listener() ready() socket.socket():connect_ex(l:getsockname())" },
    { "create_connection", "local l, f = network.full_listener() ready() socket.create_connection(l:getsockname())" },
    {
      "create_connection with a timeout",
      "local l, f = network.full_listener() ready() socket.create_connection(l:getsockname(), 60)",
    },
    { "sendto to a full receiver", "local s, p = full_receiver() os.remove(p .. 'x') ready() s:sendto('x', p)" },
    {
      "sendto to a full receiver with a timeout",
      "local s, p = full_receiver() s:settimeout(60) ready() s:sendto('x', p)",
    },
    { "sendmsg of a large message", "local much = ('x'):rep(8000000) ready() one:sendmsg({ much })" },
    {
      "sendfile",
      "local f = io.tmpfile() f:write(('x'):rep(8000000)) f:seek('set') network.fill(one) "
        .. "one:setblocking(true) ready() one:sendfile(f)",
    },
    {
      "connect to a Unix socket with a full backlog",
      [[local path = os.tmpname()
        os.remove(path)
        local listener = socket.socket(socket.AF_UNIX)
        assert(listener:bind(path))
        assert(listener:listen(0))
        local filling = {}
        repeat
          filling[#filling + 1] = socket.socket(socket.AF_UNIX)
          filling[#filling]:setblocking(false)
        until not filling[#filling]:connect(path)
        ready()
        socket.socket(socket.AF_UNIX):connect(path)]],
    },
  }
  for _, case in ipairs(CALLS) do
    it("interrupts a script in a blocking " .. case[1], function()
      ctrl_c(PRELUDE .. case[2])
    end)
  end

  it("interrupts create_connection in its first attempt, without trying other addresses", function()
    if not network.has_ipv6() then
      return
    end
    -- Both loopback addresses, on a port where the backlogs are full.
    local started = child.lua(PRELUDE .. [[
      local listener, filling = network.full_listener()
      local port = listener:getsockname().port
      local six = assert(socket.create_server({ "::1", port }, { family = socket.AF_INET6, backlog = 0 }))
      for n = 1, 4 do
        filling[#filling + 1] = socket.socket(socket.AF_INET6)
        filling[#filling]:settimeout(0.05)
        if not filling[#filling]:connect({ "::1", port }) then
          break
        end
      end
      local tried = 0
      socket.addaudithook(function(event)
        tried = tried + (event == "socket.connect" and 1 or 0)
      end)
      print(#socket.getaddrinfo(nil, port, { type = socket.SOCK_STREAM }))
      ready()
      print(pcall(function()
        local connection, message, code = socket.create_connection({ port = port })
        return connection, message, code
      end))
      print(tried)
    ]], { limit = 10 })
    assert.equal("2", started:line())
    assert.equal("ready", started:line())
    started:asleep()
    started:signal("INT")
    local output, complaints = started:finish()
    assert.is_truthy(output:find("^false\t[^\n]*interrupted!\n1\n$"), output .. complaints)
  end)
end)
