-- Servers in another process, for code under test that blocks. The process gets the script over a connection, sends its
-- address, and at the end a report. When the connection closes, it ends.

---@type fun(name: string): any
local use = ...

local encode, failure, scope, server = use "encode", use "failure", use "scope", use "server"
local socket, system, tasks, transcript = use "socket", use "programs", use "tasks", use "transcript"

local format, sub = string.format, string.sub
local loaded = package and package.loaded or {}

-- The seconds between two checks of a process that has not connected yet, the seconds that its report may be late, and
-- the most bytes of its output that are shown.
local PAUSE, LATE, SHOWN = 0.02, 0.5, 2048

local process = {}

---@class bsdsocket.test.Process: table
---@field handle any
local Server = {}
Server.__index = Server

-- A message: its size in 10 digits, and its bytes.
local function send(s, bytes)
  s:settimeout(nil)
  return s:sendall(format("%010d", #bytes) .. bytes)
end

local function receive_exactly(s, size, deadline)
  local parts, missing = {}, size
  while missing > 0 do
    s:settimeout(deadline < math.huge and math.max(deadline - tasks.now(), 0.001) or nil)
    local bytes, message, code = s:recv(math.min(missing, 65536))
    if not bytes or bytes == "" then
      return nil, message, code or "EOF"
    end
    parts[#parts + 1], missing = bytes, missing - #bytes
  end
  return table.concat(parts)
end

local function receive(s, deadline)
  local size, message, code = receive_exactly(s, 10, deadline)
  if not size then
    return nil, message, code
  end
  return receive_exactly(s, tonumber(size), deadline)
end

-- The interpreter that runs this program.
local function interpreter()
  local words, lowest = rawget(_G, "arg"), 0
  while type(words) == "table" and words[lowest - 1] do
    lowest = lowest - 1
  end
  if lowest == 0 then
    failure.misuse "server: a process of its own needs the interpreter, which 'arg' does not tell"
  end
  return words[lowest]
end

-- The output of the process, which says why it did not connect.
local function words_of(self)
  local text = ""
  repeat
    local bytes = system.read(self.handle)
    text = text .. (bytes or "")
  until not bytes or bytes == ""
  return sub(text, 1, SHOWN)
end

-- Waits until the process has connected.
local function await_connection(self, listener, secret, deadline)
  while tasks.now() < deadline do
    if tasks.wait(listener, "r", PAUSE) then
      local s = listener:accept()
      if s and receive_exactly(s, #secret, deadline) == secret then
        return s
      end
    else
      local how, number = system.poll(self.handle)
      if how then
        return nil, format("ended: %s %d\n%s", how, number, words_of(self))
      end
    end
  end
  return nil, "did not start in time"
end

-- Waits for the report at the end; nothing for a script that has reached its end.
local function await_report(self)
  local report, message, code = receive(self.control, self.deadline + LATE)
  self.reported = true
  if not report then
    message = code == "timeout" and "did not come to its end in time" or "ended: " .. tostring(message or code)
    self.failure = format("%sthe process of the %s %s\n%s", self.position, self.name, message, words_of(self))
  elseif report ~= "" then
    self.failure = report
  end
  return self.failure
end

local function start(self, secret, port)
  local source = format(
    "package.path, package.cpath = %q, %q getmetatable(require 'bsdsocket.test').play(%d, %q)",
    package.path,
    package.cpath,
    port,
    secret
  )
  local path = os.tmpname()
  local file, message = io.open(path, "w")
  if file then
    file:write(source)
    file:close()
    self.handle, message = system.start { interpreter(), path }
  end
  if not self.handle then
    os.remove(path)
    failure.misuse("server: its process did not start: " .. message)
  end
  return path
end

-- A server like that of `server.new`.
function process.server(script, options)
  if not system then
    failure.misuse "server: this system has no processes for it"
  end
  local self = setmetatable({
    name = options.name or "server",
    position = failure.position(),
    deadline = scope.deadline(),
  }, Server)
  local own = {}
  for name, value in pairs(options) do
    own[name] = value
  end
  own.place, own.position = nil, self.position
  -- Its expectations fail before the test does.
  local left = self.deadline - tasks.now()
  local ok, order = pcall(encode.encode, {
    script = script,
    options = own,
    seconds = left - math.min(left / 4, 0.2),
    asserts = loaded.luassert ~= nil,
  })
  if not ok then
    failure.misuse("server: its process cannot have " .. order:gsub("^the script%.script", "the script"))
  end
  local listener = server.listen {}
  local secret = format("%s %s %.9f", tostring(self), tostring(listener), tasks.now())
  local path = start(self, secret, listener:getsockname().port)
  local reason
  self.control, reason = await_connection(self, listener, secret, self.deadline)
  os.remove(path)
  listener:close()
  if not self.control then
    failure.misuse("server: its process " .. reason)
  end
  local address
  if send(self.control, order) then
    address = receive(self.control, self.deadline)
  end
  if not address then
    failure.misuse("server: its process ended\n" .. words_of(self))
  end
  self.address = encode.decode(address)
  if type(self.address) == "table" then
    self.address = { self.address.host, self.address.port, host = self.address.host, port = self.address.port }
  end
  local running = scope.current()
  if running then
    running.late = LATE
    running:oblige(function()
      return self.position .. "the script of the " .. self.name .. " did not come to its end"
    end, function()
      if await_report(self) then
        scope.fail(self.failure)
      end
    end)
  end
  return scope.add(self)
end

-- Waits for the end of the script; returns what failed.
function Server:finish()
  local running = scope.current()
  if running then
    running:await(function()
      return self.reported
    end, self.deadline)
  elseif not self.reported then
    await_report(self)
  end
  self:close()
  return self.failure
end

function Server:close()
  if self.handle then
    self.control:close()
    system.close(self.handle)
    self.handle = false
  end
  return true
end

Server.stop = Server.close

-- Plays a script: what the process does.
function process.play(port, secret)
  local control = assert(socket.create_connection { "127.0.0.1", port })
  assert(control:sendall(secret))
  local order = encode.decode(assert(receive(control, math.huge)))
  if order.asserts then
    local ok, luassert = pcall(require, "luassert")
    rawset(_G, "assert", ok and luassert or assert)
  end
  local ok, reason = pcall(scope.run, function()
    local own = server.new(order.script, order.options)
    tasks.spawn(function()
      control:settimeout(nil)
      local _, _, code = control:recv(1)
      if code ~= "ECANCELED" then
        -- The test has ended, or its process has.
        os.exit(0)
      end
    end)
    local address = own.address
    if type(address) ~= "string" then
      address = { host = address.host, port = address.port }
    end
    send(control, encode.encode(address))
    transcript.zero = tasks.now()
    own:finish()
    send(control, "")
    tasks.sleep(math.huge)
  end, order.seconds / scope.patience())
  if not ok then
    send(control, tostring(reason))
    control:settimeout(1)
    control:recv(1)
  end
end

return process
