-- Functions that create objects without a system call: each of Lua's allocations fails in turn.

local fixtures = require "faults.fixtures"
local network = require "spec.support.network"
local scenario = require "faults.scenario"
local socket = require "bsdsocket"

-- Methods of a socket, its stream or a buffer that create objects: the name, and the call.
local MAKERS = {
  {
    "buffer",
    function()
      return socket.buffer(100)
    end,
  },
  {
    "buffer",
    function(it)
      return socket.buffer(it.buffer)
    end,
  },
  {
    "view",
    function(it)
      return it.buffer:view(2, 4)
    end,
  },
  {
    "sub",
    function(it)
      return it.buffer:sub(2, 4)
    end,
  },
  {
    "lines",
    function(it)
      return it.stream:lines "*l"
    end,
  },
  {
    "lines",
    function(it)
      return it.stream:lines(1, "*n")
    end,
  },
  {
    "buffered",
    function(it)
      return it.stream:buffered()
    end,
  },
  {
    "dup",
    function(it)
      return it.one:dup()
    end,
  },
}

-- Options of `makefile`.
for _, options in ipairs {
  {},
  { mode = "rw", buffering = 0 },
  { mode = "rw", buffering = 1 },
  { mode = "rwb" },
  { encoding = "utf-16" },
  { encoding = "utf-8-sig" },
  { mode = "rw", encoding = "latin-1", errors = "replace" },
  { mode = "rw", encoding = "shift_jis", newline = "\r\n", limit = 100 },
} do
  MAKERS[#MAKERS + 1] = {
    "makefile",
    function(it)
      return it.one:makefile(options)
    end,
  }
end

for _, maker in ipairs(MAKERS) do
  scenario(maker[1]) {
    make = function()
      local it = fixtures.pair()
      it.buffer = socket.buffer "0123456789"
      it.stream = it.one:makefile()
      return it
    end,
    act = maker[2],
    -- The descriptor stays open until all streams of the socket are closed.
    check = function(it, _, made)
      it.made = made
    end,
  }
end

-- A stream that has decoded and encoded data owns memory, which must be freed.
scenario "makefile" {
  make = function()
    local it = fixtures.pair()
    assert(it.other:sendall "\195\169\n")
    return it
  end,
  act = function(it)
    local stream = it.one:makefile { mode = "rw", encoding = "utf-8" }
    it.stream = stream
    stream:write "\195"
    stream:write "\169\n"
    stream:flush()
    stream:read()
    return true
  end,
  outcome = fixtures.absorbs,
  check = function() end,
}

-- Functions for the host, which are in the registry.
local function host()
  for _, value in pairs(debug.getregistry()) do
    if type(value) == "table" and rawget(value, "give") and rawget(value, "take") then
      return value
    end
  end
end

local give, take = host().give, host().take

scenario "give" {
  make = function()
    return { number = network.bound():detach() }
  end,
  act = function(it)
    return give(it.number)
  end,
  starved = fixtures.close_number,
}

scenario "take" {
  make = function()
    return { one = network.bound() }
  end,
  act = function(it)
    return take(it.one)
  end,
  check = function(it, _, number)
    it.made = number and assert(socket.socket { fileno = number })
  end,
}
