-- Allocations whose size the program chooses: if there is no memory, the call fails with ENOMEM.

local fixtures = require "faults.fixtures"
local scenario = require "faults.scenario"
local socket = require "bsdsocket"

-- More than is cached between calls.
local LARGE = 2000000
local DATA = ("0123456789"):rep(15000)

local function received(it, _, data)
  fixtures.same_bytes(fixtures.TEXT, (data or "") .. fixtures.arrived(it.one))
end

-- Calls on a socket that has data to receive.
local CALLS = {
  { "recv", LARGE },
  { "recvfrom", LARGE },
  { "recvmsg", LARGE },
  { "recvmsg", LARGE, LARGE },
}

for _, call in ipairs(CALLS) do
  scenario(call[1]) {
    confined = true,
    make = fixtures.holding,
    act = function(it)
      return it.one[call[1]](it.one, call[2], call[3])
    end,
    check = received,
  }
end

scenario "recv_fds" {
  confined = true,
  make = fixtures.holding,
  act = function(it)
    return socket.recv_fds(it.one, 10000, LARGE)
  end,
  check = received,
}

scenario "read" {
  confined = true,
  make = function()
    local it = fixtures.pair()
    assert(it.other:sendall(DATA:sub(1, 100000)))
    it.stream = assert(it.one:makefile("r", { buffering = LARGE }))
    return it
  end,
  act = function(it)
    return it.stream:read(100000)
  end,
  check = function(it, _, data)
    fixtures.same_bytes(DATA:sub(1, 100000), data or it.stream:read(100000))
  end,
}

scenario "write" {
  confined = true,
  make = function()
    local it = fixtures.pair()
    it.stream = assert(it.one:makefile("w", { buffering = LARGE }))
    assert(it.stream:write "before ")
    return it
  end,
  act = function(it)
    return it.stream:write("a ", "b ", DATA)
  end,
  check = function(it, _, done)
    -- Checks that all values of a call were written, or none.
    assert(it.one:settimeout(0))
    it.stream:flush()
    local text = "before " .. (done and "a b " .. DATA or "")
    local arrived = fixtures.arrived(it.other)
    fixtures.same_bytes(text:sub(1, #arrived), arrived)
  end,
}

-- Translated data, and data that is read by several formats, is copied.
local COPIES = {
  {
    "write",
    function(it)
      it.stream = it.one:makefile("w", { newline = "\r\n", buffering = LARGE })
      return it.stream:write(("\n"):rep(100000))
    end,
  },
  {
    "write",
    function(it)
      it.stream = it.one:makefile("w", { encoding = "utf-8", buffering = LARGE })
      return it.stream:write(DATA)
    end,
  },
  {
    "write",
    function(it)
      it.stream = it.one:makefile("w", { encoding = "latin-1", buffering = LARGE })
      return it.stream:write(DATA)
    end,
  },
  {
    "read",
    function(it)
      assert(it.other:sendall(DATA:sub(1, 100000)))
      it.stream = it.one:makefile("r", { encoding = "latin-1" })
      return it.stream:read(100000)
    end,
  },
  {
    "getaddrinfo",
    function()
      return socket.getaddrinfo(DATA, 1, { flags = socket.AI_NUMERICHOST })
    end,
  },
  {
    "getaddrinfo",
    function()
      return socket.getaddrinfo("127.0.0.1", DATA, { flags = socket.AI_NUMERICHOST })
    end,
  },
  {
    "getservbyname",
    function()
      return socket.getservbyname(DATA)
    end,
  },
  {
    "getprotobyname",
    function()
      return socket.getprotobyname(DATA)
    end,
  },
  {
    "if_nametoindex",
    function()
      return socket.if_nametoindex(DATA)
    end,
  },
  {
    "inet_pton",
    function()
      return socket.inet_pton(socket.AF_INET, DATA)
    end,
  },
  {
    "inet_aton",
    function()
      return socket.inet_aton(DATA)
    end,
  },
}

for _, copy in ipairs(COPIES) do
  scenario(copy[1]) {
    confined = true,
    only_confined = true,
    make = fixtures.pair,
    act = copy[2],
    check = function() end,
  }
end
