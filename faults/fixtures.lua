-- What scenarios begin with, and how they find that nothing was lost.

local network = require "spec.support.network"
local socket = require "bsdsocket"

local fixtures = {}

-- Bytes of which no two places look alike.
local numbers = {}
for n = 1, 800 do
  numbers[n] = ("%05d"):format(n)
end
fixtures.TEXT = table.concat(numbers, " ")

function fixtures.same(expected, actual, what)
  if expected ~= actual then
    error(("%s: %s instead of %s"):format(what or "value", tostring(actual), tostring(expected)), 0)
  end
end

function fixtures.same_bytes(expected, actual)
  if expected ~= actual then
    error(("%d bytes, not the expected %d"):format(#actual, #expected), 0)
  end
end

-- All that there is to receive.
function fixtures.arrived(receiver)
  receiver:setblocking(false)
  local pieces = {}
  repeat
    local piece = receiver:recv(100000)
    pieces[#pieces + 1] = piece
  until not piece or piece == ""
  return table.concat(pieces)
end

function fixtures.pair(timeout, kind)
  local one, other = assert(socket.socketpair(nil, kind))
  one:settimeout(timeout or nil)
  return { one = one, other = other }
end

-- Two ends, with bytes for the first.
function fixtures.holding(timeout)
  local it = fixtures.pair(timeout)
  assert(it.other:sendall(fixtures.TEXT))
  return it
end

function fixtures.listening(timeout)
  local it = { listener = network.listener() }
  it.address = it.listener:getsockname()
  it.listener:settimeout(timeout or nil)
  return it
end

-- What was made stays the result's, or there is none.
function fixtures.keep(it, _, made, second)
  it.made = made or nil
  it.second = type(second) == "userdata" and second or nil
end

-- On the older Luas a socket goes two cycles after its last stream.
function fixtures.collect()
  for _ = 1, 4 do
    collectgarbage()
  end
end

-- A function that takes nothing.
function fixtures.alone(call)
  return function()
    return call()
  end
end

-- A descriptor that may still be open.
function fixtures.close_number(it)
  socket.close(it.number)
end

-- A call in whose way nothing that fails stands.
function fixtures.absorbs()
  return true
end

return fixtures
