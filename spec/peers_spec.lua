local child = require "spec.support.child"
local network = require "spec.support.network"
local skip = require "spec.support.skip"
local socket = require "bsdsocket"
local tasks = require "bsdsocket.tasks"
local temporary = require "spec.support.temporary"
local test = require "bsdsocket.test"

-- An echo server in Python: prints its port, serves one connection.
local PYTHON_SERVER = [[
import socket, sys
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
with socket.socket(family, socket.SOCK_STREAM) as server:
    server.bind((sys.argv[1], 0))
    server.listen(1)
    print(server.getsockname()[1], flush=True)
    connection, address = server.accept()
    with connection:
        while data := connection.recv(65536):
            connection.sendall(data)
]]

-- An echo client in Python: sends its input, then prints what it receives.
local PYTHON_CLIENT = [[
import socket, sys, threading
data = sys.stdin.buffer.read()
with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as client:
    def send():
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)
    sender = threading.Thread(target=send)
    sender.start()
    pieces = []
    while piece := client.recv(65536):
        pieces.append(piece)
    sender.join()
sys.stdout.buffer.write(b"".join(pieces))
]]

-- Echo server and client with this library. The server takes a host.
local OUR_SERVER = [[
  local socket = require "bsdsocket"
  local host = arg[1]
  local server = assert(socket.socket(host:find(":") and socket.AF_INET6 or socket.AF_INET))
  assert(server:bind({ host, 0 }))
  assert(server:listen())
  print(server:getsockname().port)
  io.stdout:flush()
  local connection = assert(server:accept())
  while true do
    local data = assert(connection:recv(65536))
    if data == "" then
      break
    end
    assert(connection:sendall(data))
  end
]]

-- The data to echo: every byte value, and more than fits into the socket buffers.
local bytes = {}
for byte = 0, 255 do
  bytes[byte + 1] = string.char(byte)
end
local PAYLOAD = table.concat(bytes):rep(2000)

local HOSTS = { "127.0.0.1", network.has_ipv6() and "::1" or nil }

-- An address of host and port in socat's syntax.
local function socat_address(host, port)
  return host:find(":") and ("TCP6:[%s]:%s"):format(host, port) or ("TCP4:%s:%s"):format(host, port)
end

---@type table<string, string>
local directory

-- Programs to talk to: the program that must be installed, and the command of a client that sends its input and prints
-- what it receives.
local CLIENTS = {
  {
    "python3",
    function(host, port)
      return ("python3 %s %s %d"):format(directory.client, host, port)
    end,
  },
  {
    "socat",
    function(host, port)
      return ("socat -t 10 - %s"):format(child.quote(socat_address(host, port)))
    end,
  },
  {
    "nc",
    function(host, port)
      return ("nc -N %s %d"):format(host, port)
    end,
  },
}

setup(function()
  directory = {
    client = temporary.file(PYTHON_CLIENT),
    payload = temporary.file(PAYLOAD),
    echoed = temporary.path(),
  }
end)

teardown(function()
  for _, path in pairs(directory) do
    temporary.remove(path)
  end
end)

-- Starts the server in Python; returns the program and its port.
local function start_python(host)
  local server = test.spawn { "python3", "-c", PYTHON_SERVER, host }
  return server, (server:expect(test.line "%d+"))
end

-- Waits for the end of a program, which has to be a success.
local function expect_success(program)
  program:expect(test.EOF)
  assert.same({ "exit", 0 }, { program:wait() })
end

for _, host in ipairs(HOSTS) do
  for _, peer in ipairs(CLIENTS) do
    local program, command = peer[1], peer[2]

    if not child.has(program) then
      skip("a client in " .. program .. ": it is not installed")
    else
      describe(program .. " as a client", function()
        it("receives what it sent, echoed by our server at " .. host .. " what it sent", function()
          local server = child.lua(OUR_SERVER, { arguments = host })
          local port = server:line()
          local run = ("%s <%s >%s"):format(command(host, port), directory.payload, directory.echoed)
          local _, complaints, status = child.start(run):finish()
          assert.same({ "", 0 }, { complaints, status })
          assert.is_true(temporary.read(directory.echoed) == PAYLOAD)
          assert.same({ "", "", 0 }, { server:finish() })
        end)
      end)
    end
  end

  if not child.has("python3") then
    skip("a server in python3: it is not installed")
  else
    describe("python3 as a server", function()
      it(
        "echoes what our client sent, at " .. host,
        test.case(function()
          local server, port = start_python(host)
          local client = test.connect { host, tonumber(port) }
          assert.equal(host, client.socket:getpeername().host)
          tasks.spawn(function()
            client:send(PAYLOAD)
            client:shutdown()
          end)
          client:expect(PAYLOAD)
          client:expect(test.EOF)
          expect_success(server)
        end)
      )

      for _, name in ipairs({ "echo_client", "dualstack_client" }) do
        if name == "dualstack_client" or host == "127.0.0.1" then
          it(
            ("talks with examples/%s.lua, at %s"):format(name, host),
            test.case(function()
              local server, port = start_python(host)
              local client = test.spawn(("%s examples/%s.lua %d %s"):format(child.interpreter(), name, port, host))
              client:expect "Received Hello, world\n"
              expect_success(client)
              expect_success(server)
            end)
          )
        end
      end
    end)
  end
end

if child.has("python3") then
  describe("python3", function()
    for _, name in ipairs({ "echo_server", "dualstack_server" }) do
      it(("receives the echo from examples/%s.lua"):format(name), function()
        local server = child.start(("%s examples/%s.lua 0"):format(child.interpreter(), name))
        local port = server:line():match(":(%d+)$")
        local client = ("python3 %s localhost %d <%s >%s"):format(
          directory.client,
          port,
          directory.payload,
          directory.echoed
        )
        local _, complaints, status = child.start(client):finish()
        assert.same({ "", 0 }, { complaints, status })
        assert.is_true(temporary.read(directory.echoed) == PAYLOAD)
        assert.equal(0, select(3, server:finish()))
      end)
    end

    it("has the same error numbers", function()
      local output = child.output([[python3 -c 'import errno
for number, name in sorted(errno.errorcode.items()): print(name, number)']])
      local compared = 0
      for name, number in output:gmatch("(%w+) (%d+)") do
        assert.equal(tonumber(number), socket.errno[name], name)
        compared = compared + 1
      end
      assert.is_true(compared > 100)
    end)

    it(
      "exchanges datagrams with us",
      test.case(function()
        local ours = test.server(function(peer)
          peer:expect "from python"
          peer:send "from lua"
        end, { type = socket.SOCK_DGRAM })
        local source = [[
import socket, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
    peer.sendto(b"from python", ("127.0.0.1", int(sys.argv[1])))
    data, address = peer.recvfrom(100)
    print(data.decode(), address[1])
]]
        local python = test.spawn { "python3", "-c", source, ours.address.port }
        python:expect(("from lua %d\n"):format(ours.address.port))
        expect_success(python)
      end)
    )

    it(
      "connects with us over a Unix socket path",
      test.case(function()
        local path = temporary.path()
        test.server(function(peer)
          peer:send "hello"
        end, { path = path })
        local source = [[
import socket, sys
with socket.socket(socket.AF_UNIX) as peer:
    peer.connect(sys.argv[1])
    print(peer.getpeername() == sys.argv[1], peer.recv(100).decode())
]]
        local python = test.spawn { "python3", "-c", source, path }
        python:expect "True hello\n"
        expect_success(python)
        temporary.remove(path)
      end)
    )
  end)
end
