-- Sockets of families that not every kernel has. Where the environment says BSDSOCKET_FAMILIES=all, as in the virtual
-- machine, each is there, and leaving one out is an error.

local child = require "spec.support.child"
local skip = require "spec.support.skip"
local socket = require "bsdsocket"
local temporary = require "spec.support.temporary"

local family = {}

-- Seconds after which a socket gives up, so that nothing hangs.
local LIMIT = 30

local opened = {}

-- True when all families have to be there.
family.all = os.getenv "BSDSOCKET_FAMILIES" == "all"

-- A number that no other process has, for ports and the like, of which the machine has one set.
family.process = tonumber(temporary.read("/proc/self/stat"):match("^%d+")) or 0

-- Leaves something out, or fails where nothing may be left out. Always false.
function family.missing(what, reason)
  local message = ("%s: %s"):format(what, reason)
  if family.all then
    error(message, 0)
  end
  skip(message)
  return false
end

-- True when there are such sockets; else says what is left out.
function family.has(what, number, kind, proto)
  if not number then
    return family.missing(what, "this system has no such family")
  end
  local probe, message = socket.socket(number, kind, proto)
  if not probe then
    return family.missing(what, message)
  end
  probe:close()
  return true
end

-- True when there is such a network interface; else says what is left out.
function family.has_interface(what, name)
  return socket.if_nametoindex(name) ~= nil or family.missing(what, "there is no interface " .. name)
end

-- A socket with a time limit, which `family.close` closes.
function family.open(number, kind, proto)
  local new = assert(socket.socket(number, kind, proto))
  new:settimeout(LIMIT)
  opened[#opened + 1] = new
  return new
end

-- Such a socket, bound to an address.
function family.bound(address, number, kind, proto)
  local new = family.open(number, kind, proto)
  assert(new:bind(address))
  return new
end

-- A connection that a listener took, as `family.open` makes sockets; then the address.
function family.accept(listener)
  local connection, address = assert(listener:accept())
  connection:settimeout(LIMIT)
  opened[#opened + 1] = connection
  return connection, address
end

-- Connects a client with a listener that has to accept before connecting is done: what was accepted, and from where.
function family.meet(client, listener, address)
  client:setblocking(false)
  local code = client:connect_ex(address)
  local errno = socket.errno
  assert(code == 0 or code == errno.EINPROGRESS or code == errno.EAGAIN, errno[code])
  local connection, from = family.accept(listener)
  client:settimeout(LIMIT)
  return connection, from
end

-- Closes all that was opened.
function family.close()
  for n = #opened, 1, -1 do
    opened[n]:close()
    opened[n] = nil
  end
end

-- Runs an example to its end: its lines, what it complained, and its status.
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
