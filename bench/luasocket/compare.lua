-- Compares LuaSocket's C core with the library's in one process: microseconds of CPU time a call, the best of several
-- rounds that alternate, and their ratio.

local theirs = require "socket.core"
local loaded = package.loaded["socket.core"]
local ours = require "bsdsocket.luasocket"
assert(loaded == theirs and ours ~= theirs)

local ROUNDS = tonumber(arg[1]) or 9

local function pair(core)
  local server = assert(core.tcp4())
  assert(server:bind("127.0.0.1", 0))
  assert(server:listen())
  local client = assert(core.tcp4())
  assert(client:connect(server:getsockname()))
  local peer = assert(server:accept())
  server:close()
  client:setoption("tcp-nodelay", true)
  peer:setoption("tcp-nodelay", true)
  return client, peer
end

local function echo(size, count)
  return function(core)
    local one, other = pair(core)
    local data = ("x"):rep(size)
    return count,
      function()
        for _ = 1, count do
          one:send(data)
          other:send((other:receive(size)))
          one:receive(size)
        end
      end
  end
end

local function lines(core)
  local one, other = pair(core)
  local text = (("x"):rep(62) .. "\r\n"):rep(1000)
  return 20000,
    function()
      for _ = 1, 20 do
        one:send(text)
        for _ = 1, 1000 do
          other:receive()
        end
      end
    end
end

-- All that another process sends.
local SENDER =
  [[%s -e "local s = require 'bsdsocket'.create_connection({ '127.0.0.1', %d }) s:sendall(('x'):rep(%d)) s:close()"]]
local function all(core)
  local size = 64 * 1024 * 1024
  local lowest = 0
  while arg[lowest - 1] do
    lowest = lowest - 1
  end
  local server = assert(core.tcp4())
  assert(server:bind("127.0.0.1", 0))
  assert(server:listen())
  local _, port = server:getsockname()
  return 1,
    function()
      local sender = io.popen(SENDER:format(arg[lowest], port, size))
      local peer = assert(server:accept())
      local begun = os.clock()
      assert(#peer:receive "*a" == size)
      local took = os.clock() - begun
      peer:close()
      sender:close()
      return took
    end
end

local function datagrams(core)
  local one, other = core.udp4(), core.udp4()
  one:setsockname("127.0.0.1", 0)
  local host, port = one:getsockname()
  port = tonumber(port)
  local data = ("x"):rep(64)
  return 5000,
    function()
      for _ = 1, 5000 do
        other:sendto(data, host, port)
        one:receivefrom()
      end
    end
end

local function connected(core)
  local one, other = core.udp4(), core.udp4()
  one:setsockname("127.0.0.1", 0)
  other:setpeername(one:getsockname())
  local data = ("x"):rep(64)
  return 5000, function()
    for _ = 1, 5000 do
      other:send(data)
      one:receive()
    end
  end
end

local function selecting(core)
  local list = {}
  for n = 1, 400 do
    list[n] = core.udp4()
  end
  list[200]:setsockname("127.0.0.1", 0)
  list[1]:sendto("x", list[200]:getsockname())
  return 300, function()
    for _ = 1, 300 do
      assert(core.select(list, nil, 1)[1] == list[200])
    end
  end
end

local function timeouts(core)
  local one = core.tcp4()
  return 200000, function()
    for _ = 1, 200000 do
      one:settimeout(5)
    end
  end
end

local TASKS = {
  { "echo of 64 B", echo(64, 3000), 0.98 },
  { "echo of 16 KiB", echo(16384, 1000), 0.70 },
  { "line of 64 B", lines, 0.5 },
  { "`*a` of 64 MiB", all, 1.0 },
  { "UDP sendto, receivefrom", datagrams, 0.9 },
  { "UDP send, receive", connected, 0.9 },
  { "select of 400", selecting, 0.7 },
  { "settimeout", timeouts, 1.0 },
}

print(("%-26s %12s %12s %8s %6s"):format("us a call", "LuaSocket", "bsdsocket", "ratio", "bar"))
for _, task in ipairs(TASKS) do
  local name, make, bar = task[1], task[2], task[3]
  local best, sides = {}, {}
  for n, core in ipairs { theirs, ours } do
    local count, run = make(core)
    sides[n] = { count = count, run = run }
  end
  for _ = 1, ROUNDS do
    for n, side in ipairs(sides) do
      collectgarbage()
      local begun = os.clock()
      local took = side.run() or os.clock() - begun
      best[n] = math.min(best[n] or math.huge, took / side.count)
    end
  end
  print(("%-26s %12.3f %12.3f %8.2f %6.2f"):format(name, best[1] * 1e6, best[2] * 1e6, best[2] / best[1], bar))
end

-- The heap of idle objects, in bytes.
local heap = {}
for n, core in ipairs { theirs, ours } do
  local list = {}
  for i = 1, 200 do
    list[i] = false
  end
  collectgarbage()
  collectgarbage()
  local before = collectgarbage "count"
  for i = 1, 200 do
    list[i] = core.tcp4()
  end
  collectgarbage()
  collectgarbage()
  heap[n] = (collectgarbage "count" - before) * 1024 / 200
  for i = 1, 200 do
    list[i]:close()
  end
end
print(
  ("%-26s %12d %12d %8.2f %6s"):format(
    "bytes of heap an object",
    math.floor(heap[1]),
    math.floor(heap[2]),
    heap[2] / heap[1],
    "600 B"
  )
)
