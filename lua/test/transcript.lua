-- What a peer received and sent, and when.

---@type fun(name: string): any
local use = ...

local hexdump, tasks = use "hexdump", use "tasks"

local concat, format = table.concat, string.format

-- How much a failure shows, and how many bytes are kept.
local LINES, BYTES, KEPT = 20, 60, 16 * 1024 * 1024

local Transcript = {}
Transcript.__index = Transcript

local transcript = {}

-- The time from which times are counted; each test sets it.
transcript.zero = tasks.now()

function transcript.new()
  return setmetatable({ kept = 0 }, Transcript)
end

-- Adds bytes that were received ("←") or sent ("→"), or an event of that direction.
function Transcript:add(arrow, bytes, event, address)
  local size = bytes and #bytes
  if bytes then
    self.kept = self.kept + size
    if self.kept > KEPT then
      bytes = nil
    end
  end
  self[#self + 1] = { time = tasks.now(), arrow = arrow, bytes = bytes, size = size, event = event, address = address }
end

local function line(entry)
  local what = entry.event
  if entry.bytes then
    what = hexdump.quote(entry.bytes, BYTES)
  elseif entry.size then
    what = format("(%d bytes, not kept)", entry.size)
  end
  return format("    %7.3f %s %s", entry.time - transcript.zero, entry.arrow, what)
end

-- The last lines, with a heading; nothing when there are none.
function Transcript:text()
  if #self == 0 then
    return ""
  end
  local first = math.max(#self - LINES + 1, 1)
  ---@type string[]
  local lines = { "  transcript:" }
  if first > 1 then
    lines[2] = format("    …%d before", first - 1)
  end
  for n = first, #self do
    lines[#lines + 1] = line(self[n])
  end
  return "\n" .. concat(lines, "\n")
end

return transcript
