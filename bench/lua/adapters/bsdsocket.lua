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
    for _ = 1, n do
      a:send(data)
      b:recv(size)
    end
  end
end

function M.into(data, size)
  local a, b = assert(socket.socketpair())
  local buffer = socket.buffer(size)
  return function(n)
    for _ = 1, n do
      a:send(data)
      b:recv_into(buffer)
    end
  end
end

function M.ppt()
  local a, b = assert(socket.socketpair())
  a:settimeout(5)
  b:settimeout(5)
  return function(n)
    for _ = 1, n do
      a:send "x"
      b:recv(1)
    end
  end
end

function M.udp()
  local a = assert(socket.socket(AF_INET, SOCK_DGRAM))
  local b = assert(socket.socket(AF_INET, SOCK_DGRAM))
  assert(a:bind(ANY_PORT))
  assert(b:bind(ANY_PORT))
  local address = assert(b:getsockname())
  local data = ("x"):rep(64)
  return function(n)
    for _ = 1, n do
      a:sendto(data, address)
      local _, _ = b:recvfrom(2048)
    end
  end
end

M.udpt = M.udp

function M.opt()
  local a = assert(socket.socketpair())
  return function(n)
    for _ = 1, n do
      a:getsockopt(SOL_SOCKET, SO_RCVBUF)
    end
  end
end

function M.tmo()
  local a = assert(socket.socketpair())
  return function(n)
    for _ = 1, n do
      a:gettimeout()
    end
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
      local server = listener:accept()
      client:close()
      server:close()
    end
  end
end

return M
