-- Checks the outcome of a call: it may return results of the documented types, fail with `nil, message, code`, or raise
-- a string in the form of Lua's own errors.

local socket = require "bsdsocket"

local judge = {}

-- The documented result types of each function, by class and name.
local documented = {}
do
  local ROOMS = {
    socket = "module",
    Socket = "socket",
    Stream = "stream",
    Buffer = "buffer",
    selectors = "selectors",
    Selector = "selector",
    tasks = "tasks",
    Task = "task",
    Group = "group",
    TaskEvent = "event",
    Queue = "queue",
    Semaphore = "semaphore",
  }
  local folder = debug.getinfo(1, "S").source:match "^@(.*)fuzz/judge%.lua$"
  for _, file in ipairs { "bsdsocket", "selectors", "tasks" } do
    local said
    for line in io.lines(folder .. "types/" .. file .. ".d.lua") do
      local first = not said and line:match "^%-%-%-@return (.*)"
      local other = line:match "^%-%-%-@overload fun%b(): (.*)"
      local variable, name = line:match "^function (%w+)[.:]([%w_]+)"
      if first or other then
        said = (said or "") .. (first or other)
      elseif name then
        documented[ROOMS[variable] .. "." .. name] = said
        said = nil
      end
    end
  end
end

-- Lua types as the reference writes them.
local SPELLINGS = {
  boolean = { "boolean", "true", "false" },
  number = { "integer", "number", "Address" },
  string = { "string", '"', "Address", "ErrorClass" },
  table = { "[]", "Address", "SelectorKey", "TaskEvent", "Queue", "Semaphore" },
  userdata = { "Socket", "Stream", "Buffer", "Selector", "Task" },
  ["function"] = { "fun(", "function" },
}

-- Whether the first result has a documented type, as far as the reference states one.
local function fits(target, value)
  local said = documented[target.room .. "." .. target.name]
  for _, spelling in ipairs(said and SPELLINGS[type(value)] or {}) do
    if said:find(spelling, 1, true) then
      return true
    end
  end
  return not said or said:find "^any " ~= nil
end

-- Functions that may return nil without a message.
local MAY_BE_NIL = {
  error_class = true,
  getdefaulttimeout = true,
  getpeername = true,
  getsockname = true,
  gettimeout = true,
  read = true,
  type = true,
  __index = true,
  next_line = true,
  timeout = true,
  current = true,
  traceback = true,
  onerror = true,
}

local GIVES_NOTHING = { ["task.__index"] = true, ["task.__newindex"] = true }

-- Functions that give and raise what the function does that they call; not with a bad argument.
local GIVES_ANY = {
  ["tasks.run"] = true,
  ["tasks.group"] = true,
  ["tasks.timeout_after"] = true,
  ["tasks.shield"] = true,
  ["tasks.pcall"] = true,
  ["task.join"] = true,
  ["queue.get"] = true,
  ["queue.__call"] = true,
}

-- Whether the results behind nil are those of LuaSocket's functions: words, or in `mime.core` what is left.
local FAILS_AS_LUASOCKET = {
  dns = function(message, count)
    return type(message) == "string" and message ~= "" and count == 3
  end,
  mime = function(left, count)
    return (left == nil or type(left) == "number") and count == 3
  end,
}

local RAISED = {
  "^bad argument #%d+ to '[%w_.]+' %(.+%)$",
  -- What a marker makes of a block.
  "^%l+: Cannot allocate memory$",
  "^calling '[%w_#]+' on bad self %(.+%)$",
  "^not enough memory$",
  -- LuaJIT raises this for a size beyond the maximum of a userdata.
  "^userdata length overflow$",
  -- Errors of string.pack and its like.
  "^invalid format option '.*'$",
  "^missing size for format option 'c'$",
  "^integral size %(%d+%) out of limits %[1,16%]$",
  "^%d+%-byte integer does not fit into Lua Integer$",
  -- What cannot wait, or not there.
  "^[%w_]+: cannot wait here %(.+%)$",
  "^select: cannot wait in a task %(.+%)$",
  "^[%w_]+: tasks are already running$",
  "^[%w_]+: tasks cannot run in a finalizer or a debug hook$",
  "^join: only a task can wait for a task$",
  "^join: a task cannot wait for itself$",
  "^[%l_]+: must be called in a task$",
  "^%l+: the group has ended$",
  "^the generator is already running$",
  "^the coroutine of a task was resumed with coroutine%.resume$",
  "^deadlock: every task waits for another$",
  "^cannot set '.*' of a task$",
  "^the name of a task is a string, got %l+$",
}

local function may_be_raised(room, name, message)
  if type(message) ~= "string" or message:find "panic" then
    return false
  end
  -- Functions in Lua name the place of the call.
  local words = message:gsub("^[^:\n]+%.lua:%d+: ", "")
  for _, form in ipairs(RAISED) do
    if words:find(form) then
      return true
    end
  end
  -- Errors of another library's object, and of Lua if the argument is no such object.
  if
    (room == "selector" or room == "task" or name == "wait")
    and (message:find "attempt to %l+ " or message:find "has no member named")
  then
    return true
  end
  -- An iterator can only report a failure by raising.
  return (name == "lines" or name == "next_line") and message ~= ""
end

local function show(results, first)
  local words = {}
  for n = first, results.n do
    local value = results[n]
    words[#words + 1] = type(value) == "string" and ("%q"):format(value:sub(1, 200)) or tostring(value)
  end
  return table.concat(words, ", ")
end

-- What is wrong with the results of `pcall`; nil if nothing is.
function judge.problem(target, outcome)
  local name = target.name
  if GIVES_ANY[target.room .. "." .. name] then
    return type(outcome[2]) == "string" and outcome[2]:find "panic" and "raised " .. show(outcome, 2) or nil
  elseif not outcome[1] then
    return not may_be_raised(target.room, name, outcome[2]) and "raised " .. show(outcome, 2) or nil
  end
  if outcome.n == 1 then
    return not GIVES_NOTHING[target.room .. "." .. name] and "gave nothing" or nil
  elseif outcome[2] ~= nil then
    return not fits(target, outcome[2]) and "gave undocumented " .. show(outcome, 2) or nil
  elseif MAY_BE_NIL[name] and (outcome.n == 2 or outcome[3] == nil) then
    return nil
  end
  local message, code = outcome[3], outcome[4]
  -- A hook has vetoed the call of a task, which on some Luas cannot raise any more.
  if message == "not permitted" and code == "EPERM" then
    return nil
  end
  if FAILS_AS_LUASOCKET[target.room] then
    return not FAILS_AS_LUASOCKET[target.room](message, outcome.n) and "gave " .. show(outcome, 2) or nil
  end
  local known = type(code) == "string" and (socket.error_class(code) or code == "EOF")
  if type(message) ~= "string" or message == "" or not known or outcome.n > 5 then
    return "gave " .. show(outcome, 2)
  end
end

return judge
