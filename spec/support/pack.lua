-- Structures of C in the specs.

local lua = require "spec.support.lua"
local socket = require "bsdsocket"

local pack = { pack = socket.pack }

-- The values alone, without the place that socket.unpack returns last.
function pack.unpack(format, bytes)
  local values = lua.pack(socket.unpack(format, bytes))
  return lua.unpack(values, 1, values.n - 1)
end

-- The bytes of a hexadecimal string.
function pack.hex(digits)
  return (digits:gsub("%s", ""):gsub("%x%x", function(pair)
    return string.char(tonumber(pair, 16))
  end))
end

return pack
