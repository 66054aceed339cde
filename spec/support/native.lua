-- C integers as bytes in memory.

local socket = require "bsdsocket"

local native = {}

-- Whether this machine is little-endian.
local LITTLE = socket.htons(1) ~= 1

-- The bytes of a C unsigned int.
function native.int(value)
  local bytes = {}
  for n = 1, 4 do
    bytes[LITTLE and n or 5 - n] = string.char(value % 256)
    value = math.floor(value / 256)
  end
  return table.concat(bytes)
end

-- The bytes of several of them.
function native.ints(...)
  local bytes = {}
  for n = 1, select("#", ...) do
    bytes[n] = native.int((select(n, ...)))
  end
  return table.concat(bytes)
end

-- The C unsigned ints in the bytes; an incomplete last one is ignored.
function native.numbers(bytes)
  local found = {}
  for first = 1, #bytes - 3, 4 do
    local value = 0
    for n = 0, 3 do
      value = value * 256 + bytes:byte(LITTLE and first + 3 - n or first + n)
    end
    found[#found + 1] = value
  end
  return found
end

return native
