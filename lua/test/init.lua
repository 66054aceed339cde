-- `bsdsocket.test`: tests of network protocols. Each file of this folder is a chunk that gets `use`, which gives what
-- another file returns.

---@type table<string, function>, table, table, table?
local files, socket, tasks, programs = ...

local loaded = { socket = socket, tasks = tasks, programs = programs or false }
local function use(name)
  if loaded[name] == nil then
    loaded[name] = files[name](use)
  end
  return loaded[name]
end

local assertions, channel, failure, hexdump = use "assertions", use "channel", use "failure", use "hexdump"
local matchers, peer, ports, proxy = use "matchers", use "peer", use "ports", use "proxy"
local random, scope, server = use "random", use "scope", use "server"

local test = {
  case = scope.case,
  run = scope.run,
  server = server.new,
  proxy = proxy.new,
  spawn = programs and use("program").spawn,
  wait_until_ready = ports.wait_until_ready,
  closed_address = ports.closed_address,
  free_address = ports.free_address,
  EOF = matchers.EOF,
  RESET = matchers.RESET,
  line = matchers.line,
  upto = matchers.upto,
  any = matchers.any,
  hexdump = hexdump.dump,
  capture = scope.capture,
  pcapng = { packets = use("pcapng").packets },
  random = random.new,
  now = tasks.now,
}

local CONNECT = { name = "string", type = "number", family = "number" }

-- The test plays the client.
function test.connect(address, options)
  options = failure.check_options(options, CONNECT, "connect")
  if type(address) ~= "table" and type(address) ~= "string" then
    failure.misuse("connect: address expected, got " .. (address == nil and "no value" or type(address)))
  end
  local name = options.name or "client"
  local over, message =
    channel.connect(address, channel.family(address, options.family), options.type, scope.deadline())
  if not over then
    scope.fail(failure.position() .. name .. " could not connect\n  " .. message)
  end
  return peer.of_test(over, name)
end

-- A peer over any socket.
function test.wrap(s, name)
  if s == nil or type(s) == "string" or type(s) == "number" then
    failure.misuse("wrap: socket expected, got " .. (s == nil and "no value" or type(s)))
  end
  return peer.of_test(channel.new(s), failure.check(name or "peer", "string", "wrap: name"))
end

function test.sleep(seconds)
  failure.check_number(seconds, "sleep: seconds", 0)
  return tasks.sleep(seconds)
end

assertions.register()

-- What the process of a server calls, which has the same files.
return setmetatable(test, {
  play = function(...)
    return use("process").play(...)
  end,
})
