-- `socket.newtry`, `socket.protect` and `socket.skip`. They are written in Lua, since not every Lua can yield through a
-- C function.

-- The checker takes `...` for true, and knows only one Lua.
---@diagnostic disable: unnecessary-if, generic-constraint-mismatch

---@type table<string, function>
local core = ...

local error, format, pcall, select, setmetatable, tonumber, type =
  error, string.format, pcall, select, setmetatable, tonumber, type

-- The errors that a `try` raised, and their metatable.
local raised, Raised = setmetatable({}, { __mode = "k" }), { __metatable = false }

function Raised.__tostring(raising)
  return tostring(raising[1])
end

local function raise(message)
  local raising = setmetatable({ message }, Raised)
  raised[raising] = true
  error(raising, 0)
end

function core.newtry(finalizer)
  return function(...)
    if ... then
      return ...
    end
    if finalizer ~= nil then
      finalizer()
    end
    raise((select(2, ...)))
  end
end

-- Calls a function as `pcall` does, so that it may yield.
local call = pcall
-- Lua 5.1 cannot yield through its own pcall; in a task another one can.
if _VERSION == "Lua 5.1" and not rawget(_G, "jit") then
  local loaded = package and package.loaded or {}
  function call(...)
    local tasks = loaded["bsdsocket.tasks"]
    return (tasks and tasks.pcall or pcall)(...)
  end
end

local function outcome(ok, ...)
  if ok then
    return ...
  end
  local failure = ...
  if type(failure) == "table" and raised[failure] then
    return nil, failure[1]
  end
  error(failure, 0)
end

function core.protect(f)
  return function(...)
    return outcome(call(f, ...))
  end
end

function core.skip(count, ...)
  local number = tonumber(count)
  if not number then
    local given = count == nil and "no value" or type(count)
    error(format("bad argument #1 to 'skip' (number expected, got %s)", given), 2)
  elseif number < 0 or number ~= number then
    error("bad argument #1 to 'skip' (number out of range)", 2)
  elseif number < select("#", ...) then
    return select(number - number % 1 + 1, ...)
  end
end
