-- Sockets for the specs, on the loopback interface.

local skip = require "spec.support.skip"
local socket = require "bsdsocket"
local system = require "spec.support.system"
local temporary = require "spec.support.temporary"

local network = {}

local HOSTS = { [socket.AF_INET] = "127.0.0.1", [socket.AF_INET6] = "::1" }

-- The factor for all time limits: 1, unless the environment says that the specs run slowly.
network.patience = tonumber(os.getenv "BSDSOCKET_PATIENCE") or 1

-- The loopback address of a family, on port 0.
function network.any(family)
  return { HOSTS[family or socket.AF_INET], 0 }
end

-- A bound socket.
function network.bound(family, kind)
  local bound = assert(socket.socket(family or socket.AF_INET, kind or socket.SOCK_STREAM))
  assert(bound:bind(network.any(family)))
  return bound
end

-- A listening socket.
function network.listener(family)
  local listener = network.bound(family)
  assert(listener:listen())
  return listener
end

-- Two connected stream sockets: the client and the accepted one.
function network.connected(family)
  local listener = network.listener(family)
  local client = assert(socket.socket(family or socket.AF_INET))
  assert(client:connect(listener:getsockname()))
  local server = assert(listener:accept())
  listener:close()
  return client, server
end

-- A bound datagram socket.
function network.datagram(family)
  return network.bound(family, socket.SOCK_DGRAM)
end

-- A listening socket with a full queue, so that the next connect waits; then the sockets that fill it.
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

-- Sends until it would block; the socket is non-blocking afterwards.
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

-- Seconds since boot, in steps of 0.01 s; not by the clock of the library, whose waits are measured.
-- On Windows the C library's clock is wall-clock time.
function network.clock()
  if system.windows then
    return os.clock()
  end
  return tonumber(temporary.read("/proc/uptime"):match("^%S+"))
end

-- Whether IPv6 is available; if not, prints what is skipped.
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
  skip("IPv6: " .. message)
  return false
end

return network
