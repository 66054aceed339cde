-- Lists of values, on every Lua.

local values = {}

---@diagnostic disable-next-line: access-invisible
values.unpack = table.unpack or unpack -- luacheck: ignore

function values.pack(...)
  return { n = select("#", ...), ... }
end

return values
