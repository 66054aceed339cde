-- Timeouts, shields and groups of tasks.

-- The native functions have no types here.
---@diagnostic disable: undefined-field, await-in-sync, need-check-nil

---@type table<string, function>, table
local core, tasks = ...

local error, setmetatable, type = error, setmetatable, type
local format = string.format
local check_function, protected = core.check_function, tasks.pcall

local function left(scope, ok, ...)
  core.leave(scope)
  if not ok then
    error((...), 0)
  end
  return ...
end

function tasks.timeout_after(seconds, f, ...)
  core.check_timeout(seconds, 1, "timeout_after")
  check_function(f, 2, "timeout_after")
  return left(core.timeout_after(seconds), protected(f, ...))
end

function tasks.shield(f, ...)
  check_function(f, 1, "shield")
  return left(core.shield(), protected(f, ...))
end

-- Groups.

local numbers = setmetatable({}, { __mode = "k" })
local Group = {}
Group.__index, Group.__name, Group.__metatable = Group, "group", "group"

-- False for a group that has ended.
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
  local task, message, code
  if number then
    task, message, code = core["group:spawn"](number, f, ...)
  end
  if not task and not message then
    error("spawn: the group has ended", 2)
  end
  return task, message, code
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
