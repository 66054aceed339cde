-- This project's module.

local socket = require "bsdsocket"

local SOL_SOCKET, SO_RCVBUF, SO_LINGER = socket.SOL_SOCKET, socket.SO_RCVBUF, socket.SO_LINGER
local AF_INET, SOCK_STREAM, SOCK_DGRAM = socket.AF_INET, socket.SOCK_STREAM, socket.SOCK_DGRAM
local ANY_PORT = { "127.0.0.1", 0 }
local LINGER_0 = "\1\0\0\0\0\0\0\0" -- struct linger {1, 0}: close resets the connection

local M = {}

function M.pair()
  return assert(socket.socketpair())
end

function M.pp(data, size)
  local a, b = assert(socket.socketpair())
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
  local a, b = assert(socket.socketpair())
  local buffer = socket.buffer(size)
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
  local a, b = assert(socket.socketpair())
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

local function datagrams(receive)
  local a = assert(socket.socket(AF_INET, SOCK_DGRAM))
  local b = assert(socket.socket(AF_INET, SOCK_DGRAM))
  assert(a:bind(ANY_PORT))
  assert(b:bind(ANY_PORT))
  local address = assert(b:getsockname())
  local data = ("x"):rep(64)
  return function(n)
    local bytes = 0
    for _ = 1, n do
      a:sendto(data, address)
      bytes = bytes + receive(b)
    end
    return bytes
  end
end

function M.udp()
  return datagrams(function(b)
    local data, address = b:recvfrom(2048)
    return address and #data
  end)
end

M.udpt = M.udp

function M.client()
  local clients = {}
  return datagrams(function(b)
    local data, address = b:recvfrom(2048)
    local client = clients[address]
    if not client then
      client = { bytes = 0 }
      clients[address] = client
    end
    client.bytes = client.bytes + #data
    return #data
  end)
end

function M.opt()
  local a = assert(socket.socketpair())
  return function(n)
    local sum = 0
    for _ = 1, n do
      sum = sum + a:getsockopt(SOL_SOCKET, SO_RCVBUF)
    end
    return sum
  end
end

function M.tmo()
  local a = assert(socket.socketpair())
  return function(n)
    local none = 0
    for _ = 1, n do
      none = none + (a:gettimeout() or 1)
    end
    return none
  end
end

function M.acc()
  local listener = assert(socket.socket(AF_INET, SOCK_STREAM))
  assert(listener:bind(ANY_PORT))
  assert(listener:listen(128))
  local address = assert(listener:getsockname())
  return function(n)
    for _ = 1, n do
      local client = socket.socket(AF_INET, SOCK_STREAM)
      client:setsockopt(SOL_SOCKET, SO_LINGER, LINGER_0)
      assert(client:connect(address))
      local server, from = listener:accept()
      assert(from)
      client:close()
      server:close()
    end
    return n
  end
end

M.acct = M.acc

return M
