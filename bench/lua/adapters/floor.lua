-- The hand-written C module of c/floor.c.

local floor = require "floor"

local SOL_SOCKET, SO_RCVBUF = 1, 8
local STREAM, DATAGRAM = 1, 2
local HOST = "127.0.0.1"

local M = {}

function M.pair()
  return floor.socketpair()
end

function M.pp(data, size)
  local a, b = floor.socketpair()
  return function(n)
    local bytes = 0
    for _ = 1, n do
      a:send(data)
      bytes = bytes + #b:recv(size)
    end
    return bytes
  end
end

function M.into(data, size)
  local a, b = floor.socketpair()
  local buffer = floor.buf(size)
  return function(n)
    local bytes = 0
    for _ = 1, n do
      a:send(data)
      bytes = bytes + b:recv_into(buffer)
    end
    return bytes
  end
end

function M.ppt()
  local a, b = floor.socketpair()
  a:settimeout(5)
  b:settimeout(5)
  return function(n)
    local bytes = 0
    for _ = 1, n do
      a:send "x"
      bytes = bytes + #b:recv(1)
    end
    return bytes
  end
end

local function datagram_pair()
  local a, b = floor.new(DATAGRAM), floor.new(DATAGRAM)
  assert(a:bind(HOST, 0))
  assert(b:bind(HOST, 0))
  return a, b, b:port()
end

function M.udp()
  local a, b, port = datagram_pair()
  local data = ("x"):rep(64)
  return function(n)
    local bytes = 0
    for _ = 1, n do
      a:sendto(data, HOST, port)
      local received, host, from = b:recvfrom(2048)
      bytes = bytes + (host and from and #received)
    end
    return bytes
  end
end

function M.udpt()
  local a, b, port = datagram_pair()
  local data = ("x"):rep(64)
  local address = { HOST, port }
  return function(n)
    local bytes = 0
    for _ = 1, n do
      a:sendto_table(data, address)
      local received, from = b:recvfrom_table(2048)
      bytes = bytes + (from and #received)
    end
    return bytes
  end
end

-- Equal addresses are different tables: a client is found by a string.
function M.client()
  local a, b, port = datagram_pair()
  local data = ("x"):rep(64)
  local clients = {}
  return function(n)
    for _ = 1, n do
      a:sendto(data, HOST, port)
      local received, host, from = b:recvfrom(2048)
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
  local a = floor.socketpair()
  return function(n)
    local sum = 0
    for _ = 1, n do
      sum = sum + a:getsockopt(SOL_SOCKET, SO_RCVBUF)
    end
    return sum
  end
end

function M.tmo()
  local a = floor.socketpair()
  return function(n)
    local none = 0
    for _ = 1, n do
      none = none + (a:gettimeout() or 1)
    end
    return none
  end
end

local function accept(method)
  local listener = floor.new(STREAM)
  assert(listener:bind(HOST, 0))
  assert(listener:listen())
  local port = listener:port()
  return function(n)
    for _ = 1, n do
      local client = floor.new(STREAM)
      client:linger0()
      assert(client:connect(HOST, port))
      local server, from = listener[method](listener)
      assert(from)
      client:close()
      server:close()
    end
    return n
  end
end

function M.acc()
  return accept "accept"
end

-- Addresses as tables.
function M.acct()
  return accept "accept_table"
end

return M
