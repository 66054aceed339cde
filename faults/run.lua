-- Runs every scenario many times, each time with another call failing: `make faults`.
--
-- A scenario first runs without faults, which lists the calls that it makes. Then each of them fails in each of its
-- ways. If the library is expected to continue, each later call fails in turn as well.

-- The paths of the shim and of the module; the path of what opens the library with limits, `-` for none; the group of
-- scenarios to run, by default all.
local SHIM, LIBRARY, LIMITS, ONLY = arg[1], arg[2], arg[3], arg[4]

local limited = LIMITS ~= nil and LIMITS ~= "-"
if limited then
  assert(package.loadlib(LIBRARY, "*"))
  package.loaded.bsdsocket = assert(package.loadlib(LIMITS, "luaopen_limits"))()
end

local shim = {}
for _, name in ipairs { "start", "stop", "host", "census", "fresh" } do
  shim[name] = assert(package.loadlib(SHIM, name))
end

require "bsdsocket"
shim.host()

local functions = require "faults.functions"
local infallible = require "faults.infallible"
local scenarios = require("faults.scenario").all
local GROUPS = {
  "creating",
  "making",
  "names",
  "connections",
  "bytes",
  "files",
  "streams",
  "selectors",
  "tasks",
  "scheduling",
  "memory",
  "luasocket",
}
for _, name in ipairs(GROUPS) do
  require("faults.scenarios." .. name)
  for number = #scenarios, 1, -1 do
    scenarios[number].group = scenarios[number].group or name
  end
end
local selectors = require "bsdsocket.selectors"
local socket = require "bsdsocket"
local tasks = require "bsdsocket.tasks"

-- The allocations of LuaJIT's compiler would be counted, and they vary between runs.
if jit then
  jit.off()
end

-- With limits the first stream that buffers makes what counts the bytes of all.
do
  local one, other = assert(socket.socketpair())
  local stream = assert(one:makefile "w")
  assert(stream:write "x" and stream:close() and one:close() and other:close())
end

local STARVE, CONFINE = 5, 6

-- With confined memory, the library gets no block of this size or larger, in bytes.
local CONFINED_TO = 65536

-- In a task a second fault is tried after the first unless so many calls are made: it was tried outside.
local LONG = 20

local CONNECTING = { connect = true, connect_ex = true, setpeername = true }

-- Whether a function makes a call only because of limits, and goes on when that fails: to tell the host the peer, and
-- not to linger. After EAGAIN a call asks for the longest wait, which it needs. Where signals have calls restarted,
-- connect sets a timeout of the system's own, and is made another way when that fails.
local function is_beside(case, fault, operation)
  if fault.of == "setsockopt" and CONNECTING[operation] then
    return case.restarts and not case.timeout
  end
  local waits = case.first and case.first.name == "EAGAIN" and fault.place == case.first.place + 1
  local lingers = fault.of == "getsockopt" and operation == "close" and not waits
  return limited and (fault.of == "getpeername" and operation ~= fault.of or lingers)
end

-- The outcome of a fault of a look-up that a thread makes, as with limits; without a thread the call fails then.
-- Outside of tasks it makes two sockets to wait with, and closes them. Nil for any other fault.
local function of_the_look_up(case, scenario, fault)
  if not (limited or scenario.aside) or case.elsewhere then
    return nil
  elseif fault.of == "pthread_create" then
    return limited and "EOPNOTSUPP" or nil
  elseif fault.place < 0 then
    return fault.of == "send" or nil
  end
  local closed = 2 * (not case.in_task and fault.before.pthread_create or 0)
  return fault.of == "close" and (fault.before.close or 0) < closed or nil
end

local NOTHING = { place = 0, of = "", kind = 0, value = 0 }

-- With limits a blocking socket waits in poll, and on Lua versions whose interpreter installs its SIGINT handler with
-- SA_RESTART.
local RESTARTS = limited or not (_VERSION == "Lua 5.4" or _VERSION == "Lua 5.5")

local counts = { cases = 0, starved = 0 }
local covered, met = {}, {}
local complaints = {}

local function complain(case, words)
  complaints[#complaints + 1] = case.name .. ": " .. words
  print(complaints[#complaints])
  if #complaints >= 40 then
    os.exit(1)
  end
end

local function settle()
  for _ = 1, 3 do
    collectgarbage()
  end
end

local function finish(it)
  socket.setdefaulttimeout(nil)
  -- Takes note of look-ups that nobody waits for any more.
  tasks.step(0)
  for _, member in pairs(it) do
    if type(member) == "userdata" and io.type(member) ~= "closed file" then
      local closes, close = pcall(function()
        return member.close
      end)
      if closes and close then
        close(member)
      end
    end
  end
end

local function words(text)
  local all = {}
  for word in text:gmatch "%S+" do
    all[#all + 1] = word
  end
  return all
end

-- Runs a scenario once, with up to two faults. Returns its results, the names of its calls and of those in other
-- threads, how many faults occurred, and how many times Lua allocated memory.
local function perform(case, scenario, first, second)
  local it = scenario.make(case.timeout)
  it.timeout = case.timeout
  -- Runs code in a Lua state of its own, which has no limits.
  function it.fresh(code)
    case.elsewhere = true
    return shim.fresh(code)
  end
  settle()
  if case.hooked then
    debug.sethook(function() end, "", 1)
  end
  local one, other = first or NOTHING, second or NOTHING
  shim.start(case.name, one.place, one.of, one.kind, one.value, other.place, other.of, other.kind, other.value)
  -- Uses locals, because a table would allocate memory.
  local done, r1, r2, r3, r4, r5, r6 = pcall(scenario.act, it)
  local trace, struck, allocations, others = shim.stop()
  local results = { done, r1, r2, r3, r4, r5, r6, n = 7 }
  debug.sethook()
  for _, name in ipairs(words(trace .. others)) do
    met[name] = true
  end
  if case.starved and not done then
    if scenario.starved then
      scenario.starved(it)
    end
  else
    local sound, complaint = true, nil
    -- When the step itself failed, nobody has the results of the task.
    if not (scenario.in_task and type(r2) == "string" and r2:find "^run: ") then
      sound, complaint = pcall(scenario.check, it, case, (table.unpack or unpack)(results, 2, results.n))
    end
    if not sound then
      complain(case, tostring(complaint))
    end
  end
  finish(it)
  return {
    results = results,
    calls = words(trace),
    others = words(others),
    struck = struck,
    allocations = allocations,
  }
end

-- Whether the results are a failure with this code, or a success.
local function judge(scenario, outcome, results)
  if outcome == "misuse" then
    return not results[1], "no error was raised"
  elseif not results[1] then
    return false, "raised " .. tostring(results[2])
  elseif outcome == "either" then
    return true
  elseif outcome == true then
    return results[2] ~= nil, "failed with " .. tostring(results[4])
  elseif results[2] ~= nil then
    return false, ("no failure, but %s was expected"):format(outcome)
  elseif results[4] ~= outcome then
    return false, ("%s in place of %s"):format(tostring(results[4]), outcome)
  end
  local message = tostring(results[3])
  local operation = scenario.in_task and message:find "^run: " and "run" or scenario.operation
  local named = message:sub(1, #operation) == operation and message:find(": ", 1, true)
  return named, "the message does not name the operation: " .. message
end

local function outcome_of(case, scenario, fault)
  local own = scenario.outcome and scenario.outcome(case, fault)
  if own == nil then
    own = of_the_look_up(case, scenario, fault)
  end
  if own ~= nil then
    return own
  elseif case.hooked then
    return "EINTR"
  elseif is_beside(case, fault, scenario.operation) then
    return true
  elseif case.in_task and fault.of == "epoll_ctl" then
    -- The call is made once more, and fails only if it still has to wait.
    return "either"
  elseif type(fault.outcome) == "function" then
    return fault.outcome(case, fault)
  end
  return fault.outcome
end

-- A copy of a fault for one call of a case. `before` has the number of calls before it, by name; `repeated` if the same
-- function is among them; `after` is the name of the last of them.
local function at(place, name, fault, calls)
  local before = {}
  for n = 1, place - 1 do
    before[calls[n]] = (before[calls[n]] or 0) + 1
  end
  local copy = { place = place, of = name, before = before, repeated = before[name] ~= nil }
  copy.after = calls[place - 1]
  for key, value in pairs(fault) do
    copy[key] = value
  end
  return copy
end

local function describe(scenario, number, timeout, ...)
  local parts = { ("%s%s (scenario %d)"):format(scenario.operation, scenario.in_task and " in a task" or "", number) }
  if timeout then
    parts[1] = parts[1] .. (", timeout %d"):format(timeout)
  end
  for n = 1, select("#", ...) do
    local fault = select(n, ...)
    parts[#parts + 1] = ("%s at call %d, %s"):format(fault.name, fault.place, fault.of)
  end
  return table.concat(parts, "; ")
end

-- Compares the number of descriptors and of the library's memory blocks with the number before.
local function compare(case, before)
  settle()
  local descriptors, blocks = shim.census()
  if descriptors ~= before[1] then
    complain(case, ("%d descriptors, %d before"):format(descriptors, before[1]))
  end
  if blocks > before[2] then
    complain(case, ("%d blocks of memory, %d before"):format(blocks, before[2]))
  end
  -- A block that a thread caches between calls may be allocated or freed.
  before[1], before[2] = descriptors, math.max(blocks, before[2])
end

local function try(scenario, number, timeout, before, hooked, ...)
  local last = select(select("#", ...), ...)
  local case = {
    name = describe(scenario, number, timeout, ...) .. (hooked and "; a hook is pending" or ""),
    timeout = timeout,
    restarts = RESTARTS or scenario.in_task,
    in_task = scenario.in_task,
    hooked = hooked,
    first = select("#", ...) > 1 and (...) or nil,
    met = {},
  }
  for n = 1, select("#", ...) do
    case.met[select(n, ...).of] = true
  end
  local done = perform(case, scenario, ...)
  counts.cases = counts.cases + 1
  local outcome = outcome_of(case, scenario, last)
  if scenario.words and type(outcome) == "string" then
    outcome = scenario.words(outcome)
  end
  -- If a Lua hook is pending, the call may not be reached.
  if done.struck < select("#", ...) and not hooked then
    complain(case, "the fault did not occur: " .. table.concat(done.calls, " "))
  else
    local right, complaint = judge(scenario, outcome, done.results)
    if not right then
      complain(case, complaint)
    end
  end
  compare(case, before)
  return outcome == true, done.calls
end

-- The faults of a function in a scenario, after another fault or none. In a task no poll waits, so that none returns
-- too early; and after EAGAIN and an event a call is only refused again where another event will follow.
local function faults_of(scenario, name, first)
  local faults = {}
  if scenario.unordered and scenario.unordered[name] then
    return faults
  end
  for _, fault in ipairs(assert(functions[name], name .. " has no faults")) do
    local early = name == "poll" and fault.name == "early"
    local again = first and fault.name:find "EAGAIN" and first.name:find "EAGAIN"
    if not (scenario.in_task and (early or again)) then
      faults[#faults + 1] = fault
    end
  end
  return faults
end

local function drive(scenario, number, timeout)
  local clean = { name = describe(scenario, number, timeout), timeout = timeout, met = {} }
  -- Runs it twice, because the first run allocates what is cached.
  perform(clean, scenario)
  settle()
  local before = { shim.census() }
  local done = perform(clean, scenario)
  local right, complaint = judge(scenario, true, done.results)
  if not right and not scenario.only_confined then
    return complain(clean, complaint)
  end
  compare(clean, before)

  for place, name in ipairs(scenario.only_confined and {} or done.calls) do
    for _, fault in ipairs(faults_of(scenario, name)) do
      local first = at(place, name, fault, done.calls)
      local goes_on, calls = try(scenario, number, timeout, before, false, first)
      for next_place = place + 1, goes_on and (#calls <= LONG or not scenario.in_task) and #calls or 0 do
        local next_name = calls[next_place]
        for _, next_fault in ipairs(faults_of(scenario, next_name, first)) do
          try(scenario, number, timeout, before, false, first, at(next_place, next_name, next_fault, calls))
        end
      end
      if fault.hooked then
        try(scenario, number, timeout, before, true, first)
      end
    end
  end

  -- The threads that look up names make a call once, and none of them is interrupted or has to wait.
  for place, name in ipairs(scenario.only_confined and {} or done.others) do
    for _, fault in ipairs(faults_of(scenario, name)) do
      if fault.name ~= "EINTR" and fault.name ~= "EAGAIN" then
        try(scenario, number, timeout, before, false, at(-place, name, fault, {}))
      end
    end
  end

  if scenario.confined then
    local fault = { name = "ENOMEM", of = "the library", kind = CONFINE, place = 0, before = {}, value = CONFINED_TO }
    fault.outcome = fault.name
    try(scenario, number, timeout, before, false, fault)
  end

  -- Lua gets no memory from its n-th allocation on: everything opened is still closed.
  for place = 1, (scenario.collects or scenario.only_confined) and 0 or done.allocations do
    local fault = { name = "no memory", of = "Lua", kind = STARVE, place = place, value = 0 }
    local case = { name = describe(scenario, number, timeout, fault), starved = true, timeout = timeout }
    perform(case, scenario, fault)
    counts.starved = counts.starved + 1
    compare(case, before)
  end
end

for number, scenario in ipairs(scenarios) do
  covered[scenario.operation] = true
  local runs = not ONLY or scenario.group == ONLY
  for _, timeout in ipairs(runs and scenario.timeouts or {}) do
    drive(scenario, number, timeout)
  end
end

-- Checks that every function of the module and every C library function it imports is covered.

local one = assert(socket.socketpair())
local of_streams = debug.getmetatable(assert(one:makefile())).__index
local of_buffers = { fill = socket.buffer(1).fill, set = socket.buffer(1).set, sub = socket.buffer(1).sub }
of_buffers.view = socket.buffer(1).view

local of_selectors = debug.getmetatable(selectors.PollSelector()).__index

local of_tasks = { join = tasks.spawn(tasks.now).join, cancel = tasks.spawn(tasks.now).cancel }
local of_groups = tasks.run(tasks.group, debug.getmetatable)
local objects = { tasks.event(), tasks.queue(), tasks.semaphore(1) }

local all = { socket, socket.SocketType, of_streams, of_buffers, selectors, of_selectors, tasks, of_tasks, of_groups }
for _, object in ipairs(objects) do
  all[#all + 1] = debug.getmetatable(object)
end
local core, unix = require "bsdsocket.luasocket", require "socket.unix"
for _, of_core in ipairs { core, core.dns, unix } do
  all[#all + 1] = of_core
end
for _, object in ipairs { core.tcp(), core.udp(), assert(unix.stream()), assert(unix.dgram()) } do
  all[#all + 1] = debug.getmetatable(object).__index
end
for _, functions_of in ipairs(all) do
  for name, value in pairs(functions_of) do
    if type(value) == "function" and not covered[name] and not infallible.lua[name] then
      complain({ name = name }, "no scenario calls this function")
    end
  end
end

for name in pairs(functions) do
  if not met[name] and not ONLY then
    complain({ name = name }, "no scenario makes this call")
  end
end

local imports = assert(io.popen(("nm -D --undefined-only %s"):format(LIBRARY)))
for line in imports:lines() do
  local name = line:match " ([%w_]+)@GLIBC"
  if name and not functions[name] and not infallible.c[name] then
    complain({ name = name }, "faults/functions.lua has no faults for this function")
  end
end
imports:close()

local summary = "%d scenarios, %d cases, %d without memory, %d complaints"
print(summary:format(#scenarios, counts.cases, counts.starved, #complaints))
os.exit(#complaints == 0 and 0 or 1)
