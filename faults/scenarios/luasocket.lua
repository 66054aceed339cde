-- LuaSocket's interface, whose failures are words.

local core = require "bsdsocket.luasocket"
local fixtures = require "faults.fixtures"
local scenario = require "faults.scenario"

local dns = core.dns

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
    fields.words = words
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
