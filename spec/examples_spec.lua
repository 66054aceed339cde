local child = require "spec.support.child"
local network = require "spec.support.network"
local skip = require "spec.support.skip"
local socket = require "bsdsocket"
local system = require "spec.support.system"
local temporary = require "spec.support.temporary"
local test = require "bsdsocket.test"

local interpreter = child.interpreter()

-- Starts an example server on port 0; returns the child and the port.
local function serve(name)
  local server = child.start(("%s examples/%s.lua 0"):format(interpreter, name))
  local line = server:line()
  local port = line:match("^listening on%s.*:(%d+)$")
  assert.is_truthy(port, line)
  return server, port
end

-- Runs an example client to completion.
local function ask(name, port, host)
  return child.start(("%s examples/%s.lua %s %s"):format(interpreter, name, port, host or "")):finish()
end

-- The examples that need no other program: what they do, and the lines they print, as patterns.
local ALONE = {
  echo = {
    "echoes within one process",
    "^listening on\t127%.0%.0%.1:%d+$",
    "^connected by\t127%.0%.0%.1:%d+$",
    "^received\tHello, world$",
  },
  lines = { "answers line by line", "^Hello, Ada$", "^Hello, Grace$" },
  recvmsg_into = {
    "receives into buffers and a view",
    "^22\tbytes received$",
    "^Mary$",
    "^01 had a 9$",
    "^little lamb%-%-%-$",
  },
  reuse_address = {
    "binds an address that is still in TIME_WAIT",
    "^without SO_REUSEADDR\tnil\tbind 127%.0%.0%.1:%d+: Address already in use\tEADDRINUSE$",
    "^with SO_REUSEADDR\t127%.0%.0%.1:%d+$",
  },
  send_fds = {
    "passes a connection to another process",
    "^a connection\tfrom 127%.0%.0%.1$",
    "^received\tHello from the worker$",
  },
  sniffer = {
    "captures a packet",
    "^from\t127%.0%.0%.1:%d+$",
    "^to\t127%.0%.0%.1:%d+$",
    "^data\tHello, world$",
  },
}

local raw, _, refusal = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
if raw then
  raw:close()
else
  ALONE.sniffer = { "says what it lacks, " .. refusal, "^raw sockets are for privileged users only$" }
end

for name, expected in pairs(ALONE) do
  describe("examples/" .. name .. ".lua", function()
    it(expected[1], function()
      local output, complaints, status = child.start(("%s examples/%s.lua"):format(interpreter, name)):finish()
      assert.same({ "", 0 }, { complaints, status })
      local count = 0
      for line in output:gmatch("[^\n]+") do
        count = count + 1
        assert.is_truthy(line:find(expected[count + 1] or "^$"), line)
      end
      assert.equal(#expected - 1, count)
    end)
  end)
end

describe("examples/echo_server.lua and echo_client.lua", function()
  it("exchange data", function()
    local server, port = serve("echo_server")
    assert.same({ "Received Hello, world\n", "", 0 }, { ask("echo_client", port) })
    local output, complaints, status = server:finish()
    assert.is_truthy(output:find("^connected by\t127%.0%.0%.1:%d+\n$"), output)
    assert.same({ "", 0 }, { complaints, status })
  end)

  it("report that no server is running", function()
    local address, held = test.closed_address()
    local port = address.port
    local output, complaints, status = ask("echo_client", port, "127.0.0.1")
    held:close()
    assert.same({ "", 1 }, { output, status })
    local message = ("connect 127.0.0.1:%d: Connection refused"):format(port)
    assert.is_truthy(complaints:find(message, 1, true), complaints)
  end)
end)

describe("examples/tasks_echo.lua", function()
  it("serves many clients at once", function()
    local server, port = serve("tasks_echo")
    local clients = {}
    for n = 1, 100 do
      clients[n] = assert(socket.create_connection({ "127.0.0.1", port }, { timeout = 10 }))
    end
    for n = 100, 1, -1 do
      assert(clients[n]:sendall("hello " .. n))
      assert.equal("hello " .. n, clients[n]:recv(100))
    end
    assert(clients[3]:sendall("quit\n"))
    local output, complaints, status = server:finish()
    local _, connected = output:gsub("connected by\t127%.0%.0%.1:%d+\n", "")
    assert.equal(100, connected)
    assert.same({ "", 0 }, { complaints, status })
    for n = 1, 100 do
      clients[n]:close()
    end
  end)
end)

describe("examples/game_loop.lua", function()
  it("serves many players without holding up its frames", function()
    local command = ("%s examples/game_loop.lua 200 0.5"):format(interpreter)
    local output, complaints, status = child.start(command):finish()
    assert.same({ "", 0 }, { complaints, status })
    local players, moves = output:match "^(%d+) players, (%d+) moves answered, %d+ frames\n"
    assert.equal("200", players, output)
    assert.is_true(tonumber(moves) >= 200)
    assert.equal(moves, output:match "\nanswers that came\t(%d+)\n")
    assert.is_truthy(output:find "\na step took [%d.]+ ms %(median%), [%d.]+ ms %(99 %%%), [%d.]+ ms %(longest%)\n$")
  end)
end)

describe("examples/selectors.lua", function()
  it("serves many clients at once", function()
    local server, port = serve("selectors")
    local clients = {}
    for n = 1, 100 do
      clients[n] = assert(socket.create_connection({ "127.0.0.1", port }, { timeout = 10 }))
    end
    local large = ("x"):rep(300000)
    assert(clients[1]:settimeout(0.001))
    local _, _, code, sent = clients[1]:sendall(large)
    assert.is_true(code == "timeout" or code == nil, code)
    for n = 100, 2, -1 do
      assert(clients[n]:sendall("hello " .. n))
      assert.equal("hello " .. n, clients[n]:recv(100))
    end
    -- The data that the first client did not read is still sent.
    assert(clients[1]:settimeout(10))
    sent = code and sent or #large
    local count = 0
    repeat
      count = count + #assert(clients[1]:recv(100000))
    until count == sent
    clients[2]:close()
    assert(clients[3]:sendall("quit\n"))
    local output, complaints, status = server:finish()
    local _, connected = output:gsub("connected by\t127%.0%.0%.1:%d+\n", "")
    assert.equal(100, connected)
    assert.same({ "", 0 }, { complaints, status })
    network.close((table.unpack or unpack)(clients))
  end)
end)

describe("examples/create_server.lua", function()
  local hosts = { "127.0.0.1", socket.has_dualstack_ipv6() and network.has_ipv6() and "::1" or nil }

  for _, host in ipairs(hosts) do
    it("serves create_connection.lua at " .. host, function()
      local server, port = serve("create_server")
      assert.same({ "Received Hello, world\n", "", 0 }, { ask("create_connection", port, host) })
      local output, complaints, status = server:finish()
      assert.is_truthy(output:find("^connected by\t%S+:%d+\n$"), output)
      assert.same({ "", 0 }, { complaints, status })
    end)
  end
end)

describe("examples/create_connection.lua", function()
  it(
    "connects to the one address of a name that accepts",
    test.case(function()
      local server = test.server(function(peer)
        peer:expect "Hello, world"
        peer:send "Hello, whoever you are"
      end)
      local command = ("%s examples/create_connection.lua %d localhost"):format(interpreter, server.address.port)
      local client = child.start(command)
      server:finish()
      assert.same({ "Received Hello, whoever you are\n", "", 0 }, { client:finish() })
    end, 20)
  )
end)

describe("examples/dualstack_server.lua and dualstack_client.lua", function()
  it("exchange data", function()
    local server, port = serve("dualstack_server")
    assert.same({ "Received Hello, world\n", "", 0 }, { ask("dualstack_client", port) })
    local output, complaints, status = server:finish()
    assert.is_truthy(output:find("^connected by\t%S+:%d+\n$"), output)
    assert.same({ "", 0 }, { complaints, status })
  end)
end)

describe("examples/dualstack_client.lua", function()
  local families = { IPv4 = { socket.AF_INET, "127.0.0.1" } }
  if network.has_ipv6() then
    families.IPv6 = { socket.AF_INET6, "::1" }
  end

  for name, family in pairs(families) do
    it(
      "connects over " .. name,
      test.case(function()
        local server = test.server(function(peer)
          assert.equal(family[2], peer.socket:getpeername().host)
          peer:expect "Hello, world"
          peer:send "Hello, whoever you are"
          peer:expect(test.EOF)
        end, { family = family[1] })
        local command = ("%s examples/dualstack_client.lua %d %s"):format(interpreter, server.address.port, family[2])
        local client = child.start(command)
        server:finish()
        assert.same({ "Received Hello, whoever you are\n", "", 0 }, { client:finish() })
      end, 20)
    )
  end
end)

describe("the programs of README.md", function()
  -- They use these ports.
  local port = test.free_address().port
  local redis = test.free_address()
  local programs = {}
  for program in temporary.read("README.md"):gmatch "```lua\n(.-)```" do
    programs[#programs + 1] = program:gsub("50007", tostring(port)):gsub("6379", tostring(redis.port))
  end

  -- Starts a server that does not end by itself, and calls a function.
  local function with(program, act)
    local server = child.lua(program)
    server:asleep()
    act()
    if not system.windows then
      server:signal "KILL"
      server:finish()
    end
  end

  it("exchange a line", function()
    local server = child.lua(programs[1])
    server:asleep()
    assert.same({ "received\tHello, world\n", "", 0 }, { child.run(programs[2]) })
    local output, complaints, status = server:finish()
    assert.is_truthy(output:find("^connected by\t127%.0%.0%.1:%d+\n$"), output)
    assert.same({ "", 0 }, { complaints, status })
  end)

  it("ask Redis", function()
    local listener = assert(socket.create_server(redis))
    local client = child.lua(programs[5])
    local connection = assert(listener:accept())
    connection:settimeout(10)
    assert.equal("PING\r\n", connection:recvall(6))
    assert(connection:sendall "+PONG\r\n")
    assert.same({ "+PONG\n", "", 0 }, { client:finish() })
    network.close(connection, listener)
  end)

  if system.windows then
    skip "the servers of README.md that do not end by themselves: no command here ends one"
    return
  end

  it("serve many clients", function()
    with(programs[3], function()
      local clients = {}
      for n = 1, 20 do
        clients[n] = assert(socket.create_connection({ "127.0.0.1", port }, { timeout = 10 }))
      end
      for n = 20, 1, -1 do
        assert(clients[n]:sendall "hello")
        assert.equal("hello", clients[n]:recvall(5))
        clients[n]:close()
      end
    end)
  end)

  it("answer datagrams", function()
    with(programs[4], function()
      local client = assert(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
      client:settimeout(10)
      assert(client:sendto("hello", { "127.0.0.1", port }))
      assert.equal("HELLO", client:recv(100))
      client:close()
    end)
  end)
end)

describe("the comparison in README.md", function()
  it("has the figures of bench/README.md", function()
    local section = temporary.read("README.md"):match "\n## How it compares\n.-%-%-%- |\n(.-)\n\n"
    -- Whether one of the libraries has this figure there.
    local function is_measured(names, figure)
      for line in temporary.read("bench/README.md"):gmatch "[^\n]+" do
        for name in names:gmatch "[^,]+" do
          local begins = line:find("| " .. name:match "^%s*(.*)$", 1, true) == 1
          if begins and line:find(" " .. figure .. " ", 1, true) then
            return true
          end
        end
      end
      return false
    end
    local count = 0
    for names, figures in section:gmatch "| ([^|]+) |[^|]*|([^\n]+)" do
      for figure in figures:gmatch "%d[%d.,]*" do
        assert.is_true(is_measured(names, figure), names .. " " .. figure)
        count = count + 1
      end
    end
    assert.is_true(count > 10)
  end)

  it("has the picture of them", function()
    if not child.has "python3" then
      return skip "docs/scale.svg: there is no python3"
    end
    local made = child.output "python3 bench/scale/picture.py --print"
    assert.is_true(made == temporary.read "docs/scale.svg", "stale: run bench/scale/picture.py")
  end)
end)
