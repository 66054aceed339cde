local expect = require "spec.support.expect"
local handles = require "spec.support.handles"
local lua = require "spec.support.lua"
local network = require "spec.support.network"
local skip = require "spec.support.skip"
local socket = require "bsdsocket"

---@type bsdsocket.Socket, any, integer
local listener, address, before

setup(function()
  before = handles.count()
end)

before_each(function()
  listener = network.listener()
  address = listener:getsockname()
end)

after_each(function()
  listener:close()
  socket.setdefaulttimeout(nil)
end)

-- An address that refuses connections.
local function refusing()
  local closed = network.listener()
  local free = closed:getsockname()
  closed:close()
  return free
end

-- A connection and its peer.
local function connected(...)
  local client = assert(socket.create_connection(...))
  return client, (assert(listener:accept()))
end

describe("create_connection", function()
  it("connects to a host and port, by position and by name", function()
    for _, given in ipairs({ { "127.0.0.1", address.port }, { host = "127.0.0.1", port = address.port }, address }) do
      local client, server = connected(given)
      assert.same({ socket.AF_INET, socket.SOCK_STREAM }, { client.family, client.type })
      assert.same({ "127.0.0.1", address.port }, client:getpeername())
      assert(client:sendall("hello"))
      assert.equal("hello", server:recv(10))
      network.close(client, server)
    end
  end)

  it("accepts the port as digits, and localhost if the host is omitted", function()
    for _, given in ipairs({ { "127.0.0.1", tostring(address.port) }, { "localhost", address.port } }) do
      network.close(connected(given))
    end
    network.close(connected({ port = address.port }))
    network.close(connected({ nil, address.port }))
  end)

  it("needs no options", function()
    network.close(connected(address, nil))
    network.close(connected(address, {}))
  end)

  it("uses the default timeout", function()
    local client, server = connected(address)
    assert.is_nil(client:gettimeout())
    network.close(client, server)
    socket.setdefaulttimeout(7)
    client, server = connected(address, {})
    assert.equal(7, client:gettimeout())
    network.close(client, server)
  end)

  it("uses the timeout option, which may be nil", function()
    socket.setdefaulttimeout(7)
    local client, server = connected(address, { timeout = 2.5 })
    assert.equal(2.5, client:gettimeout())
    network.close(client, server)
    client, server = connected(address, { timeout = false })
    assert.is_nil(client:gettimeout())
    assert.is_true(client:getblocking())
    network.close(client, server)
    client, server = connected(address, 3)
    assert.equal(3, client:gettimeout())
    network.close(client, server)
  end)

  it("binds to the source address", function()
    local source = refusing()
    local client, server = connected(address, { source_address = { "127.0.0.2", 0 } })
    assert.equal("127.0.0.2", client:getsockname().host)
    assert.equal("127.0.0.2", server:getpeername().host)
    network.close(client, server)
    client, server = connected(address, { source_address = { host = "127.0.0.1", port = source.port } })
    assert.is_true(client:getsockname() == source)
    network.close(server, client)
    client, server = connected(address, { source_address = { "", 0 } })
    network.close(client, server)
  end)

  it("tries the next address if one refuses", function()
    if not network.has_ipv6() then
      return
    end
    -- Without a host both loopback addresses are tried.
    local found = assert(socket.getaddrinfo(nil, address.port, 0, socket.SOCK_STREAM))
    if #found < 2 then
      return skip("the next address: there is only one")
    end
    local last = found[#found].sockaddr
    local only_last = assert(socket.socket(found[#found].family))
    assert(only_last:bind({ last.host, 0 }))
    assert(only_last:listen())
    local port = only_last:getsockname().port
    for _, options in ipairs({ {}, { timeout = 5 }, { all_errors = true } }) do
      local client = assert(socket.create_connection({ port = port }, options))
      assert.equal(found[#found].family, client.family)
      assert.same({ last.host, port }, { client:getpeername().host, client:getpeername().port })
      client:close()
    end
    only_last:close()
  end)

  it("tries the next address of a host name too", function()
    local found = assert(socket.getaddrinfo("localhost", address.port, 0, socket.SOCK_STREAM))
    if found[1].family ~= socket.AF_INET6 then
      return skip("the next address of a name: localhost has no IPv6 address here")
    end
    network.close(connected({ "localhost", address.port }))
  end)
end)

describe("a failing create_connection", function()
  it("reports the address that refused", function()
    local free = refusing()
    local message = ("create_connection 127.0.0.1:%d: Connection refused"):format(free.port)
    expect.failure(message, "ECONNREFUSED", socket.create_connection(free))
    expect.failure(message, "ECONNREFUSED", socket.create_connection(free, { timeout = 5 }))
    expect.failure(message, "ECONNREFUSED", socket.create_connection(free, { all_errors = false }))
  end)

  it("returns all errors with all_errors", function()
    local free = refusing()
    local message = ("create_connection 127.0.0.1:%d: Connection refused"):format(free.port)
    local results = lua.pack(socket.create_connection(free, { all_errors = true }))
    local errors = { { message = message, code = "ECONNREFUSED", address = free } }
    assert.same({ nil, message, "ECONNREFUSED", errors, n = 4 }, results)
    assert.is_true(results[4][1].address == free)
  end)

  it("returns the last error, and all errors in order", function()
    if not network.has_ipv6() then
      return
    end
    local free = refusing()
    local found = assert(socket.getaddrinfo(nil, free.port, 0, socket.SOCK_STREAM))
    local errors = {}
    for n, info in ipairs(found) do
      local message = ("create_connection %s: Connection refused"):format(tostring(info.sockaddr))
      errors[n] = { message = message, code = "ECONNREFUSED", address = info.sockaddr }
    end
    local given = { port = free.port }
    local last = errors[#errors].message
    assert.same(
      { nil, last, "ECONNREFUSED", errors, n = 4 },
      lua.pack(socket.create_connection(given, { all_errors = true }))
    )
    expect.failure(last, "ECONNREFUSED", socket.create_connection(given))
  end)

  it("ends after the timeout", function()
    local full, filling = network.full_listener()
    local busy = full:getsockname()
    local start = network.clock()
    local timed_out = ("create_connection %s: timed out"):format(tostring(busy))
    expect.failure(timed_out, "timeout", socket.create_connection(busy, { timeout = 0.12 }))
    local taken = network.clock() - start
    assert.is_true(taken >= 0.11 and taken < 1 * network.patience, "it took " .. taken .. " s")
    socket.setdefaulttimeout(0.05)
    expect.failure(timed_out, "timeout", socket.create_connection(busy))
    local results = lua.pack(socket.create_connection(busy, { all_errors = true }))
    local errors = { { message = timed_out, code = "timeout", address = busy } }
    assert.same({ nil, timed_out, "timeout", errors, n = 4 }, results)
    network.close(full, lua.unpack(filling))
  end)

  it("does not wait with a timeout of 0", function()
    local message = ("create_connection 127.0.0.1:%d: Operation now in progress"):format(address.port)
    expect.failure(message, "EINPROGRESS", socket.create_connection(address, { timeout = 0 }))
  end)

  it("reports the error of getaddrinfo", function()
    local name = "create_connection a..b:80: Name or service not known"
    expect.failure(name, "EAI_NONAME", socket.create_connection({ "a..b", 80 }))
    expect.failure(name, "EAI_NONAME", socket.create_connection({ "a..b", 80 }, { all_errors = true }))
    local service = "create_connection 127.0.0.1:no such service: Servname not supported for ai_socktype"
    expect.failure(service, "EAI_SERVICE", socket.create_connection({ "127.0.0.1", "no such service" }))
  end)

  it("reports an unusable source address", function()
    local foreign = { source_address = { "192.0.2.1", 0 } }
    local message = "create_connection 192.0.2.1:0: Cannot assign requested address"
    expect.failure(message, "EADDRNOTAVAIL", socket.create_connection(address, foreign))
    local taken = { source_address = address }
    message = ("create_connection 127.0.0.1:%d: Address already in use"):format(address.port)
    expect.failure(message, "EADDRINUSE", socket.create_connection(address, taken))
    local unknown = { source_address = { "a..b", 0 } }
    message = "create_connection a..b: Name or service not known"
    expect.failure(message, "EAI_NONAME", socket.create_connection(address, unknown))
  end)

  it("leaks no descriptor", function()
    local open, free = handles.count(), refusing()
    for _ = 1, 20 do
      assert.is_nil((socket.create_connection({ port = free.port })))
      assert.is_nil((socket.create_connection(free, { all_errors = true })))
      assert.is_nil((socket.create_connection(address, { source_address = { "192.0.2.1", 0 } })))
      assert.is_nil((socket.create_connection(address, { timeout = 0 })))
      assert.is_false((pcall(socket.create_connection, address, { source_address = { "", 70000 } })))
    end
    assert.equal(open, handles.count())
  end)
end)

describe("create_connection with invalid arguments", function()
  -- The arguments; `true` stands for the address of a listener.
  local WRONG = {
    { {}, "#1 to 'create_connection' (address expected, got no value)" },
    { { "127.0.0.1:80" }, "#1 to 'create_connection' (address in a table expected, got string)" },
    { { 80 }, "#1 to 'create_connection' (address expected, got number)" },
    { { {} }, "#1 to 'create_connection' (address field 'port': number expected)" },
    { { { "127.0.0.1" } }, "#1 to 'create_connection' (address field 'port': number expected)" },
    { { { "127.0.0.1", 65536 } }, "#1 to 'create_connection' (address field 'port' out of range)" },
    { { { "127.0.0.1", -1 } }, "#1 to 'create_connection' (address field 'port' out of range)" },
    { { { "127.0.0.1", 80.5 } }, "#1 to 'create_connection' (address field 'port' has no integer representation)" },
    { { { {}, 80 } }, "#1 to 'create_connection' (address field 'host': string expected)" },
    { { { "a\0b", 80 } }, "#1 to 'create_connection' (host contains a NUL)" },
    { { true, { timeot = 1 } }, "#2 to 'create_connection' (unknown option 'timeot')" },
    { { true, { 5 } }, "#2 to 'create_connection' (unknown option '?')" },
    { { true, { timeout = true } }, "#2 to 'create_connection' (option 'timeout': number expected, got boolean)" },
    { { true, { timeout = "x" } }, "#2 to 'create_connection' (option 'timeout': number expected, got string)" },
    { { true, { timeout = -1 } }, "#2 to 'create_connection' (option 'timeout': timeout out of range)" },
    { { true, { timeout = 0 / 0 } }, "#2 to 'create_connection' (option 'timeout': timeout out of range)" },
    {
      { true, { source_address = 5 } },
      "#2 to 'create_connection' (option 'source_address': address expected, got number)",
    },
    {
      { true, { source_address = { "", 70000 } } },
      "#2 to 'create_connection' (option 'source_address': address field 'port' out of range)",
    },
    {
      { true, { source_address = { 5 } } },
      "#2 to 'create_connection' (option 'source_address': address field 'host': string expected)",
    },
    { { true, { all_errors = 1 } }, "#2 to 'create_connection' (option 'all_errors': boolean expected, got number)" },
    { { true, "x" }, "#2 to 'create_connection' (number expected, got string)" },
  }
  for _, case in ipairs(WRONG) do
    it("raises: " .. case[2], function()
      local arguments = {}
      for n, value in ipairs(case[1]) do
        arguments[n] = value == true and address or value
      end
      expect.misuse("bad argument " .. case[2], socket.create_connection, lua.unpack(arguments))
    end)
  end
end)

describe("create_connection in a loop", function()
  it("leaks no descriptor", function()
    assert.equal(before + 1, handles.count())
  end)
end)
