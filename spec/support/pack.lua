-- `string.pack` and `string.unpack` for a Lua that lacks them. Supported formats: "<" ">" "=" for the byte order, "b"
-- "B" "h" "H" for 1 and 2 bytes, "i4" "I4" "i8" "I8" for 4 and 8 bytes (without 64-bit integers, as far as numbers are
-- exact), "x" for a zero byte, "c12" for a string of 12 bytes, padded with zeros.

local socket = require "bsdsocket"

local pack = {}

-- Whether this machine is little-endian.
local LITTLE = socket.htons(1) ~= 1

-- The size of each number, in bytes.
local SIZES = { b = 1, B = 1, h = 2, H = 2, i4 = 4, I4 = 4, i8 = 8, I8 = 8 }

-- Calls `each` with every option of a format, the number after it, and whether the byte order is little-endian.
local function walk(format, each)
  local little = LITTLE
  for option, digits in format:gmatch("([%a<>=])(%d*)") do
    if option == "<" or option == ">" or option == "=" then
      little = option == "<" or option == "=" and LITTLE
    else
      each(option, digits, little)
    end
  end
end

local function number_to_bytes(value, size, little)
  local bytes = {}
  for n = 1, size do
    bytes[little and n or size + 1 - n] = string.char(value % 256)
    value = math.floor(value / 256)
  end
  return table.concat(bytes)
end

local function bytes_to_number(bytes, signed, little)
  local value = 0
  for n = 1, #bytes do
    value = value * 256 + bytes:byte(little and #bytes + 1 - n or n)
  end
  local top = bytes:byte(little and #bytes or 1)
  return signed and top > 127 and value - 256 ^ #bytes or value
end

function pack.pack(format, ...)
  local values, place, pieces = { ... }, 0, {}
  walk(format, function(option, digits, little)
    local piece
    if option == "x" then
      piece = "\0"
    else
      place = place + 1
      if option == "c" then
        piece = values[place] .. ("\0"):rep(tonumber(digits) - #values[place])
      else
        piece = number_to_bytes(values[place], assert(SIZES[option .. digits], option), little)
      end
    end
    pieces[#pieces + 1] = piece
  end)
  return table.concat(pieces)
end

-- The values alone, without the position that string.unpack returns last.
function pack.unpack(format, bytes)
  local values, place = {}, 1
  walk(format, function(option, digits, little)
    local size = option == "x" and 1 or option == "c" and tonumber(digits) or assert(SIZES[option .. digits], option)
    local piece = bytes:sub(place, place + size - 1)
    assert(#piece == size, "too few bytes")
    place = place + size
    if option == "c" then
      values[#values + 1] = piece
    elseif option ~= "x" then
      values[#values + 1] = bytes_to_number(piece, option:lower() == option, little)
    end
  end)
  return (table.unpack or unpack)(values)
end

-- The bytes of a hexadecimal string.
function pack.hex(digits)
  return (digits:gsub("%s", ""):gsub("%x%x", function(pair)
    return string.char(tonumber(pair, 16))
  end))
end

return pack
