local expect = require "spec.support.expect"
local lua = require "spec.support.lua"
local skip = require "spec.support.skip"
local socket = require "bsdsocket"
local temporary = require "spec.support.temporary"

describe("if_nameindex", function()
  it("returns a sequence of indexes and names", function()
    local results = lua.pack(socket.if_nameindex())
    assert.equal(1, results.n)
    local seen = {}
    for _, interface in ipairs(results[1]) do
      local keys = {}
      for key in pairs(interface) do
        keys[key] = true
      end
      assert.same({ index = true, name = true }, keys)
      assert.is_true(interface.index > 0 and #interface.name > 0)
      assert.is_nil(seen[interface.index])
      seen[interface.index] = interface.name
    end
    -- Every interface that the system lists elsewhere is included.
    local names = {}
    for _, name in pairs(seen) do
      names[name] = true
    end
    for name in temporary.read("/proc/net/dev"):gmatch("\n%s*([^%s:]+):") do
      assert.is_true(names[name], name)
    end
  end)
end)

describe("getifaddrs", function()
  local function find(conditions)
    for _, interface in ipairs(assert(socket.getifaddrs())) do
      local fits = true
      for key, value in pairs(conditions) do
        fits = fits and interface[key] == value
      end
      if fits then
        return interface
      end
    end
  end

  it("lists the addresses of each interface", function()
    local results = lua.pack(socket.getifaddrs())
    assert.equal(1, results.n)
    local names = {}
    for _, interface in ipairs(results[1]) do
      names[interface.name] = true
    end
    for _, interface in ipairs(assert(socket.if_nameindex())) do
      assert.is_true(names[interface.name], interface.name)
    end
  end)

  it("has the loopback address with its netmask and flags", function()
    local found = find { family = socket.AF_INET, name = "lo" }
    if not found then
      return skip("addresses of interfaces: lo has none of IPv4")
    end
    assert.same({ "127.0.0.1", 0 }, { found.address.host, found.address.port })
    assert.equal("127.0.0.1:0", tostring(found.address))
    assert.equal("255.0.0.0", found.netmask.host)
    assert.is_nil(found.broadcast)
    assert.is_nil(found.peer)
    assert.same({ up = true, loopback = true, running = true }, found.flags)
  end)

  it("has the netmask of an IPv6 address", function()
    local found = find { family = socket.AF_INET6, name = "lo" }
    if not found then
      return skip("addresses of interfaces: lo has none of IPv6")
    end
    assert.equal("::1", found.address.host)
    assert.equal(("ffff:"):rep(7) .. "ffff", found.netmask.host)
  end)

  it("has the hardware address of an interface", function()
    if not socket.AF_PACKET then
      return skip("hardware addresses: they are not of AF_PACKET")
    end
    local found = find { family = socket.AF_PACKET, name = "lo" }
    assert.equal("lo", found.address[1])
    assert.is_nil(found.netmask)
  end)

  it("has addresses to bind to", function()
    local found = find { family = socket.AF_INET }
    if not found then
      return skip("addresses of interfaces: there is none of IPv4")
    end
    local udp = assert(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    assert(udp:bind(found.address))
    assert.equal(found.address.host, udp:getsockname().host)
    udp:close()
  end)
end)

describe("if_nametoindex and if_indextoname", function()
  it("map between names and indexes", function()
    local interfaces = assert(socket.if_nameindex())
    if #interfaces == 0 then
      return skip("interfaces: there is none")
    end
    for _, interface in ipairs(interfaces) do
      assert.same({ interface.index, n = 1 }, lua.pack(socket.if_nametoindex(interface.name)))
      assert.same({ interface.name, n = 1 }, lua.pack(socket.if_indextoname(interface.index)))
    end
  end)

  it("fail for unknown interfaces", function()
    for _, name in ipairs({ "", "no such", "nosuchinterface0", ("x"):rep(100), ("x"):rep(100000), "lo " }) do
      local message = "if_nametoindex" .. expect.about(name) .. ": No such device"
      expect.failure(message, "ENODEV", socket.if_nametoindex(name))
    end
    for _, index in ipairs({ 0, 2 ^ 31 - 1, 2 ^ 32 - 1 }) do
      expect.failure("if_indextoname: No such device or address", "ENXIO", socket.if_indextoname(index))
    end
  end)

  it("require a name, or an index", function()
    expect.misuse("bad argument #1 to 'if_nametoindex' (string expected, got no value)", socket.if_nametoindex)
    expect.misuse("bad argument #1 to 'if_nametoindex' (string expected, got table)", socket.if_nametoindex, {})
    expect.misuse("bad argument #1 to 'if_nametoindex' (interface name contains a NUL)", socket.if_nametoindex, "lo\0")
    expect.misuse("bad argument #1 to 'if_indextoname' (number expected, got no value)", socket.if_indextoname)
    expect.misuse("bad argument #1 to 'if_indextoname' (number expected, got string)", socket.if_indextoname, "lo")
    local message = "bad argument #1 to 'if_indextoname' (number has no integer representation)"
    expect.misuse(message, socket.if_indextoname, 1.5)
    for _, index in ipairs({ -1, 2 ^ 32 }) do
      expect.misuse("bad argument #1 to 'if_indextoname' (number out of range)", socket.if_indextoname, index)
    end
  end)
end)

describe("gethostname", function()
  it("returns the host name", function()
    local name = temporary.read("/proc/sys/kernel/hostname"):match("^[^\n]*")
    assert.same({ name, n = 1 }, lua.pack(socket.gethostname()))
  end)
end)

describe("sethostname", function()
  it("sets the host name, given the privilege", function()
    local name = assert(socket.gethostname())
    local results = lua.pack(socket.sethostname(name))
    if results[1] then
      assert.same({ true, n = 1 }, results)
    else
      skip("setting the host name: it needs privileges")
      assert.same({ nil, "sethostname: Operation not permitted", "EPERM", n = 3 }, results)
    end
    assert.equal(name, socket.gethostname())
  end)

  it("fails for a name that is too long", function()
    local name = assert(socket.gethostname())
    local results = lua.pack(socket.sethostname(("x"):rep(65)))
    if results[3] == "EPERM" then
      assert.same({ nil, "sethostname: Operation not permitted", "EPERM", n = 3 }, results)
    else
      assert.same({ nil, "sethostname: Invalid argument", "EINVAL", n = 3 }, results)
    end
    assert.equal(name, socket.gethostname())
  end)

  it("requires a string", function()
    local name = assert(socket.gethostname())
    expect.misuse("bad argument #1 to 'sethostname' (string expected, got no value)", socket.sethostname)
    expect.misuse("bad argument #1 to 'sethostname' (string expected, got table)", socket.sethostname, {})
    expect.misuse("bad argument #1 to 'sethostname' (string expected, got boolean)", socket.sethostname, false)
    assert.equal(name, socket.gethostname())
  end)
end)
