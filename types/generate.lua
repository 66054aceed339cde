-- Writes types/constants.d.lua from the tables in src/constants, where all names stand, those of other systems too:
--
--     lua types/generate.lua > types/constants.d.lua
--
-- It is run in the project's folder. As a chunk it passes the text to the function that it is called with instead.
-- Names in small letters (`error`, `timeout` …) are described by hand, in types/bsdsocket.d.lua.

---@type fun(text: string)
local write = ... or function(text)
  io.write(text)
end

local function read(path)
  local file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  return text
end

-- The part of a Rust source that defines a constant.
local function definition(source, name, close)
  return assert(source:match("const " .. name .. ":[^=]+=%s*(.-" .. close .. ")"), name)
end

local fields = {}

local function add(name, type)
  assert(not fields[name] or fields[name] == type, name)
  fields[name] = type
end

local constants = read("src/constants/mod.rs")

for file, name in definition(constants, "INTEGERS", "];"):gmatch("([%l%d]+)::([%u_%d]+)") do
  local source = read("src/constants/" .. file .. ".rs")
  for line in definition(source, name, "\n};"):gmatch("[^\n]+") do
    local constant = line:match("^%s+(%u[%w_]+)$") or line:match("^%s+(%u[%w_]+) = ")
    if constant then
      add(constant, "integer")
    end
  end
end
for name in definition(constants, "STRINGS", "\n];"):gmatch('%("(%u[%u_]+)", ') do
  add(name, "string")
end
for name in definition(constants, "ENUMS", "];"):gmatch('%("(%u%a+)", ') do
  add(name, "table<string|integer, integer|string>")
end

local lines = {}
for name, type in pairs(fields) do
  lines[#lines + 1] = "---@field " .. name .. " " .. type .. "\n"
end
table.sort(lines)

write([[
---@meta

-- Made by types/generate.lua from src/constants.

---The constants that the system has; the others are `nil`.
---@class bsdsocket
]])
write(table.concat(lines))
