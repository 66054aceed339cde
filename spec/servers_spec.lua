-- The example clients with real servers, where these are installed, and the example servers.

local child = require "spec.support.child"
local library = require "spec.support.library"
local namespace = require "spec.support.namespace"
local skip = require "spec.support.skip"
local socket = require "bsdsocket"
local system = require "spec.support.system"
local temporary = require "spec.support.temporary"
local test = require "bsdsocket.test"

if system.windows then
  skip "examples with real servers: Windows has no process groups"
  return
end

-- Runs an example in a test; returns the program.
local function start(name, ...)
  local environment = { LUA_PATH = package.path, LUA_CPATH = package.cpath }
  return test.spawn({ child.executable(), ("examples/%s.lua"):format(name), ... }, { environment = environment })
end

-- Runs an example to its end, which has to be a success; returns what it has written.
local function run(name, ...)
  local program = start(name, ...)
  local how, status = program:wait(10)
  assert.same({ "exit", 0 }, { how, status }, program.output)
  return program.output
end

-- Declares a test that has a folder of its own, and that a program is needed for.
local function case(title, program, body)
  if not child.has(program) then
    return skip(title .. ": there is no " .. program)
  end
  it(title, function()
    local folder = child.output("mktemp -d"):match "^[^\n]+"
    local ok, failure = pcall(test.run, function()
      body(folder)
    end, 20)
    os.execute("rm -r " .. child.quote(folder))
    if not ok then
      error(failure, 0)
    end
  end)
end

local function write(path, content)
  local file = assert(io.open(path, "w"))
  assert(file:write(content))
  file:close()
  return path
end

-- Pages of a given length, in chunks (a page that nginx puts together has no length), and to the end of the stream (an
-- answer of HTTP/1.0 passed on).
local NGINX = [[
daemon off;
master_process off;
pid pid;
events { worker_connections 16; }
http {
  access_log off;
  default_type text/html;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  chunked_transfer_encoding %s;
  ssi on;
  server {
    listen 127.0.0.1:%d;
    root .;
    location /plain { ssi off; }
  }
}
]]

describe("examples/http_client.lua with nginx", function()
  local text = ("0123456789abcdef"):rep(4096)

  local function serve(folder, chunked)
    local address = test.free_address()
    write(folder .. "/plain", text)
    write(folder .. "/page", "<!--# echo var='request_uri' -->" .. text .. "<!--# include virtual='/plain' -->")
    local configuration = write(folder .. "/nginx.conf", NGINX:format(chunked, address.port))
    test.spawn({ "nginx", "-p", folder, "-c", configuration, "-e", "stderr" }, { ready = address })
    return ("http://%s:%d"):format(address.host, address.port)
  end

  case("receives a body of a given length", "nginx", function(folder)
    assert.is_true("200 OK\n" .. text == run("http_client", serve(folder, "on") .. "/plain"))
  end)

  case("receives a body in chunks", "nginx", function(folder)
    local body = "/page" .. text .. text
    assert.is_true("200 OK\n" .. body == run("http_client", serve(folder, "on") .. "/page"))
  end)

  case("receives a body up to the end of the stream", "nginx", function(folder)
    local body = "/page" .. text .. text
    assert.is_true("200 OK\n" .. body == run("http_client", serve(folder, "off") .. "/page"))
  end)

  case("says what the server answers", "nginx", function(folder)
    assert.is_truthy(run("http_client", serve(folder, "on") .. "/nothing"):find "^404 Not Found\n<html>")
  end)
end)

describe("examples/redis_client.lua with redis-server", function()
  case("gives the answers in the order of the commands", "redis-server", function(folder)
    local address = test.free_address()
    local options = { "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder }
    test.spawn({ "redis-server", "--port", address.port, (table.unpack or unpack)(options) }, { ready = address })
    local lines = {
      ("%q"):format "hello\r\nworld",
      "no such key\tfalse",
      "refused\tERR unknown command 'NONSENSE', with args beginning with: ",
      "counted to\t1000",
      "one two",
    }
    assert.equal(table.concat(lines, "\n") .. "\n", run("redis_client", address.host, address.port))
  end)
end)

describe("examples/smtp_client.lua with aiosmtpd", function()
  case("sends a mail, whose lines may begin with a dot", "aiosmtpd", function(folder)
    local address = test.free_address()
    local at = ("%s:%d"):format(address.host, address.port)
    local server = test.spawn(
      { "aiosmtpd", "-n", "-l", at, "-c", "aiosmtpd.handlers.Debugging", "stdout" },
      { ready = address, environment = { PYTHONUNBUFFERED = "1" }, seconds = 10 }
    )
    local mail = write(folder .. "/mail", "Subject: example\n\nfirst\n.hidden\n.\nlast\n")
    local command = ("exec %s examples/smtp_client.lua %s %d me@example.org you@example.org <%s"):format(
      child.executable(),
      address.host,
      address.port,
      mail
    )
    local environment = { LUA_PATH = package.path, LUA_CPATH = package.cpath }
    local client = test.spawn(command, { environment = environment })
    local how, status = client:wait(10)
    assert.same({ "exit", 0 }, { how, status }, client.output)
    assert.equal("250 OK\n", client.output)
    server:expect(test.upto "\nfirst\n.hidden\n.\nlast\n")
  end)
end)

describe("examples/dns_client.lua with dnsmasq", function()
  -- Starts a server that knows two names, one of them with more addresses than fit into a datagram.
  local function serve(folder)
    local hosts = { "192.0.2.1 one.example" }
    for n = 1, 60 do
      hosts[n + 1] = ("198.51.100.%d many.example"):format(n)
    end
    local address = test.free_address()
    test.spawn({
      "dnsmasq",
      "--keep-in-foreground",
      "--conf-file=/dev/null",
      "--pid-file=",
      "--user=" .. child.output("id -un"):match "%S+",
      "--no-resolv",
      "--no-hosts",
      "--local=/example/",
      "--listen-address=127.0.0.1",
      "--bind-interfaces",
      "--port=" .. address.port,
      "--addn-hosts=" .. write(folder .. "/hosts", table.concat(hosts, "\n") .. "\n"),
    }, { ready = address })
    return address
  end

  case("finds the address of a name", "dnsmasq", function(folder)
    assert.equal("192.0.2.1\n", run("dns_client", "one.example", "127.0.0.1", serve(folder).port))
  end)

  case("asks again when no answer comes", "dnsmasq", function(folder)
    local loss = { { "loss", numbers = { 1 } } }
    local proxy = test.proxy { to = serve(folder), type = socket.SOCK_DGRAM, upstream = loss }
    local output = run("dns_client", "one.example", "127.0.0.1", proxy.address.port)
    assert.equal("recv: timed out\n192.0.2.1\n", output)
  end)

  case("asks over TCP when the answer does not fit into a datagram", "dnsmasq", function(folder)
    local output = run("dns_client", "many.example", "127.0.0.1", serve(folder).port)
    local _, count = output:gsub("198%.51%.100%.%d+\n", "")
    assert.equal("asking over TCP\n", output:match "^[^\n]*\n")
    assert.equal(60, count)
  end)

  case("says that there is no such name", "dnsmasq", function(folder)
    local client = start("dns_client", "none.example", "127.0.0.1", serve(folder).port)
    assert.same({ "exit", 1 }, { client:wait(10) })
    assert.is_truthy(client.output:find("there is no such name", 1, true), client.output)
  end)
end)

if library.has "ssl" and library.has "socket" then
  describe("examples/tls_client.lua with openssl s_server", function()
    -- Starts a server for `localhost` that answers each line in reverse; returns its port and its certificate.
    local function serve(folder)
      local address = test.free_address()
      local command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
        .. "-subj /CN=localhost -addext subjectAltName=DNS:localhost -out %s/cert -keyout %s/key 2>&1; echo $?"
      assert.equal("0", child.output(command:format(folder, folder)):match "(%d+)\n$")
      local certificate = folder .. "/cert"
      test.spawn(
        { "openssl", "s_server", "-rev", "-accept", address.port, "-cert", certificate, "-key", folder .. "/key" },
        { ready = "ACCEPT" }
      )
      return address.port, certificate
    end

    case("checks the certificate and gets an answer", "openssl", function(folder)
      local port, certificate = serve(folder)
      assert.equal("olleh\n", run("tls_client", "localhost", port, certificate, "hello"))
    end)

    case("refuses a certificate for another name", "openssl", function(folder)
      local port, certificate = serve(folder)
      local client = start("tls_client", "127.0.0.1", port, certificate, "hello")
      assert.same({ "exit", 1 }, { client:wait(10) })
      assert.is_truthy(client.output:find("the certificate is for another name", 1, true), client.output)
    end)
  end)
end

describe("examples/chat_server.lua", function()
  it(
    "passes each line to all others",
    test.case(function()
      local server = start("chat_server", 0)
      local address = { "127.0.0.1", tonumber(server:expect(test.line "listening on\t127%.0%.0%.1:(%d+)")) }
      local people = {}
      for n, name in ipairs { "Ada", "Grace", "Linus" } do
        people[n] = test.connect(address, { name = name })
        people[n]:expect "Your name?\r\n"
        people[n]:send(name .. "\r\n")
        for other = 1, n - 1 do
          people[other]:expect(name .. " is here\r\n")
        end
      end
      people[1]:send "hello\r\n"
      people[2]:expect "Ada: hello\r\n"
      people[3]:expect "Ada: hello\r\n"
      people[3]:close()
      people[1]:expect "Linus has left\r\n"
      people[2]:expect "Linus has left\r\n"
      local stranger = test.connect(address)
      stranger:expect "Your name?\r\n"
      stranger:send "Ada\r\n"
      stranger:expect "This name is taken.\r\n"
      stranger:expect(test.EOF)
    end, 10)
  )
end)

describe("examples/game_server.lua", function()
  it(
    "moves the figures 60 times a second, and tells all players",
    test.case(function()
      local server = start("game_server", 0, 0.5)
      local address = { "127.0.0.1", tonumber(server:expect(test.line "listening on\t127%.0%.0%.1:(%d+)")) }
      local one = test.connect(address, { type = socket.SOCK_DGRAM })
      one:send "1 0"
      one:expect(test.upto "\n1 1 0")
      one:expect(test.upto "\n1 2 0")
      local two = test.connect(address, { type = socket.SOCK_DGRAM })
      two:send "0 -1"
      local state = two:expect(function(bytes)
        return #bytes, bytes
      end)
      assert.is_truthy(state:find("\n2 0 -1", 1, true), state)
      server:expect(test.line "player\t1\tfrom\t127%.0%.0%.1:%d+")
      server:expect(test.line "player\t2\tfrom\t127%.0%.0%.1:%d+")
      local seconds = tonumber(server:expect(test.line "30 ticks in (%d+%.%d+) seconds"))
      assert.is_true(seconds >= 0.5 and seconds < 1, seconds)
    end, 10)
  )
end)

describe("examples/multicast.lua", function()
  local EXPECTED = "IPv4\thello\nfrom %s\thello\nfrom 192.0.2.1\tnil\trecv: timed out\ttimeout\nIPv6\t"

  it("receives what is sent to a group on the loopback interface", function()
    local output, complaints, status = child.start(child.interpreter() .. " examples/multicast.lua"):finish()
    assert.same({ "", 0 }, { complaints, status })
    assert.equal(EXPECTED:format "127.0.0.1", output:match "^.*IPv6\t")
  end)

  if namespace.available then
    it("receives what is sent to groups of IPv4 and IPv6 on another interface", function()
      local steps = {
        "ip link add m0 type bridge",
        "ip link set m0 up",
        "ip address add 10.9.9.1/24 dev m0",
        "ip address add fe80::1/64 dev m0 nodad",
      }
      local program = 'arg = { "m0", "10.9.9.1" } dofile "examples/multicast.lua"'
      local output, complaints, status = namespace.run(program, {}, steps)
      assert.same({ "", 0 }, { complaints, status })
      assert.equal(EXPECTED:format "10.9.9.1" .. "hello\n", output)
    end)
  else
    skip "examples/multicast.lua on another interface: there are no network namespaces"
  end
end)

describe("examples/daemon.lua", function()
  if not socket.SO_PEERCRED then
    return skip "examples/daemon.lua: the system has no SO_PEERCRED"
  end

  it("passes a bound socket to a process of the same user", function()
    local path = temporary.path()
    test.run(function()
      local server = start("daemon", "serve", path)
      server:expect(test.line "listening on\t.*")
      local port = test.free_address().port
      assert.equal(("got\t127.0.0.1:%d\n"):format(port), run("daemon", "bind", path, port))
      server:expect(test.line "asked by\t%d+\t%d+")
      local client = start("daemon", "bind", path, 70000)
      assert.same({ "exit", 1 }, { client:wait(10) })
      assert.equal("refused: not a port\n", client.output)
    end, 10)
    os.remove(path)
  end)
end)
