-- A busted helper that makes the body of each spec a task, and for calls of sockets and streams also the programs that
-- a spec runs. What holds outside of tasks holds inside, but for what is left out here.

---@diagnostic disable-next-line: unresolved-require
local busted = require "busted"
local child = require "spec.support.child"
local socket = require "bsdsocket"
local tasks = require "bsdsocket.tasks"

-- PUC Lua 5.1 yields neither through its own `pcall` nor through the iterator of a `for`.
local yields = tasks.pcall == pcall
if not yields then
  rawset(_G, "pcall", tasks.pcall)
end

-- By reason, patterns of the full names of specs, or the beginning of their files.
local LEFT_OUT = {
  { "it makes tasks itself", file = "spec/tasks/" },
  { "it makes tasks itself", file = "spec/test/" },
  { "it makes tasks itself", file = "spec/servers_spec.lua" },
  { "it makes tasks itself", file = "spec/socket/happy_eyeballs_spec.lua" },
  { "it runs programs in which no task is made", file = "spec/leak_spec.lua" },
  { "it runs programs in which no task is made", file = "spec/examples_spec.lua" },
  { "it runs programs in which no task is made", file = "spec/peers_spec.lua" },
  { "it runs programs in which no task is made", file = "spec/fuzz_spec.lua" },
  { "it runs programs in which no task is made", "^vetoed calls leak nothing in %d+ cycles of " },
  {
    "`select` of a selector does not wait in a task",
    "^select of a %w+ waits until the timeout if nothing is registered$",
    "^select of a %w+ waits for the timeout$",
    "^a closed descriptor that has a duplicate, in a %w+, is not ",
  },
  {
    "a task waits whatever the mode of the descriptor",
    "^a blocking socket whose duplicate sets O_NONBLOCK fails with ",
  },
  {
    "Ctrl-C and a pending hook cancel the task, and end the run",
    "^Ctrl%-C can be caught with pcall$",
    "^Ctrl%-C interrupts create_connection in its first attempt",
    "when a Lua hook is pending$",
  },
  {
    "a coroutine that a task creates itself cannot wait",
    "^Ctrl%-C ends the script during a blocking %w+ in a coroutine",
  },
  {
    "recvmsg with MSG_WAITALL may return fewer bytes in a task",
    "^MSG_WAITALL on a blocking socket waits for all parts: recvmsg",
    "^Ctrl%-C interrupts a script in a blocking recvmsg",
  },
  not yields and {
    "a `for` over lines does not wait in a task of Lua 5.1",
    "^Ctrl%-C ends the script during a blocking lines",
    "^a call that waits ends in time: lines",
    "^stream:lines raises errors at the position of the call, and loses no data$",
  } or nil,
}

-- The full name of a spec, and its file.
local function describe(element)
  local names, file = {}, ""
  while element do
    if element.descriptor == "file" then
      file = tostring(element.name)
    elseif element.name then
      table.insert(names, 1, element.name)
    end
    element = busted.parent(element)
  end
  return table.concat(names, " "), file
end

local function reason_to_leave_out(name, file)
  for _, entry in ipairs(LEFT_OUT) do
    if entry.file and file:find(entry.file, 1, true) then
      return entry[1]
    end
    for n = 2, #entry do
      if name:find(entry[n]) then
        return entry[1]
      end
    end
  end
end

-- The scheduler has its descriptors, those for look-ups too, before the specs count theirs.
tasks.run(socket.getaddrinfo, "localhost", 80)

local printed = {}
busted.subscribe({ "test", "start" }, function(element)
  local name, file = describe(element)
  local reason = reason_to_leave_out(name, file)
  local body = element.run
  child.in_task = not reason and (file:find("spec/socket/", 1, true) or file:find("spec/stream/", 1, true)) ~= nil
  if not reason then
    function element.run()
      tasks.run(body)
    end
    return nil, true
  end
  function element.run() end
  if not printed[reason] then
    printed[reason] = true
    print("skipped in a task: " .. reason)
  end
  return nil, true
end, { priority = 1 })
