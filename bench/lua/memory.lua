-- memory.lua ADAPTER [COUNT]   ->   RESULT bytes
--
-- The Lua heap that one open socket takes, the mean of COUNT sockets. Memory the
-- library keeps outside of the Lua heap is not seen. The default count stays
-- below the usual limit of 1024 open files.

local adapter = dofile((arg[0]:match "^.*/" or "") .. "paths.lua")

local library = adapter(arg[1])
local count = tonumber(arg[2] or 900)

local function heap()
  collectgarbage()
  collectgarbage()
  return collectgarbage "count" * 1024
end

-- The table is filled beforehand, so that it does not grow while measured; one
-- pair is made beforehand for what a library makes once.
local sockets = {}
for i = 1, count do
  sockets[i] = false
end
sockets.first, sockets.second = library.pair()

local before = heap()
for i = 1, count - 1, 2 do
  sockets[i], sockets[i + 1] = library.pair()
end
local after = heap()
assert(sockets[count])
print(("RESULT %.1f"):format((after - before) / count))
