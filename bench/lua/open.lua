-- open.lua MODULE   ->   RESULT microseconds KiB
--
-- The time to open a module in another Lua state of a process that has it open already, and the Lua heap that stays
-- in use: the median of 31 states.

dofile((arg[0]:match "^.*/" or "") .. "paths.lua")

local floor = require "floor"
local module = arg[1]
require(module)

local path
for pattern in package.cpath:gmatch "[^;]+" do
  local candidate = pattern:gsub("%?", module)
  local file = io.open(candidate)
  if file then
    file:close()
    path = candidate
    break
  end
end

local times, heap = {}, 0
for n = 1, 31 do
  times[n], heap = floor.open(path, "luaopen_" .. module)
end
table.sort(times)
print(("RESULT %.1f %.1f"):format(times[16] * 1e6, heap / 1024))
