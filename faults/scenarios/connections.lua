-- bind, listen, accept, connect, options, shutdown and close.

local fixtures = require "faults.fixtures"
local lua = require "spec.support.lua"
local network = require "spec.support.network"
local scenario = require "faults.scenario"
local socket = require "bsdsocket"

local function unconnected(timeout)
  local it = fixtures.listening()
  it.client = assert(socket.socket())
  it.client:settimeout(timeout or nil)
  return it
end

-- Fixtures with Unix sockets, which connect at once.
local function unconnected_unix(timeout)
  local it = { listener = assert(socket.socket(socket.AF_UNIX)), client = assert(socket.socket(socket.AF_UNIX)) }
  assert(it.listener:bind "")
  assert(it.listener:listen())
  it.address = it.listener:getsockname()
  it.client:settimeout(timeout or nil)
  return it
end

scenario "accept" {
  timeouts = scenario.ANY,
  make = function(timeout)
    local it = fixtures.listening(timeout)
    it.client = assert(socket.socket())
    assert(it.client:connect(it.address))
    return it
  end,
  act = function(it)
    return it.listener:accept()
  end,
  check = function(it, _, made)
    it.made = made or assert(it.listener:accept())
    fixtures.same(it.client:getsockname(), it.made:getpeername(), "the peer")
  end,
  -- Whether the socket listens is unknown then: the call itself reports errors.
  outcome = function(case, fault)
    local asks = not case.timeout and case.restarts and fault.of == "getsockopt"
    local accepted = case.first and case.first.of == "accept4"
    return asks and not fault.repeated and not accepted or nil
  end,
}

scenario "bind" {
  make = unconnected,
  act = function(it)
    return it.client:bind { "localhost", 0 }
  end,
}

local function connects(it, _, done)
  it.made = done and assert(it.listener:accept())
end

scenario "connect" {
  timeouts = scenario.WAITING,
  make = unconnected,
  act = function(it)
    return it.client:connect(it.address)
  end,
  check = connects,
}

scenario "connect" {
  timeouts = scenario.ANY,
  make = unconnected_unix,
  act = function(it)
    return it.client:connect(it.address)
  end,
  check = connects,
  outcome = fixtures.connects_by_path,
}

scenario "connect" {
  make = function()
    local udp = assert(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    assert(udp:bind { "127.0.0.1", 0 })
    assert(udp:connect(udp:getsockname()))
    return { udp = udp }
  end,
  act = function(it)
    return it.udp:connect(socket.AF_UNSPEC)
  end,
  check = function(it, _, done)
    assert(not done or not it.udp:getpeername())
  end,
  outcome = function(case, fault)
    local fails = case.first and fault.name ~= "late EINTR" or fault.name == "late EINPROGRESS"
    return fails and fault.name:match "%u+$" or nil
  end,
}

scenario "connect_ex" {
  timeouts = scenario.WAITING,
  make = unconnected,
  act = function(it)
    local code, message, symbol = it.client:connect_ex(it.address)
    if code == 0 or code == nil then
      return code, message, symbol
    end
    return nil, "connect_ex: by number", socket.errno[code]
  end,
  check = connects,
}

scenario "listen" {
  make = function()
    return { one = network.bound() }
  end,
  act = function(it)
    return it.one:listen()
  end,
}

-- Methods that make a single system call.
local function methods(names)
  for _, entry in ipairs(names) do
    local name, arguments = entry[1], entry[2]
    scenario(name) {
      make = function()
        local client, server = network.connected()
        return { one = client, other = server }
      end,
      act = function(it)
        return it.one[name](it.one, lua.unpack(arguments))
      end,
      check = entry.check or function() end,
      outcome = entry.outcome,
    }
  end
end

methods {
  { "getpeername", {} },
  { "getsockname", {} },
  { "shutdown", { socket.SHUT_RDWR } },
  { "getsockopt", { socket.SOL_SOCKET, socket.SO_TYPE } },
  { "getsockopt", { socket.SOL_SOCKET, socket.SO_TYPE, 4 } },
  { "setsockopt", { socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1 } },
  { "setsockopt", { socket.SOL_SOCKET, socket.SO_KEEPALIVE, "\1\0\0\0" } },
  { "get_inheritable", {} },
  { "set_inheritable", { true } },
  { "setblocking", { false } },
  {
    "settimeout",
    { 3 },
    check = function(it, _, done)
      -- Checks that everything was sent, or nothing.
      fixtures.same(done and 3 or nil, it.one:gettimeout(), "the timeout")
    end,
  },
  { "dup", {}, check = fixtures.keep },
  {
    "close",
    {},
    check = function(it)
      fixtures.same(-1, it.one:fileno(), "the descriptor")
    end,
  },
}

scenario "tostring" {
  make = fixtures.pair,
  act = function(it)
    return tostring(it.one)
  end,
  check = function() end,
  outcome = fixtures.absorbs,
}

scenario "__gc" {
  collects = true,
  make = fixtures.pair,
  act = function(it)
    it.one = nil
    fixtures.collect()
    return true
  end,
  check = function(it)
    fixtures.same("", it.other:recv(1), "the end of the stream")
  end,
  outcome = fixtures.absorbs,
}
