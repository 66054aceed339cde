-- Calls every function and method of `bsdsocket.luasocket` with random arguments, round after round, until the time is
-- over: see README.md. Started by `run`.

local core = require "bsdsocket.luasocket"
local socket = require "bsdsocket"
local tasks = require "bsdsocket.tasks"
local Random = require "fuzz.random"

local mime, unix = require "mime.core", require "socket.unix"
local unpack = table.unpack or unpack

local CALLS_OF_A_ROUND, MOST, PATIENCE, LONGEST = 400, 16, 0.001, 10

local function setting(name, default)
  return tonumber(os.getenv("FUZZ_" .. name) or "") or default
end

local seed, seconds, only = setting("SEED", os.time() % 1000000), setting("SECONDS", 60), setting "ROUND"
local journal = os.getenv "FUZZ_JOURNAL" and io.open(os.getenv "FUZZ_JOURNAL", "w")

local NUMBERS =
  { 0, 1, -1, 2, 3.7, 64, 2048, 8192, 8193, 65536, 1e6, 2 ^ 31, 2 ^ 53, -2 ^ 63, 1e300, 0 / 0, 1 / 0, -1 / 0 }
local TEXTS = {
  "",
  "*",
  "*l",
  "*a",
  "*r",
  "l",
  "\0",
  "127.0.0.1",
  "::1",
  "localhost",
  "0",
  "9",
  "x\r\ny",
  "both",
  "send",
  "b",
  "t",
}
local OPTIONS = {
  "keepalive",
  "linger",
  "error",
  "reuseaddr",
  "tcp-nodelay",
  "ip-multicast-if",
  "ip-add-membership",
  "recv-buffer-size",
  "ipv6-add-membership",
  "bindtodevice",
}

local World = {}
World.__index = World

function World:object()
  return self.random:of(self.objects)
end

-- An object of no library: its methods raise, yield, close what they can reach, and return anything.
function World:foreign()
  local function act()
    local choice = self.random:below(7)
    if choice == 0 then
      error(self.random:once_in(2) and "foreign" or {}, 0)
    elseif choice == 1 and coroutine.running() then
      coroutine.yield()
    elseif choice == 2 then
      local one = self:object()
      if one then
        one:close()
      end
    elseif choice == 3 then
      collectgarbage()
    elseif choice == 4 then
      return self:value()
    end
    local one = self:object()
    return one and one:getfd() or -1
  end
  return setmetatable({ getfd = act, dirty = act }, self.random:once_in(4) and { __index = act } or nil)
end

function World:value()
  local random = self.random
  local choice = random:below(13)
  if choice < 3 then
    return random:of(NUMBERS)
  elseif choice < 5 then
    return random:of(TEXTS)
  elseif choice == 5 then
    return random:of(OPTIONS)
  elseif choice == 6 then
    return ("x"):rep(random:below(20000))
  elseif choice == 7 then
    return self:object()
  elseif choice == 8 then
    return random:once_in(2)
  elseif choice == 9 then
    return self:foreign()
  elseif choice == 10 then
    return {
      on = random:once_in(2),
      timeout = random:of(NUMBERS),
      multiaddr = random:of(TEXTS),
      interface = random:of(TEXTS),
    }
  elseif choice == 11 then
    local list = {}
    for n = 1, random:below(6) do
      list[n] = random:once_in(4) and self:foreign() or self:object()
    end
    return random:once_in(5)
        and setmetatable(list, {
          __index = function()
            return self:value()
          end,
        })
      or list
  end
  return nil
end

function World:keep(value)
  if type(value) == "userdata" then
    if #self.objects < MOST then
      self.objects[#self.objects + 1] = value
    else
      self.objects[self.random:below(MOST) + 1] = value
    end
    value:settimeout(PATIENCE)
  end
end

-- Functions that wait for as long as they are told.
local function arguments(world, name)
  local given = {}
  local count = world.random:below(5)
  for n = 1, count do
    given[n] = world:value()
  end
  if name == "settimeout" then
    given[1] = world.random:of { 0, PATIENCE, 0 / 0 }
  elseif name == "sleep" then
    given[1] = PATIENCE
  elseif name == "select" then
    given[3], count = PATIENCE, 3
  elseif name == "setfd" then
    given[1], count = -1, 1
  elseif name == "receive" and world.random:once_in(2) then
    given[1] = world.random:of { "*l", "*a", "*r", 1, 100, 5000 }
  elseif (name == "connect" or name == "bind") and world.random:once_in(2) then
    given[1], given[2], count = "127.0.0.1", world.random:of { 0, 1, world.port }, 2
  end
  return given, math.max(count, 1)
end

local MODULES = { core, core.dns, mime, unix }

local function act(world)
  local name, f, given, count
  local object = world:object()
  if object and not world.random:once_in(4) then
    local methods = getmetatable(object).__index
    name = world.random:of(world.names[methods.class])
    f = methods[name]
    given, count = arguments(world, name)
    if world.random:once_in(20) then
      object = world:value()
    end
    table.insert(given, 1, object or false)
    count = count + 1
  else
    local module = world.random:of(MODULES)
    name = world.random:of(world.names[module])
    f = module[name]
    given, count = arguments(world, name)
  end
  if journal then
    journal:write(("%s %s %d\n"):format(tostring(object), name, count))
    journal:flush()
  end
  local begun = os.time()
  local function call()
    local released = name == "setfd" and type(given[1]) == "userdata" and given[1]:getfd()
    local outcome = { pcall(f, unpack(given, 1, count)) }
    if not outcome[1] and type(outcome[2]) ~= "string" and type(outcome[2]) ~= "table" then
      world:complain(name, "raised a " .. type(outcome[2]))
    elseif
      outcome[1]
      and outcome[2] == nil
      and outcome[3] ~= nil
      and type(outcome[3]) ~= "string"
      and not (mime[name] or name == "skip")
    then
      world:complain(name, "failed with a " .. type(outcome[3]))
    end
    if released and outcome[1] and released >= 0 then
      socket.close(released)
    end
    for n = 2, 4 do
      world:keep(outcome[n])
    end
  end
  call()
  if os.time() - begun > LONGEST then
    world:complain(name, "took too long")
  end
end

function World:complain(name, problem)
  self.problems = self.problems + 1
  io.stderr:write(("fuzz: seed %d, round %d: %s %s\n"):format(seed, self.round, name, problem))
end

-- The names of functions, in an order that does not depend on the run.
local function names_of(holder)
  local names = {}
  for name, value in pairs(holder) do
    -- `__call` is Lua code, which may call what yields.
    if type(value) == "function" and name ~= "__call" then
      names[#names + 1] = name
    end
  end
  table.sort(names)
  return names
end

local function count_descriptors()
  local count = 0
  for number = 0, 199 do
    local copy = socket.dup(number)
    if copy then
      socket.close(copy)
      count = count + 1
    end
  end
  return count
end

local function run(round)
  local world =
    setmetatable({ random = Random.new(seed, round), objects = {}, round = round, problems = 0, names = {} }, World)
  local server = assert(core.tcp4())
  assert(server:bind("127.0.0.1", 0))
  assert(server:listen())
  world.port = select(2, server:getsockname())
  for _, holder in ipairs(MODULES) do
    world.names[holder] = names_of(holder)
  end
  local makers = { core.tcp, core.udp, core.tcp4, core.udp4, unix.stream, unix.dgram }
  for _, make in ipairs(makers) do
    local object = assert(make())
    world:keep(object)
    world.names[object.class] = names_of(getmetatable(object).__index)
  end
  local client = assert(core.tcp4())
  assert(client:connect("127.0.0.1", world.port))
  world:keep(client)
  world:keep(assert(server:accept()))
  world:keep(server)
  -- The classes of a type have the same methods.
  setmetatable(world.names, {
    __index = function(names, class)
      local kind = class:match "^%a+"
      return rawget(names, kind .. "{master}") or rawget(names, kind .. "{unconnected}")
    end,
  })
  if round % 3 == 0 then
    tasks.run(function()
      for _ = 1, CALLS_OF_A_ROUND / 4 do
        local group = {}
        for n = 1, 4 do
          group[n] = tasks.spawn(act, world)
        end
        if world.random:once_in(10) then
          world.random:of(group):cancel()
        end
        for _, task in ipairs(group) do
          task:join()
        end
      end
    end)
  else
    for _ = 1, CALLS_OF_A_ROUND do
      act(world)
    end
  end
  for _, object in ipairs(world.objects) do
    object:close()
  end
  return world.problems
end

local before
local rounds, problems, deadline = 0, 0, os.time() + seconds
repeat
  rounds = rounds + 1
  problems = problems + run(only or rounds)
  collectgarbage()
  collectgarbage()
  local now = count_descriptors()
  -- Look-ups that nobody waits for any more have descriptors for a while.
  if before and now > before + 8 then
    problems = problems + 1
    io.stderr:write(("fuzz: seed %d, round %d: %d descriptors leak\n"):format(seed, rounds, now - before))
  end
  -- The tasks and the look-ups of the first rounds have made what stays.
  if rounds >= 6 then
    before = before or now
  end
until only or os.time() >= deadline
print(("%d calls in %d rounds, %d problems"):format(rounds * CALLS_OF_A_ROUND, rounds, problems))
os.exit(problems == 0 and 0 or 1)
