-- Writes what is made of src/constants and the types beside it: types/constants.d.lua, and the pages of the
-- reference.
--
--     lua types/generate.lua
--
-- It is run in the project's folder. As a chunk it passes each path and text to the function that it is called with
-- instead.

local constants = require "types.constants"
local entries = require "types.entries"
local meanings = require "types.meanings"
local relate = require "types.page"
local tables = require "types.tables"

---@type fun(path: string, text: string)
local write = ...
if type(write) ~= "function" then
  function write(path, text)
    local file = assert(io.open(path, "w"))
    assert(file:write(text))
    file:close()
  end
end

-- The types of the constants. Names in small letters (`error`, `timeout` …) are described by hand.
local function types()
  local fields = {}
  local function add(rows, type)
    for _, row in ipairs(rows) do
      assert(not fields[row.name] or fields[row.name] == type, row.name)
      fields[row.name] = row.name ~= row.name:lower() and type or nil
    end
  end
  for _, group in ipairs(constants.integers()) do
    add(group.rows, "integer")
  end
  add(constants.strings(), "string")
  add(constants.enumerations(), "table<string|integer, integer|string>")

  local lines = {}
  for name, type in pairs(fields) do
    local meaning = meanings[name] and " " .. meanings[name] or ""
    lines[#lines + 1] = ("---@field %s %s%s\n"):format(name, type, meaning)
  end
  table.sort(lines)
  return [[
---@meta _

-- Made by types/generate.lua from src/constants and types/meanings.lua. Of a constant that the system does not have the
-- value is `nil`.

-- ── Constants ─────────────────────────────────────────────────────────────────────────────────────────────────

---@class bsdsocket
]] .. table.concat(lines)
end

write("types/constants.d.lua", types())

-- What stands on a page after what the types say.
local APPENDED = { Errors = tables.errors, Constants = tables.constants }

local sections = entries.all()
table.insert(sections, { name = "Constants", text = {}, entries = {} })
table.sort(sections, function(one, other)
  return one.name < other.name
end)
local pages = relate(sections)
for _, section in ipairs(sections) do
  local appended = APPENDED[section.name]
  local file, text = pages:page(section, appended and appended() or "")
  write("docs/reference/" .. file, text)
end
write("docs/reference/README.md", pages.index(sections))
