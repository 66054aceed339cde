-- Calls every function of the module and every method with random arguments, round after round, until the time is over:
-- see README.md. Started by `run`.

local calls = require "fuzz.calls"
local guards = require "fuzz.guards"
local harvest = require "fuzz.harvest"
local judge = require "fuzz.judge"
local lua = require "spec.support.lua"
local selectors = require "bsdsocket.selectors"
local socket = require "bsdsocket"
local tasks = require "bsdsocket.tasks"
local World = require "fuzz.world"

local unpack = table.unpack or unpack

local CALLS_OF_A_ROUND = 400
-- A call that takes longer than this number of seconds hangs.
local LONGEST = 10

local function setting(name, default)
  return tonumber(os.getenv("FUZZ_" .. name) or "") or default
end

local seed = setting("SEED", os.time() % 1000000)
local seconds = setting("SECONDS", 60)
local only = setting("ROUND")
-- Functions that affect more than this process are only called in a namespace of its own.
local alone = os.getenv "FUZZ_ALONE" == "yes"
local journal_path = os.getenv "FUZZ_JOURNAL"

-- The functions by class: of the module, and of each kind of object.
local samples = { assert(socket.socketpair()) }
local stream = assert(samples[1]:makefile("rw"))
local buffer = socket.buffer(1)
local selector = selectors.PollSelector()
local task = tasks.spawn(tasks.now)
local shared = { event = tasks.event(), queue = tasks.queue(), semaphore = tasks.semaphore(1) }
shared.group = tasks.run(tasks.group, function(group)
  return group
end)
local metatables = {
  socket = debug.getmetatable(samples[1]),
  stream = debug.getmetatable(stream),
  buffer = debug.getmetatable(buffer),
  selector = debug.getmetatable(selector),
  task = debug.getmetatable(task),
}
local dns = require("bsdsocket.luasocket").dns
local mime = package.preload["mime.core"] "mime.core"
local modules = { module = socket, selectors = selectors, tasks = tasks, mime = mime, dns = dns }
local objects = { buffer = buffer, stream = stream, socket = socket.SocketType, selector = selector, task = task }

local holders = {
  module = socket,
  socket = socket.SocketType,
  selectors = selectors,
  selector = metatables.selector.__index,
  tasks = tasks,
  mime = mime,
  dns = dns,
}
for room, object in pairs(shared) do
  metatables[room], objects[room], holders[room] = debug.getmetatable(object), object, debug.getmetatable(object)
end
for room, holder in pairs(holders) do
  for name, value in pairs(holder) do
    assert(type(value) ~= "function" or calls[room][name] or calls.left_out[name], room .. "." .. name)
  end
end

local targets = {}
for room, shapes in pairs(calls) do
  if metatables[room] or modules[room] then
    for name, kinds in pairs(shapes) do
      local metatable = metatables[room]
      local called = metatable and (rawget(metatable, name) or objects[room][name]) or (modules[room] or {})[name]
      if called and (name ~= "sethostname" or alone) then
        targets[#targets + 1] = { room = room, name = name, kinds = kinds, call = called }
      end
    end
  end
end
table.sort(targets, function(left, right)
  return left.room .. left.name < right.room .. right.name
end)
for _, sample in ipairs { stream, samples[1], samples[2], selector } do
  sample:close()
end

local function pack(...)
  return { n = select("#", ...), ... }
end

local function show(value)
  local kind = type(value)
  if kind == "string" then
    return ("%q"):format(#value > 60 and value:sub(1, 60) .. "…" or value):gsub("\n", "n")
  elseif kind == "table" and not debug.getmetatable(value) then
    local words = {}
    for key, item in pairs(value) do
      words[#words + 1] = ("[%s]=%s"):format(tostring(key), type(item) == "table" and "{…}" or show(item))
      if #words > 8 then
        break
      end
    end
    return "{" .. table.concat(words, ", ") .. "}"
  elseif kind == "table" then
    return "a table with a metatable"
  end
  return (tostring(value):gsub("%z", "?"))
end

-- The calls of a round, each written before it is made.
local journal
local function note(line)
  if journal then
    journal:write(line:sub(1, 300), "\n")
    journal:flush()
  end
end

-- The arguments of a call, with a method's object first.
local function arguments_of(world, target)
  local random = world.random
  local arguments = {}
  if not modules[target.room] then
    if random:once_in(12) then
      arguments[1] = world:value()
    else
      arguments[1] = world:value(target.room)
    end
  end
  world.called = socket.type(arguments[1]) and arguments[1] or nil
  local first = modules[target.room] and 0 or 1
  local count = #target.kinds
  if random:once_in(6) then
    count = random:below(9)
  elseif random:once_in(4) then
    count = random:below(count + 1)
  end
  local strange = random:once_in(3)
  for n = 1, count do
    local kind = target.kinds[n]
    if strange and random:once_in(2) then
      kind = nil
    end
    arguments[first + n] = world:value(kind)
  end
  arguments.n = first + count
  return arguments
end

-- The world during a call: audit hooks may change it, and raise.
local playing
socket.addaudithook(function()
  if playing and playing.chance:once_in(10) then
    playing:disturb()
  elseif playing and playing.chance:once_in(30) then
    error(World.HOSTILE, 0)
  end
end)

local function call(world, target, arguments)
  if world.random:once_in(4) then
    -- A coroutine starts with a small stack.
    local thread = coroutine.create(function()
      return pcall(target.call, unpack(arguments, 1, arguments.n))
    end)
    local outcome = pack(coroutine.resume(thread))
    if coroutine.status(thread) ~= "dead" then
      return { n = 2, false, "it yielded" }
    end
    return { n = outcome.n - 1, unpack(outcome, 2, outcome.n) }
  end
  return pack(pcall(target.call, unpack(arguments, 1, arguments.n)))
end

-- How many descriptors are open for each file, by its name in /proc.
local function descriptors()
  if jit then
    -- A LuaJIT trace keeps objects alive.
    jit.flush()
  end
  for _ = 1, 4 do
    collectgarbage()
  end
  local stat = assert(io.open("/proc/self/stat"))
  local process = stat:read("*n")
  stat:close()
  local pipe = assert(io.popen("ls -l /proc/" .. process .. "/fd 2>/dev/null"))
  local names = {}
  for name in pipe:read("*a"):gmatch "%-> ([^\n]+)" do
    names[name] = (names[name] or 0) + 1
  end
  pipe:close()
  return names
end

-- A file that is open more often than before, if there is one.
local function left_open(before)
  for name, times in pairs(descriptors()) do
    if times > (before[name] or 0) and not name:find "^pipe:" then
      return name
    end
  end
end

local problems, count = 0, 0
local function complain(round, text)
  problems = problems + 1
  io.stderr:write(("round %d: %s\n"):format(round, text))
end

-- Checks the outcome of a call, and keeps its results.
local function check(world, round, line, target, outcome)
  count = count + 1
  local problem = not rawequal(outcome[2], World.HOSTILE) and judge.problem(target, outcome) or nil
  if problem then
    complain(round, line .. " " .. problem)
  end
  if outcome[1] then
    harvest(world, target, outcome)
  end
end

-- Lets something happen to the world. It must not take long.
local function watch(world, round, line, act, ...)
  local before = os.time()
  playing = world
  local outcome = act(...)
  playing = nil
  if os.time() - before > LONGEST then
    complain(round, line .. " took longer than " .. LONGEST .. " seconds")
  end
  return outcome
end

-- Makes a call in a task, which may have ended only when others were made.
local function try_in_task(world, round, line, target, arguments)
  local random = world.random
  local limit = random:once_in(4) and random:of { 0, 0.0005, 0.002 }
  local wrapped = random:once_in(4)
  local function body()
    world:keep(world.threads, (coroutine.running()))
    check(world, round, line, target, pack(tasks.pcall(target.call, unpack(arguments, 1, arguments.n))))
  end
  local function all()
    local inner = wrapped and tasks.wrap(body) or body
    if limit then
      return tasks.timeout_after(limit, inner)
    end
    return inner()
  end
  world:keep(world.tasks, tasks.spawn(all))
  watch(world, round, line, function()
    for _ = 1, random:below(4) do
      assert(tasks.step(0))
    end
  end)
  if random:once_in(10) then
    world:cancel()
  end
end

-- Makes one call.
local function try(world, round, target, arguments)
  local words = {}
  for place = 1, arguments.n do
    words[place] = show(arguments[place])
  end
  local line = ("%s.%s(%s)"):format(target.room, target.name, table.concat(words, ", "))
  if world.random:once_in(3) then
    note(line .. " in a task")
    return try_in_task(world, round, line .. " in a task", target, arguments)
  end
  local guard = guards.outside[target.room .. "." .. target.name]
  if guard then
    guard(world, arguments)
  end
  note(line)
  check(world, round, line, target, watch(world, round, line, call, world, target, arguments))
end

-- Sets a handler of errors of tasks that keeps nothing of a round alive.
local function silence()
  tasks.onerror(function() end)
end

local function play(round)
  local world = World.new(seed, round)
  if journal then
    journal:close()
  end
  journal = journal_path and assert(io.open(journal_path, "w"))
  note("round " .. round)
  for _ = 1, CALLS_OF_A_ROUND do
    local target = world.random:of(targets)
    if not calls.ending[target.name] or world.random:once_in(10) then
      if world.random:once_in(5) then
        world:litter()
      elseif world.random:once_in(60) then
        world:replenish()
      end
      local arguments = arguments_of(world, target)
      local guard = guards[target.room .. "." .. target.name]
      if guard then
        guard(world, arguments)
      end
      try(world, round, target, arguments)
      if world.next_line then
        local next_line = { room = "stream", name = "next_line", call = world.next_line }
        world.next_line = nil
        try(world, round, next_line, pack(world:value()))
      end
      world:calm()
    end
  end
  note "the end"
  local left = watch(world, round, "the end", world.finish_tasks)
  if left > 0 then
    complain(round, left .. " tasks did not end: " .. tostring(tasks.traceback(tasks.all()[1])))
  end
  world:finish()
  silence()
end

print(("%s, seed %d%s"):format(jit and jit.version or _VERSION, seed, alone and "" or ", without sethostname"))
lua.collector(50, 400)
-- The descriptors of the journal and of the scheduler, those for look-ups too, must be open before counting.
assert(tasks.fileno())
tasks.run(socket.getaddrinfo, "localhost", 80)
silence()
play(0)
local before = descriptors()
local finish = os.time() + seconds
local round = only or 1
repeat
  play(round)
  -- A look-up that nobody waits for any more has its sockets until it ends.
  local last = os.time() + 10
  local left
  repeat
    left = left_open(before)
  until not left or os.time() > last
  if left then
    complain(round, "left open: " .. left)
  end
  round = round + 1
until only or os.time() >= finish or problems > 20

print(("%d calls in %d rounds, %d problems"):format(count, round - (only or 1), problems))
os.exit(problems == 0 and 0 or 1, true)
