local child = require "spec.support.child"
local system = require "spec.support.system"
local ways = require "spec.support.ways"

-- How many times each way is repeated. `make leaks` sets 100,000; wine is slow.
local CYCLES = tonumber(os.getenv "BSDSOCKET_CYCLES") or system.windows and 500 or 1000

-- How many cycles come before the measurement: one way changes the settings of the collector over 400 cycles.
local WARM_UP = 500

-- The most threads of a process: its own, and those that look up names.
local MOST_THREADS = 17

-- Memory growth that is tolerated, in KiB: what the allocators have not given back yet.
local LUA_MAY_KEEP, PROCESS_MAY_KEEP = 16, 256

-- Repeats a way: first some cycles as a warm-up, then all. Prints how many descriptors, KiB of Lua memory and KiB of
-- process memory there are more, and how many threads there are.
local PROGRAM = [[
  local handles = require "spec.support.handles"
  local lua = require "spec.support.lua"
  local temporary = require "spec.support.temporary"
  local cycle = require("spec.support.ways")[%q]()
  local function measure()
    local count = handles.count()
    lua.collector(200, 200)
    local kilobytes = collectgarbage("count")
    local status = temporary.read("/proc/self/status")
    return count, kilobytes, tonumber(status:match "RssAnon:%%s*(%%d+)"), status:match "Threads:%%s*(%%d+)"
  end
  local function go(count)
    for n = 1, count do
      cycle()
      -- Collects at fixed points, so that the measurement does not depend on when the collector last ran.
      if n %% 100 == 0 then
        collectgarbage()
      end
    end
    return measure()
  end
  measure()
  local descriptors, of_lua, of_process = go(%d)
  local descriptors_now, of_lua_now, of_process_now, threads = go(%d)
  print(descriptors_now - descriptors, math.ceil(of_lua_now - of_lua), of_process_now - of_process, threads)
]]

local names = {}
for name in pairs(ways) do
  names[#names + 1] = name
end
table.sort(names)

describe("no descriptor and no memory leaks in repeated use:", function()
  for _, name in ipairs(names) do
    it(name, function()
      local program = PROGRAM:format(name, math.max(math.ceil(CYCLES / 10), WARM_UP), CYCLES)
      local options = { before = "ulimit -n 64", limit = 20 + math.ceil(CYCLES / 100) }
      local output, complaints, descriptors, of_lua, of_process, threads
      -- The system may take pages from a process and give them back; what leaks grows each time.
      for _ = 1, 3 do
        output, complaints = child.run(program, options)
        descriptors, of_lua, of_process, threads = output:match "^(%-?%d+)\t(%-?%d+)\t(%-?%d+)\t(%d+)\n$"
        if complaints ~= "" or tonumber(of_process or 0) <= PROCESS_MAY_KEEP then
          break
        end
      end
      assert.equal("", complaints)
      assert.equal("0", descriptors)
      assert.is_true(tonumber(of_lua) <= LUA_MAY_KEEP, of_lua .. " KiB more in Lua")
      assert.is_true(tonumber(of_process) <= PROCESS_MAY_KEEP, of_process .. " KiB more in the process")
      assert.is_true(tonumber(threads) <= MOST_THREADS, threads .. " threads")
      if os.getenv "BSDSOCKET_CYCLES" then
        local told = "%s: %d cycles, %s KiB in Lua, %s KiB in the process, %s threads"
        print(told:format(name, CYCLES, of_lua, of_process, threads))
      end
    end)
  end
end)
