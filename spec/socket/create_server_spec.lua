local expect = require "spec.support.expect"
local handles = require "spec.support.handles"
local lua = require "spec.support.lua"
local native = require "spec.support.native"
local network = require "spec.support.network"
local skip = require "spec.support.skip"
local socket = require "bsdsocket"

local ANY = { "127.0.0.1", 0 }
---@type bsdsocket.Socket?, integer
local server, before

setup(function()
  before = handles.count()
end)

after_each(function()
  if server then
    server:close()
    server = nil
  end
  socket.setdefaulttimeout(nil)
end)

-- The backlog that the kernel has for a listener, from TCP_INFO.
local function backlog(listener)
  local told = assert(listener:getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 32))
  return native.numbers(told:sub(29, 32))[1]
end

describe("create_server", function()
  it("listens on an address, by position and by name", function()
    for _, given in ipairs({ ANY, { host = "127.0.0.1", port = 0 } }) do
      server = assert(socket.create_server(given))
      assert.same({ socket.AF_INET, socket.SOCK_STREAM, 0 }, { server.family, server.type, server.proto })
      assert.equal("127.0.0.1", server:getsockname().host)
      assert.equal(1, server:getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
      local client = assert(socket.create_connection(server:getsockname()))
      local connection, from = assert(server:accept())
      assert.is_true(from == client:getsockname())
      network.close(client, connection, server)
    end
  end)

  it("listens on all interfaces if the host is empty", function()
    server = assert(socket.create_server({ "", 0 }))
    assert.equal("0.0.0.0", server:getsockname().host)
    local client = assert(socket.create_connection({ "127.0.0.1", server:getsockname().port }))
    client:close()
  end)

  it("needs no options", function()
    for _, options in ipairs({ {}, { reuse_port = false, dualstack_ipv6 = false, family = socket.AF_INET } }) do
      server = assert(socket.create_server(ANY, options))
      server:close()
    end
    server = assert(socket.create_server(ANY, nil))
    -- Further arguments are ignored, as in other functions of Lua.
    server:close()
    server = assert(socket.create_server(ANY, nil, "five"))
    server:close()
    server = assert(socket.create_server(ANY, { backlog = 1 }, "five"))
  end)

  it("can be restarted at once", function()
    server = assert(socket.create_server(ANY))
    assert.equal(1, server:getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR))
    local address = server:getsockname()
    local client = assert(socket.create_connection(address))
    local connection = assert(server:accept())
    -- The side that closes first keeps the address in TIME_WAIT.
    network.close(connection, server)
    assert.equal("", client:recv(1))
    client:close()
    server = assert(socket.create_server(address))
    assert.is_true(server:getsockname() == address)
  end)

  it("uses the default timeout", function()
    server = assert(socket.create_server(ANY))
    assert.is_nil(server:gettimeout())
    server:close()
    socket.setdefaulttimeout(0.05)
    server = assert(socket.create_server(ANY))
    assert.equal(0.05, server:gettimeout())
    expect.failure("accept: timed out", "timeout", server:accept())
  end)

  it("shares a port only with reuse_port", function()
    server = assert(socket.create_server(ANY))
    assert.equal(0, server:getsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT))
    local address = server:getsockname()
    local message = ("create_server 127.0.0.1:%d: Address already in use"):format(address.port)
    expect.failure(message, "EADDRINUSE", socket.create_server(address))
    expect.failure(message, "EADDRINUSE", socket.create_server(address, { reuse_port = true }))
    server:close()
    server = assert(socket.create_server(ANY, { reuse_port = true }))
    assert.equal(1, server:getsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT))
    local another = assert(socket.create_server(server:getsockname(), { reuse_port = true }))
    assert.is_true(another:getsockname() == server:getsockname())
    another:close()
  end)

  if socket.TCP_INFO then
    it("queues as many connections as the backlog allows", function()
      for _, case in ipairs({ { 7, 7 }, { 1, 1 }, { 0, 0 }, { -5, 0 } }) do
        server = assert(socket.create_server(ANY, { backlog = case[1] }))
        assert.equal(case[2], backlog(server))
        server:close()
      end
      server = assert(socket.create_server(ANY))
      assert.equal(math.min(socket.SOMAXCONN, 128), backlog(server))
    end)
  else
    skip("backlogs: this system does not report them")
  end
end)

describe("create_server for IPv6", function()
  if not network.has_ipv6() then
    return
  end

  it("accepts IPv6 connections only", function()
    ---@type bsdsocket.ServerOptions[]
    local choices = { {}, { dualstack_ipv6 = false } }
    for _, options in ipairs(choices) do
      options.family = socket.AF_INET6
      server = assert(socket.create_server({ "", 0 }, options))
      assert.equal(socket.AF_INET6, server.family)
      assert.equal(1, server:getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY))
      assert.equal(1, server:getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR))
      local port = server:getsockname().port
      local client = assert(socket.create_connection({ "::1", port }))
      client:close()
      local _, _, code = socket.create_connection({ "127.0.0.1", port })
      assert.equal("ECONNREFUSED", code)
      server:close()
    end
  end)

  it("leaves the IPv4 port free", function()
    local other, message, code
    -- If another process has the same port, tries another.
    for _ = 1, 10 do
      server = assert(socket.create_server({ "::", 0 }, { family = socket.AF_INET6 }))
      other, message, code = socket.create_server { "", server:getsockname().port }
      if code ~= "EADDRINUSE" then
        break
      end
      server:close()
    end
    assert(other, message):close()
  end)

  it("accepts connections of both families with dualstack_ipv6", function()
    if not socket.has_dualstack_ipv6() then
      return skip("dual-stack sockets: this system lacks them")
    end
    server = assert(socket.create_server({ "", 0 }, { family = socket.AF_INET6, dualstack_ipv6 = true }))
    assert.equal(0, server:getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY))
    local port = server:getsockname().port
    for host, seen in pairs({ ["127.0.0.1"] = "::ffff:127.0.0.1", ["::1"] = "::1" }) do
      local client = assert(socket.create_connection({ host, port }))
      local connection, from = assert(server:accept())
      assert.equal(seen, from.host)
      assert(client:sendall("hello"))
      assert.equal("hello", connection:recv(10))
      network.close(client, connection)
    end
  end)

  it("accepts the other fields of an address", function()
    server = assert(socket.create_server({ "::1", 0, 0, 0 }, { family = socket.AF_INET6 }))
    assert.same({ "::1", 0, 0 }, { server:getsockname().host, server:getsockname()[3], server:getsockname()[4] })
    local address = server:getsockname()
    local message = ("create_server [::1]:%d: Address already in use"):format(address.port)
    expect.failure(message, "EADDRINUSE", socket.create_server(address, { family = socket.AF_INET6 }))
  end)
end)

describe("has_dualstack_ipv6", function()
  it("tells whether one socket can serve both families", function()
    local probe, works = socket.socket(socket.AF_INET6), false
    if probe then
      works = probe:setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0) == true
      probe:close()
    end
    assert.same({ works, n = 1 }, lua.pack(socket.has_dualstack_ipv6()))
  end)
end)

describe("a failing create_server", function()
  it("reports the address", function()
    local message = "create_server 192.0.2.1:0: Cannot assign requested address"
    expect.failure(message, "EADDRNOTAVAIL", socket.create_server({ "192.0.2.1", 0 }))
  end)

  it("reports an unknown host name", function()
    expect.failure("create_server a..b: Name or service not known", "EAI_NONAME", socket.create_server({ "a..b", 0 }))
  end)

  it("leaks no descriptor", function()
    local open = handles.count()
    for _ = 1, 20 do
      assert.is_nil((socket.create_server({ "192.0.2.1", 0 })))
      assert.is_nil((socket.create_server({ "a..b", 0 })))
      assert.is_false((pcall(socket.create_server, { "127.0.0.1", 70000 })))
      assert.is_boolean(socket.has_dualstack_ipv6())
    end
    assert.equal(open, handles.count())
  end)
end)

describe("create_server with invalid arguments", function()
  local WRONG = {
    { {}, "#1 to 'create_server' (address expected, got no value)" },
    { { "127.0.0.1" }, "#1 to 'create_server' (address in a table expected, got string)" },
    { { 80 }, "#1 to 'create_server' (address expected, got number)" },
    { { {} }, "#1 to 'create_server' (address field 'host': string expected)" },
    { { { "127.0.0.1" } }, "#1 to 'create_server' (address field 'port': number expected)" },
    { { { "127.0.0.1", 65536 } }, "#1 to 'create_server' (address field 'port' out of range)" },
    { { { "127.0.0.1", 0.5 } }, "#1 to 'create_server' (address field 'port' has no integer representation)" },
    { { { "a\0b", 0 } }, "#1 to 'create_server' (host contains a NUL)" },
    { { ANY, { back_log = 1 } }, "#2 to 'create_server' (unknown option 'back_log')" },
    { { ANY, { 5 } }, "#2 to 'create_server' (unknown option '?')" },
    { { ANY, { family = "inet" } }, "#2 to 'create_server' (option 'family': number expected, got string)" },
    { { ANY, { backlog = "x" } }, "#2 to 'create_server' (option 'backlog': number expected, got string)" },
    { { ANY, { backlog = 2 ^ 31 } }, "#2 to 'create_server' (option 'backlog': number out of range)" },
    { { ANY, { reuse_port = 1 } }, "#2 to 'create_server' (option 'reuse_port': boolean expected, got number)" },
    {
      { ANY, { dualstack_ipv6 = 1 } },
      "#2 to 'create_server' (option 'dualstack_ipv6': boolean expected, got number)",
    },
    {
      { ANY, { dualstack_ipv6 = true } },
      "#2 to 'create_server' (option 'dualstack_ipv6': AF_INET6 family required)",
    },
    {
      { ANY, { dualstack_ipv6 = true, family = socket.AF_INET } },
      "#2 to 'create_server' (option 'dualstack_ipv6': AF_INET6 family required)",
    },
    { { ANY, "x" }, "#2 to 'create_server' (table expected, got string)" },
    { { ANY, 5 }, "#2 to 'create_server' (table expected, got number)" },
    { { ANY, 5, {} }, "#2 to 'create_server' (table expected, got number)" },
    {
      { ANY, { family = socket.AF_UNIX } },
      "#2 to 'create_server' (option 'family': AF_INET or AF_INET6 expected)",
    },
    {
      { { "/tmp/x", 0 }, { family = socket.AF_UNIX } },
      "#2 to 'create_server' (option 'family': AF_INET or AF_INET6 expected)",
    },
    { { ANY, { family = 12345 } }, "#2 to 'create_server' (option 'family': AF_INET or AF_INET6 expected)" },
    { { { hots = "127.0.0.1", port = 0 } }, "#1 to 'create_server' (unknown field 'hots')" },
  }
  for _, case in ipairs(WRONG) do
    it("raises: " .. case[2], function()
      expect.misuse("bad argument " .. case[2], socket.create_server, lua.unpack(case[1]))
    end)
  end
end)

describe("create_server in a loop", function()
  it("leaks no descriptor", function()
    assert.equal(before, handles.count())
  end)
end)
