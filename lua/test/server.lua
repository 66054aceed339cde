-- Servers that play a script while the code under test runs.

---@type fun(name: string): any
local use = ...

local channel, failure, peer = use "channel", use "failure", use "peer"
local scope, socket, tasks = use "scope", use "socket", use "tasks"

local format = string.format

local server = {}

local Server = {}
Server.__index = Server

local OPTIONS = {
  name = "string",
  type = "number",
  family = "number",
  path = "string",
  connections = "number",
  place = "string",
  position = "string",
}

-- Opens the listening socket, and returns it with its address.
function server.listen(options)
  local family = options.family or options.path and socket.AF_UNIX or socket.AF_INET
  local kind = options.type or socket.SOCK_STREAM
  local address = options.path or { family == socket.AF_INET6 and "::1" or "127.0.0.1", 0 }
  local s, message = socket.socket(family, kind)
  local ok = s ~= nil
  if s then
    ok, message = s:bind(address)
    if ok and kind ~= socket.SOCK_DGRAM then
      ok, message = s:listen()
    end
  end
  if not (s and ok) then
    failure.misuse("server: " .. message)
  end
  s:setblocking(false)
  return s, (s:getsockname())
end

-- Plays the script with one peer.
local function play(self, script, over)
  local talking = peer.new(over, self.name)
  self.peers[#self.peers + 1] = talking
  self.state = "the script of the " .. self.name .. " did not come to its end"
  script(talking)
  self.scope:background(peer.finish(talking))
  self.left = self.left - 1
  if self.left == 0 then
    self.ended = true
    self.scope.changed:set()
  end
end

local function describe(self)
  local last = self.peers[#self.peers]
  local text = self.state
  if self.accepted and self.accepted < self.connections then
    text = format("%d of %d connections came to the %s", self.accepted, self.connections, self.name)
  end
  return self.position .. text .. (last and last.record:text() or "")
end

-- Accepts the connections; each has its own task.
local function accept(self, script)
  for number = 1, self.connections do
    local s, message
    repeat
      tasks.wait(self.listener, "r")
      local code
      s, message, code = self.listener:accept()
    until s or code ~= "EAGAIN"
    if not s then
      scope.fail(self.position .. self.name .. " could not accept\n  " .. message)
    end
    self.accepted = number
    self.scope:background(play, self, script, channel.new(s))
  end
  self.listener:close()
  self.scope:await(function()
    return self.ended
  end, math.huge)
end

function server.new(script, options)
  failure.check(script, "function", "server: script")
  options = failure.check_options(options, OPTIONS, "server")
  failure.check_number(options.connections or 1, "server: connections", 1, true)
  local place = options.place or "task"
  if place == "process" then
    return use("process").server(script, options)
  elseif place ~= "task" then
    failure.misuse("server: place is 'task' or 'process', not '" .. place .. "'")
  end
  local running = scope.needed "server"
  local self = setmetatable({
    scope = running,
    name = options.name or "server",
    position = options.position or failure.position(),
    connections = options.connections or 1,
    peers = {},
  }, Server)
  self.left = self.connections
  local listener
  listener, self.address = server.listen(options)
  if options.type == socket.SOCK_DGRAM then
    self.left, self.connections = 1, 1
    running:oblige(function()
      return describe(self)
    end, play, self, script, channel.new(listener))
  else
    self.listener, self.accepted = listener, 0
    self.state = "nobody connected to the " .. self.name
    running:oblige(function()
      return describe(self)
    end, accept, self, script)
  end
  return scope.add(self)
end

-- Waits until the script has reached its end.
function Server:finish()
  self.scope:await(function()
    return self.ended
  end, self.scope.deadline)
  if not self.ended then
    scope.fail(describe(self))
  end
end

function Server:close()
  if self.listener then
    self.listener:close()
  end
  return true
end

Server.stop = Server.close

return server
