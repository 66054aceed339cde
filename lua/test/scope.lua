-- The running test: its deadline, what it has opened, and its first failure.

---@type fun(name: string): any
local use = ...

local failure, tasks, transcript, values = use "failure", use "tasks", use "transcript", use "values"

local error, format, pcall = error, string.format, pcall
local getenv = os and os.getenv

-- The time of a test, and how much longer the test waits than its expectations: these fail first and say more.
local SECONDS, GRACE = 5, 0.05

local scope = {}

local Scope = {}
Scope.__index = Scope

---@type table?
local current
local starters = {}

-- How much slower than usual the machine is.
function scope.patience()
  return getenv and tonumber(getenv "TEST_PATIENCE") or 1
end

function scope.current()
  return current
end

-- Raises a failure of the running test.
function scope.fail(text)
  local _, reason = pcall(failure.raise, text)
  if current then
    current:record(reason)
  end
  error(reason, 0)
end

-- The time at which a wait has to end.
function scope.deadline(seconds)
  local now = tasks.now()
  local last = current and current.deadline or now + SECONDS * scope.patience()
  return seconds and math.min(last, now + seconds) or last
end

-- Adds a peer to the running test, which closes it.
function scope.add_peer(peer)
  if current then
    current.peers[#current.peers + 1] = peer
  end
end

-- Adds an object to stop at the end: its method `stop` waits for its end, `close` does not. `notes`, if there is one,
-- returns lines about it for a failure.
function scope.add(thing)
  if current then
    current.things[#current.things + 1] = thing
  end
  return thing
end

-- The running test, for functions that need one.
function scope.needed(call)
  return current or failure.misuse(call .. ": not within test.case or test.run")
end

-- The first failure counts, unless the test is over.
function Scope:record(reason)
  if not self.over and not self.failed then
    self.failed, self.reason = true, reason
    self.changed:set()
  end
end

-- Runs a function in a task of the test. It has to return; `describe` says what is missing until then.
function Scope:oblige(describe, f, ...)
  local obligation = { describe = describe }
  self.obligations[obligation] = true
  return self:background(function(...)
    f(...)
    self.obligations[obligation] = nil
    self.changed:set()
  end, ...)
end

-- Runs a function in a task of the test.
function Scope:background(f, ...)
  local arguments = values.pack(...)
  return tasks.spawn(function()
    local ok, reason = tasks.pcall(f, values.unpack(arguments, 1, arguments.n))
    if not ok then
      self:record(reason)
    end
  end)
end

-- Waits until `ready` is true, the test has failed or ends, or the time is over.
function Scope:await(ready, deadline)
  while not self.failed and not ready() and tasks.now() < deadline do
    self.changed:clear()
    local _, _, code = self.changed:wait(math.max(deadline - tasks.now(), 0))
    if code == "ECANCELED" then
      return
    end
  end
end

-- The tasks that have not ended, as a failure.
function Scope:missing()
  local lines = {}
  for obligation in pairs(self.obligations) do
    lines[#lines + 1] = obligation.describe()
  end
  table.sort(lines)
  return table.concat(lines, "\n")
end

-- A failure of the test as a whole.
function Scope:fault(text)
  local _, reason = pcall(failure.raise, text)
  self:record(reason)
end

-- A failure with more lines.
local function extended(reason, text)
  if text ~= "" and type(reason) == "string" then
    return reason .. "\n" .. text
  elseif text ~= "" and type(reason) == "table" and type(reason.message) == "string" then
    reason.message = reason.message .. "\n" .. text
  end
  return reason
end

-- Adds what the objects of the test say about its failure, before they are closed.
local function annotate(self)
  local lines = {}
  for _, thing in ipairs(self.things) do
    lines[#lines + 1] = thing.notes and thing:notes() or nil
  end
  self.reason = extended(self.reason, table.concat(lines, "\n"))
end

-- Calls a function at the start of each test.
function scope.at_start(f)
  starters[#starters + 1] = f
end

-- Runs the body as a task, then waits for the other tasks of the test.
local function control(self, body)
  for _, f in ipairs(starters) do
    f(self)
  end
  self:background(function()
    tasks.timeout_after(self.seconds + GRACE, body)
    self.done = true
    for _, peer in ipairs(self.peers) do
      if peer.of_test then
        use("peer").stop(peer, "closed: its test has ended")
      end
    end
    self.changed:set()
  end)
  self:await(function()
    return self.done
  end, self.deadline + 2 * GRACE)
  if not self.done or tasks.now() > self.deadline + GRACE then
    self:fault(format("the test took longer than %g s", self.seconds))
  end
  self:await(function()
    return not next(self.obligations)
  end, self.deadline + GRACE + self.late)
  if next(self.obligations) then
    self:fault(self:missing())
  end
  if self.failed then
    annotate(self)
  end
  self.over = true
  for _, thing in ipairs(self.things) do
    thing:stop()
  end
end

local function close(self)
  for _, thing in ipairs(self.things) do
    thing:close()
  end
  for _, peer in ipairs(self.peers) do
    use("peer").stop(peer, "closed: its test has ended")
  end
end

-- Runs a test.
function scope.run(body, seconds)
  failure.check(body, "function", "run")
  seconds = failure.check_number(seconds or SECONDS, "run: seconds", 0) * scope.patience()
  if current or tasks.current() then
    failure.misuse "run: a test or a task runs already"
  end
  local self = setmetatable({
    seconds = seconds,
    deadline = tasks.now() + seconds,
    late = 0,
    failed = false,
    peers = {},
    things = {},
    obligations = {},
    changed = tasks.event(),
  }, Scope)
  current = self
  transcript.zero = tasks.now()
  local before = tasks.onerror(function(_, message)
    self:record(message)
  end)
  local ok, reason = pcall(tasks.run, control, self, body)
  if not ok then
    -- Ctrl-C, say: the failures that it has caused do not count.
    self.failed, self.reason = true, reason
  end
  self.over = true
  tasks.onerror(before)
  current = nil
  close(self)
  local captured = use("capture").finish(self)
  if self.failed then
    error(extended(self.reason, captured or ""), 0)
  end
  return true
end

-- Writes a capture of what the peers of the running test received and sent, at its end.
function scope.capture(path)
  scope.needed("capture").capture = failure.check(path, "string", "capture: path")
  return true
end

-- A function that runs a test, for `it`.
function scope.case(body, seconds)
  failure.check(body, "function", "case")
  failure.check_number(seconds or SECONDS, "case: seconds", 0)
  return function()
    scope.run(body, seconds)
  end
end

return scope
