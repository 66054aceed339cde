-- Sockets to try things on, over the loopback interface.

local skip = require "spec.support.skip"
local socket = require "bsdsocket"
local system = require "spec.support.system"
local temporary = require "spec.support.temporary"

local network = {}

local HOSTS = { [socket.AF_INET] = "127.0.0.1", [socket.AF_INET6] = "::1" }

-- How many times as long as usual things may take: 1, unless the environment says that the specs run slowly.
network.patience = tonumber(os.getenv "BSDSOCKET_PATIENCE") or 1

-- The loopback address of a family, on a port that the system chooses.
function network.any(family)
  return { HOSTS[family or socket.AF_INET], 0 }
end

-- A socket with an address.
function network.bound(family, kind)
  local bound = assert(socket.socket(family or socket.AF_INET, kind or socket.SOCK_STREAM))
  assert(bound:bind(network.any(family)))
  return bound
end

-- A socket that takes connections.
function network.listener(family)
  local listener = network.bound(family)
  assert(listener:listen())
  return listener
end

-- Two stream sockets connected with each other: the one that connected, the one that was accepted.
function network.connected(family)
  local listener = network.listener(family)
  local client = assert(socket.socket(family or socket.AF_INET))
  assert(client:connect(listener:getsockname()))
  local server = assert(listener:accept())
  listener:close()
  return client, server
end

-- A datagram socket with an address.
function network.datagram(family)
  return network.bound(family, socket.SOCK_DGRAM)
end

-- A listening socket that takes no more connections: the next one waits. Then what fills it.
function network.full_listener()
  local listener = network.bound()
  assert(listener:listen(0))
  local filling = {}
  for n = 1, 4 do
    filling[n] = assert(socket.socket())
    filling[n]:settimeout(0.05)
    if not filling[n]:connect(listener:getsockname()) then
      break
    end
  end
  return listener, filling
end

-- Fills what a socket sends into, until it would block; the socket does not block afterwards.
function network.fill(sender)
  sender:setblocking(false)
  local piece = ("x"):rep(65536)
  repeat
  until not sender:send(piece)
  repeat
  until not sender:send("x")
end

-- Closes all of the sockets.
function network.close(...)
  for n = 1, select("#", ...) do
    select(n, ...):close()
  end
end

-- The time since the system started, in seconds; its steps are hundredths. On Windows the C library's clock is one of
-- the wall's.
function network.clock()
  if system.windows then
    return os.clock()
  end
  return tonumber(temporary.read("/proc/uptime"):match("^%S+"))
end

-- True when there is IPv6; else says what is left out.
function network.has_ipv6()
  local probe, message = socket.socket(socket.AF_INET6)
  if probe then
    local works
    works, message = probe:bind({ "::1", 0 })
    probe:close()
    if works then
      return true
    end
  end
  skip("what needs IPv6: " .. message)
  return false
end

return network
