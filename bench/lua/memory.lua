-- memory.lua ADAPTER [COUNT]   ->   RESULT bytes
--
-- The Lua heap per open socket, the mean of COUNT sockets. Memory that the
-- library allocates outside of the Lua heap is not counted. The default count stays
-- below the usual limit of 1024 open files.

local adapter = dofile((arg[0]:match "^.*/" or "") .. "paths.lua")

local library = adapter(arg[1])
local count = tonumber(arg[2] or 900)

local function heap()
  collectgarbage()
  collectgarbage()
  return collectgarbage "count" * 1024
end

-- The table is filled first, so that it does not grow meanwhile; one pair is
-- created first for what a library allocates once.
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
