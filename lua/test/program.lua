-- Programs under test: started, waited for until they are ready, and stopped with all that they have started.

---@type fun(name: string): any
local use = ...

local failure, peer, ports, scope = use "failure", use "peer", use "ports", use "scope"
local system, tasks = use "programs", use "tasks"

local find, format, sub = string.find, string.format, string.sub

-- The numbers of SIGTERM and SIGKILL; how long a program may take to end, and how often that is checked; how much of
-- its output is kept, and shown by a failure.
local TERM, KILL, GRACE, PAUSE, KEPT, SHOWN = 15, 9, 1, 0.005, 1024 * 1024, 2048

local program = {}

---@class bsdsocket.test.Program: table
---@field handle any
local Program = {}
Program.__index = Program

-- What a peer reads the output of a program from.
local Output = {}
Output.__index = Output

-- The running programs, whose output a test reads from its begin.
local running = setmetatable({}, { __mode = "k" })

-- Reads once: true unless there is nothing to read.
local function read(self)
  if self.silent then
    return nil
  end
  local bytes, message, code = system.read(self.handle)
  if bytes == "" or not bytes and code ~= "EAGAIN" then
    self.silent = true
  elseif bytes then
    self.output = sub(self.output .. bytes, -KEPT)
    self.waiting = self.waiting .. bytes
  else
    return nil, message, code
  end
  self.news:set()
  return true
end

local function drain(self)
  while not self.silent do
    if not read(self) and not tasks.wait(self.file, "r") then
      break
    end
  end
  self.drained = false
end

-- Reads its output in a task of a test, so that the program does not block in a write. Nothing else waits for its file
-- from now on: what waits would not see bytes that the task has read.
local function drain_during(test, self)
  self.drained = true
  test:background(drain, self)
end

-- Waits until there may be more output: for the task that reads, if there is one.
local function await_news(self, seconds)
  if self.drained and tasks.current() then
    self.news:clear()
    return self.news:wait(seconds)
  end
  return tasks.wait(self.file, "r", seconds)
end

function Output:receive(deadline)
  local own = self.program
  while own.waiting == "" and not own.silent do
    if not read(own) then
      local ok, message, code = await_news(own, math.max(deadline - tasks.now(), 0))
      if not ok then
        return nil, message, code
      end
    end
  end
  local bytes = own.waiting
  own.waiting = ""
  return bytes
end

function Output.addresses() end

function Output.close() end

function Output.send()
  return nil, "a program has no input", "EOPNOTSUPP"
end

Output.shutdown, Output.reset = Output.send, Output.send

-- Lines about it for a failure.
function Program:notes()
  local how = self.how and format("%s %d", self.how, self.status) or "running"
  local text = sub(self.output, -SHOWN):gsub("\n$", ""):gsub("\n", "\n    ")
  if self.how == nil and text == "" then
    return nil
  end
  return format("  %s (%s):\n    %s", self.name, how, text)
end

local function fail(self, text)
  read(self)
  local notes = not scope.current() and self:notes()
  scope.fail(failure.position() .. self.name .. " " .. text .. (notes and "\n" .. notes or ""))
end

-- Its exit status or signal; nothing while it runs.
local function ended(self)
  if not self.how and self.handle then
    self.how, self.status = system.poll(self.handle)
  end
  return self.how, self.status
end

local function await_output(self, pattern, deadline)
  while not find(self.output, pattern) do
    if self.silent then
      return nil, "its output has ended"
    end
    local bytes, message, code = self.peer.channel:receive(deadline)
    if not bytes then
      return nil, code == "timeout" and "its output has no " .. pattern or message
    end
    self.kept = self.kept .. bytes
  end
  -- Its output can be expected from the beginning.
  self.waiting, self.kept = self.kept .. self.waiting, ""
  return true
end

local function await_ready(self, ready, seconds)
  local deadline = scope.deadline(seconds)
  local function check()
    read(self)
    if ended(self) then
      fail(self, format("ended before it was ready: %s %d", self.how, self.status))
    end
  end
  local ok, message
  if type(ready) == "string" then
    ok, message = await_output(self, ready, deadline)
  else
    ok, message = ports.await_address(ready, deadline, check)
  end
  if not ok then
    -- A program that ends closes its output a moment before.
    local last = tasks.now() + GRACE
    while self.silent and not ended(self) and tasks.now() < last do
      tasks.sleep(PAUSE)
    end
    check()
    fail(self, "was not ready in time\n  " .. tostring(message))
  end
end

local OPTIONS = {
  name = "string",
  ready = "any",
  seconds = "number",
  directory = "string",
  environment = "table",
}

-- The words of a command: a string is one for the shell.
local function words_of(command)
  if type(command) == "string" then
    return { "/bin/sh", "-c", command }, command:match "^%s*(%S+)" or "sh"
  end
  failure.check(command, "table", "spawn: command")
  local words = {}
  for n, word in ipairs(command) do
    words[n] = tostring(word)
  end
  if #words == 0 then
    failure.misuse "spawn: an empty command"
  end
  return words, words[1]
end

-- Starts a program.
function program.spawn(command, options)
  options = failure.check_options(options, OPTIONS, "spawn")
  local words, name = words_of(command)
  local ready = options.ready
  if ready ~= nil and type(ready) ~= "table" and type(ready) ~= "string" then
    failure.misuse("spawn: ready: address or pattern expected, got " .. type(ready))
  end
  local variables = {}
  for variable, value in pairs(options.environment or {}) do
    variables[#variables + 1] = tostring(variable) .. "=" .. tostring(value)
  end
  local handle, message = system.start(words, options.directory, variables)
  if not handle then
    local place = options.directory and " in " .. options.directory or ""
    failure.misuse(format("spawn: cannot start '%s'%s: %s", name, place, (message:gsub("^start: ", ""))))
  end
  ---@type table<string, any>
  local self = setmetatable({
    name = options.name or name:match "[^/]+$" or name,
    handle = handle,
    file = system.fileno(handle),
    id = system.id(handle),
    output = "",
    waiting = "",
    kept = "",
    news = tasks.event(),
  }, Program)
  running[self] = true
  scope.add(self)
  local test = scope.current()
  if test then
    drain_during(test, self)
  end
  self.peer = peer.new(setmetatable({ program = self, datagrams = false }, Output), self.name)
  if ready then
    await_ready(self, ready, options.seconds)
  end
  return self
end

-- Reads, in tasks of a test that begins, from the programs that were started before.
scope.at_start(function(test)
  for self in pairs(running) do
    drain_during(test, self)
  end
end)

-- Expects bytes of its output.
function Program:expect(what, seconds)
  return self.peer:expect(what, seconds)
end

-- Waits until it ends, and returns how: "exit" and its status, or "signal" and its number.
function Program:wait(seconds)
  local deadline = scope.deadline(seconds)
  while not ended(self) do
    read(self)
    if tasks.now() >= deadline then
      fail(self, "did not end in time")
    end
    tasks.sleep(PAUSE)
  end
  while read(self) do
  end
  return self.how, self.status
end

-- Sends SIGTERM, and kills it and all that it has started when it does not end.
function Program:stop()
  if self.handle and not ended(self) then
    system.signal(self.handle, TERM)
    local last = tasks.now() + GRACE
    while not ended(self) and tasks.now() < last do
      read(self)
      tasks.sleep(PAUSE)
    end
  end
  self:close()
  return self.how, self.status
end

-- Kills it and all that it has started.
function Program:close()
  if self.handle then
    read(self)
    if not ended(self) then
      self.how, self.status = "signal", KILL
    end
    running[self] = nil
    system.close(self.handle)
    self.handle, self.silent = false, true
  end
  return true
end

return program
