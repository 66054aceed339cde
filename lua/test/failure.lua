-- Failures: the line that they name, and raising them.

local failure = {}

local error, find, type = error, string.find, type
local getinfo = debug and debug.getinfo
---@type table<string, any>
local loaded = package and package.loaded or {}

-- The line that called the kit, as `error` writes it. A tail call has none.
function failure.position()
  local level, info = 2, getinfo and getinfo(2, "Sl")
  while info do
    if info.currentline > 0 and not find(info.source, "^@lua/test") then
      return info.short_src .. ":" .. info.currentline .. ": "
    end
    level = level + 1
    info = getinfo(level, "Sl")
  end
  return ""
end

-- Raises a failure: through luassert if it is loaded, so that it counts as a failure and not as an error.
function failure.raise(text)
  local luassert = loaded.luassert
  if luassert and luassert.level then
    luassert(false, text, luassert:level(-1))
  end
  error(text, 0)
end

-- Raises an error about how the kit was called.
function failure.misuse(text)
  error(failure.position() .. text, 0)
end

-- Checks an argument; `what` names it, and says in which call.
function failure.check(value, kind, what)
  if type(value) ~= kind then
    failure.misuse(what .. ": " .. kind .. " expected, got " .. (value == nil and "no value" or type(value)))
  end
  return value
end

-- Checks that a number is not below another, and is whole if asked.
function failure.check_number(value, what, least, whole)
  failure.check(value, "number", what)
  if value ~= value or value < least or whole and value % 1 ~= 0 then
    failure.misuse(what .. ": " .. value .. " is out of range")
  end
  return value
end

-- Checks a table of options: the kind of value of each name.
function failure.check_options(options, kinds, call)
  if options == nil then
    return {}
  end
  failure.check(options, "table", call .. ": options")
  for name, value in pairs(options) do
    if not kinds[name] then
      failure.misuse(call .. ": there is no option '" .. tostring(name) .. "'")
    elseif kinds[name] ~= "any" then
      failure.check(value, kinds[name], call .. ": " .. name)
    end
  end
  return options
end

return failure
