-- All functions that raise audit events, with the events: the name, then the arguments. `self` is the socket of the
-- call; `open` and `closed` are other sockets, shown with family, type and protocol.

local copy = require "spec.support.copy"
local lua = require "spec.support.lua"

local audited = {}

-- The copy of the library to which the hooks are added.
local socket = copy()
audited.socket = socket

-- The events of the last call, and what the hook does on each: nothing, unless a spec sets it.
audited.events, audited.act = {}, nil

local subject

local function word(value)
  if value ~= nil and rawequal(value, subject) then
    return "self"
  elseif type(value) == "userdata" then
    local state = socket.type(value) == "socket" and "open" or "closed"
    return ("%s %d %d %d"):format(state, value.family, value.type, value.proto)
  end
  return tostring(value)
end

socket.addaudithook(function(event, ...)
  local words = { event }
  for n = 1, select("#", ...) do
    words[n + 1] = word((select(n, ...)))
  end
  audited.events[#audited.events + 1] = table.concat(words, " ")
  if audited.act then
    return audited.act(event, ...)
  end
end)

-- Makes a call and returns its results; afterwards `events` are those that it raised.
function audited.call(way, things)
  subject = things.self
  audited.events = {}
  return lua.pack(pcall(way.call, things))
end

-- A hook that vetoes the n-th event of a call by raising a value.
function audited.forbid(n, value)
  return function()
    n = n - 1
    if n == 0 then
      error(value, 0)
    end
  end
end

local function bound(family, kind, address)
  local made = assert(socket.socket(family, kind))
  assert(made:bind(address))
  return made
end

local ANY = { "127.0.0.1", 0 }
local INET, INET6, UNIX = socket.AF_INET, socket.AF_INET6, socket.AF_UNIX
local STREAM, DGRAM = socket.SOCK_STREAM, socket.SOCK_DGRAM
-- An abstract address of this process.
local ABSTRACT = "\0bsdsocket" .. tostring({}):match "%x+$"

-- Sockets for the calls.
local MAKERS = {
  tcp = function()
    return assert(socket.socket())
  end,
  tcp6 = function()
    return assert(socket.socket(INET6))
  end,
  udp = function()
    return assert(socket.socket(INET, DGRAM))
  end,
  receiver = function()
    return bound(INET, DGRAM, ANY)
  end,
  listener = function()
    local made = bound(INET, STREAM, ANY)
    assert(made:listen())
    made:settimeout(0)
    return made
  end,
  path_listener = function()
    local made = bound(UNIX, STREAM, "")
    assert(made:listen())
    return made
  end,
  -- One socket of a pair; the other is its peer.
  one = function(things)
    local one, other = assert(socket.socketpair())
    things.peer = other
    other:settimeout(0)
    return one
  end,
}

-- Prepares a call: its socket, `self`, and what else it uses. Hooks do not see these preparations.
function audited.prepare(way)
  local things = {}
  for name, make in pairs(MAKERS) do
    if name == way.on or name == way.uses then
      things[name] = make(things)
    end
  end
  things.self = things[way.on]
  if way.before then
    way.before(things)
  end
  return things
end

function audited.close(things)
  for _, thing in pairs(things) do
    if socket.type(thing) then
      thing:close()
    end
  end
end

local function port(name, event)
  return function(things)
    return event:format(things[name]:getsockname().port)
  end
end

-- Checks that a vetoed call had no effect.
local function nobody_connected(things)
  local _, _, code = things.listener:accept()
  return code == "EAGAIN"
end

local function nothing_sent(things)
  local receiver = things.peer or things.receiver
  receiver:settimeout(0)
  local _, _, code = receiver:recv(100)
  return code == "EAGAIN"
end

local function not_bound(things)
  return things.self:getsockname().port == 0
end

local function not_listening(things)
  return things.self:getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) == 0 and not_bound(things)
end

local function connect_client(things)
  things.client = assert(socket.socket(UNIX))
  assert(things.client:connect(things.self:getsockname()))
end

local LOOKED_UP = "socket.getaddrinfo localhost %d 2 0 0"
local NEW_TCP = "socket.__new__ closed 2 1 6 2 1 6"
local NEW = "socket.__new__ closed 2 1 0 2 1 0"

audited.ways = {
  { name = "socket", NEW, call = socket.socket },
  {
    name = "socket of a type with flags",
    "socket.__new__ closed 2 2 17 2 2 17",
    call = function()
      return socket.socket(INET, DGRAM + socket.SOCK_NONBLOCK + socket.SOCK_CLOEXEC, socket.IPPROTO_UDP)
    end,
  },
  {
    name = "socket of a descriptor",
    "socket.__new__ closed 2 1 6 2 1 6",
    on = "tcp",
    call = function(things)
      local adopted = socket.socket({ fileno = things.tcp:fileno() })
      things.tcp:detach()
      return adopted
    end,
  },
  {
    name = "fromfd",
    "socket.__new__ closed 2 1 6 2 1 6",
    on = "tcp",
    call = function(things)
      return socket.fromfd(things.tcp:fileno(), INET, STREAM, socket.IPPROTO_TCP)
    end,
  },
  {
    name = "dup",
    NEW,
    on = "tcp",
    call = function(things)
      return things.tcp:dup()
    end,
  },
  {
    name = "socketpair",
    "socket.__new__ closed 1 1 0 1 1 0",
    "socket.__new__ closed 1 1 0 1 1 0",
    call = function()
      return (assert(socket.socketpair()))
    end,
  },
  {
    name = "accept",
    "socket.__new__ closed 1 1 0 1 1 0",
    on = "path_listener",
    before = connect_client,
    again = function(things)
      things.client:close()
      connect_client(things)
    end,
    call = function(things)
      return things.self:accept()
    end,
  },
  {
    name = "create_connection",
    port("listener", "socket.getaddrinfo 127.0.0.1 %d 0 1 0"),
    NEW_TCP,
    port("listener", "socket.connect open 2 1 6 127.0.0.1:%d"),
    uses = "listener",
    call = function(things)
      return socket.create_connection(things.listener:getsockname())
    end,
    undone = nobody_connected,
  },
  {
    name = "create_connection from an address",
    port("listener", "socket.getaddrinfo 127.0.0.1 %d 0 1 0"),
    NEW_TCP,
    LOOKED_UP:format(0),
    "socket.bind open 2 1 6 127.0.0.1:0",
    port("listener", "socket.connect open 2 1 6 127.0.0.1:%d"),
    uses = "listener",
    call = function(things)
      return socket.create_connection(things.listener:getsockname(), { source_address = { "localhost", 0 } })
    end,
    undone = nobody_connected,
  },
  {
    name = "create_server",
    NEW,
    "socket.bind open 2 1 0 127.0.0.1:0",
    call = function()
      return socket.create_server(ANY)
    end,
  },
  {
    name = "create_server of a host",
    NEW,
    LOOKED_UP:format(0),
    "socket.bind open 2 1 0 127.0.0.1:0",
    call = function()
      return socket.create_server({ "localhost", 0 })
    end,
  },
  {
    name = "has_dualstack_ipv6",
    "socket.__new__ closed 10 1 0 10 1 0",
    needs = "IPv6",
    call = socket.has_dualstack_ipv6,
  },
  {
    name = "create_server of both Internet families",
    "socket.__new__ closed 10 1 0 10 1 0",
    "socket.__new__ closed 10 1 0 10 1 0",
    "socket.bind open 10 1 0 [::]:0",
    needs = "IPv6",
    call = function()
      return socket.create_server({ "", 0 }, { family = INET6, dualstack_ipv6 = true })
    end,
  },
  {
    name = "bind",
    "socket.bind self 127.0.0.1:0",
    on = "tcp",
    call = function(things)
      return things.self:bind(ANY)
    end,
    undone = not_bound,
  },
  {
    name = "bind to a host",
    LOOKED_UP:format(0),
    "socket.bind self 127.0.0.1:0",
    on = "tcp",
    call = function(things)
      return things.self:bind({ "localhost", 0 })
    end,
    undone = not_bound,
  },
  {
    name = "bind to a name",
    "socket.bind self " .. ABSTRACT,
    before = function(things)
      things.self = assert(socket.socket(UNIX))
    end,
    call = function(things)
      return things.self:bind(ABSTRACT)
    end,
    undone = function(things)
      return things.self:getsockname() == ""
    end,
  },
  {
    name = "listen without an address",
    "socket.bind self 0.0.0.0:0",
    on = "tcp",
    call = function(things)
      return things.self:listen()
    end,
    undone = not_listening,
  },
  {
    name = "listen without an address of IPv6",
    "socket.bind self [::]:0",
    on = "tcp6",
    needs = "IPv6",
    call = function(things)
      return things.self:listen()
    end,
    undone = not_listening,
  },
  {
    name = "connect",
    port("listener", "socket.connect self 127.0.0.1:%d"),
    on = "tcp",
    uses = "listener",
    call = function(things)
      return things.self:connect(things.listener:getsockname())
    end,
    undone = nobody_connected,
  },
  {
    name = "connect to a host",
    port("listener", LOOKED_UP),
    port("listener", "socket.connect self 127.0.0.1:%d"),
    on = "tcp",
    uses = "listener",
    call = function(things)
      return things.self:connect({ host = "localhost", port = things.listener:getsockname().port })
    end,
    undone = nobody_connected,
  },
  {
    name = "connect to no peer",
    "socket.connect self 0:",
    on = "receiver",
    before = function(things)
      assert(things.self:connect(things.self:getsockname()))
    end,
    call = function(things)
      return things.self:connect(socket.AF_UNSPEC)
    end,
    undone = function(things)
      return things.self:getpeername() ~= nil
    end,
  },
  {
    name = "connect_ex",
    port("listener", "socket.connect self 127.0.0.1:%d"),
    on = "tcp",
    uses = "listener",
    call = function(things)
      return things.self:connect_ex(things.listener:getsockname())
    end,
    undone = nobody_connected,
  },
  {
    name = "sendto",
    port("receiver", "socket.sendto self 127.0.0.1:%d"),
    on = "udp",
    uses = "receiver",
    call = function(things)
      return things.self:sendto("x", things.receiver:getsockname())
    end,
    undone = nothing_sent,
  },
  {
    name = "sendto a host, with flags",
    port("receiver", LOOKED_UP),
    port("receiver", "socket.sendto self 127.0.0.1:%d"),
    on = "udp",
    uses = "receiver",
    call = function(things)
      return things.self:sendto("x", 0, { "localhost", things.receiver:getsockname().port })
    end,
    undone = nothing_sent,
  },
  {
    name = "sendmsg",
    "socket.sendmsg self nil",
    on = "one",
    call = function(things)
      return things.self:sendmsg({ "x" })
    end,
    undone = nothing_sent,
  },
  {
    name = "sendmsg to an address",
    port("receiver", "socket.sendmsg self 127.0.0.1:%d"),
    on = "udp",
    uses = "receiver",
    call = function(things)
      return things.self:sendmsg({ "x" }, nil, 0, things.receiver:getsockname())
    end,
    undone = nothing_sent,
  },
  {
    name = "send_fds",
    "socket.sendmsg self nil",
    on = "one",
    uses = "tcp",
    call = function(things)
      return socket.send_fds(things.self, { "x" }, { things.tcp:fileno() })
    end,
    undone = nothing_sent,
  },
  {
    name = "pack_address of a host",
    LOOKED_UP:format(80),
    call = function()
      return socket.pack_address(INET, { "localhost", 80 })
    end,
  },
  {
    name = "getaddrinfo",
    "socket.getaddrinfo 127.0.0.1 80 2 1 6",
    call = function()
      return socket.getaddrinfo("127.0.0.1", 80, INET, STREAM, 6, socket.AI_NUMERICHOST)
    end,
  },
  {
    name = "getaddrinfo of a service",
    "socket.getaddrinfo nil http 0 2 0",
    call = function()
      return socket.getaddrinfo(nil, "http", { type = DGRAM })
    end,
  },
  {
    name = "getaddrinfo of a host",
    "socket.getaddrinfo localhost nil 0 0 0",
    call = function()
      return socket.getaddrinfo("localhost", nil)
    end,
  },
  {
    name = "gethostbyname",
    "socket.gethostbyname localhost",
    call = function()
      return socket.gethostbyname("localhost")
    end,
  },
  {
    name = "gethostbyname_ex",
    "socket.gethostbyname localhost",
    call = function()
      return socket.gethostbyname_ex("localhost")
    end,
  },
  {
    name = "gethostbyaddr",
    "socket.gethostbyaddr 127.0.0.1",
    call = function()
      return socket.gethostbyaddr("127.0.0.1")
    end,
  },
  {
    name = "getfqdn",
    "socket.gethostbyaddr 127.0.0.1",
    call = function()
      return socket.getfqdn("127.0.0.1")
    end,
  },
  {
    name = "getfqdn of this machine",
    "socket.gethostname",
    function()
      return "socket.gethostbyaddr " .. socket.gethostname()
    end,
    call = function()
      return socket.getfqdn()
    end,
  },
  { name = "gethostname", "socket.gethostname", call = socket.gethostname },
  {
    name = "getnameinfo",
    "socket.getnameinfo 127.0.0.1:80",
    call = function()
      return socket.getnameinfo({ "127.0.0.1", 80 }, socket.NI_NUMERICHOST)
    end,
  },
  {
    name = "getservbyname",
    "socket.getservbyname http tcp",
    call = function()
      return socket.getservbyname("http", "tcp")
    end,
  },
  {
    name = "getservbyname of any protocol",
    "socket.getservbyname http nil",
    call = function()
      return socket.getservbyname("http")
    end,
  },
  {
    name = "getservbyport",
    "socket.getservbyport 80 tcp",
    call = function()
      return socket.getservbyport(80, "tcp")
    end,
  },
  {
    name = "getservbyport of any protocol",
    "socket.getservbyport 80 nil",
    call = function()
      return socket.getservbyport(80)
    end,
  },
  {
    name = "sethostname",
    "socket.sethostname bsdsocket-audit",
    forbidden = true,
    call = function()
      return socket.sethostname("bsdsocket-audit")
    end,
    undone = function()
      return socket.gethostname() ~= "bsdsocket-audit"
    end,
  },
}

-- The events of a call, in order.
function audited.expected(way, things)
  local events = {}
  for n, event in ipairs(way) do
    events[n] = type(event) == "function" and event(things) or event
  end
  return events
end

return audited
