-- Numbers as C lays them out in memory.

local socket = require "bsdsocket"

local native = {}

-- True where the least significant byte comes first.
local LITTLE = socket.htons(1) ~= 1

-- The bytes of an unsigned integer of C.
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

-- The unsigned integers of C that the bytes are; what is left over is no number.
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
