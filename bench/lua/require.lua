-- require.lua MODULE   ->   RESULT microseconds
--
-- The time of the first `require` of a module; one process is one sample. The
-- clock is that of the floor module, or LuaSocket's if the floor is measured.

dofile((arg[0]:match "^.*/" or "") .. "paths.lua")

local module = arg[1]
local now
if module == "floor" then
  now = require("socket").gettime
else
  now = require("floor").now
end

local start = now()
require(module)
print(("RESULT %.1f"):format((now() - start) * 1e6))
