-- Names of hosts, services and interfaces, also in addresses.

local fixtures = require "faults.fixtures"
local lua = require "spec.support.lua"
local scenario = require "faults.scenario"
local socket = require "bsdsocket"

local function calls(operation, ...)
  local arguments, n = { ... }, select("#", ...)
  scenario(operation) {
    act = function()
      return socket[operation](lua.unpack(arguments, 1, n))
    end,
    check = function() end,
  }
end

calls("getaddrinfo", "localhost", "http", { flags = socket.AI_CANONNAME })
calls("gethostbyname", "localhost")
calls("gethostbyname_ex", "localhost")
calls("gethostbyaddr", "127.0.0.1")
calls("getnameinfo", { "127.0.0.1", 80 })
calls("getprotobyname", "tcp")
calls("getservbyname", "http")
calls("getservbyport", 80, "tcp")
calls("gethostname")
calls("sethostname", assert(socket.gethostname()))
calls("if_nameindex")
calls("if_nametoindex", "lo")
calls("if_indextoname", 1)
calls("pack_address", socket.AF_INET, { "localhost", 80 })
calls("pack_address", socket.AF_PACKET, { "lo", 3 })

if require("faults.functions").ioctl then
  scenario "get_local_cid" {
    act = fixtures.alone(socket.get_local_cid),
    check = function() end,
    -- The CID is read before the device is closed.
    outcome = function(_, fault)
      return fault.of == "close" or nil
    end,
  }
else
  require "spec.support.skip" "get_local_cid, for there is no /dev/vsock"
end

scenario "getifaddrs" {
  act = fixtures.alone(socket.getifaddrs),
  check = function() end,
  -- The name in a hardware address, of an interface that was removed meanwhile.
  outcome = function(_, fault)
    return fault.of == "if_indextoname" or nil
  end,
}

-- Look-ups that another thread makes, which are waited for with two sockets; without a thread they are made in place.

-- The other thread writes until it can; what it wrote is read again after the next wait.
local function of_the_wait(_, fault)
  return fault.of == "send" or fault.of == "recv" or nil
end

-- The first look-up in a Lua state makes the sockets, which are closed with it.
local FIRST = [[
  if jit then
    jit.off()
  end
  local socket, tasks = require "bsdsocket", require "bsdsocket.tasks"
  return tasks.run(function()
    local found, message, code = socket.%s
    return found and "found", message, code
  end)
]]

for _, call in ipairs {
  "getaddrinfo('localhost', 80)",
  "gethostbyname('localhost')",
  "gethostbyaddr('127.0.0.1')",
  "getnameinfo({ '127.0.0.1', 80 })",
  "pack_address(socket.AF_INET, { 'localhost', 80 })",
} do
  scenario(call:match "^[%w_]+") {
    in_task = true,
    act = function(it)
      return it.fresh(FIRST:format(call))
    end,
    check = function() end,
    unordered = { close = true },
    outcome = function(case, fault)
      -- A hook is one of the other state.
      return (case.hooked or fault.of:find "^epoll") and "either" or of_the_wait(case, fault)
    end,
  }
end

scenario "getaddrinfo" {
  act = function()
    return socket.getaddrinfo("localhost", 80, { timeout = 60 })
  end,
  check = function() end,
  -- Whichever thread is the last one that needs the sockets closes them.
  unordered = { close = true },
  outcome = of_the_wait,
}

scenario "getfqdn" {
  act = fixtures.alone(socket.getfqdn),
  check = function() end,
  -- Without an answer it returns the name unchanged.
  outcome = function(_, fault)
    return fault.of ~= "gethostname" or nil
  end,
}

scenario "unpack_address" {
  make = function()
    return { packed = assert(socket.pack_address(socket.AF_PACKET, { "lo", 3 })) }
  end,
  act = function(it)
    return socket.unpack_address(it.packed)
  end,
  check = function() end,
  -- The index of an interface that was removed.
  outcome = fixtures.absorbs,
}
