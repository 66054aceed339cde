-- A second copy of the library in this Lua state, so that audit hooks added to it do not affect other specs.

local temporary = require "spec.support.temporary"

-- The path where `require` finds the library.
local function find()
  for template in package.cpath:gmatch("[^;]+") do
    local path = template:gsub("%?", "bsdsocket")
    local file = io.open(path, "rb")
    if file then
      file:close()
      return path
    end
  end
end

return function()
  local path = temporary.file(temporary.read(assert(find())))
  local open, message = package.loadlib(path, "luaopen_bsdsocket")
  temporary.remove(path)
  return assert(open, message)()
end
