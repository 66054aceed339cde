-- Sockets and data for the scenarios, and checks that nothing was lost.

local network = require "spec.support.network"
local socket = require "bsdsocket"

local fixtures = {}

-- Non-repeating bytes.
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

-- All data that can be received.
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

-- Two connected sockets, with data for the first to receive.
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

-- Keeps the results, so that they are closed later.
function fixtures.keep(it, _, made, second)
  it.made = made or nil
  it.second = type(second) == "userdata" and second or nil
end

-- In older Luas a socket is collected two cycles after its last stream.
function fixtures.collect()
  for _ = 1, 4 do
    collectgarbage()
  end
end

-- Wraps a function so that it is called without arguments.
function fixtures.alone(call)
  return function()
    return call()
  end
end

-- Closes a descriptor that may still be open.
function fixtures.close_number(it)
  socket.close(it.number)
end

-- The outcome of a call that ignores every fault.
function fixtures.absorbs()
  return true
end

-- The outcome of a connect by path: to a listener with a full backlog it is repeated. A signal never ends one that has
-- connected.
function fixtures.connects_by_path(case, fault)
  local waits = (case.timeout or 0) > 0 or not case.timeout and case.restarts
  local again = case.first and case.first.name == "EAGAIN" and not fault.name:match "^late"
  if fault.name == "late EINTR" and not case.hooked then
    return "either"
  elseif fault.of ~= "connect" or fault.name ~= "EAGAIN" and not again then
    return nil
  end
  return fault.name ~= "EAGAIN" and fault.name or waits or nil
end

return fixtures
