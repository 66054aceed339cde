-- Proxies between the code under test and its peer, which inject faults.

---@type fun(name: string): any
local use = ...

local channel, failure, faults, scope = use "channel", use "failure", use "faults", use "scope"
local server, socket, tasks, transcript = use "server", use "socket", use "tasks", use "transcript"

local format = string.format

-- The seconds after which bytes that a fault holds back are forwarded, how many chunks wait for a slow fault, and how
-- many lines of its log a failure shows.
local QUIET, CHUNKS, LINES = 0.002, 64, 20

local proxy = {}

local Proxy = {}
Proxy.__index = Proxy

local OTHER = { upstream = "downstream", downstream = "upstream" }

-- Logs what a fault did.
function Proxy:note(connection, direction, text)
  self.log[#self.log + 1] =
    format("%.3f connection %d %s: %s", tasks.now() - transcript.zero, connection, direction, text)
end

-- The end of the log, for a failure.
function Proxy:notes()
  local lines = { format("  proxy (seed %d):", self.seed) }
  for n = math.max(#self.log - LINES + 1, 1), #self.log do
    lines[#lines + 1] = "    " .. self.log[n]
  end
  return #lines > 1 and table.concat(lines, "\n") or nil
end

-- The faults of one direction of a connection, as they are set now; `last` sends what comes out of them.
local function start(self, link, direction, last, cut)
  local stages = {}
  for n, fault in ipairs(self.faults[direction]) do
    stages[n] = fault.start(fault, faults.place(self, link.number, direction, n))
  end
  local emits = { [#stages + 1] = last }
  for n = #stages, 1, -1 do
    emits[n] = function(bytes)
      stages[n].pass(bytes, emits[n + 1], cut, link.arrived[direction])
    end
  end
  ---@type table<string, any>
  local line = { version = self.version, pass = emits[1] }
  function line.each(name)
    for n, stage in ipairs(stages) do
      if stage[name] then
        stage[name](emits[n + 1])
      end
    end
  end
  return line
end

-- Receives bytes, with the time, without waiting for the faults.
local function read(source, queue)
  while true do
    local bytes, _, code = source:receive(math.huge)
    if not bytes or bytes == "" then
      queue:put { ending = bytes == "" and "EOF" or code }
      return
    elseif not queue:put { bytes = bytes, time = tasks.now() } then
      return
    end
  end
end

-- Forwards what was received in one direction.
local function write(self, link, direction, queue)
  local source, target = link[direction], link[OTHER[direction]]
  local open = true
  local function last(bytes)
    if open and not target:send(bytes, math.huge) then
      open = false
    end
  end
  local function cut(how)
    open = false
    if how == "eof" then
      target:shutdown()
    elseif how == "reset" then
      target:reset()
      source:shutdown()
    end
  end
  local line, quiet = start(self, link, direction, last, cut), true
  while true do
    local chunk, _, code = queue:get(not quiet and QUIET or nil)
    if code == "timeout" then
      line.each "flush"
      quiet = true
    elseif not chunk then
      return
    elseif chunk.ending then
      line.each "flush"
      line.each "finish"
      if open then
        cut(chunk.ending == "EOF" and "eof" or "reset")
      end
      return
    else
      if line.version ~= self.version then
        line.each "flush"
        line = start(self, link, direction, last, cut)
      end
      link.arrived[direction], quiet = chunk.time, false
      line.pass(chunk.bytes)
    end
  end
end

-- Serves one connection.
local function serve(self, number, client)
  local far, message, code = channel.connect(self.to, self.family, nil, scope.deadline())
  if not far then
    self:note(number, "upstream", "could not connect: " .. (message or code))
    client:reset()
    return
  end
  local link = { number = number, upstream = client, downstream = far, arrived = {} }
  self.links[number] = link
  for direction in pairs(OTHER) do
    local queue = tasks.queue(CHUNKS)
    self.scope:background(read, link[direction], queue)
    self.scope:background(write, self, link, direction, queue)
  end
end

local function accept(self)
  local number = 0
  while tasks.wait(self.listener, "r") do
    local s, _, code = self.listener:accept()
    if s then
      number = number + 1
      self.scope:background(serve, self, number, channel.new(s))
    elseif code ~= "EAGAIN" then
      return
    end
  end
end

local OPTIONS = { to = "any", upstream = "table", downstream = "table", seed = "number", type = "number" }

function proxy.new(options)
  local running = scope.needed "proxy"
  options = failure.check_options(failure.check(options, "table", "proxy: options"), OPTIONS, "proxy")
  if type(options.to) ~= "table" and type(options.to) ~= "string" then
    failure.misuse("proxy: to: address expected, got " .. (options.to == nil and "no value" or type(options.to)))
  end
  local datagrams = options.type == socket.SOCK_DGRAM
  local self = setmetatable({
    scope = running,
    to = options.to,
    family = channel.family(options.to),
    seed = failure.check_number(options.seed or 1, "proxy: seed", -math.huge, true),
    kinds = datagrams and use "datagram_faults" or use "stream_faults",
    faults = { upstream = {}, downstream = {} },
    version = 0,
    links = {},
    log = {},
  }, Proxy)
  self:set { upstream = options.upstream or {}, downstream = options.downstream or {} }
  self.listener, self.address = server.listen { type = options.type }
  running:background(datagrams and use("datagram_proxy").serve or accept, self)
  return scope.add(self)
end

-- Replaces the faults, for what arrives from now on, also on open connections.
function Proxy:set(options)
  options = failure.check_options(options, { upstream = "table", downstream = "table" }, "set")
  for direction in pairs(OTHER) do
    if options[direction] then
      self.faults[direction] = faults.read(self.kinds, options[direction], "proxy: " .. direction)
    end
  end
  self.version = self.version + 1
  return true
end

function Proxy:close()
  self.listener:close()
  for _, link in pairs(self.links) do
    link.upstream:close()
    link.downstream:close()
  end
end

Proxy.stop = Proxy.close

return proxy
