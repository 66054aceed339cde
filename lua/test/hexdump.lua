-- Bytes as text: quoted, and as dumps.

local hexdump = {}

local byte, format, gsub, rep, sub = string.byte, string.format, string.gsub, string.rep, string.sub
local concat = table.concat

local WIDTH = 16
-- The rows of a failure's dump before and after the one with the mark.
local BEFORE, AFTER = 2, 1

local NAMES = { ["\r"] = "\\r", ["\n"] = "\\n", ["\t"] = "\\t", ['"'] = '\\"', ["\\"] = "\\\\" }

-- Bytes as a quoted Lua string, cut after a number of bytes.
function hexdump.quote(bytes, most)
  local text = gsub(sub(bytes, 1, most or -1), '[%c"\\\127-\255]', function(char)
    return NAMES[char] or format("\\%03d", byte(char))
  end)
  text = '"' .. text .. '"'
  if most and #bytes > most then
    text = format("%s… (%d bytes)", text, #bytes)
  end
  return text
end

-- One row: the bytes from an offset on, in hexadecimal and as text.
local function row(bytes, offset)
  local cells = {}
  local part = sub(bytes, offset + 1, offset + WIDTH)
  for n = 1, WIDTH do
    local gap = n == WIDTH / 2 + 1 and " " or ""
    cells[n] = gap .. (n <= #part and format("%02x ", byte(part, n)) or "   ")
  end
  return format("%08x  %s |%s|", offset, concat(cells), (gsub(part, "[^\32-\126]", ".")))
end

-- The line below a row that marks a byte, counted from 1.
---@param place integer
local function caret(place)
  local column = (place - 1) % WIDTH
  local gap = column >= WIDTH / 2 and " " or ""
  return rep(" ", 10) .. rep("   ", column) .. gap .. "^^"
end

-- All rows.
function hexdump.dump(bytes)
  local lines = {}
  for offset = 0, math.max(#bytes - 1, 0), WIDTH do
    lines[#lines + 1] = row(bytes, offset)
  end
  return concat(lines, "\n")
end

-- The rows around a byte, which is marked; it may be the one after the last.
function hexdump.marked(bytes, place, margin)
  local marked = math.floor((place - 1) / WIDTH)
  local first, last = math.max(marked - BEFORE, 0), marked + AFTER
  local lines = {}
  if first > 0 then
    lines[1] = format("%s…%d bytes before", margin, first * WIDTH)
  end
  for number = first, last do
    if number == marked or number * WIDTH < #bytes then
      lines[#lines + 1] = margin .. row(bytes, number * WIDTH)
    end
    if number == marked then
      lines[#lines + 1] = margin .. caret(place)
    end
  end
  local left = #bytes - (last + 1) * WIDTH
  if left > 0 then
    lines[#lines + 1] = format("%s…%d bytes more", margin, left)
  end
  return concat(lines, "\n")
end

-- Where two strings differ first: in the byte after the shorter one if it is the beginning of the other.
function hexdump.difference(one, other)
  local low, high = 0, math.min(#one, #other)
  while low < high do
    local middle = math.ceil((low + high) / 2)
    if sub(one, 1, middle) == sub(other, 1, middle) then
      low = middle
    else
      high = middle - 1
    end
  end
  return low + 1
end

return hexdump
