-- An assertion of luassert: `assert.bytes(expected, actual)`, which shows both as dumps.

---@type fun(name: string): any
local use = ...

local hexdump = use "hexdump"

---@type table<string, any>
local loaded = package and package.loaded or {}

local assertions = {}

local function bytes(_, arguments)
  local expected, actual = arguments[1], arguments[2]
  if expected == actual then
    return true
  end
  local text = "Expected the same bytes, got a " .. type(actual)
  if type(expected) == "string" and type(actual) == "string" then
    local place = hexdump.difference(expected, actual)
    text = string.format(
      "Byte %d differs.\nExpected (%d bytes):\n%s\nActual (%d bytes):\n%s",
      place,
      #expected,
      hexdump.marked(expected, place, "  "),
      #actual,
      hexdump.marked(actual, place, "  ")
    )
  end
  arguments[1], arguments.n, arguments.nofmt = text, 1, { true }
  return false
end

-- Registers it where luassert is loaded.
function assertions.register()
  local luassert, say = loaded.luassert, loaded.say
  if type(luassert) == "table" and type(say) == "table" then
    say:set("assertion.bytes.positive", "%s")
    say:set("assertion.bytes.negative", "Expected other bytes")
    luassert:register("assertion", "bytes", bytes, "assertion.bytes.positive", "assertion.bytes.negative")
  end
end

return assertions
