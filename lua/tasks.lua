-- The functions of `bsdsocket.tasks` that call a function which may wait: not every Lua can yield through a C function.
-- The others are native.

-- The native functions have no types here.
---@diagnostic disable: undefined-field, need-check-nil, unnecessary-if, await-in-sync

---@type table<string, function>, table
local core, metatable = ...

local error, rawget, setmetatable, type = error, rawget, setmetatable, type
local coroutine = coroutine or {}
local create, resume, running, status, yield =
  coroutine.create, coroutine.resume, coroutine.running, coroutine.status, coroutine.yield
local pcall, format, gsub = pcall, string.format, string.gsub

local tasks = {}
for _, name in ipairs {
  "all",
  "current",
  "fileno",
  "now",
  "onerror",
  "sleep",
  "spawn",
  "step",
  "timeout",
  "traceback",
  "wait",
  "yield",
} do
  tasks[name] = core[name]
end

local function check_function(f, index, name)
  if type(f) ~= "function" then
    error(
      format("bad argument #%d to '%s' (function expected, got %s)", index, name, f == nil and "no value" or type(f)),
      3
    )
  end
end

-- What has waited for a task: its results, its error raised again, or the failure of the wait.
local function outcome(ok, ...)
  if ok then
    return ...
  elseif ok == false then
    error((...), 0)
  end
  return nil, ...
end

function tasks.run(f, ...)
  check_function(f, 1, "run")
  if core.is_in_step() then
    error("run: a step is running already", 2)
  end
  local before = core.mark()
  return outcome(core.run(core.spawn(f, ...), before))
end

-- Coroutines within a task -------------------------------------------------------------------------------------------

local continue

-- Lua 5.1 makes coroutines of functions of Lua only.
local function coroutine_of(f)
  return create(function(...)
    return f(...)
  end)
end

-- The coroutine has yielded or ended. What it waits for, the whole task waits for.
local function passed(thread, own, transparent, ok, ...)
  local suspended = status(thread) == "suspended"
  local waits = core.switch(own, ...)
  if suspended and (waits or transparent) then
    return continue(thread, own, transparent, yield(...))
  end
  return ok, ...
end

function continue(thread, own, transparent, ...)
  core.switch(thread)
  return passed(thread, own, transparent, resume(thread, ...))
end

-- Lua 5.1 cannot yield through its own.
if _VERSION == "Lua 5.1" and not rawget(_G, "jit") then
  -- A native function is called in this file: that place is no part of its error, as it is not with `pcall`.
  local function unplaced(ok, message, ...)
    if not ok and type(message) == "string" then
      message = gsub(message, "^lua/tasks%.lua:%d+: ", "")
    end
    return ok, message, ...
  end

  function tasks.pcall(f, ...)
    if type(f) ~= "function" or not core.current() then
      return pcall(f, ...)
    end
    return unplaced(continue(coroutine_of(f), running(), true, ...))
  end
else
  tasks.pcall = pcall
end
local protected = tasks.pcall

function tasks.wrap(f)
  check_function(f, 1, "wrap")
  local thread, busy = coroutine_of(f), false
  local function done(ok, ...)
    busy = false
    if not ok then
      error((...), 0)
    end
    return ...
  end
  return function(...)
    if busy then
      error("the generator is running already", 2)
    end
    busy = true
    if core.current() then
      return done(continue(thread, running(), false, ...))
    end
    return done(resume(thread, ...))
  end
end

-- Scopes -------------------------------------------------------------------------------------------------------------

local function left(scope, ok, ...)
  core.leave(scope)
  if not ok then
    error((...), 0)
  end
  return ...
end

function tasks.timeout_after(seconds, f, ...)
  check_function(f, 2, "timeout_after")
  return left(core.timeout_after(seconds), protected(f, ...))
end

function tasks.shield(f, ...)
  check_function(f, 1, "shield")
  return left(core.shield(), protected(f, ...))
end

-- Groups -------------------------------------------------------------------------------------------------------------

local numbers = setmetatable({}, { __mode = "k" })
local Group = {}
Group.__index, Group.__name, Group.__metatable = Group, "group", "group"

-- False for a group that is over.
local function number_of(group, name)
  local number = numbers[group]
  if number == nil then
    error(format("calling '%s' on bad self (group expected, got %s)", name, type(group)), 3)
  end
  return number
end

function Group:spawn(f, ...)
  local number = number_of(self, "spawn")
  check_function(f, 1, "spawn")
  if not number then
    error("spawn: the group is over", 2)
  end
  return core.group_spawn(number, f, ...)
end

function Group:cancel()
  local number = number_of(self, "cancel")
  return not number or core.cancel_group(number)
end

local function grouped(group, number, ok, ...)
  if not ok then
    core.cancel_group(number)
  end
  local waited, refusal = protected(core.group, number)
  if not waited then
    core.cancel_group(number)
  end
  numbers[group] = false
  local failed, message, traceback = core.close_group(number)
  if not waited then
    error(refusal, 0)
  elseif failed then
    if type(message) == "string" and traceback then
      message = message .. "\n" .. traceback
    end
    error(message, 0)
  elseif not ok then
    error((...), 0)
  end
  return ...
end

function tasks.group(f, ...)
  check_function(f, 1, "group")
  local group = setmetatable({}, Group)
  local number = core.open_group()
  numbers[group] = number
  return grouped(group, number, protected(f, group, ...))
end

-- Tasks --------------------------------------------------------------------------------------------------------------

local Task, names = {}, setmetatable({}, { __mode = "k" })

function Task:join(timeout)
  return outcome(core.join(self, timeout))
end

Task.cancel = core.cancel

function metatable.__index(task, key)
  local method = Task[key]
  if method then
    return method
  elseif key == "status" then
    return core.status(task)
  elseif key == "name" then
    return names[task] or format("task %d", core.serial(task))
  end
end

function metatable.__newindex(task, key, value)
  if key ~= "name" then
    error(format("cannot set '%s' of a task", tostring(key)), 2)
  elseif type(value) ~= "string" then
    error(format("the name of a task is a string, got %s", type(value)), 2)
  end
  names[task] = value
end

function metatable.__tostring(task)
  local standing = core.status(task)
  return format("task (%s, %s)", task.name, standing)
end

-- Waiting for each other ---------------------------------------------------------------------------------------------

-- Those who wait, in order. Whose wait failed is taken out.
local blocks = core.blocks

local function join_list(list, wait, timeout, value)
  local entry = { task = core.current(), value = value }
  if not entry.task then
    return wait(timeout)
  end
  local place = list.last + 1
  list.last, list[place] = place, entry
  local ok, message, code = wait(timeout)
  if ok then
    return entry
  end
  if list[place] == entry then
    list[place] = nil
    while list.last >= list.first and not list[list.last] do
      list.last = list.last - 1
    end
  end
  return nil, message, code
end

-- Takes the first out and ends its wait.
local function wake_first(list)
  while list.first <= list.last do
    local place = list.first
    local entry = list[place]
    list.first, list[place] = place + 1, nil
    if entry then
      core.wake(entry.task)
      return entry
    end
  end
end

local function list()
  return { first = 1, last = 0 }
end

local function class(name)
  local methods = {}
  methods.__index, methods.__name, methods.__metatable = methods, name, name
  local states = setmetatable({}, { __mode = "k" })
  local function state(self, method)
    return states[self] or error(format("calling '%s' on bad self (%s expected, got %s)", method, name, type(self)), 3)
  end
  local function make(fields)
    local self = setmetatable({}, methods)
    states[self] = fields
    return self
  end
  return methods, state, make
end

local function check_timeout(timeout, index, name)
  if timeout ~= nil and (type(timeout) ~= "number" or timeout ~= timeout) then
    error(
      format(
        "bad argument #%d to '%s' (%s)",
        index,
        name,
        type(timeout) == "number" and "timeout out of range" or "number expected, got " .. type(timeout)
      ),
      3
    )
  end
end

local Event, event_of, new_event = class "event"

function tasks.event()
  return new_event { is_set = false, waiting = list() }
end

function Event:set()
  local event = event_of(self, "set")
  event.is_set = true
  while wake_first(event.waiting) do
  end
  return true
end

function Event:clear()
  event_of(self, "clear").is_set = false
  return true
end

function Event:is_set()
  return event_of(self, "is_set").is_set
end

function Event:wait(timeout)
  local event = event_of(self, "wait")
  check_timeout(timeout, 1, "wait")
  if event.is_set then
    return blocks.wait(nil, true)
  end
  local entry, message, code = join_list(event.waiting, blocks.wait, timeout)
  if entry then
    return true
  end
  return nil, message, code
end

local Semaphore, semaphore_of, new_semaphore = class "semaphore"

local function check_count(count, name, least)
  if type(count) ~= "number" or count ~= count or count < least or count % 1 ~= 0 then
    error(
      format(
        "bad argument #1 to '%s' (%s)",
        name,
        type(count) == "number" and "number out of range" or "number expected, got " .. type(count)
      ),
      3
    )
  end
end

function tasks.semaphore(count)
  check_count(count, "semaphore", 0)
  return new_semaphore { count = count, waiting = list() }
end

function Semaphore:acquire(timeout)
  local semaphore = semaphore_of(self, "acquire")
  check_timeout(timeout, 1, "acquire")
  if semaphore.count > 0 then
    local ok, message, code = blocks.acquire(nil, true)
    if not ok then
      return nil, message, code
    end
    semaphore.count = semaphore.count - 1
    return true
  end
  local entry, message, code = join_list(semaphore.waiting, blocks.acquire, timeout)
  if entry then
    return true
  end
  return nil, message, code
end

function Semaphore:release()
  local semaphore = semaphore_of(self, "release")
  if not wake_first(semaphore.waiting) then
    semaphore.count = semaphore.count + 1
  end
  return true
end

local Queue, queue_of, new_queue = class "queue"

function tasks.queue(size)
  if size ~= nil then
    check_count(size, "queue", 1)
  end
  return new_queue { size = size, first = 1, last = 0, getting = list(), putting = list(), closed = false }
end

local function append(queue, value)
  queue.last = queue.last + 1
  queue[queue.last] = value
end

local function closed(name)
  return nil, name .. ": the queue is closed", "EPIPE"
end

function Queue:put(value, timeout)
  local queue = queue_of(self, "put")
  check_timeout(timeout, 2, "put")
  if value == nil then
    error("bad argument #1 to 'put' (value expected)", 2)
  elseif queue.closed then
    return closed "put"
  end
  local entry = wake_first(queue.getting)
  if entry then
    entry.value = value
    return true
  elseif not queue.size or queue.last - queue.first + 1 < queue.size then
    append(queue, value)
    return true
  end
  local put, message, code = join_list(queue.putting, blocks.put, timeout, value)
  if not put then
    return nil, message, code
  elseif put.closed then
    return closed "put"
  end
  return true
end

function Queue:get(timeout)
  local queue = queue_of(self, "get")
  check_timeout(timeout, 1, "get")
  if queue.first <= queue.last then
    local ok, message, code = blocks.get(nil, true)
    if not ok then
      return nil, message, code
    end
    local value = queue[queue.first]
    queue[queue.first], queue.first = nil, queue.first + 1
    local entry = wake_first(queue.putting)
    if entry then
      append(queue, entry.value)
    end
    return value
  elseif queue.closed then
    return closed "get"
  end
  local entry, message, code = join_list(queue.getting, blocks.get, timeout)
  if not entry then
    return nil, message, code
  elseif entry.closed then
    return closed "get"
  end
  return entry.value
end

function Queue:close()
  local queue = queue_of(self, "close")
  queue.closed = true
  for _, waiting in ipairs { queue.getting, queue.putting } do
    local entry = wake_first(waiting)
    while entry do
      entry.closed = true
      entry = wake_first(waiting)
    end
  end
  return true
end

function Queue:__len()
  local queue = queue_of(self, "#")
  return queue.last - queue.first + 1
end

Queue.__call = Queue.get

return tasks
