local child = require "spec.support.child"
local expect = require "spec.support.expect"
local handles = require "spec.support.handles"
local lua = require "spec.support.lua"
local network = require "spec.support.network"
local skip = require "spec.support.skip"
local socket = require "bsdsocket"
local temporary = require "spec.support.temporary"

-- An invalid host name (two dots in a row), which fails without a DNS query.
local NO_NAME = "a..b"
---@type integer
local before

setup(function()
  before = handles.count()
end)

-- The fields of each line of the hosts file: an address and its names.
local function hosts()
  local lines = {}
  for line in temporary.read("/etc/hosts"):gmatch("[^\n]+") do
    local words = {}
    for word in line:gsub("#.*", ""):gmatch("%S+") do
      words[#words + 1] = word
    end
    lines[#lines + 1] = words
  end
  return lines
end

-- The name that the hosts file has for an address, or nil.
local function name_of(address)
  for _, words in ipairs(hosts()) do
    if words[1] == address then
      return words[2]
    end
  end
end

-- Whether the hosts file contains a name.
local function has_name(name)
  for _, words in ipairs(hosts()) do
    for n = 2, #words do
      if words[n] == name then
        return true
      end
    end
  end
  return false
end

-- Runs a program without any network, so that no name server answers; nil if that is impossible here.
local function without_network(program)
  local unshare = "unshare -rn"
  if not child.has "unshare" or not os.execute(unshare .. " true 2>/dev/null") then
    return nil
  end
  if child.output(unshare .. " echo works 2>/dev/null") ~= "works\n" then
    return nil
  end
  local script = temporary.file(program)
  local output = child.output(("%s %s %s"):format(unshare, child.interpreter(), script))
  temporary.remove(script)
  return output
end

describe("gethostbyname", function()
  it("returns an IPv4 address", function()
    assert.same({ "127.0.0.1", n = 1 }, lua.pack(socket.gethostbyname("localhost")))
    assert.equal("127.0.0.1", socket.gethostbyname("127.0.0.1"))
    assert.equal("127.0.0.1", socket.gethostbyname("0x7f.1"))
    assert.equal("192.0.2.1", socket.gethostbyname("192.0.2.1"))
  end)

  it("accepts an empty host and <broadcast>", function()
    assert.equal("0.0.0.0", socket.gethostbyname(""))
    assert.equal("255.255.255.255", socket.gethostbyname("<broadcast>"))
  end)

  it("fails for an unknown host", function()
    expect.failure("gethostbyname a..b: Name or service not known", "EAI_NONAME", socket.gethostbyname(NO_NAME))
    local message = "gethostbyname ::1: Address family for hostname not supported"
    expect.failure(message, "EAI_ADDRFAMILY", socket.gethostbyname("::1"))
  end)

  it("rejects anything but a string without NUL", function()
    expect.misuse("bad argument #1 to 'gethostbyname' (string expected, got no value)", socket.gethostbyname)
    expect.misuse("bad argument #1 to 'gethostbyname' (string expected, got table)", socket.gethostbyname, {})
    expect.misuse("bad argument #1 to 'gethostbyname' (host contains a NUL)", socket.gethostbyname, "a\0b")
  end)
end)

describe("gethostbyname_ex", function()
  it("returns name, aliases and addresses", function()
    local results = lua.pack(socket.gethostbyname_ex("localhost"))
    assert.equal(3, results.n)
    assert.is_string(results[1])
    assert.is_table(results[2])
    assert.is_true(#results[3] > 0)
    local found = {}
    for _, address in ipairs(results[3]) do
      found[address] = true
      assert.is_string(socket.inet_pton(socket.AF_INET, address))
    end
    assert.is_true(found["127.0.0.1"])
  end)

  it("returns a numeric address unchanged", function()
    assert.same({ "192.0.2.1", {}, { "192.0.2.1" }, n = 3 }, lua.pack(socket.gethostbyname_ex("192.0.2.1")))
  end)

  it("fails for an unknown host", function()
    local message = "gethostbyname_ex a..b: Name or service not known"
    expect.failure(message, "EAI_NONAME", socket.gethostbyname_ex(NO_NAME))
    message = "gethostbyname_ex ::1: Address family for hostname not supported"
    expect.failure(message, "EAI_ADDRFAMILY", socket.gethostbyname_ex("::1"))
  end)

  it("rejects anything but a string without NUL", function()
    expect.misuse("bad argument #1 to 'gethostbyname_ex' (string expected, got no value)", socket.gethostbyname_ex)
    expect.misuse("bad argument #1 to 'gethostbyname_ex' (string expected, got table)", socket.gethostbyname_ex, {})
    expect.misuse("bad argument #1 to 'gethostbyname_ex' (host contains a NUL)", socket.gethostbyname_ex, "a\0b")
  end)
end)

describe("gethostbyaddr", function()
  local own = name_of("127.0.0.1")

  it("returns name, aliases and addresses", function()
    if not own then
      return skip("the name of 127.0.0.1: it is not in the hosts file")
    end
    local results = lua.pack(socket.gethostbyaddr("127.0.0.1"))
    assert.equal(3, results.n)
    assert.equal(own, results[1])
    assert.is_table(results[2])
    assert.same({ "127.0.0.1" }, results[3])
    -- A host name is resolved first.
    assert.equal(own, (socket.gethostbyaddr(own)))
  end)

  it("supports IPv6", function()
    local name_of_v6 = name_of("::1")
    if not name_of_v6 then
      return skip("the name of ::1: it is not in the hosts file")
    end
    local name, _, addresses = socket.gethostbyaddr("::1")
    assert.equal(name_of_v6, name)
    assert.same({ "::1" }, addresses)
  end)

  it("fails for an unknown host", function()
    expect.failure("gethostbyaddr a..b: Name or service not known", "EAI_NONAME", socket.gethostbyaddr(NO_NAME))
  end)

  it("fails with the resolver's error", function()
    local output = without_network([[
      local socket = require "bsdsocket"
      print(socket.gethostbyaddr("192.0.2.1"))
      print(socket.error_class((select(3, socket.gethostbyaddr("192.0.2.1")))))
      print(socket.getfqdn("192.0.2.1"))
      print((select(3, socket.getnameinfo({ "192.0.2.1", 80 }, socket.NI_NAMEREQD))))
    ]])
    if not output then
      return skip("failing reverse look-ups: a program cannot be run without network here")
    end
    local lines = {}
    for line in output:gmatch("[^\n]+") do
      lines[#lines + 1] = line
    end
    local temporarily = "nil\tgethostbyaddr 192.0.2.1: Host name lookup failure\tTRY_AGAIN"
    local forever = "nil\tgethostbyaddr 192.0.2.1: Unknown host\tHOST_NOT_FOUND"
    assert.is_true(lines[1] == temporarily or lines[1] == forever, lines[1])
    assert.equal("herror", (lines[2]:match("^%S+")))
    assert.equal("192.0.2.1", lines[3])
    assert.is_true(lines[4] == "EAI_AGAIN" or lines[4] == "EAI_NONAME", lines[4])
  end)

  it("rejects anything but a string without NUL", function()
    expect.misuse("bad argument #1 to 'gethostbyaddr' (string expected, got no value)", socket.gethostbyaddr)
    expect.misuse("bad argument #1 to 'gethostbyaddr' (string expected, got table)", socket.gethostbyaddr, {})
    expect.misuse("bad argument #1 to 'gethostbyaddr' (host contains a NUL)", socket.gethostbyaddr, "a\0b")
  end)
end)

describe("getfqdn", function()
  it("returns the first fully qualified name, or else the first name", function()
    if not name_of("127.0.0.1") then
      return skip("qualified names: the hosts file has none for 127.0.0.1")
    end
    local first, aliases = socket.gethostbyaddr("127.0.0.1")
    local expected = first
    for _, name in ipairs({ first, lua.unpack(aliases) }) do
      if name:find(".", 1, true) then
        expected = name
        break
      end
    end
    assert.same({ expected, n = 1 }, lua.pack(socket.getfqdn("127.0.0.1")))
  end)

  it("returns an unknown name unchanged", function()
    assert.same({ NO_NAME, n = 1 }, lua.pack(socket.getfqdn(NO_NAME)))
  end)

  it("returns the name of this machine by default", function()
    local own = assert(socket.gethostname())
    if not has_name(own) then
      return skip("the qualified name of this machine: it is not in the hosts file")
    end
    local expected = socket.getfqdn(own)
    assert.is_string(expected)
    assert.equal(expected, socket.getfqdn())
    for _, name in ipairs({ "", "0.0.0.0", "::" }) do
      assert.equal(expected, socket.getfqdn(name))
    end
  end)

  it("rejects anything but a string without NUL", function()
    expect.misuse("bad argument #1 to 'getfqdn' (string expected, got table)", socket.getfqdn, {})
    expect.misuse("bad argument #1 to 'getfqdn' (string expected, got boolean)", socket.getfqdn, false)
    expect.misuse("bad argument #1 to 'getfqdn' (host contains a NUL)", socket.getfqdn, "a\0b")
  end)
end)

describe("getnameinfo", function()
  local NUMERIC = socket.NI_NUMERICHOST + socket.NI_NUMERICSERV

  it("returns host and port as strings", function()
    assert.same({ "127.0.0.1", "80", n = 2 }, lua.pack(socket.getnameinfo({ "127.0.0.1", 80 }, NUMERIC)))
    assert.same({ "::1", "80", n = 2 }, lua.pack(socket.getnameinfo({ "::1", 80 }, NUMERIC)))
    assert.same({ "::1", "80" }, { socket.getnameinfo({ "::1", 80, 0, 0 }, NUMERIC) })
    -- Only the first two fields of an IPv4 address are used.
    assert.same({ "127.0.0.1", "80", n = 2 }, lua.pack(socket.getnameinfo({ "127.0.0.1", 80, 7, 9 }, NUMERIC)))
    assert.same({ "10.2.3.4", "0" }, { socket.getnameinfo({ host = "10.2.3.4", port = 0 }, NUMERIC) })
    local datagram = network.datagram()
    local address = datagram:getsockname()
    assert.same({ address.host, tostring(address.port) }, { socket.getnameinfo(address, NUMERIC) })
    datagram:close()
  end)

  it("returns names where there are any", function()
    local own = name_of("127.0.0.1")
    if not own then
      return skip("the name of 127.0.0.1: it is not in the hosts file")
    end
    assert.same({ own, "80" }, { socket.getnameinfo({ "127.0.0.1", 80 }, socket.NI_NUMERICSERV) })
    if socket.getservbyport(80, "tcp") then
      local service = socket.getservbyport(80, "tcp")
      assert.same({ "127.0.0.1", service }, { socket.getnameinfo({ "127.0.0.1", 80 }, socket.NI_NUMERICHOST) })
      assert.same({ own, service }, { socket.getnameinfo({ "127.0.0.1", 80 }, 0) })
    end
  end)

  it("fails for a host that is not numeric", function()
    local message = "getnameinfo %s:80: Name or service not known"
    for _, host in ipairs({ "localhost", NO_NAME, "1.2.3.4.5" }) do
      expect.failure(message:format(host), "EAI_NONAME", socket.getnameinfo({ host, 80 }, NUMERIC))
    end
  end)

  it("fails for unknown or contradictory flags", function()
    local message = "getnameinfo 127.0.0.1:80: Bad value for ai_flags"
    expect.failure(message, "EAI_BADFLAGS", socket.getnameinfo({ "127.0.0.1", 80 }, 2 ^ 30))
    message = "getnameinfo 127.0.0.1:80: Name or service not known"
    expect.failure(message, "EAI_NONAME", socket.getnameinfo({ "127.0.0.1", 80 }, NUMERIC + socket.NI_NAMEREQD))
  end)

  -- The arguments and the error message.
  local WRONG = {
    { {}, "#1 to 'getnameinfo' (address expected, got no value)" },
    { { "127.0.0.1" }, "#1 to 'getnameinfo' (address in a table expected, got string)" },
    { { {}, 0 }, "#1 to 'getnameinfo' (address field 'host': string expected)" },
    { { { {}, 80 }, 0 }, "#1 to 'getnameinfo' (address field 'host': string expected)" },
    { { { "127.0.0.1" }, 0 }, "#1 to 'getnameinfo' (address field 'port': number expected)" },
    { { { "127.0.0.1", 65536 }, 0 }, "#1 to 'getnameinfo' (address field 'port' out of range)" },
    { { { "127.0.0.1", 0.5 }, 0 }, "#1 to 'getnameinfo' (address field 'port' has no integer representation)" },
    { { { "::1", 80, 2 ^ 20 }, 0 }, "#1 to 'getnameinfo' (address field 'flowinfo' out of range)" },
    { { { "::1", 80, 0, 2 ^ 32 }, 0 }, "#1 to 'getnameinfo' (address field 'scope_id' out of range)" },
    { { { "a\0b", 80 }, 0 }, "#1 to 'getnameinfo' (host contains a NUL)" },
    { { { "127.0.0.1", 80 }, "x" }, "#2 to 'getnameinfo' (number expected, got string)" },
    { { { "127.0.0.1", 80 }, 2 ^ 31 }, "#2 to 'getnameinfo' (number out of range)" },
  }
  for _, case in ipairs(WRONG) do
    it("rejects: " .. case[2], function()
      expect.misuse("bad argument " .. case[2], socket.getnameinfo, lua.unpack(case[1]))
    end)
  end
end)

describe("getprotobyname", function()
  it("returns the number of a protocol", function()
    if temporary.read("/etc/protocols") == "" then
      return skip("protocols: there is no /etc/protocols")
    end
    assert.same({ socket.IPPROTO_TCP, n = 1 }, lua.pack(socket.getprotobyname("tcp")))
    assert.equal(socket.IPPROTO_UDP, socket.getprotobyname("udp"))
    assert.equal(socket.IPPROTO_ICMP, socket.getprotobyname("icmp"))
  end)

  it("fails for an unknown protocol", function()
    for _, name in ipairs({ "nosuch", "", "tcp ", ("x"):rep(150) }) do
      local message = name == "" and "getprotobyname: protocol not found"
        or ("getprotobyname %s: protocol not found"):format(name)
      expect.failure(message, "ENOENT", socket.getprotobyname(name))
    end
    local _, message, code = socket.getprotobyname(("x"):rep(100000))
    assert.equal("ENOENT", code)
    assert.is_true(#message < 1000)
  end)

  it("rejects anything but a string without NUL", function()
    expect.misuse("bad argument #1 to 'getprotobyname' (string expected, got no value)", socket.getprotobyname)
    expect.misuse("bad argument #1 to 'getprotobyname' (string expected, got table)", socket.getprotobyname, {})
    expect.misuse("bad argument #1 to 'getprotobyname' (name contains a NUL)", socket.getprotobyname, "tcp\0")
  end)
end)

describe("getservbyname and getservbyport", function()
  local services = temporary.read("/etc/services")

  it("map a service to its port, and a port to its service", function()
    if services == "" then
      return skip("services: there is no /etc/services")
    end
    assert.same({ 80, n = 1 }, lua.pack(socket.getservbyname("http")))
    assert.equal(80, socket.getservbyname("http", "tcp"))
    assert.equal(53, socket.getservbyname("domain", "udp"))
    assert.same({ "http", n = 1 }, lua.pack(socket.getservbyport(80)))
    assert.equal("http", socket.getservbyport(80, "tcp"))
    assert.equal("domain", socket.getservbyport(53, "udp"))
    assert.equal(80, socket.getservbyname("http", nil))
    assert.equal("http", socket.getservbyport(80, nil))
  end)

  it("are inverse to each other", function()
    local count = 0
    for name, port, protocol in services:gmatch("\n([%w-]+)%s+(%d+)/(%l+)") do
      local found = socket.getservbyname(name, protocol)
      assert.equal(tonumber(port), found)
      assert.equal(found, socket.getservbyname((assert(socket.getservbyport(found, protocol))), protocol))
      count = count + 1
      if count == 50 then
        break
      end
    end
  end)

  it("fail for an unknown service", function()
    local message = "getservbyname no such: service/proto not found"
    expect.failure(message, "ENOENT", socket.getservbyname("no such"))
    expect.failure(message, "ENOENT", socket.getservbyname("no such", "tcp"))
    message = "getservbyname http: service/proto not found"
    expect.failure(message, "ENOENT", socket.getservbyname("http", "nosuch"))
    message = "getservbyport 80: port/proto not found"
    expect.failure(message, "ENOENT", socket.getservbyport(80, "nosuch"))
    message = "getservbyport 0: port/proto not found"
    expect.failure(message, "ENOENT", socket.getservbyport(0, "tcp"))
  end)

  -- The function, its arguments and the error message.
  local WRONG = {
    { "getservbyname", {}, "#1 to 'getservbyname' (string expected, got no value)" },
    { "getservbyname", { {} }, "#1 to 'getservbyname' (string expected, got table)" },
    { "getservbyname", { "http\0" }, "#1 to 'getservbyname' (name contains a NUL)" },
    { "getservbyname", { "http", {} }, "#2 to 'getservbyname' (string expected, got table)" },
    { "getservbyname", { "http", "tcp\0" }, "#2 to 'getservbyname' (protocol contains a NUL)" },
    { "getservbyport", {}, "#1 to 'getservbyport' (number expected, got no value)" },
    { "getservbyport", { "http" }, "#1 to 'getservbyport' (number expected, got string)" },
    { "getservbyport", { 80.5 }, "#1 to 'getservbyport' (number has no integer representation)" },
    { "getservbyport", { 65536 }, "#1 to 'getservbyport' (number out of range)" },
    { "getservbyport", { -1 }, "#1 to 'getservbyport' (number out of range)" },
    { "getservbyport", { 80, true }, "#2 to 'getservbyport' (string expected, got boolean)" },
    { "getservbyport", { 80, "tcp\0" }, "#2 to 'getservbyport' (protocol contains a NUL)" },
  }
  for _, case in ipairs(WRONG) do
    it("reject: " .. case[3], function()
      expect.misuse("bad argument " .. case[3], socket[case[1]], lua.unpack(case[2]))
    end)
  end
end)

describe("look-ups", function()
  it("leak no descriptor", function()
    -- The resolver may keep one descriptor open.
    local open = handles.count()
    assert.is_true(open <= before + 1)
    for _ = 1, 20 do
      socket.gethostbyname_ex("localhost")
      socket.gethostbyname(NO_NAME)
      socket.getnameinfo({ "127.0.0.1", 80 }, socket.NI_NUMERICHOST)
      socket.getservbyname("no such")
    end
    assert.equal(open, handles.count())
  end)
end)
