local expect = require "spec.support.expect"
local lua = require "spec.support.lua"
local network = require "spec.support.network"
local socket = require "bsdsocket"
local temporary = require "spec.support.temporary"

-- A family that the library does not know, and its number as the first bytes of an address.
local RAW = 250

-- The first bytes of an address: its family, in this machine's layout.
local function family_bytes(family)
  return (assert(socket.pack_address(RAW, { family, "" })))
end

local function port_bytes(port)
  return string.char(math.floor(port / 256), port % 256)
end

describe("pack_address", function()
  it("packs an IPv4 address", function()
    local packed = family_bytes(socket.AF_INET) .. port_bytes(50007) .. "\127\0\0\1" .. ("\0"):rep(8)
    assert.same({ packed, n = 1 }, lua.pack(socket.pack_address(socket.AF_INET, { "127.0.0.1", 50007 })))
    assert.equal(packed, socket.pack_address(socket.AF_INET, { host = "127.0.0.1", port = 50007 }))
    assert.equal(packed, socket.pack_address(socket.AF_INET, { "127.0.0.1", 50007 }, socket.IPPROTO_TCP))
    assert.equal(packed, socket.pack_address(socket.AF_INET, { "localhost", 50007 }))
  end)

  it("packs an IPv6 address", function()
    local packed = family_bytes(socket.AF_INET6) .. port_bytes(80) .. "\0\0\0\0" .. ("\0"):rep(15) .. "\1"
    packed = packed .. "\0\0\0\0"
    assert.same({ packed, n = 1 }, lua.pack(socket.pack_address(socket.AF_INET6, { "::1", 80 })))
    assert.equal(packed, socket.pack_address(socket.AF_INET6, { "::1", 80, 0, 0 }))
    local flowing = socket.pack_address(socket.AF_INET6, { "::1", 80, 0x12345, 0 })
    assert.equal("\0\1\35\69", flowing:sub(5, 8))
  end)

  it("packs a path with a terminating NUL", function()
    local start = family_bytes(socket.AF_UNIX)
    assert.equal(start .. "/a/path\0", socket.pack_address(socket.AF_UNIX, "/a/path"))
    assert.equal(start .. "/a/path\0", socket.pack_address(socket.AF_UNIX, { path = "/a/path" }))
    assert.equal(start .. ("p"):rep(107) .. "\0", socket.pack_address(socket.AF_UNIX, ("p"):rep(107)))
  end)

  it("packs an abstract name without one, and the empty name", function()
    local start = family_bytes(socket.AF_UNIX)
    assert.equal(start .. "\0name", socket.pack_address(socket.AF_UNIX, "\0name"))
    assert.equal(start .. "\0" .. ("n"):rep(107), socket.pack_address(socket.AF_UNIX, "\0" .. ("n"):rep(107)))
    assert.equal(start, socket.pack_address(socket.AF_UNIX, ""))
  end)

  it("packs any other family from bytes", function()
    assert.equal(family_bytes(RAW) .. "any bytes", socket.pack_address(RAW, { RAW, "any bytes" }))
    assert.equal(family_bytes(RAW) .. "\0\255", socket.pack_address(RAW, { family = RAW, bytes = "\0\255" }))
    assert.equal(128, #socket.pack_address(RAW, { RAW, ("x"):rep(126) }))
  end)

  it("fails for an unknown host and a path that is too long", function()
    local message = "pack_address a..b:80: Name or service not known"
    expect.failure(message, "EAI_NONAME", socket.pack_address(socket.AF_INET, { "a..b", 80 }))
    message = "pack_address %s: AF_UNIX path too long"
    local long = ("p"):rep(108)
    expect.failure(message:format(long), "ENAMETOOLONG", socket.pack_address(socket.AF_UNIX, long))
    expect.failure(message:format("@" .. long), "ENAMETOOLONG", socket.pack_address(socket.AF_UNIX, "\0" .. long))
    message = "pack_address: address family mismatched"
    expect.failure(message, "EAFNOSUPPORT", socket.pack_address(socket.AF_INET6, { "<broadcast>", 80 }))
  end)

  -- The arguments and the error message.
  local WRONG = {
    { {}, "#1 to 'pack_address' (number expected, got no value)" },
    { { "inet", { "", 0 } }, "#1 to 'pack_address' (number expected, got string)" },
    { { -1, { "", 0 } }, "#1 to 'pack_address' (number out of range)" },
    { { 65536, { "", 0 } }, "#1 to 'pack_address' (number out of range)" },
    { { 2.5, { "", 0 } }, "#1 to 'pack_address' (number has no integer representation)" },
    { { socket.AF_INET }, "#2 to 'pack_address' (address expected, got no value)" },
    { { socket.AF_INET, "127.0.0.1" }, "#2 to 'pack_address' (address in a table expected, got string)" },
    { { socket.AF_INET, {} }, "#2 to 'pack_address' (address field 'host': string expected)" },
    { { socket.AF_INET, { "127.0.0.1" } }, "#2 to 'pack_address' (address field 'port': number expected)" },
    { { socket.AF_INET, { "", 65536 } }, "#2 to 'pack_address' (address field 'port' out of range)" },
    { { socket.AF_INET, { "a\0b", 80 } }, "#2 to 'pack_address' (host contains a NUL)" },
    { { socket.AF_INET6, { "", 80, 2 ^ 20 } }, "#2 to 'pack_address' (address field 'flowinfo' out of range)" },
    { { socket.AF_INET6, { "", 80, 0, -1 } }, "#2 to 'pack_address' (address field 'scope_id' out of range)" },
    { { socket.AF_UNIX, 5 }, "#2 to 'pack_address' (address expected, got number)" },
    { { socket.AF_UNIX, { {} } }, "#2 to 'pack_address' (address field 'path': string expected)" },
    { { RAW, "bytes" }, "#2 to 'pack_address' (address in a table expected, got string)" },
    { { RAW, { RAW } }, "#2 to 'pack_address' (address field 'bytes': string expected)" },
    { { RAW, { bytes = "x" } }, "#2 to 'pack_address' (address field 'family': number expected)" },
    { { RAW, { 65536, "x" } }, "#2 to 'pack_address' (address field 'family' out of range)" },
    { { RAW, { RAW, ("x"):rep(127) } }, "#2 to 'pack_address' (address field 'bytes' too long)" },
    { { socket.AF_INET, { "", 80 }, "x" }, "#3 to 'pack_address' (number expected, got string)" },
  }
  for _, case in ipairs(WRONG) do
    it("rejects: " .. case[2], function()
      expect.misuse("bad argument " .. case[2], socket.pack_address, lua.unpack(case[1]))
    end)
  end
end)

describe("unpack_address", function()
  local WRONG_LENGTH = "bad argument #1 to 'unpack_address' (packed address of the wrong length)"

  -- Addresses of each family, as they are returned.
  local ADDRESSES = {
    { socket.AF_INET, { "127.0.0.1", 80 }, "127.0.0.1:80" },
    { socket.AF_INET, { "0.0.0.0", 0 }, "0.0.0.0:0" },
    { socket.AF_INET, { "255.255.255.255", 65535 }, "255.255.255.255:65535" },
    { socket.AF_INET6, { "::1", 80, 0, 0 }, "[::1]:80" },
    { socket.AF_INET6, { "2001:db8::1", 65535, 0xfffff, 0 }, "[2001:db8::1]:65535" },
    { socket.AF_INET6, { "fe80::1", 1, 0, 2 ^ 32 - 1 }, "[fe80::1%4294967295]:1" },
    { RAW, { RAW, "" }, "250:" },
    { RAW, { RAW, "some bytes" }, "250:some bytes" },
  }
  for _, case in ipairs(ADDRESSES) do
    it(("is the inverse of pack_address: %d, %s"):format(case[1], case[3]), function()
      local packed = assert(socket.pack_address(case[1], case[2]))
      local results = lua.pack(socket.unpack_address(packed))
      assert.same({ case[2], n = 1 }, results)
      assert.equal(case[3], tostring(results[1]))
      assert.is_true(results[1] == socket.unpack_address(packed, 0))
      assert.equal(packed, socket.pack_address(case[1], results[1]))
      assert.same(case[2], socket.unpack_address(socket.buffer("..." .. packed):view(4)))
    end)
  end

  it("returns fields by name", function()
    local address = socket.unpack_address(socket.pack_address(socket.AF_INET6, { "::1", 80, 5, 7 }))
    assert.same({ "::1", 80, 5, 7 }, { address.host, address.port, address.flowinfo, address.scope_id })
    local raw = socket.unpack_address(socket.pack_address(RAW, { RAW, "xyz" }))
    assert.same({ RAW, "xyz" }, { raw.family, raw.bytes })
  end)

  it("is the inverse of pack_address for paths and abstract names", function()
    for _, name in ipairs({ "", "/a/path", "p", ("p"):rep(107), "\0", "\0name", "\0a\0b\0", "\0" .. ("n"):rep(107) }) do
      local packed = assert(socket.pack_address(socket.AF_UNIX, name))
      assert.same({ name, n = 1 }, lua.pack(socket.unpack_address(packed)))
    end
  end)

  it("ends a path at its NUL, or at the end of the address", function()
    local start = family_bytes(socket.AF_UNIX)
    assert.equal("path", socket.unpack_address(start .. "path"))
    assert.equal("path", socket.unpack_address(start .. "path\0and more"))
    assert.equal(("p"):rep(108), socket.unpack_address(start .. ("p"):rep(108)))
  end)

  it("returns an address that sockets accept", function()
    local left, right, path = network.datagram(), network.datagram(), temporary.path()
    local address = socket.unpack_address(socket.pack_address(socket.AF_INET, right:getsockname()))
    assert.is_true(address == right:getsockname())
    assert.equal(2, left:sendto("hi", address))
    assert.equal("hi", right:recv(10))
    local bound = assert(socket.socket(socket.AF_UNIX))
    assert(bound:bind(socket.unpack_address(socket.pack_address(socket.AF_UNIX, path))))
    assert.equal(path, bound:getsockname())
    network.close(left, right, bound)
    temporary.remove(path)
  end)

  -- The only valid lengths of the addresses of a family, in bytes.
  local LENGTHS = {
    { "IPv4", socket.AF_INET, 16, 16 },
    { "IPv6", socket.AF_INET6, 28, 28 },
    { "paths", socket.AF_UNIX, 2, 110 },
    { "any other family", RAW, 2, 128 },
  }
  for _, case in ipairs(LENGTHS) do
    it("rejects other lengths: " .. case[1], function()
      local start = family_bytes(case[2])
      for length = 2, 300 do
        local packed = start .. ("x"):rep(length - 2)
        if length >= case[3] and length <= case[4] then
          assert.is_truthy(socket.unpack_address(packed))
        else
          expect.misuse(WRONG_LENGTH, socket.unpack_address, packed)
        end
      end
      expect.misuse(WRONG_LENGTH, socket.unpack_address, start .. ("x"):rep(100000))
    end)
  end

  it("rejects less than a family", function()
    expect.misuse(WRONG_LENGTH, socket.unpack_address, "")
    expect.misuse(WRONG_LENGTH, socket.unpack_address, "\2")
  end)

  it("requires bytes", function()
    expect.misuse("bad argument #1 to 'unpack_address' (string expected, got no value)", socket.unpack_address)
    expect.misuse("bad argument #1 to 'unpack_address' (string expected, got table)", socket.unpack_address, {})
    local packed = socket.pack_address(socket.AF_INET, { "", 0 })
    expect.misuse(
      "bad argument #2 to 'unpack_address' (number expected, got string)",
      socket.unpack_address,
      packed,
      "x"
    )
  end)

  it("accepts random bytes", function()
    local pool = {}
    for n = 1, 4096 do
      pool[n] = string.char(math.random(0, 255))
    end
    pool = table.concat(pool)
    -- The number of fields of an address; reads each of them.
    local function count(address)
      if type(address) ~= "table" then
        return 1
      end
      local fields = 0
      while address[fields + 1] ~= nil do
        fields = fields + 1
      end
      return fields
    end
    local starts = {}
    for _, family in pairs(socket.AddressFamily) do
      if type(family) == "number" then
        starts[#starts + 1] = family_bytes(family)
      end
    end
    local understood, protocol = 0, 0
    for length = 0, 128 do
      for n = 1, 400 do
        local from = math.random(#pool - length)
        local packed = (starts[n % #starts + 1] .. pool:sub(from, from + length)):sub(1, length)
        protocol = (protocol + 1) % 9
        local fine, result = pcall(socket.unpack_address, packed, protocol)
        if not fine then
          assert.equal(WRONG_LENGTH, result)
        elseif count(result) > 0 and #tostring(result) > 0 then
          understood = understood + 1
        end
      end
    end
    assert.is_true(understood > 10000, understood .. " addresses")
  end)
end)
