-- Reading faults from the options of a proxy, for streams and datagrams.

---@type fun(name: string): any
local use = ...

local failure = use "failure"

local faults = {}

-- Checks the options of a fault, and adds the defaults. A rule is the default, or the type of an option
-- that must be given ("number", "bytes") or may ("numbers").
local function read_fault(kinds, given, call)
  failure.check(given, "table", call .. ": fault")
  local name = failure.check(given[1], "string", call .. ": name of a fault")
  local kind = kinds[name]
  if not kind then
    failure.misuse(call .. ": there is no fault '" .. name .. "'")
  end
  call = call .. ": " .. name
  local fault = { name = name, start = kind.start }
  for option in pairs(given) do
    if option ~= 1 and kind.options[option] == nil then
      failure.misuse(call .. ": there is no option '" .. tostring(option) .. "'")
    end
  end
  for option, rule in pairs(kind.options) do
    local value, what = given[option], call .. ": " .. option
    if rule == "numbers" then
      if value ~= nil then
        local set = {}
        for _, number in ipairs(failure.check(value, "table", what)) do
          set[failure.check_number(number, what, 1, true)] = true
        end
        fault[option] = set
      end
    elseif type(rule) == "table" then
      value = value == nil and rule[1] or value
      local known = false
      for _, choice in ipairs(rule) do
        known = known or choice == value
      end
      if not known then
        failure.misuse(what .. ": one of " .. table.concat(rule, ", ") .. " expected, got " .. tostring(value))
      end
      fault[option] = value
    elseif rule == "count" then
      fault[option] = failure.check_number(value, what, 1, true)
    elseif rule == "number" then
      fault[option] = failure.check_number(value, what, 0)
    elseif value == nil then
      fault[option] = rule or nil
    else
      fault[option] = failure.check_number(value, what, 0)
    end
  end
  return fault
end

-- The faults of one direction. `kinds` are all that there are, by name: their options, and how they start.
function faults.read(kinds, list, call)
  local read = {}
  for n, given in ipairs(failure.check(list or {}, "table", call)) do
    read[n] = read_fault(kinds, given, call)
  end
  return read
end

local DIRECTIONS = { upstream = 1, downstream = 2 }

-- What a fault gets: its random numbers, which depend on its connection, direction and further numbers, and a function
-- that logs what it does.
function faults.place(proxy, connection, direction, number)
  local place = {}
  function place.random(...)
    return use("random").new(proxy.seed, connection, DIRECTIONS[direction], number, ...)
  end
  function place.log(text)
    proxy:note(connection, direction, text)
  end
  function place.background(f)
    return proxy.scope:background(f)
  end
  return place
end

return faults
