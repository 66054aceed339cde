-- Replaces arguments that would affect anything outside of the round, or make a call wait: one function for each such
-- function, which receives the world and the arguments.

local socket = require "bsdsocket"

local guards = {}

-- Replaces descriptors that the round did not open, because they would be closed.
local function own_descriptor(world, value)
  local number = tonumber(value)
  if number and number > -1 and number < 4096 then
    return world:value "descriptor"
  end
  return value
end

guards["module.close"] = function(world, arguments)
  arguments[1] = own_descriptor(world, arguments[1])
end

guards["module.socket"] = function(world, arguments)
  arguments[4] = own_descriptor(world, arguments[4])
  for n = 1, arguments.n do
    local options = arguments[n]
    if type(options) == "table" and rawget(options, "fileno") then
      rawset(options, "fileno", own_descriptor(world, rawget(options, "fileno")))
    end
  end
end

guards["module.create_connection"] = function(_, arguments)
  for n = 1, arguments.n do
    local options = arguments[n]
    local timeout = type(options) == "table" and rawget(options, "timeout")
    if type(options) == "table" and timeout ~= nil and (not timeout or tonumber(timeout)) then
      rawset(options, "timeout", 0.001)
    end
  end
end

-- Options of SOL_SOCKET that are replaced by a harmless one. SO_LINGER makes close wait, whatever the timeout. The two
-- others, SO_PASSPIDFD and SO_PEERPIDFD, make the system return descriptors that nothing closes.
local REPLACED = { [socket.SO_LINGER] = true, [76] = true, [77] = true }

guards["socket.setsockopt"] = function(_, arguments)
  if tonumber(arguments[2]) == socket.SOL_SOCKET and REPLACED[tonumber(arguments[3])] then
    arguments[3] = socket.SO_KEEPALIVE
  end
end

guards["socket.getsockopt"] = guards["socket.setsockopt"]

guards["socket.setfd"] = function(world, arguments)
  world.released = socket.type(arguments[1]) == "socket" and arguments[1]:fileno() or nil
end

-- Shortens the time of a call that would not return otherwise.
local function shorten(place)
  return function(_, arguments)
    local time = arguments[place]
    if time == nil or tonumber(time) and tonumber(time) > 0.001 then
      arguments[place] = 0.001
      arguments.n = math.max(arguments.n, place)
    end
  end
end

guards["selector.select"] = shorten(2)
guards["tasks.step"] = shorten(1)

-- Those that only tasks may make without an end.
guards.outside = { ["tasks.sleep"] = shorten(1), ["tasks.wait"] = shorten(3) }

-- Without a handler errors of tasks are printed, and so are those of a handler.
guards["tasks.onerror"] = function(_, arguments)
  local handler = arguments[1]
  if handler == nil then
    arguments[1], arguments.n = type, math.max(arguments.n, 1)
  elseif type(handler) == "function" then
    arguments[1] = function(...)
      pcall(handler, ...)
    end
  end
end

return guards
