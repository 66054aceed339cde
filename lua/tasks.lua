-- `bsdsocket.tasks`: running tasks, coroutines within a task, and the methods of tasks. A function that calls one that
-- may yield is written in Lua, since not every Lua can yield through a C function. The others are native.

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
core.check_function = check_function

local function check_timeout(timeout, index, name)
  if timeout ~= nil and (type(timeout) ~= "number" or timeout < 0 or timeout ~= timeout) then
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
core.check_timeout = check_timeout

-- Turns what a wait for a task returned into its results, its error, which is raised, or the failure of the wait.
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
    error("run: tasks are already running", 2)
  end
  local before = core.mark()
  local task, message, code = core.spawn(f, ...)
  if not task then
    return nil, message, code
  end
  return outcome(core.run(task, before))
end

-- Coroutines within a task.

local continue

-- Lua 5.1 creates coroutines of Lua functions only.
local function coroutine_of(f)
  return create(function(...)
    return f(...)
  end)
end

-- Called when the coroutine has yielded or ended. If a call in it has parked, the coroutine of the task yields as well.
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

-- Lua 5.1 cannot yield through its own pcall.
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
      error("the generator is already running", 2)
    end
    busy = true
    if core.current() then
      return done(continue(thread, running(), false, ...))
    end
    return done(resume(thread, ...))
  end
end

-- Methods and fields of tasks.

local Task, names = {}, setmetatable({}, { __mode = "k" })

function Task:join(timeout)
  check_timeout(timeout, 1, "join")
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

return tasks
