-- The proxy of datagrams: a socket towards the server for each client.

---@type fun(name: string): any
local use = ...

local channel, faults, scope, socket = use "channel", use "faults", use "scope", use "socket"

-- The most clients.
local MOST = 1000

local datagram_proxy = {}

-- A function that applies the faults of one direction to a datagram.
local function line(self, number, direction, last)
  local stages, version, count = {}, nil, 0
  local function pass(place, bytes, datagram)
    local stage = stages[place]
    if not stage then
      return last(bytes)
    end
    stage(bytes, datagram, function(passed)
      pass(place + 1, passed, datagram)
    end)
  end
  return function(bytes)
    if version ~= self.version then
      version, stages = self.version, {}
      for n, fault in ipairs(self.faults[direction]) do
        stages[n] = fault.start(fault, faults.place(self, number, direction, n))
      end
    end
    count = count + 1
    pass(1, bytes, count)
  end
end

-- Forwards the answers to one client. ICMP port unreachable is not forwarded.
local function answer(link, down)
  while true do
    local bytes, _, code = link.downstream:receive(math.huge)
    if bytes then
      down(bytes)
    elseif code ~= "ECONNREFUSED" then
      return
    end
  end
end

-- Opens the socket of a new client.
local function open(self, front, from, number)
  local back, message = channel.connect(self.to, self.family, socket.SOCK_DGRAM, scope.deadline())
  if not back then
    self:note(number, "upstream", "could not connect: " .. message)
    return nil
  end
  local link = { upstream = front, downstream = back }
  link.up = line(self, number, "upstream", function(bytes)
    back:send(bytes, math.huge)
  end)
  self.links[number] = link
  self.scope:background(
    answer,
    link,
    line(self, number, "downstream", function(bytes)
      front:send(bytes, math.huge, from)
    end)
  )
  return link
end

function datagram_proxy.serve(self)
  local front, clients, count = channel.new(self.listener), {}, 0
  while true do
    local bytes, _, code = front:receive(math.huge)
    if bytes then
      local key = tostring(front.from)
      local link = clients[key]
      if not link and count < MOST then
        count = count + 1
        link = open(self, front, front.from, count)
        clients[key] = link
      end
      if link then
        link.up(bytes)
      end
    elseif code ~= "ECONNREFUSED" then
      return
    end
  end
end

return datagram_proxy
