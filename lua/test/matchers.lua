-- What can be expected. A matcher has a description and a function `match(bytes, ended)`, which returns how many bytes
-- it takes and its results; nothing when it needs more; or false, why, the place of the first wrong byte and what was
-- expected. `ended` is "EOF" or "RESET" when nothing more can be received. `size` is how many bytes it needs, if it
-- needs a number of them.

---@type fun(name: string): any
local use = ...

local failure, hexdump, unpack = use "failure", use "hexdump", use("values").unpack

local find, format, sub = string.find, string.format, string.sub
---@type table<string, any>
local loaded = package and package.loaded or {}

local Matcher = {}

local matchers = {}

local function matcher(description, match, size)
  return setmetatable({ description = description, match = match, size = size }, Matcher)
end

local function literal(expected)
  return matcher(hexdump.quote(expected, 60), function(bytes)
    if sub(bytes, 1, #expected) == expected then
      return #expected, expected
    end
    local place = hexdump.difference(bytes, expected)
    if place > #bytes then
      return nil
    end
    return false, format("byte %d differs", place), place, expected
  end)
end

local function count(size)
  failure.check_number(size, "expect: number of bytes", 0, true)
  return matcher(size == 1 and "1 byte" or size .. " bytes", function(bytes)
    if #bytes >= size then
      return size, sub(bytes, 1, size)
    end
  end, size)
end

local function ending(outcome, description, others)
  return matcher(description, function(bytes, ended)
    if #bytes > 0 then
      return false, "bytes came instead", 1
    elseif ended == outcome then
      return 0
    elseif ended then
      return false, others
    end
  end)
end

matchers.EOF = ending("EOF", "the end of the stream", "the connection was reset")
matchers.RESET = ending("RESET", "a reset of the connection", "the stream ended without one")

function matchers.line(pattern)
  local description = "a line"
  if pattern ~= nil then
    description = "a line that matches " .. hexdump.quote(failure.check(pattern, "string", "line: pattern"), 60)
    local ok, reason = pcall(find, "", pattern)
    if not ok then
      failure.misuse("line: " .. reason)
    end
    pattern = "^" .. pattern:gsub("^%^", "") .. "$"
  end
  return matcher(description, function(bytes)
    local stop = find(bytes, "\n", 1, true)
    if not stop then
      return nil
    end
    local line = sub(bytes, 1, stop - 1):gsub("\r$", "")
    if not pattern then
      return stop, line
    elseif not find(line, pattern) then
      return false, "the line is " .. hexdump.quote(line, 60)
    end
    return stop, line:match(pattern)
  end)
end

function matchers.upto(delimiter)
  if #failure.check(delimiter, "string", "upto: delimiter") == 0 then
    failure.misuse "upto: an empty delimiter"
  end
  return matcher("bytes up to " .. hexdump.quote(delimiter, 60), function(bytes)
    local start, stop = find(bytes, delimiter, 1, true)
    if start then
      return stop, sub(bytes, 1, start - 1)
    end
  end)
end

-- The results of a function of the test, or what is wrong with them.
local function judged(bytes, ok, size, ...)
  if not ok then
    return false, "the matcher raised: " .. tostring(size)
  elseif size == false then
    return false, tostring((...) or "the matcher refused it")
  elseif size == nil then
    return nil
  elseif type(size) ~= "number" or size < 0 or size % 1 ~= 0 or size > #bytes then
    return false, format("the matcher took %s of %d bytes", tostring(size), #bytes)
  end
  return size, ...
end

local function called(f)
  return matcher("what its function takes", function(bytes, ended)
    if #bytes == 0 and not ended then
      return nil
    end
    return judged(bytes, pcall(f, bytes, ended ~= nil))
  end)
end

local function pattern_of_lpeg(lpeg, pattern)
  local whole = lpeg.Ct(pattern) * lpeg.Cp()
  return matcher("what its LPeg pattern matches", function(bytes, ended)
    ---@type table?, integer
    local captures, after = lpeg.match(whole, bytes)
    if captures then
      if #captures == 0 then
        captures[1] = sub(bytes, 1, after - 1)
      end
      return after - 1, unpack(captures)
    elseif ended then
      return false, "the pattern does not match"
    end
  end)
end

-- The first of several that matches. It waits while an earlier one may still match, so that it does not matter how the
-- bytes were split.
function matchers.any(choices)
  failure.check(choices, "table", "any: choices")
  local list, names = {}, {}
  for n, choice in ipairs(choices) do
    list[n] = matchers.of(choice)
    names[n] = list[n].description
  end
  if #list == 0 then
    failure.misuse "any: no choices"
  end
  local function chosen(n, size, ...)
    if size then
      return size, n, ...
    end
    return size, ...
  end
  return matcher("any of " .. table.concat(names, ", "), function(bytes, ended)
    for n, choice in ipairs(list) do
      local size = choice.match(bytes, ended)
      if size then
        return chosen(n, choice.match(bytes, ended))
      elseif size == nil and not ended then
        return nil
      end
    end
    return false, "none of them fits"
  end)
end

-- The matcher for an argument of `expect`.
function matchers.of(what)
  local kind, lpeg = type(what), loaded.lpeg
  if kind == "string" then
    return literal(what)
  elseif kind == "number" then
    return count(what)
  elseif kind == "function" then
    return called(what)
  elseif getmetatable(what) == Matcher then
    return what
  elseif lpeg and lpeg.type(what) == "pattern" then
    return pattern_of_lpeg(lpeg, what)
  end
  failure.misuse("expect: cannot expect a value of type " .. (what == nil and "nil" or kind))
end

return matchers
