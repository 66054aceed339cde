-- What MobDebug does with its sockets: a controller and a debugged program with one connection, commands in lines,
-- bodies of a given length, polls without waiting in a debug hook.

local socket = require "socket"

local server = assert(socket.bind("*", 8172))
local program = assert(socket.connect("localhost", 8172))
local controller = assert(server:accept())
controller:settimeout(5)

local seen = {}
local function debugged()
  local stepping = false
  local function command()
    while true do
      local line = assert(program:receive())
      local verb, rest = line:match "^(%u+)%s*(.*)$"
      if verb == "EXEC" then
        local chunk = assert((loadstring or load)(rest))
        assert(program:send("200 OK " .. tostring(chunk()) .. "\n"))
      elseif verb == "LOAD" then
        local size = tonumber(rest)
        local text = size == 0 and "" or assert(program:receive(size))
        assert(program:send("200 OK " .. #text .. "\n"))
      elseif verb == "STEP" or verb == "RUN" then
        stepping = verb == "STEP"
        assert(program:send "200 OK\n")
        return
      end
    end
  end
  local lines = 0
  debug.sethook(function(_, line)
    lines = lines + 1
    -- A poll for commands, as while a program runs.
    program:settimeout(0)
    local early, reason = program:receive(0)
    assert(early == "" or reason == "timeout", reason)
    program:settimeout(5)
    if stepping or lines == 1 then
      seen[#seen + 1] = line
      assert(program:send(("202 Paused here %d\n"):format(line)))
      command()
    end
  end, "l")
  local sum = 0
  for n = 1, 3 do
    sum = sum + n
  end
  debug.sethook()
  assert(program:send "203 Done\n")
end

-- The commands are sent before the program runs, which answers them one by one.
local order = { "EXEC return 6 * 7", "LOAD 5\nabcde", "LOAD 0", "STEP", "STEP", "EXEC return 'x'", "RUN" }
for _, text in ipairs(order) do
  if text:find "^LOAD" then
    assert(controller:send(text .. (text:find "\n" and "" or "\n")))
  else
    assert(controller:send(text .. "\n"))
  end
end
debugged()
local answers = {}
repeat
  local line, reason = controller:receive()
  answers[#answers + 1] = assert(line, reason)
until line == "203 Done"
local text = table.concat(answers, "|")
assert(text:find("200 OK 42|200 OK 5|200 OK 0|200 OK|202 Paused", 1, true), text)
assert(#seen == 3, #seen)
local ready = socket.select({ controller }, nil, 0)
assert(#ready == 0)
program:close()
ready = socket.select({ controller }, nil, 5)
assert(ready[1] == controller and ready[controller])
local nothing, reason = controller:receive()
assert(nothing == nil and reason == "closed", reason)
