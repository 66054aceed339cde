-- Addresses of 127.0.0.1: a closed one, a free one for a program, and waiting until connections are accepted.

---@type fun(name: string): any
local use = ...

local channel, failure, scope = use "channel", use "failure", use "scope"
local socket, tasks = use "socket", use "tasks"

-- The seconds between two attempts to connect.
local PAUSE = 0.005

-- Ports that no system assigns by itself: the first, and how many there are. How many are tried for a free one.
local FIRST, COUNT, TRIES = 15000, 15000, 100

local format = string.format

local ports = {}

local function bound(call)
  local s, message = socket.socket()
  local ok = s
  if s then
    ok, message = s:bind { "127.0.0.1", 0 }
  end
  if not ok then
    failure.misuse(call .. ": " .. message)
  end
  return s
end

-- An address that refuses connections as long as the socket that is returned with it is open.
function ports.closed_address()
  local s = bound "closed_address"
  return s:getsockname(), s
end

-- An address that was free a moment ago. A program that has a port assigned does not get this one.
function ports.free_address()
  for _ = 1, TRIES do
    local assigned, s = bound "free_address", socket.socket()
    local free = s and s:bind { "127.0.0.1", FIRST + assigned:getsockname().port % COUNT }
    local address = free and s:getsockname()
    assigned:close()
    if s then
      s:close()
    end
    if address then
      return address
    end
  end
  failure.misuse "free_address: no port is free"
end

local function is_connected(s)
  local own, other = s:getsockname(), s:getpeername()
  -- A port of the system's choice can connect to itself.
  return tostring(own) ~= tostring(other) or type(own) == "string"
end

-- Tries to connect until a connection is accepted. `check` may end the wait.
function ports.await_address(address, deadline, check)
  local message
  repeat
    check()
    local s = socket.socket(channel.family(address))
    if s then
      s:settimeout(math.max(math.min(deadline - tasks.now(), 0.25), 0.001))
      local ok, reason = s:connect(address)
      local connected = ok and is_connected(s)
      s:close()
      if connected then
        return true
      end
      message = reason or message
    end
    tasks.sleep(PAUSE)
  until tasks.now() >= deadline
  return nil, message
end

-- Waits until connections are accepted at an address.
function ports.wait_until_ready(address, seconds)
  if type(address) ~= "table" and type(address) ~= "string" then
    failure.misuse("wait_until_ready: address expected, got " .. type(address))
  end
  local ok, message = ports.await_address(address, scope.deadline(seconds), function() end)
  if not ok then
    local text = type(address) == "string" and address
      or format("%s:%s", address.host or address[1], address.port or address[2])
    scope.fail(failure.position() .. "nobody listens at " .. text .. "\n  " .. tostring(message))
  end
  return true
end

return ports
