-- luaposix. Sockets are bare descriptors: there is no timeout to set or get, and
-- no receive into a buffer.

local sys = require "posix.sys.socket"
local close = require("posix.unistd").close

local accept, bind, connect, listen, new = sys.accept, sys.bind, sys.connect, sys.listen, sys.socket
local send, recv, sendto, recvfrom = sys.send, sys.recv, sys.sendto, sys.recvfrom
local getsockname, getsockopt, setsockopt = sys.getsockname, sys.getsockopt, sys.setsockopt
local AF_INET, SOCK_STREAM, SOCK_DGRAM = sys.AF_INET, sys.SOCK_STREAM, sys.SOCK_DGRAM
local SOL_SOCKET, SO_RCVBUF, SO_LINGER = sys.SOL_SOCKET, sys.SO_RCVBUF, sys.SO_LINGER

local M = {}

local function address_of(port)
  return { family = AF_INET, addr = "127.0.0.1", port = port }
end

function M.pair()
  return sys.socketpair(sys.AF_UNIX, SOCK_STREAM, 0)
end

function M.pp(data, size)
  local a, b = M.pair()
  return function(n)
    local sum = 0
    for _ = 1, n do
      send(a, data)
      sum = sum + #recv(b, size)
    end
    return sum
  end
end

function M.udp()
  local a, b = new(AF_INET, SOCK_DGRAM, 0), new(AF_INET, SOCK_DGRAM, 0)
  assert(bind(a, address_of(0)))
  assert(bind(b, address_of(0)))
  local address = address_of(getsockname(b).port)
  local data = ("x"):rep(64)
  return function(n)
    local sum = 0
    for _ = 1, n do
      sendto(a, data, address)
      local received, from = recvfrom(b, 2048)
      sum = sum + (from and #received)
    end
    return sum
  end
end

M.udpt = M.udp

function M.opt()
  if not getsockopt then
    return nil -- older versions only set options
  end
  local a = M.pair()
  return function(n)
    local sum = 0
    for _ = 1, n do
      sum = sum + getsockopt(a, SOL_SOCKET, SO_RCVBUF)
    end
    return sum
  end
end

function M.acc()
  local listener = new(AF_INET, SOCK_STREAM, 0)
  assert(bind(listener, address_of(0)))
  assert(listen(listener, 128))
  local address = address_of(getsockname(listener).port)
  return function(n)
    for _ = 1, n do
      local client = new(AF_INET, SOCK_STREAM, 0)
      setsockopt(client, SOL_SOCKET, SO_LINGER, 1, 0)
      assert(connect(client, address))
      local server = accept(listener)
      close(client)
      close(server)
    end
  end
end

return M
