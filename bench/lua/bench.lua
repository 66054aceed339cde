-- bench.lua ADAPTER TEST N   ->   RESULT median best garbage
--
-- Measures one test of one library: nanoseconds per turn, 7 batches of N turns, and the bytes of Lua heap that a turn
-- takes until they are collected.
-- RESULT NA means that the library has no call for the test. Runs on Lua 5.1 to
-- 5.4 and LuaJIT.
--
-- Tests, where SIZE is a number of bytes:
--   ppSIZE    send and receive on a socketpair
--   intoSIZE  the same, received into a preallocated buffer
--   ppt       one byte sent and received, with a timeout set on both sockets
--   udp       sendto and recvfrom with the sender's address
--   udpt      the same, addresses as tables
--   client    the same, and a client is found by its address
--   opt       getsockopt
--   tmo       gettimeout
--   acc       connect, accept and close both
--   acct      the same, the peer's address as a table

local BATCHES = 7
local WARM_UP = 200

local adapter = dofile((arg[0]:match "^.*/" or "") .. "paths.lua")
local now = require("floor").now

local function prepare(library, test)
  local name, size = test:match "^(%a+)(%d+)$"
  if not name then
    return library[test] and library[test]()
  end
  size = tonumber(size)
  return library[name] and library[name](("x"):rep(size), size)
end

local function measure(loop, turns)
  local times = {}
  assert(loop(math.min(turns, WARM_UP)) ~= 0, "what was received is not read")
  for batch = 1, BATCHES do
    local start = now()
    loop(turns)
    times[batch] = (now() - start) / turns * 1e9
  end
  table.sort(times)
  return times[math.floor((BATCHES + 1) / 2)], times[1]
end

local function garbage(loop)
  collectgarbage()
  collectgarbage "stop"
  local before = collectgarbage "count"
  loop(WARM_UP)
  local after = collectgarbage "count"
  collectgarbage "restart"
  return (after - before) * 1024 / WARM_UP
end

local library, test, turns = arg[1], arg[2], tonumber(arg[3])
if not turns then
  io.stderr:write "usage: bench.lua ADAPTER TEST N\n"
  os.exit(2)
end

local loop = prepare(adapter(library), test)
if loop then
  local median, best = measure(loop, turns)
  print(("RESULT %.2f %.2f %.0f"):format(median, best, garbage(loop)))
else
  print "RESULT NA"
end
