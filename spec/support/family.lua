-- Sockets of families that not every kernel supports. With BSDSOCKET_FAMILIES=all in the environment, as in the virtual
-- machine, all must be supported, and skipping one is an error.

local child = require "spec.support.child"
local skip = require "spec.support.skip"
local socket = require "bsdsocket"
local temporary = require "spec.support.temporary"

local family = {}

-- The timeout of sockets, in seconds, so that nothing hangs.
local LIMIT = 30

local opened = {}

-- Whether all families must be supported.
family.all = os.getenv "BSDSOCKET_FAMILIES" == "all"

-- A number unique to this process, for ports and other ids that are shared by the whole machine.
family.process = tonumber(temporary.read("/proc/self/stat"):match("^%d+")) or 0

-- Skips something, or fails if nothing may be skipped. Always returns false.
function family.missing(what, reason)
  local message = ("%s: %s"):format(what, reason)
  if family.all then
    error(message, 0)
  end
  skip(message)
  return false
end

-- Whether such sockets can be created; if not, prints what is skipped.
function family.has(what, number, kind, proto)
  if not number then
    return family.missing(what, "this system lacks the family")
  end
  local probe, message = socket.socket(number, kind, proto)
  if not probe then
    return family.missing(what, message)
  end
  probe:close()
  return true
end

-- Whether such a network interface exists; if not, prints what is skipped.
function family.has_interface(what, name)
  return socket.if_nametoindex(name) ~= nil or family.missing(what, "there is no interface " .. name)
end

-- Creates a socket with a timeout, which `family.close` closes.
function family.open(number, kind, proto)
  local new = assert(socket.socket(number, kind, proto))
  new:settimeout(LIMIT)
  opened[#opened + 1] = new
  return new
end

-- The same, bound to an address.
function family.bound(address, number, kind, proto)
  local new = family.open(number, kind, proto)
  assert(new:bind(address))
  return new
end

-- Accepts a connection, with a timeout as in `family.open`; returns it and the peer's address.
function family.accept(listener)
  local connection, address = assert(listener:accept())
  connection:settimeout(LIMIT)
  opened[#opened + 1] = connection
  return connection, address
end

-- Connects a client to a listener that must accept before connect completes; returns the accepted socket and its peer's
-- address.
function family.meet(client, listener, address)
  client:setblocking(false)
  local code = client:connect_ex(address)
  local errno = socket.errno
  assert(code == 0 or code == errno.EINPROGRESS or code == errno.EAGAIN, errno[code])
  local connection, from = family.accept(listener)
  client:settimeout(LIMIT)
  return connection, from
end

-- Closes all sockets opened here.
function family.close()
  for n = #opened, 1, -1 do
    opened[n]:close()
    opened[n] = nil
  end
end

-- Runs an example to completion; returns its lines of output, its standard error and its exit status.
function family.example(name, arguments)
  local command = ("%s examples/%s.lua %s"):format(child.interpreter(), name, arguments or "")
  local output, complaints, status = child.start(command):finish()
  local lines = {}
  for line in output:gmatch("[^\n]+") do
    lines[#lines + 1] = line
  end
  return lines, complaints, status
end

return family
