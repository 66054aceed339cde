-- What would reach beyond the round, or wait, is changed before the call: a function for each such function, which
-- receives the world and the arguments.

local socket = require "bsdsocket"

local guards = {}

-- Numbers of descriptors that are not the round's own are replaced, for they would be closed.
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
  -- The system's other end of AF_VSOCK is another machine.
  if tonumber(arguments[1]) == socket.AF_VSOCK then
    arguments[1] = socket.AF_UNIX
  end
end

guards["module.socketpair"] = guards["module.socket"]

guards["module.create_connection"] = function(_, arguments)
  for n = 1, arguments.n do
    local options = arguments[n]
    local timeout = type(options) == "table" and rawget(options, "timeout")
    if type(options) == "table" and timeout ~= nil and (not timeout or tonumber(timeout)) then
      rawset(options, "timeout", 0.001)
    end
  end
end

guards["socket.setsockopt"] = function(_, arguments)
  -- A socket that lingers waits when it is closed, whatever its timeout.
  if tonumber(arguments[2]) == socket.SOL_SOCKET and tonumber(arguments[3]) == socket.SO_LINGER then
    arguments[3] = socket.SO_KEEPALIVE
  end
end

return guards
