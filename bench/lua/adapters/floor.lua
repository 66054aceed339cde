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
    for _ = 1, n do
      a:send(data)
      b:recv(size)
    end
  end
end

function M.into(data, size)
  local a, b = floor.socketpair()
  local buffer = floor.buf(size)
  return function(n)
    for _ = 1, n do
      a:send(data)
      b:recv_into(buffer)
    end
  end
end

function M.ppt()
  local a, b = floor.socketpair()
  a:settimeout(5)
  b:settimeout(5)
  return function(n)
    for _ = 1, n do
      a:send "x"
      b:recv(1)
    end
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
    for _ = 1, n do
      a:sendto(data, HOST, port)
      local _, _, _ = b:recvfrom(2048)
    end
  end
end

function M.udpt()
  local a, b, port = datagram_pair()
  local data = ("x"):rep(64)
  local address = { HOST, port }
  return function(n)
    for _ = 1, n do
      a:sendto_table(data, address)
      local _, _ = b:recvfrom_table(2048)
    end
  end
end

function M.opt()
  local a = floor.socketpair()
  return function(n)
    for _ = 1, n do
      a:getsockopt(SOL_SOCKET, SO_RCVBUF)
    end
  end
end

function M.tmo()
  local a = floor.socketpair()
  return function(n)
    for _ = 1, n do
      a:gettimeout()
    end
  end
end

function M.acc()
  local listener = floor.new(STREAM)
  assert(listener:bind(HOST, 0))
  assert(listener:listen())
  local port = listener:port()
  return function(n)
    for _ = 1, n do
      local client = floor.new(STREAM)
      client:linger0()
      assert(client:connect(HOST, port))
      local server = listener:accept()
      client:close()
      server:close()
    end
  end
end

return M
