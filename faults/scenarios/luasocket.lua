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

-- A scenario whose call returns nil and words if it fails.
local function calls(operation)
  return function(fields)
    local act = fields.act
    function fields.act(it)
      local done, failure, third = act(it)
      it.third = third
      if done == nil then
        return nil, operation .. ": ", failure
      end
      return done
    end
    fields.words = fields.words or words
    scenario(operation)(fields)
  end
end

local function listening()
  local it = { listener = assert(core.tcp4()) }
  assert(it.listener:bind("127.0.0.1", 0))
  assert(it.listener:listen())
  it.port = select(2, it.listener:getsockname())
  return it
end

local function connected(timeout)
  local it = listening()
  it.one = assert(core.tcp4())
  assert(it.one:connect("127.0.0.1", it.port))
  it.other = assert(it.listener:accept())
  it.one:settimeout(timeout or nil)
  return it
end

local function holding(timeout)
  local it = connected(timeout)
  assert(it.other:send(fixtures.TEXT .. "\n"))
  -- What was sent has arrived.
  assert(core.select({ it.one }, nil, 5))
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
  assert(it.one:receive() and it.one:close() and it.other:close() and it.listener:close())
end

for _, pattern in ipairs { 3000, "*l" } do
  calls "receive" {
    timeouts = scenario.ANY,
    make = holding,
    act = function(it)
      return it.one:receive(pattern)
    end,
    check = function(it, _, data)
      local got = data and (pattern == "*l" and data .. "\n" or data) or it.third or ""
      fixtures.same_bytes(fixtures.TEXT .. "\n", got .. rest(it.one))
    end,
  }
end

calls "send" {
  timeouts = scenario.ANY,
  make = connected,
  act = function(it)
    return it.one:send(fixtures.TEXT)
  end,
  check = function(it, _, sent)
    fixtures.same_bytes(fixtures.TEXT:sub(1, sent or it.third or 0), rest(it.other))
  end,
}

calls "connect" {
  timeouts = scenario.WAITING,
  make = function(timeout)
    local it = listening()
    it.client = assert(core.tcp4())
    it.client:settimeout(timeout or nil)
    return it
  end,
  act = function(it)
    return it.client:connect("127.0.0.1", it.port)
  end,
  check = function(it, _, done)
    it.made = done and assert(it.listener:accept())
  end,
}

calls "accept" {
  timeouts = scenario.WAITING,
  make = function(timeout)
    local it = listening()
    it.client = assert(core.tcp4())
    assert(it.client:connect("127.0.0.1", it.port))
    it.listener:settimeout(timeout or nil)
    return it
  end,
  act = function(it)
    return it.listener:accept()
  end,
  check = function(it, _, made)
    it.made = made or assert(it.listener:accept())
  end,
  -- A listener never blocks, and waits all the same.
  outcome = function(_, fault)
    return fault.name == "EAGAIN" or nil
  end,
}

-- Datagrams: of UDP and of Unix sockets, with addresses and to the peer.

local BRIEF = fixtures.TEXT:sub(1, 500)

local function path()
  local name = os.tmpname()
  os.remove(name)
  return name
end

-- Sockets that datagrams go between: `one` is bound, and `other` is connected to it if `to_peer`.
local KINDS = {
  udp = function(to_peer)
    local it = { one = assert(core.udp4()), other = assert(core.udp4()) }
    assert(it.one:setsockname("127.0.0.1", 0))
    it.to = { it.one:getsockname() }
    if to_peer then
      assert(it.other:setpeername("127.0.0.1", it.to[2]))
    end
    return it
  end,
  dgram = function(to_peer)
    local it = { one = assert(unix.dgram()), other = assert(unix.dgram()), path = path() }
    assert(it.one:bind(it.path))
    it.to = { it.path }
    if to_peer then
      assert(it.other:connect(it.path))
    end
    return it
  end,
}

local function remove_path(it)
  os.remove(it.path or "")
end

for _, make in pairs(KINDS) do
  for _, method in ipairs { "receive", "receivefrom" } do
    calls(method) {
      timeouts = scenario.ANY,
      words = words_of_datagrams,
      make = function(timeout)
        local it = make(true)
        assert(it.other:send(BRIEF))
        it.one:settimeout(timeout or nil)
        return it
      end,
      act = function(it)
        return it.one[method](it.one)
      end,
      check = function(it, _, data)
        it.one:settimeout(0)
        -- A short system call cuts a datagram off, as a short buffer does.
        local got = data or assert(it.one:receive())
        fixtures.same_bytes(BRIEF:sub(1, #got), got)
        fixtures.same(true, #got == 500 or #got == 100 or #got == 1, "a length of a datagram")
        remove_path(it)
      end,
    }
  end

  for _, to_peer in ipairs { true, false } do
    calls(to_peer and "send" or "sendto") {
      timeouts = scenario.ANY,
      words = words_of_datagrams,
      make = function(timeout)
        local it = make(to_peer)
        it.other:settimeout(timeout or nil)
        return it
      end,
      act = function(it)
        if to_peer then
          return it.other:send(BRIEF)
        end
        return it.other:sendto(BRIEF, (table.unpack or unpack)(it.to))
      end,
      check = function(it, _, sent)
        it.one:settimeout(0)
        fixtures.same_bytes(BRIEF:sub(1, sent or 0), it.one:receive() or "")
        remove_path(it)
      end,
    }
  end
end

-- The first call of an object of either family opens its socket.
calls "sendto" {
  words = words_of_datagrams,
  make = function()
    local it = KINDS.udp()
    it.new = assert(core.udp())
    return it
  end,
  act = function(it)
    return it.new:sendto(BRIEF, (table.unpack or unpack)(it.to))
  end,
  check = function(it, _, sent)
    it.one:settimeout(0)
    fixtures.same_bytes(BRIEF:sub(1, sent or 0), it.one:receive() or "")
  end,
}

calls "setsockname" {
  make = function()
    return { one = assert(core.udp()) }
  end,
  act = function(it)
    return it.one:setsockname("127.0.0.1", 0)
  end,
}

calls "setpeername" {
  make = function()
    local it = KINDS.udp()
    it.new = assert(core.udp())
    return it
  end,
  act = function(it)
    return it.new:setpeername("127.0.0.1", it.to[2])
  end,
  check = function(it, _, done)
    fixtures.same(done and "udp{connected}" or "udp{unconnected}", tostring(it.new):match "^[^:]+", "the class")
  end,
}

-- No failure to disconnect is reported, as some systems report one where there is none.
calls "setpeername" {
  make = function()
    return KINDS.udp(true)
  end,
  act = function(it)
    return it.other:setpeername "*"
  end,
  check = function(it)
    fixtures.same("udp{unconnected}", tostring(it.other):match "^[^:]+", "the class")
  end,
  outcome = fixtures.absorbs,
}

-- Unix streams.

calls "bind" {
  make = function()
    return { one = assert(unix.stream()), path = path() }
  end,
  act = function(it)
    return it.one:bind(it.path)
  end,
  check = remove_path,
}

-- The outcome of a connect by path: to a listener with a full backlog it is repeated.
local function repeated(case, fault)
  local waits = (case.timeout or 0) > 0 or not case.timeout and case.restarts
  local again = case.first and case.first.name == "EAGAIN" and not fault.name:match "^late"
  if fault.of ~= "connect" or fault.name ~= "EAGAIN" and not again then
    return nil
  end
  return fault.name ~= "EAGAIN" and fault.name or waits or nil
end

local function listening_at_path()
  local it = { listener = assert(unix.stream()), client = assert(unix.stream()), path = path() }
  assert(it.listener:bind(it.path))
  assert(it.listener:listen())
  return it
end

calls "connect" {
  timeouts = scenario.WAITING,
  make = function(timeout)
    local it = listening_at_path()
    it.client:settimeout(timeout or nil)
    return it
  end,
  act = function(it)
    return it.client:connect(it.path)
  end,
  check = function(it, _, done)
    it.made = done and assert(it.listener:accept())
    remove_path(it)
  end,
  outcome = repeated,
}

calls "connect" {
  make = function()
    return KINDS.dgram()
  end,
  act = function(it)
    return it.other:connect(it.path)
  end,
  check = function(it, _, done)
    fixtures.same(
      done and "unixdgram{connected}" or "unixdgram{unconnected}",
      tostring(it.other):match "^[^:]+",
      "class"
    )
    remove_path(it)
  end,
  outcome = repeated,
}

calls "accept" {
  timeouts = scenario.WAITING,
  make = function(timeout)
    local it = listening_at_path()
    assert(it.client:connect(it.path))
    it.listener:settimeout(timeout or nil)
    return it
  end,
  act = function(it)
    return it.listener:accept()
  end,
  check = function(it, _, made)
    it.made = made or assert(it.listener:accept())
    remove_path(it)
  end,
  outcome = function(_, fault)
    return fault.name == "EAGAIN" or nil
  end,
}

for _, method in ipairs { "receive", "send" } do
  calls(method) {
    timeouts = scenario.ANY,
    make = function(timeout)
      local it = listening_at_path()
      assert(it.client:connect(it.path))
      it.peer = assert(it.listener:accept())
      if method == "receive" then
        assert(it.peer:send(fixtures.TEXT))
      end
      it.client:settimeout(timeout or nil)
      return it
    end,
    act = function(it)
      if method == "send" then
        return it.client:send(fixtures.TEXT)
      end
      return it.client:receive(3000)
    end,
    check = function(it, _, done)
      if method == "send" then
        fixtures.same_bytes(fixtures.TEXT:sub(1, done or it.third or 0), rest(it.peer))
      else
        fixtures.same_bytes(fixtures.TEXT, (done or it.third or "") .. rest(it.client))
      end
      remove_path(it)
    end,
  }
end

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
  act = function(it)
    return it.one:bind("127.0.0.1", 0)
  end,
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
  act = function(it)
    return it.one:listen()
  end,
  check = function(it, _, done)
    fixtures.same(done and "tcp{server}" or "tcp{master}", tostring(it.one):match "^[^:]+", "the class")
  end,
  -- A listener that blocks is one all the same.
  outcome = function(_, fault)
    return fault.of == "fcntl" or nil
  end,
}

-- Their failures are not reported.
local SILENT = { { "shutdown", "send" }, { "getstats" }, { "setstats", 1 }, { "getfd" }, { "dirty" }, { "close" } }
for _, call in ipairs(SILENT) do
  local method, argument = call[1], call[2]
  calls(method) {
    make = connected,
    act = function(it)
      local done = it.one[method](it.one, argument)
      return done ~= nil
    end,
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
    return it
  end,
  act = function(it)
    it.one:setfd(it.number)
    return true
  end,
  check = function(it)
    if it.one:getfd() ~= it.number then
      fixtures.close_number(it)
    end
  end,
  outcome = fixtures.absorbs,
}

for _, method in ipairs { "getsockname", "getpeername" } do
  calls(method) {
    make = connected,
    act = function(it)
      return it.one[method](it.one)
    end,
  }
end

calls "getsockname" {
  make = function()
    return KINDS.dgram()
  end,
  act = function(it)
    return it.one:getsockname()
  end,
  check = remove_path,
}

for _, option in ipairs {
  { "reuseaddr", true },
  { "linger", { on = true, timeout = 1 } },
  { "tcp-nodelay", true },
  { "error" },
} do
  local name, value = option[1], option[2]
  calls "getoption" {
    make = connected,
    words = always "getsockopt failed",
    act = function(it)
      local got, failure = it.one:getoption(name)
      if name == "error" and not failure then
        return true
      end
      return got, failure
    end,
  }
  if value ~= nil then
    calls "setoption" {
      make = connected,
      words = always "setsockopt failed",
      act = function(it)
        return it.one:setoption(name, value)
      end,
    }
  end
end

calls "sleep" {
  act = function()
    core.sleep(0.001)
    return true
  end,
  outcome = fixtures.absorbs,
}

-- Its failures are those of the library.
scenario "select" {
  make = holding,
  act = function(it)
    return core.select({ it.one }, nil, 5)
  end,
  check = function(it, _, readable)
    fixtures.same(readable and it.one, readable and readable[1], "the object")
    fixtures.same_bytes(fixtures.TEXT .. "\n", rest(it.one))
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
