-- Creating sockets, also from descriptors.

local fixtures = require "faults.fixtures"
local network = require "spec.support.network"
local scenario = require "faults.scenario"
local socket = require "bsdsocket"

local function defaults(timeout)
  socket.setdefaulttimeout(timeout or nil)
  return {}
end

scenario "socket" { timeouts = scenario.WAITING, make = defaults, act = fixtures.alone(socket.socket) }

scenario "socket" {
  timeouts = scenario.WAITING,
  make = function(timeout)
    local number = network.bound():detach()
    local it = defaults(timeout)
    it.number = number
    return it
  end,
  act = function(it)
    return socket.socket { fileno = it.number }
  end,
  check = function(it, _, made)
    -- After a failure the caller still owns the descriptor.
    it.made = made or assert(socket.socket { fileno = it.number })
  end,
  starved = fixtures.close_number,
}

scenario "socketpair" { timeouts = scenario.WAITING, make = defaults, act = fixtures.alone(socket.socketpair) }

scenario "fromfd" {
  timeouts = scenario.WAITING,
  make = function(timeout)
    local it = defaults(timeout)
    it.one = network.bound()
    return it
  end,
  act = function(it)
    return socket.fromfd(it.one:fileno(), socket.AF_INET, socket.SOCK_STREAM)
  end,
}

-- A connect that goes on is waited for, whatever the timeout. After the connect of each socket there is one more, on a
-- blocking socket that is connected: any result of it is accepted. With a hook pending, a task does not come that far.
local function connects(case, fault)
  if fault.of ~= "connect" or case.hooked and case.in_task then
    return nil
  end
  local is_last = fault.before.connect == fault.before.socket
  return is_last or fault.name == "late EINPROGRESS" and case.timeout ~= 0 or nil
end

scenario "create_connection" {
  timeouts = scenario.WAITING,
  make = fixtures.listening,
  act = function(it)
    return socket.create_connection(it.address, { timeout = it.timeout, source_address = { "127.0.0.1", 0 } })
  end,
  outcome = connects,
}

scenario "create_connection" {
  timeouts = scenario.WAITING,
  make = fixtures.listening,
  act = function(it)
    return socket.create_connection({ "localhost", it.address.port }, { timeout = it.timeout, all_errors = true })
  end,
  outcome = function(case, fault)
    -- The look-up of another thread is heard of by recv and send.
    local passes = fault.of == "close" or fault.of == "recv" or fault.of == "send"
    return passes and not case.hooked or connects(case, fault)
  end,
}

scenario "create_server" {
  act = function()
    return socket.create_server({ "127.0.0.1", 0 }, { reuse_port = true })
  end,
}

if network.has_ipv6() then
  scenario "create_server" {
    act = function()
      return socket.create_server({ "::", 0 }, { family = socket.AF_INET6, dualstack_ipv6 = true })
    end,
    outcome = function(_, fault)
      -- A function that probes for a feature returns false, whatever the reason.
      return ({ "misuse", "misuse", true })[fault.place]
    end,
  }

  scenario "has_dualstack_ipv6" {
    act = fixtures.alone(socket.has_dualstack_ipv6),
    outcome = fixtures.absorbs,
    check = function() end,
  }
end

scenario "dup" {
  make = fixtures.pair,
  act = function(it)
    return socket.dup(it.one:fileno())
  end,
  check = function(it, _, number)
    it.made = number and assert(socket.socket { fileno = number })
  end,
}

scenario "close" {
  make = function()
    return { number = network.bound():detach() }
  end,
  act = function(it)
    return socket.close(it.number)
  end,
  check = function(it)
    -- The descriptor is closed, whatever close(2) returned.
    fixtures.same(nil, (socket.dup(it.number)), "a duplicate of a closed descriptor")
  end,
  starved = fixtures.close_number,
}
