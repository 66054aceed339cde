-- Events, semaphores and queues, by which tasks wait for each other.

-- The native functions have no types here.
---@diagnostic disable: undefined-field, need-check-nil, unnecessary-if

---@type table<string, function>, table
local core, tasks = ...

local error, rawget, setmetatable, type = error, rawget, setmetatable, type
local format = string.format

-- A list of the tasks that wait, in order. A task whose wait has failed is removed.
local blocks, check_timeout = core.blocks, core.check_timeout

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

-- Removes the first task from the list and wakes it.
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

-- An object has its fields under a key of its class. In a table of all objects with weak keys, a queue that contains
-- itself would not be collected on Lua 5.1 and LuaJIT.
local function class(name)
  local methods, key = {}, {}
  methods.__index, methods.__name, methods.__metatable = methods, name, name
  local function state(self, method)
    local fields = type(self) == "table" and rawget(self, key)
    return fields or error(format("calling '%s' on bad self (%s expected, got %s)", method, name, type(self)), 3)
  end
  local function make(fields)
    return setmetatable({ [key] = fields }, methods)
  end
  return methods, state, make
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
