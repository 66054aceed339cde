-- LuaSocket's interface, whose failures are words.

local core = require "bsdsocket.luasocket"
local fixtures = require "faults.fixtures"
local scenario = require "faults.scenario"

local dns = core.dns
local unix = require "socket.unix"

-- LuaSocket's words for the codes of failures; for all others they are the system's.
local WORDS = {
  EAGAIN = "timeout",
  EINPROGRESS = "timeout",
  ETIMEDOUT = "timeout",
  EPIPE = "closed",
  ECONNRESET = "closed",
  ECONNABORTED = "closed",
  ECONNREFUSED = "connection refused",
  EADDRINUSE = "address already in use",
  EACCES = "permission denied",
  EAI_AGAIN = "temporary failure in name resolution",
  EAI_FAIL = "non-recoverable failure in name resolution",
  EAI_FAMILY = "ai_family not supported",
  EAI_MEMORY = "memory allocation failure",
  EAI_NONAME = "host or service not provided, or not known",
  EOPNOTSUPP = "without threads only numeric hosts can be looked up",
  HOST_NOT_FOUND = "host not found",
  TRY_AGAIN = "Host name lookup failure",
  NO_RECOVERY = "Unknown server error",
  NO_DATA = "No address associated with name",
}
local system = assert(io.popen [[
  python3 -c 'import errno, os; [print(name, os.strerror(number)) for number, name in errno.errorcode.items()]'
]])
for line in system:lines() do
  local code, message = line:match "^(%S+) (.*)$"
  WORDS[code] = WORDS[code] or message
end
system:close()

local function words(code)
  return WORDS[code] or code
end

-- The words of datagrams for a peer that is gone.
local function words_of_datagrams(code)
  local found = words(code)
  return found == "closed" and "refused" or found
end

-- The same word for each code.
local function always(word)
  return function()
    return word
  end
end

-- A scenario whose call returns nil and words if it fails. `make` gets no timeout. Beside what each scenario has:
--
--   on         the member of the table whose method is called where there is no `act`; it gets the timeout
--   arguments  for the method
--   to         true if the address `it.to` follows them
--   class      the class of the member when the call has succeeded, and when it has failed
--
-- A call that returns nothing has succeeded. The file at `it.path` is removed.
local function calls(operation)
  return function(fields)
    local make, act, check, on = fields.make, fields.act, fields.check or fixtures.keep, fields.on
    function fields.make(timeout)
      local it = make and make() or {}
      if on then
        it[on]:settimeout(timeout or nil)
        it.arguments = { (table.unpack or unpack)(fields.arguments or {}) }
        for _, part in ipairs(fields.to and it.to or {}) do
          it.arguments[#it.arguments + 1] = part
        end
      end
      return it
    end
    local function call(it)
      return it[on][operation](it[on], (table.unpack or unpack)(it.arguments))
    end
    function fields.act(it)
      local done, failure, third = (act or call)(it)
      it.third = third
      if done == nil and failure then
        return nil, operation .. ": ", failure
      end
      return done or true
    end
    function fields.check(it, case, done, ...)
      check(it, case, done, ...)
      if fields.class then
        fixtures.same(fields.class[done and 1 or 2], tostring(it[on]):match "^[^:]+", "the class")
      end
      os.remove(it.path or "")
    end
    fields.words = fields.words or words
    scenario(operation)(fields)
  end
end

local function listening()
  local it = { listener = assert(core.tcp4()), client = assert(core.tcp4()) }
  assert(it.listener:bind("127.0.0.1", 0))
  assert(it.listener:listen())
  it.to = { it.listener:getsockname() }
  return it
end

-- Connects the client of a listener, which has not accepted it.
local function connecting(it)
  assert(it.client:connect((table.unpack or unpack)(it.to)))
  return it
end

local function connected()
  local it = connecting(listening())
  it.peer = assert(it.listener:accept())
  return it
end

local function holding()
  local it = connected()
  assert(it.peer:send(fixtures.TEXT .. "\n"))
  -- What was sent has arrived.
  assert(core.select({ it.client }, nil, 5))
  return it
end

-- All that an object receives.
local function rest(object)
  object:settimeout(0)
  local all, _, part = object:receive "*a"
  return all or part
end

-- From the first line on the thread keeps a buffer.
do
  local it = holding()
  assert(it.client:receive() and it.client:close() and it.peer:close() and it.listener:close())
end

-- Checks of what was connected, accepted and sent.
local function check_connected(it, _, done)
  it.made = done and assert(it.listener:accept())
end

local function check_accepted(it, _, made)
  it.made = made or assert(it.listener:accept())
end

local function check_sent(it, _, sent)
  fixtures.same_bytes(fixtures.TEXT:sub(1, sent or it.third or 0), rest(it.peer))
end

for _, pattern in ipairs { 3000, "*l" } do
  calls "receive" {
    timeouts = scenario.ANY,
    make = holding,
    on = "client",
    arguments = { pattern },
    check = function(it, _, data)
      local got = data and (pattern == "*l" and data .. "\n" or data) or it.third or ""
      fixtures.same_bytes(fixtures.TEXT .. "\n", got .. rest(it.client))
    end,
  }
end

calls "send" {
  timeouts = scenario.ANY,
  make = connected,
  on = "client",
  arguments = { fixtures.TEXT },
  check = check_sent,
}

calls "connect" {
  timeouts = scenario.WAITING,
  make = listening,
  on = "client",
  to = true,
  check = check_connected,
}

-- A listener never blocks, and waits all the same.
local function waits_to_accept(_, fault)
  return fault.name == "EAGAIN" or nil
end

calls "accept" {
  timeouts = scenario.WAITING,
  make = function()
    return connecting(listening())
  end,
  on = "listener",
  check = check_accepted,
  outcome = waits_to_accept,
}

-- Datagrams: of UDP and of Unix sockets, with addresses and to the peer.

local BRIEF = fixtures.TEXT:sub(1, 500)

local function path()
  local name = os.tmpname()
  os.remove(name)
  return name
end

-- Sockets that datagrams go between: `one` is bound to `it.to`.
local KINDS = {
  udp = function()
    local it = { one = assert(core.udp4()), other = assert(core.udp4()) }
    assert(it.one:setsockname("127.0.0.1", 0))
    it.to = { it.one:getsockname() }
    return it
  end,
  dgram = function()
    local it = { one = assert(unix.dgram()), other = assert(unix.dgram()), path = path() }
    assert(it.one:bind(it.path))
    it.to = { it.path }
    return it
  end,
}

-- Connects `other` to `one`.
local function to_peer(it)
  assert(it.other:setpeername((table.unpack or unpack)(it.to)))
  return it
end

local function check_brief(it, _, sent)
  it.one:settimeout(0)
  fixtures.same_bytes(BRIEF:sub(1, sent or 0), it.one:receive() or "")
end

for _, make in pairs(KINDS) do
  for _, method in ipairs { "receive", "receivefrom" } do
    calls(method) {
      timeouts = scenario.ANY,
      words = words_of_datagrams,
      make = function()
        local it = to_peer(make())
        assert(it.other:send(BRIEF))
        return it
      end,
      on = "one",
      check = function(it, _, data)
        it.one:settimeout(0)
        -- A short system call cuts a datagram off, as a short buffer does.
        local got = data or assert(it.one:receive())
        fixtures.same_bytes(BRIEF:sub(1, #got), got)
        fixtures.same(true, #got == 500 or #got == 100 or #got == 1, "a length of a datagram")
      end,
    }
  end

  calls "send" {
    timeouts = scenario.ANY,
    words = words_of_datagrams,
    make = function()
      return to_peer(make())
    end,
    on = "other",
    arguments = { BRIEF },
    check = check_brief,
  }

  calls "sendto" {
    timeouts = scenario.ANY,
    words = words_of_datagrams,
    make = make,
    on = "other",
    arguments = { BRIEF },
    to = true,
    check = check_brief,
  }
end

-- An object of either family, whose first call opens its socket.
local function unopened()
  local it = KINDS.udp()
  it.new = assert(core.udp())
  return it
end

calls "sendto" {
  words = words_of_datagrams,
  make = unopened,
  on = "new",
  arguments = { BRIEF },
  to = true,
  check = check_brief,
}

calls "setsockname" {
  make = unopened,
  on = "new",
  arguments = { "127.0.0.1", 0 },
}

calls "setpeername" {
  make = unopened,
  on = "new",
  to = true,
  class = { "udp{connected}", "udp{unconnected}" },
}

-- No failure to disconnect is reported, as some systems report one where there is none.
calls "setpeername" {
  make = function()
    return to_peer(KINDS.udp())
  end,
  on = "other",
  arguments = { "*" },
  class = { "udp{unconnected}" },
  outcome = fixtures.absorbs,
}

-- Unix streams.

calls "bind" {
  make = function()
    local to = path()
    return { one = assert(unix.stream()), path = to, to = { to } }
  end,
  on = "one",
  to = true,
}

local function listening_at_path()
  local it = { listener = assert(unix.stream()), client = assert(unix.stream()), path = path() }
  assert(it.listener:bind(it.path))
  assert(it.listener:listen())
  it.to = { it.path }
  return it
end

calls "connect" {
  timeouts = scenario.WAITING,
  make = listening_at_path,
  on = "client",
  to = true,
  check = check_connected,
  outcome = fixtures.connects_by_path,
}

calls "connect" {
  make = KINDS.dgram,
  on = "other",
  to = true,
  class = { "unixdgram{connected}", "unixdgram{unconnected}" },
  outcome = fixtures.connects_by_path,
}

calls "accept" {
  timeouts = scenario.WAITING,
  make = function()
    return connecting(listening_at_path())
  end,
  on = "listener",
  check = check_accepted,
  outcome = waits_to_accept,
}

local function connected_at_path()
  local it = connecting(listening_at_path())
  it.peer = assert(it.listener:accept())
  return it
end

calls "receive" {
  timeouts = scenario.ANY,
  make = function()
    local it = connected_at_path()
    assert(it.peer:send(fixtures.TEXT))
    return it
  end,
  on = "client",
  arguments = { 3000 },
  check = function(it, _, data)
    fixtures.same_bytes(fixtures.TEXT, (data or it.third or "") .. rest(it.client))
  end,
}

calls "send" {
  timeouts = scenario.ANY,
  make = connected_at_path,
  on = "client",
  arguments = { fixtures.TEXT },
  check = check_sent,
}

-- What opens, asks and sets.

for name, open in pairs {
  tcp4 = core.tcp4,
  tcp6 = core.tcp6,
  udp4 = core.udp4,
  udp6 = core.udp6,
  stream = unix.stream,
  dgram = unix.dgram,
} do
  calls(name) {
    act = open,
    -- One of IPv6 that takes connections of IPv4 too is no failure.
    outcome = function(_, fault)
      return fault.of == "setsockopt" or nil
    end,
  }
end

for name, open in pairs { tcp = core.tcp, udp = core.udp } do
  calls(name) { act = open }
end

calls "bind" {
  make = function()
    return { one = assert(core.tcp()) }
  end,
  on = "one",
  arguments = { "127.0.0.1", 0 },
}

calls "listen" {
  words = function(code)
    return code == "EOPNOTSUPP" and "Operation not supported" or words(code)
  end,
  make = function()
    local it = { one = assert(core.tcp4()) }
    assert(it.one:bind("127.0.0.1", 0))
    return it
  end,
  on = "one",
  class = { "tcp{server}", "tcp{master}" },
  -- A listener that blocks is one all the same.
  outcome = function(_, fault)
    return fault.of == "fcntl" or nil
  end,
}

-- Their failures are not reported.
local SILENT = { { "shutdown", "send" }, { "getstats" }, { "setstats", 1 }, { "getfd" }, { "dirty" }, { "close" } }
for _, call in ipairs(SILENT) do
  calls(call[1]) {
    make = connected,
    on = "client",
    arguments = { call[2] },
    outcome = fixtures.absorbs,
  }
end

-- No failure is reported: the object is closed then.
calls "setfd" {
  starved = fixtures.close_number,
  make = function()
    local it = { one = core.udp(), other = assert(core.udp4()) }
    it.number = it.other:getfd()
    it.other:setfd(-1)
    it.to = { it.number }
    return it
  end,
  on = "one",
  to = true,
  check = function(it)
    if it.one:getfd() ~= it.number then
      fixtures.close_number(it)
    end
  end,
  outcome = fixtures.absorbs,
}

for _, method in ipairs { "getsockname", "getpeername" } do
  calls(method) { make = connected, on = "client" }
end

calls "getsockname" { make = KINDS.dgram, on = "one" }

for _, option in ipairs {
  { "reuseaddr", true },
  { "linger", { on = true, timeout = 1 } },
  { "tcp-nodelay", true },
  { "error" },
} do
  calls "getoption" {
    make = connected,
    words = always "getsockopt failed",
    on = "client",
    arguments = { option[1] },
  }
  if option[2] ~= nil then
    calls "setoption" {
      make = connected,
      words = always "setsockopt failed",
      on = "client",
      arguments = option,
    }
  end
end

calls "sleep" {
  act = function()
    core.sleep(0.001)
  end,
  outcome = fixtures.absorbs,
}

-- Its failures are those of the library.
scenario "select" {
  make = holding,
  act = function(it)
    return core.select({ it.client }, nil, 5)
  end,
  check = function(it, _, readable)
    fixtures.same(readable and it.client, readable and readable[1], "the object")
    fixtures.same_bytes(fixtures.TEXT .. "\n", rest(it.client))
  end,
}

for _, call in ipairs {
  { "toip", "localhost" },
  { "tohostname", "127.0.0.1" },
  { "getaddrinfo", "127.0.0.1" },
  { "getnameinfo", "127.0.0.1" },
  { "gethostname" },
} do
  calls(call[1]) {
    aside = true,
    act = function()
      return dns[call[1]](call[2])
    end,
  }
end
