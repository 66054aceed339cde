-- Ways of opening and closing sockets. Each is a function that prepares a test and returns the function for one cycle,
-- which must leave nothing open. A new way is a new entry here.

local lua = require "spec.support.lua"
local network = require "spec.support.network"
local selecting = require "spec.support.selecting"
local selectors = require "bsdsocket.selectors"
local socket = require "bsdsocket"
local tasks = require "bsdsocket.tasks"

local ways = {}

-- The number of cycles after which unreferenced sockets are collected: the process may run out of descriptors, which
-- does not trigger Lua's collector.
local OFTEN = 10

local function collect()
  for _ = 1, 4 do
    collectgarbage()
  end
end

-- Collects every few cycles.
local function collecting(cycle)
  local count = 0
  return function()
    cycle()
    count = count + 1
    if count % OFTEN == 0 then
      collect()
    end
  end
end

local function close_all(numbers)
  for _, number in ipairs(numbers) do
    assert(socket.close(number))
  end
end

ways["close"] = function()
  return function()
    assert(assert(socket.socket()):close())
  end
end

ways["socketpair"] = function()
  return function()
    network.close(assert(socket.socketpair()))
  end
end

-- Objects of LuaSocket's interface: a server, and a client that is connected to what it accepts.
local function luasocket_pair(core)
  local server, client = assert(core.tcp4()), assert(core.tcp())
  assert(server:bind("127.0.0.1", 0))
  assert(server:listen())
  assert(client:connect(server:getsockname()))
  return server, client, assert(server:accept())
end

ways["objects of luasocket"] = function()
  local core = require "bsdsocket.luasocket"
  return function()
    local server, client, other = luasocket_pair(core)
    assert(client:send "line\nrest")
    assert(other:receive() == "line")
    for _, object in ipairs { server, client, other } do
      object:close()
    end
  end
end

ways["objects of luasocket, collected"] = function()
  local core = require "bsdsocket.luasocket"
  return collecting(function()
    local _, client, other = luasocket_pair(core)
    client:setoption("linger", { on = true, timeout = 0 })
    assert(client:send(("x"):rep(5000)))
    assert(#other:receive(100) == 100)
  end)
end

ways["objects of luasocket that fail"] = function()
  local core = require "bsdsocket.luasocket"
  return collecting(function()
    assert(not core.tcp():connect("127.0.0.1", 1))
    assert(not core.connect("127.0.0.1", 1, "127.0.0.1", 0))
    local one = core.udp4()
    one:settimeout(0)
    assert(not one:receivefrom(100000))
    assert(core.select({ one }, { one }, 0)[1] == nil)
    one:setsockname("127.0.0.1", 0)
    assert(not core.tcp4():bind("192.0.2.1", 0))
  end)
end

ways["objects of luasocket in tasks"] = function()
  local core = require "bsdsocket.luasocket"
  return function()
    tasks.run(function()
      local server, client, other = luasocket_pair(core)
      local reading = tasks.spawn(function()
        return other:receive(10000)
      end)
      local selecting_task = tasks.spawn(function()
        return core.select({ server }, nil, 5)
      end)
      client:send(("x"):rep(5000))
      tasks.yield()
      client:send(("x"):rep(5000))
      assert(#reading:join() == 10000)
      selecting_task:cancel()
      tasks.yield()
      for _, object in ipairs { server, client, other } do
        object:close()
      end
    end)
  end
end

ways["collect"] = function()
  return collecting(function()
    assert(socket.socketpair())
  end)
end

if lua.closes then
  ways["<close>"] = function()
    return assert(lua.load([[
      local socket = ...
      return function()
        local one <close>, two = assert(socket.socketpair())
        local other <close> = two
      end
    ]]))(socket)
  end

  ways["<close> after an error"] = function()
    return assert(lua.load([[
      local socket = ...
      local function fail()
        local one <close> = assert(socket.socket())
        error("on purpose")
      end
      return function()
        assert(not pcall(fail))
      end
    ]]))(socket)
  end
end

ways["detach"] = function()
  return function()
    local number = assert(socket.socket()):detach()
    assert(socket.close(number))
  end
end

ways["detach and take over"] = function()
  return function()
    local number = assert(socket.socket()):detach()
    assert(socket.socket({ fileno = number })):close()
  end
end

ways["dup"] = function()
  local first = assert(socket.socket())
  return function()
    network.close(assert(first:dup()), assert(socket.fromfd(first:fileno(), first.family, first.type)))
    assert(socket.close(assert(socket.dup(first:fileno()))))
  end
end

ways["failing constructors"] = function()
  local file = assert(io.tmpfile())
  return function()
    assert(not socket.socket(12345))
    assert(not socket.socketpair(socket.AF_INET))
    -- This is not a socket. The open file keeps the program from getting a socket with this number.
    assert(not socket.fromfd(1, socket.AF_INET, socket.SOCK_STREAM))
    assert(not socket.socket({ fileno = 1 }))
    assert(io.type(file) == "file")
  end
end

ways["a failed connect"] = function()
  local refusing = network.bound()
  return function()
    local address = refusing:getsockname()
    local client = assert(socket.socket())
    assert(not client:connect(address))
    client:close()
    assert(not socket.create_connection(address))
    assert(not socket.create_connection(address, { all_errors = true }))
  end
end

ways["a failed server"] = function()
  local taken = network.listener()
  return function()
    assert(not socket.create_server(taken:getsockname()))
  end
end

-- A listening socket; closing its clients leaves no state behind.
local function listener()
  local made = assert(socket.socket(socket.AF_UNIX))
  assert(made:bind(""))
  assert(made:listen(1000))
  return made
end

ways["accept"] = function()
  local server = listener()
  return function()
    local client = assert(socket.socket(socket.AF_UNIX))
    assert(client:connect(server:getsockname()))
    network.close(assert((server:accept())), client)
  end
end

-- The process has reached its descriptor limit.
ways["a failed accept"] = function()
  local server, filling = listener(), {}
  server:setblocking(false)
  local client = assert(socket.socket(socket.AF_UNIX))
  assert(client:connect(server:getsockname()))
  local message, code
  return function()
    repeat
      filling[#filling + 1], message, code = socket.socket()
    until code
    assert(code == "EMFILE", message)
    code = select(3, server:accept())
    assert(code == "EMFILE", code)
    assert(select(3, socket.socket()) == "EMFILE")
    assert(select(3, socket.socketpair()) == "EMFILE")
    assert(select(3, client:dup()) == "EMFILE")
    -- Frees descriptors for the final count.
    for _ = 1, 8 do
      table.remove(filling):close()
    end
  end
end

ways["misuse"] = function()
  return collecting(function()
    local one = assert(socket.socket())
    assert(not pcall(one.bind, one, 1))
    assert(not pcall(one.recv, one, -1))
  end)
end

ways["descriptors received"] = function()
  local one, other = assert(socket.socketpair())
  local number = one:fileno()
  return function()
    assert(socket.send_fds(one, { "x" }, { number, number, number }))
    local _, received = assert(socket.recv_fds(other, 10, 3))
    assert(#received == 3)
    close_all(received)
  end
end

ways["descriptors truncated"] = function()
  local one, other = assert(socket.socketpair())
  local number = one:fileno()
  return function()
    assert(socket.send_fds(one, { "x" }, { number, number, number }))
    local _, received = assert(socket.recv_fds(other, 10, 1))
    assert(#received < 3)
    close_all(received)
  end
end

ways["descriptors never received"] = function()
  return function()
    local one, other = assert(socket.socketpair())
    local number = one:fileno()
    assert(socket.send_fds(one, { "x" }, { number, number, number }))
    network.close(one, other)
  end
end

-- A finalizer raises while the results are built. From Lua 5.4 on errors in finalizers are only warnings; there only a
-- lack of memory raises.
if not lua.closes then
  ways["descriptors lost to an error"] = function()
    local one, other = assert(socket.socketpair())
    other:setblocking(false)
    local number, filling = one:fileno(), ("x"):rep(5000)
    local armed, round = false, 0
    local function finish()
      if armed then
        error("on purpose", 0)
      end
    end
    local function litter()
      if newproxy then
        getmetatable(newproxy(true)).__gc = finish
      else
        setmetatable({}, { __gc = finish })
      end
    end
    -- Nothing can raise between the end of the call and the next line.
    local data, received
    local function receive()
      armed = true
      data, received = socket.recv_fds(other, 10000, 3)
      armed = false
    end
    return function()
      round = round + 1
      assert(socket.send_fds(one, { round .. filling }, { number, number, number }))
      lua.collector(1, 100 + round % 400)
      for _ = 1, 10 do
        litter()
      end
      local fine = pcall(receive)
      armed = false
      if fine then
        close_all(received)
      end
      -- Messages that an error preceded are still queued.
      repeat
        data, received = socket.recv_fds(other, 10000, 3)
        close_all(data and received or {})
      until not data
    end
  end
end

ways["streams"] = function()
  return function()
    local one, other = assert(socket.socketpair())
    local stream = assert(one:makefile("rw"))
    one:close()
    assert(other:sendall("a line\n"))
    assert(stream:read() == "a line")
    assert(stream:write("an answer"))
    stream:close()
    network.close(other)
  end
end

ways["streams collected"] = function()
  return collecting(function()
    local one, other = assert(socket.socketpair())
    local stream = assert(one:makefile("rw", { encoding = "utf-8" }))
    assert(other:sendall("a line\nanother"))
    assert(stream:read() == "a line")
    assert(stream:write("an answer"))
  end)
end

ways["streams with a limit and an incomplete character"] = function()
  return collecting(function()
    local one, other = assert(socket.socketpair())
    one:setblocking(false)
    local stream = assert(one:makefile("rw", { encoding = "utf-8", limit = 10 }))
    assert(other:sendall("0123456789\226"))
    local _, _, code = stream:read()
    assert(code == "EMSGSIZE", code)
    assert(stream:write("an answer\226"))
  end)
end

ways["streams that fail"] = function()
  return function()
    local one, other = assert(socket.socketpair())
    one:setblocking(false)
    local stream = assert(one:makefile("rw"))
    assert(other:sendall("half a line"))
    local _, _, code, partial = stream:read()
    assert(code == "EAGAIN" and partial == "half a line", code)
    other:close()
    assert(stream:write("nobody reads this"))
    assert(not stream:close())
    one:close()
  end
end

for _, name in ipairs(selecting.classes) do
  ways[name .. "s closed"] = function()
    return function()
      local selector = selecting.new(name)
      local one, other = assert(socket.socketpair())
      assert(selector:register(one, selectors.EVENT_READ, {}))
      assert(selector:register(other:fileno(), selectors.EVENT_WRITE))
      for key in assert(selector:select()) do
        assert(selector:unregister(key.fileobj))
      end
      selector:close()
      network.close(one, other)
    end
  end

  ways[name .. "s collected"] = function()
    return collecting(function()
      local selector = selecting.new(name)
      local one = assert(socket.socketpair())
      assert(selector:register(one, selectors.EVENT_READ, { selector, one }))
      assert(selector:select(0))
    end)
  end

  ways["one " .. name .. ", many registrations"] = function()
    local selector = selecting.new(name)
    local foreign = {}
    return function()
      local one, other = assert(socket.socketpair())
      local object = {
        fileno = function()
          return other:fileno()
        end,
      }
      assert(selector:register(one, selectors.EVENT_READ))
      assert(selector:register(object, selectors.EVENT_WRITE))
      assert(not selector:register(object, selectors.EVENT_WRITE))
      assert(selector:modify(one, selectors.EVENT_WRITE, foreign))
      local duplicate = assert(other:dup())
      one:close()
      other:close()
      assert(selector:unregister(object))
      assert(not selector:modify(one, selectors.EVENT_READ))
      for _ in assert(selector:select(0)) do
        error "nothing is registered"
      end
      duplicate:close()
      assert(#selector == 0)
    end
  end
end

ways["tasks that wait and end"] = function()
  return function()
    tasks.run(function()
      local one, other = assert(socket.socketpair())
      local server = assert(socket.create_server { "127.0.0.1", 0 })
      local reader = tasks.spawn(one.recv, one, 5)
      tasks.spawn(server.accept, server)
      tasks.yield()
      tasks.timeout_after(0, other.recv, other, 1)
      assert(other:send "x")
      assert(reader:join() == "x")
      network.close(one, other, server)
    end)
  end
end

ways["tasks cancelled, failed, and collected with their sockets"] = function()
  tasks.onerror(function() end)
  return collecting(function()
    tasks.run(function()
      for n = 2, 3 do
        local one, other = assert(socket.socketpair())
        tasks.spawn(function()
          if n == 3 then
            error { one, other }
          end
          one:recv(1)
        end)
      end
      tasks.yield()
    end)
  end)
end

ways["sockets that tasks have used, outside of tasks and handed on"] = function()
  return function()
    local server = assert(socket.create_server { "127.0.0.1", 0 })
    local client = assert(socket.socket())
    tasks.run(function()
      tasks.spawn(server.accept, server)
      tasks.yield()
    end)
    local again = assert(server:dup())
    assert(tasks.run(client.connect, client, server:getsockname()))
    local connection = assert(again:accept())
    assert(connection:send "x" == 1 and client:recv(1) == "x")
    assert(socket.close(server:detach()))
    network.close(again, client, connection)
  end
end

ways["sockets closed while tasks wait for them"] = function()
  return function()
    tasks.run(function()
      local one, other = assert(socket.socketpair())
      local server = assert(socket.create_server { "127.0.0.1", 0 })
      local stream = assert(other:makefile())
      local waiting = {
        tasks.spawn(one.recv, one, 1),
        tasks.spawn(tasks.wait, one, "rw"),
        tasks.spawn(server.accept, server),
        tasks.spawn(stream.read, stream),
      }
      tasks.yield()
      network.close(one, other, server)
      for _, task in ipairs(waiting) do
        task:join()
      end
      stream:close()
    end)
  end
end

ways["calls of tasks cut off halfway"] = function()
  local data = ("x"):rep(250000)
  return function()
    tasks.run(function()
      local one, other = assert(socket.socketpair())
      local server = assert(socket.create_server({ "127.0.0.1", 0 }, { backlog = 0 }))
      local stream = assert(other:makefile { mode = "w", buffering = 0 })
      assert(other:send "abc")
      local third, fourth = assert(socket.socketpair())
      assert(fourth:send "abc")
      local waiting = {
        tasks.spawn(one.sendall, one, data),
        tasks.spawn(one.recv, one, 10, socket.MSG_WAITALL),
        tasks.spawn(stream.write, stream, data),
        tasks.spawn(third.recvall, third, 100000),
      }
      for n = 5, 7 do
        waiting[n] = tasks.spawn(socket.create_connection, server:getsockname())
      end
      tasks.yield()
      for _, task in ipairs(waiting) do
        task:cancel()
        local made = task:join()
        if socket.type(made) == "socket" then
          made:close()
        end
      end
      one:close()
      stream:close()
      network.close(other, third, fourth, server)
    end)
  end
end

-- Look-ups and attempts to connect, each ended at another moment, in tasks and outside.
ways["connections cancelled, of names and of addresses that do not answer"] = function()
  local full, filling = network.full_listener()
  local address = full:getsockname()
  local options = { happy_eyeballs_delay = 0 }
  local round = 0
  return function()
    assert(#filling > 0)
    round = round + 1
    tasks.run(function()
      local waiting = {
        tasks.spawn(socket.create_connection, address, options),
        tasks.spawn(socket.create_connection, { "localhost", address.port }, options),
        tasks.spawn(socket.getaddrinfo, "localhost", round % 7),
      }
      for _ = 1, round % 5 do
        tasks.yield()
      end
      if round % 10 == 0 then
        tasks.sleep(0.0005)
      end
      for _, task in ipairs(waiting) do
        task:cancel()
        task:join()
      end
    end)
    -- The port of ::1 may refuse, or be that of another program.
    local made, _, code = socket.create_connection({ "localhost", address.port }, { timeout = 0.00001 })
    if made then
      made:close()
    else
      assert(code == "timeout" or code == "ECONNREFUSED", code)
    end
  end
end

ways["errors and timeouts in a group of tasks"] = function()
  return function()
    tasks.run(function()
      local one, other = assert(socket.socketpair())
      local ok = tasks.pcall(tasks.group, function(group)
        group:spawn(one.recv, one, 1)
        group:spawn(tasks.timeout_after, 0.0001, other.recv, other, 1)
        group:spawn(error, {})
        tasks.yield()
      end)
      assert(not ok)
      network.close(one, other)
    end)
  end
end

ways["generators abandoned while they wait in a task"] = function()
  return collecting(function()
    tasks.run(function()
      local one, other = assert(socket.socketpair())
      tasks.spawn(tasks.wrap(function()
        one:recv(1)
        other:close()
      end))
      tasks.yield()
    end)
  end)
end

ways["abandoned coroutines"] = function()
  return collecting(function()
    coroutine.wrap(function()
      local one, other = assert(socket.socketpair())
      coroutine.yield(one, other)
    end)()
  end)
end

return ways
