local descriptors = require "spec.support.descriptors"
local expect = require "spec.support.expect"
local lua = require "spec.support.lua"
local network = require "spec.support.network"
local socket = require "bsdsocket"

describe("getaddrinfo", function()
  descriptors.watch(setup, teardown)

  it("returns a sequence of arguments for socket and connect", function()
    local found = assert(socket.getaddrinfo("127.0.0.1", 80, socket.AF_INET, socket.SOCK_STREAM))
    assert.equal(1, #found)
    assert.same({
      family = socket.AF_INET,
      type = socket.SOCK_STREAM,
      proto = socket.IPPROTO_TCP,
      canonname = "",
      sockaddr = { "127.0.0.1", 80 },
    }, found[1])
  end)

  it("returns one result per socket type by default", function()
    local types = {}
    for n, info in ipairs(assert(socket.getaddrinfo("127.0.0.1", 80))) do
      assert.same({ "127.0.0.1", 80 }, info.sockaddr)
      types[n] = info.type
    end
    assert.same({ socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW }, types)
  end)

  it("returns addresses like those of sockets", function()
    local listener = network.listener()
    local address = listener:getsockname()
    local info = assert(socket.getaddrinfo(address.host, address.port, { type = socket.SOCK_STREAM }))[1]
    assert.is_true(info.sockaddr == address)
    assert.same({ address.host, address.port }, { info.sockaddr.host, info.sockaddr.port })
    local client = assert(socket.socket(info.family, info.type, info.proto))
    expect.done(client:connect(info.sockaddr))
    network.close(listener, client)
  end)

  it("returns IPv6 addresses with four fields", function()
    local found = assert(socket.getaddrinfo("::1", 80, socket.AF_INET6, socket.SOCK_DGRAM))
    assert.same({
      family = socket.AF_INET6,
      type = socket.SOCK_DGRAM,
      proto = socket.IPPROTO_UDP,
      canonname = "",
      sockaddr = { "::1", 80, 0, 0 },
    }, found[1])
  end)

  it("accepts a table of options", function()
    local expected =
      assert(socket.getaddrinfo("127.0.0.1", 80, socket.AF_INET, socket.SOCK_DGRAM, 0, socket.AI_NUMERICHOST))
    local options = { family = socket.AF_INET, type = socket.SOCK_DGRAM, flags = socket.AI_NUMERICHOST }
    assert.same(expected, socket.getaddrinfo("127.0.0.1", 80, options))
    assert.same(expected, socket.getaddrinfo("127.0.0.1", 80, socket.AF_INET, { type = socket.SOCK_DGRAM }))
    local everything = assert(socket.getaddrinfo("127.0.0.1", 80))
    assert.same(everything, socket.getaddrinfo("127.0.0.1", 80, {}))
    assert.same(everything, socket.getaddrinfo("127.0.0.1", 80, nil, nil, nil, nil))
  end)

  it("accepts a port as number, digits, service name or nil", function()
    local function port(given)
      local found = assert(socket.getaddrinfo("127.0.0.1", given, 0, socket.SOCK_STREAM))
      return found[1].sockaddr.port
    end
    assert.equal(80, port(80))
    assert.equal(80, port(160 / 2))
    assert.equal(80, port("80"))
    assert.equal(0, port(nil))
    assert.equal(65535, port(65535))
    local services = io.open("/etc/services")
    if services then
      services:close()
      assert.equal(80, port("http"))
    end
  end)

  it("returns the wildcard address with AI_PASSIVE, else the loopback address", function()
    local function host(flags)
      local found = assert(socket.getaddrinfo(nil, 80, socket.AF_INET, socket.SOCK_STREAM, 0, flags))
      return found[1].sockaddr.host
    end
    assert.equal("0.0.0.0", host(socket.AI_PASSIVE))
    assert.equal("127.0.0.1", host(0))
  end)

  it("returns the canonical name on request", function()
    local options = { flags = socket.AI_CANONNAME + socket.AI_NUMERICHOST }
    assert.equal("127.0.0.1", assert(socket.getaddrinfo("127.0.0.1", 80, options))[1].canonname)
  end)

  it("resolves localhost", function()
    local found = assert(socket.getaddrinfo("localhost", 80, socket.AF_INET))
    assert.equal("127.0.0.1", found[1].sockaddr.host)
  end)

  it("returns addresses that sendto accepts", function()
    local one = network.datagram()
    local info = assert(socket.getaddrinfo("127.0.0.1", one:getsockname().port, { type = socket.SOCK_DGRAM }))[1]
    local other = network.datagram()
    assert.equal(2, other:sendto("hi", info.sockaddr))
    assert.equal("hi", one:recv(10))
    network.close(one, other)
  end)

  it("fails with EAI codes", function()
    local numeric = { flags = socket.AI_NUMERICHOST }
    local message = "getaddrinfo localhost:80: Name or service not known"
    local results = lua.pack(socket.getaddrinfo("localhost", 80, numeric))
    assert.same({ nil, message, "EAI_NONAME", n = 3 }, results)
    assert.same({ "gaierror", n = 2 }, lua.pack(socket.error_class(results[3])))
    assert.equal(socket.EAI_NONAME, -2)
    expect.failure("getaddrinfo: Name or service not known", "EAI_NONAME", socket.getaddrinfo(nil, nil))
    local family = "getaddrinfo 127.0.0.1:80: ai_family not supported"
    expect.failure(family, "EAI_FAMILY", socket.getaddrinfo("127.0.0.1", 80, 12345))
    local kind = "getaddrinfo 127.0.0.1:80: ai_socktype not supported"
    expect.failure(kind, "EAI_SOCKTYPE", socket.getaddrinfo("127.0.0.1", 80, 0, 12345))
    local flags = "getaddrinfo 127.0.0.1:80: Bad value for ai_flags"
    expect.failure(flags, "EAI_BADFLAGS", socket.getaddrinfo("127.0.0.1", 80, { flags = 2 ^ 30 }))
    local service = "getaddrinfo 127.0.0.1:no such service: Servname not supported for ai_socktype"
    expect.failure(service, "EAI_SERVICE", socket.getaddrinfo("127.0.0.1", "no such service"))
    local digits = { flags = socket.AI_NUMERICSERV }
    local named = "getaddrinfo 127.0.0.1:http: Name or service not known"
    expect.failure(named, "EAI_NONAME", socket.getaddrinfo("127.0.0.1", "http", digits))
    local other = "getaddrinfo ::1:80: Address family for hostname not supported"
    expect.failure(other, "EAI_ADDRFAMILY", socket.getaddrinfo("::1", 80, socket.AF_INET))
  end)

  it("fails for a host name that is far too long", function()
    local result, message, code = socket.getaddrinfo(("h"):rep(100000), 80, { flags = socket.AI_NUMERICHOST })
    assert.same({ nil, "EAI_NONAME" }, { result, code })
    assert.is_truthy(message:find("^getaddrinfo hhhh"))
    assert.is_true(#message < 1000)
  end)

  -- Invalid arguments and the error messages.
  local WRONG = {
    { { {}, 80 }, "#1 to 'getaddrinfo' (string expected, got table)" },
    { { true, 80 }, "#1 to 'getaddrinfo' (string expected, got boolean)" },
    { { "a\0b", 80 }, "#1 to 'getaddrinfo' (host contains a NUL)" },
    { { "127.0.0.1", true }, "#2 to 'getaddrinfo' (string or number expected, got boolean)" },
    { { "127.0.0.1", print }, "#2 to 'getaddrinfo' (string or number expected, got function)" },
    { { "127.0.0.1", 80.5 }, "#2 to 'getaddrinfo' (number has no integer representation)" },
    { { "127.0.0.1", 65536 }, "#2 to 'getaddrinfo' (port out of range)" },
    { { "127.0.0.1", -1 }, "#2 to 'getaddrinfo' (port out of range)" },
    { { "127.0.0.1", "80\0" }, "#2 to 'getaddrinfo' (port contains a NUL)" },
    { { "127.0.0.1", 80, "x" }, "#3 to 'getaddrinfo' (number expected, got string)" },
    { { "127.0.0.1", 80, 0, true }, "#4 to 'getaddrinfo' (number expected, got boolean)" },
    { { "127.0.0.1", 80, 0, 0, "x" }, "#5 to 'getaddrinfo' (number expected, got string)" },
    { { "127.0.0.1", 80, 0, 0, 0, "x" }, "#6 to 'getaddrinfo' (number expected, got string)" },
    { { "127.0.0.1", 80, 2 ^ 40 }, "#3 to 'getaddrinfo' (number out of range)" },
    { { "127.0.0.1", 80, { flag = 1 } }, "#3 to 'getaddrinfo' (unknown option 'flag')" },
    { { "127.0.0.1", 80, { family = 2, nonsense = true } }, "#3 to 'getaddrinfo' (unknown option 'nonsense')" },
    { { "127.0.0.1", 80, 2, { family = 2 } }, "#4 to 'getaddrinfo' (unknown option 'family')" },
    { { "127.0.0.1", 80, { flags = "x" } }, "#3 to 'getaddrinfo' (option 'flags': number expected, got string)" },
    { { "127.0.0.1", 80, { type = {} } }, "#3 to 'getaddrinfo' (option 'type': number expected, got table)" },
  }
  for _, case in ipairs(WRONG) do
    it("rejects: " .. case[2], function()
      expect.misuse("bad argument " .. case[2], socket.getaddrinfo, lua.unpack(case[1]))
    end)
  end
end)
