-- LuaSocket. It has no socketpair and no receive into a buffer.

local socket = require "socket"
local unix = require "socket.unix"

local HOST = "127.0.0.1"
local new_unix = type(unix) == "table" and unix.stream or unix

local M = {}

-- Instead of a socketpair: a connection through a Unix socket listener.
function M.pair()
  local path = os.tmpname()
  os.remove(path)
  local listener = new_unix()
  assert(listener:bind(path))
  assert(listener:listen(1))
  local a = new_unix()
  assert(a:connect(path))
  local b = assert(listener:accept())
  listener:close()
  os.remove(path)
  return a, b
end

local function tcp_connection()
  local listener = assert(socket.bind(HOST, 0))
  local _, port = listener:getsockname()
  local a = assert(socket.connect(HOST, port))
  local b = assert(listener:accept())
  listener:close()
  return a, b
end

function M.pp(data, size)
  local a, b = M.pair()
  return function(n)
    local sum = 0
    for _ = 1, n do
      a:send(data)
      sum = sum + #b:receive(size)
    end
    return sum
  end
end

function M.ppt()
  local a, b = M.pair()
  a:settimeout(5)
  b:settimeout(5)
  return function(n)
    local sum = 0
    for _ = 1, n do
      a:send "x"
      sum = sum + #b:receive(1)
    end
    return sum
  end
end

function M.udp()
  local a, b = socket.udp4(), socket.udp4()
  assert(a:setsockname(HOST, 0))
  assert(b:setsockname(HOST, 0))
  local _, port = b:getsockname()
  local data = ("x"):rep(64)
  return function(n)
    local sum = 0
    for _ = 1, n do
      a:sendto(data, HOST, port)
      local received, host, from = b:receivefrom(2048)
      sum = sum + (host and from and #received)
    end
    return sum
  end
end

function M.client()
  local a, b = socket.udp4(), socket.udp4()
  assert(a:setsockname(HOST, 0))
  assert(b:setsockname(HOST, 0))
  local _, port = b:getsockname()
  local data = ("x"):rep(64)
  local clients = {}
  return function(n)
    for _ = 1, n do
      a:sendto(data, HOST, port)
      local received, host, from = b:receivefrom(2048)
      local key = host .. ":" .. from
      local client = clients[key]
      if not client then
        client = { bytes = 0 }
        clients[key] = client
      end
      client.bytes = client.bytes + #received
    end
    return n
  end
end

function M.opt()
  local a = tcp_connection()
  return function(n)
    local sum = 0
    for _ = 1, n do
      sum = sum + a:getoption "recv-buffer-size"
    end
    return sum
  end
end

function M.tmo()
  local a = tcp_connection()
  if not a.gettimeout then
    return nil
  end
  return function(n)
    local sum = 0
    for _ = 1, n do
      sum = sum + (a:gettimeout() or 1)
    end
    return sum
  end
end

function M.acc()
  local listener = socket.tcp4()
  assert(listener:bind(HOST, 0))
  assert(listener:listen(128))
  local _, port = listener:getsockname()
  local linger = { on = true, timeout = 0 }
  return function(n)
    for _ = 1, n do
      local client = socket.tcp4()
      client:setoption("linger", linger)
      assert(client:connect(HOST, port))
      local server = listener:accept()
      client:close()
      server:close()
    end
  end
end

return M
