-- cqueues, outside of its event loop, unbuffered. It has no datagrams with
-- addresses, no getsockopt, no SO_LINGER and no receive into a buffer.

local socket = require "cqueues.socket"

local HOST = "127.0.0.1"
local BINARY_UNBUFFERED = "bn"

local M = {}

function M.pair()
  return socket.pair(socket.SOCK_STREAM)
end

local function unbuffered_pair()
  local a, b = M.pair()
  a:setmode(BINARY_UNBUFFERED, BINARY_UNBUFFERED)
  b:setmode(BINARY_UNBUFFERED, BINARY_UNBUFFERED)
  return a, b
end

local function send_and_receive(a, b, data, size)
  return function(n)
    local sum = 0
    for _ = 1, n do
      a:xwrite(data, BINARY_UNBUFFERED)
      sum = sum + #b:xread(size, BINARY_UNBUFFERED)
    end
    return sum
  end
end

function M.pp(data, size)
  local a, b = unbuffered_pair()
  return send_and_receive(a, b, data, size)
end

function M.ppt()
  local a, b = unbuffered_pair()
  a:settimeout(5)
  b:settimeout(5)
  return send_and_receive(a, b, "x", 1)
end

function M.tmo()
  local a = M.pair()
  return function(n)
    local sum = 0
    for _ = 1, n do
      sum = sum + (a:timeout() or 1)
    end
    return sum
  end
end

function M.acc()
  local listener = socket.listen({ host = HOST, port = 0 })
  listener:listen()
  local _, _, port = listener:localname()
  return function(n)
    for _ = 1, n do
      local client = socket.connect({ host = HOST, port = port })
      assert(client:connect(2))
      local server = assert(listener:accept(2))
      client:close()
      server:close()
    end
  end
end

return M
