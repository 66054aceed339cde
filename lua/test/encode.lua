-- Serialises values for another process: plain ones, tables, modules, and Lua functions with their upvalues.

---@type fun(name: string): any
local use = ...

local upvalues = use("values").upvalues

local format, sub = string.format, string.sub
local concat, dump = table.concat, string.dump
local loaded = package and package.loaded or {}
local compile = rawget(_G, "loadstring") or load
local getupvalue, setupvalue = debug and debug.getupvalue, debug and debug.setupvalue

local encode = {}

-- The name of a module, or of what is in one.
local function name_of(value)
  for name, module in pairs(loaded) do
    if module == value then
      return name, ""
    end
  end
  for name, module in pairs(loaded) do
    if type(module) == "table" then
      for field, member in pairs(module) do
        if member == value and type(field) == "string" then
          return name, field
        end
      end
    end
  end
end

-- On Lua 5.1 `format` would end it at a zero byte.
local function text(value)
  return #value .. ":" .. value
end

---@type fun(out: table, value: any, path: string)
local write

local function write_function(out, value, path)
  local ok, code = pcall(dump, value)
  if not ok or not getupvalue then
    error(path .. " is a function of C", 0)
  end
  out[#out + 1] = "f" .. text(code)
  for number, name, upvalue in upvalues(value) do
    if name == "_ENV" then
      out[#out + 1] = "g"
    else
      write(out, upvalue, name == "" and path .. ": upvalue " .. number or name)
    end
  end
  out[#out + 1] = "."
end

local function write_table(out, value, path)
  out[#out + 1] = "t"
  for key, member in pairs(value) do
    write(out, key, path .. "'s key")
    write(out, member, path .. "." .. tostring(key))
  end
  out[#out + 1] = "."
end

function write(out, value, path)
  local kind = type(value)
  if kind == "nil" then
    out[#out + 1] = "n"
  elseif kind == "boolean" then
    out[#out + 1] = value and "1" or "0"
  elseif kind == "number" then
    local whole = value % 1 == 0 and value > -2 ^ 53 and value < 2 ^ 53
    out[#out + 1] = "d"
      .. text(whole and not tostring(value):find "%." and format("%d", value) or format("%.17g", value))
  elseif kind == "string" then
    out[#out + 1] = "s" .. text(value)
  elseif out.seen[value] then
    out[#out + 1] = "r" .. text(tostring(out.seen[value]))
  else
    local module, field = name_of(value)
    if module then
      out[#out + 1] = "m" .. text(module) .. text(field)
      return
    elseif kind ~= "table" and kind ~= "function" then
      error(format("%s is a %s", path, kind), 0)
    end
    out.count = out.count + 1
    out.seen[value] = out.count
    if kind == "table" then
      write_table(out, value, path)
    else
      write_function(out, value, path)
    end
  end
end

-- The bytes of a value. Raises an error that names what cannot be serialised.
function encode.encode(value)
  local out = { seen = {}, count = 0 }
  write(out, value, "the script")
  return concat(out)
end

---@class bsdsocket.test.Reader
---@field bytes string
---@field place integer
---@field values any[]
local Reader = {}
Reader.__index = Reader

function Reader:text()
  ---@type any, any, any
  local _, colon, size = self.bytes:find("^(%d+):", self.place)
  ---@diagnostic disable-next-line: need-check-nil
  self.place = math.floor(colon + 1 + tonumber(size))
  return sub(self.bytes, colon + 1, self.place - 1)
end

function Reader:keep(value)
  self.values[#self.values + 1] = value
  return value
end

-- Whether the list goes on.
function Reader:more()
  local ends = sub(self.bytes, self.place, self.place) == "."
  self.place = ends and self.place + 1 or self.place
  return not ends
end

---@type any
local READ = {
  n = function() end,
  g = function()
    return _G
  end,
  ["1"] = function()
    return true
  end,
  ["0"] = function()
    return false
  end,
  d = function(self)
    return tonumber(self:text())
  end,
  s = Reader.text,
  r = function(self)
    return self.values[tonumber(self:text())]
  end,
  m = function(self)
    local module, field = require(self:text()), self:text()
    return field == "" and module or module[field]
  end,
  t = function(self)
    local made = self:keep {}
    while self:more() do
      local key = self:value()
      made[key] = self:value()
    end
    return made
  end,
  f = function(self)
    local made = self:keep(assert(compile(self:text(), "=script")))
    local number = 0
    while self:more() do
      number = number + 1
      setupvalue(made, number, self:value())
    end
    return made
  end,
}

function Reader:value()
  local kind = sub(self.bytes, self.place, self.place)
  self.place = self.place + 1
  return READ[kind](self)
end

function encode.decode(bytes)
  return setmetatable({ bytes = bytes, place = 1, values = {} }, Reader):value()
end

return encode
