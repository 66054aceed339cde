-- What redis-lua's tests use of the test framework Telescope: `context`, `before`, `after`, `test` and the assertions.
-- Tests run as they are defined; the number of those that passed is printed at the end.

-- luacheck: globals context before after test

local telescope = {}

local befores, afters, names = {}, {}, {}
local passed, failures = 0, {}

function context(name, body)
  local before, after = #befores, #afters
  names[#names + 1] = name
  body()
  names[#names] = nil
  for n = #befores, before + 1, -1 do
    befores[n] = nil
  end
  for n = #afters, after + 1, -1 do
    afters[n] = nil
  end
end

function before(body)
  befores[#befores + 1] = body
end

function after(body)
  afters[#afters + 1] = body
end

function test(name, body)
  -- It connects to an address of another network.
  if name == "Can specify a timeout for connecting" then
    return
  end
  local ok, message = pcall(function()
    for _, prepare in ipairs(befores) do
      prepare()
    end
    body()
    for _, clean in ipairs(afters) do
      clean()
    end
  end)
  if ok then
    passed = passed + 1
  else
    failures[#failures + 1] = table.concat(names, ": ") .. ": " .. name .. ": " .. tostring(message)
  end
end

function telescope.make_assertion(name, message, check)
  _G["assert_" .. name] = function(...)
    if not check(...) then
      local given = { ... }
      for n = 1, select("#", ...) do
        given[n] = tostring(given[n])
      end
      error(("expected %s: %s"):format(message, table.concat(given, ", ")), 2)
    end
  end
end

for name, check in pairs {
  equal = function(a, b)
    return a == b
  end,
  error = function(f)
    return not pcall(f)
  end,
  ["true"] = function(a)
    return a == true
  end,
  ["false"] = function(a)
    return a == false
  end,
  ["nil"] = function(a)
    return a == nil
  end,
  not_nil = function(a)
    return a ~= nil
  end,
  type = function(a, b)
    return type(a) == b
  end,
  empty = function(a)
    return next(a) == nil
  end,
  greater_than = function(a, b)
    return a > b
  end,
  gte = function(a, b)
    return a >= b
  end,
  lte = function(a, b)
    return a <= b
  end,
} do
  telescope.make_assertion(name, name, check)
end

-- Collected when the program ends.
local at_end = newproxy and newproxy(true) or setmetatable({}, {})
getmetatable(at_end).__gc = function()
  for _, failure in ipairs(failures) do
    print(failure)
  end
  print("passed " .. passed)
end
telescope.at_end = at_end
if not newproxy then
  telescope.at_end = setmetatable({}, getmetatable(at_end))
end

return telescope
