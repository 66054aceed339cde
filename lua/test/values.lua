-- Lists of values, on every Lua.

local values = {}

---@diagnostic disable-next-line: access-invisible
values.unpack = table.unpack or unpack -- luacheck: ignore

function values.pack(...)
  return { n = select("#", ...), ... }
end

-- An iterator over the upvalues of a function: number, name and value.
function values.upvalues(f)
  local number = 0
  return function()
    number = number + 1
    local name, value = debug.getupvalue(f, number)
    if name then
      return number, name, value
    end
  end
end

return values
