local expect = require "spec.support.expect"
local lua = require "spec.support.lua"
local socket = require "bsdsocket"

-- The bytes of a number, most significant first (network byte order).
local function big_endian(value, count)
  local bytes = {}
  for n = count, 1, -1 do
    bytes[n] = string.char(value % 256)
    value = math.floor(value / 256)
  end
  return table.concat(bytes)
end

-- The number that these bytes are in host byte order.
local function as_host(bytes)
  local little, value = socket.htons(1) ~= 1, 0
  for n = 1, #bytes do
    value = value * 256 + bytes:byte(little and #bytes + 1 - n or n)
  end
  return value
end

describe("htonl, ntohl, htons and ntohs", function()
  it("convert to network byte order", function()
    for _, value in ipairs({ 0, 1, 2, 0x7f, 0x80, 0x1234, 0xfffe, 0xffff }) do
      assert.equal(as_host(big_endian(value, 2)), socket.htons(value))
      assert.equal(as_host(big_endian(value, 2)), socket.ntohs(value))
    end
    for _, value in ipairs({ 0, 1, 0xffff, 0x10000, 0x12345678, 0x7fffffff, 0x80000000, 0xffffffff }) do
      assert.equal(as_host(big_endian(value, 4)), socket.htonl(value))
      assert.equal(as_host(big_endian(value, 4)), socket.ntohl(value))
    end
  end)

  it("are inverse to each other", function()
    for value = 0, 65535, 251 do
      assert.equal(value, socket.ntohs(socket.htons(value)))
      assert.equal(value * 65537, socket.ntohl(socket.htonl(value * 65537)))
    end
  end)

  it("return integers", function()
    assert.equal("16777216", ("%d"):format(socket.htonl(socket.ntohl(16777216))))
    if math.type then
      assert.equal("integer", math.type(socket.htonl(1)))
      assert.equal("integer", math.type(socket.htons(1)))
    end
  end)

  for name, limit in pairs({ htonl = 2 ^ 32, ntohl = 2 ^ 32, htons = 2 ^ 16, ntohs = 2 ^ 16 }) do
    it("check the range: " .. name, function()
      local message = ("bad argument #1 to '%s' (%%s)"):format(name)
      assert.equal(limit - 1, socket[name](limit - 1))
      for _, value in ipairs({ -1, limit, limit + 1, 2 ^ 40, -2 ^ 31 }) do
        expect.misuse(message:format("number out of range"), socket[name], value)
      end
      for _, value in ipairs({ 0.5, 0 / 0, math.huge, 2 ^ 70 }) do
        expect.misuse(message:format("number has no integer representation"), socket[name], value)
      end
      expect.misuse(message:format("number expected, got no value"), socket[name])
      expect.misuse(message:format("number expected, got string"), socket[name], "x")
      expect.misuse(message:format("number expected, got table"), socket[name], {})
    end)
  end
end)

describe("inet_aton", function()
  it("parses an IPv4 address like inet_aton(3)", function()
    local ADDRESSES = {
      ["127.0.0.1"] = "\127\0\0\1",
      ["0.0.0.0"] = "\0\0\0\0",
      ["255.255.255.255"] = "\255\255\255\255",
      ["1.2.3.4"] = "\1\2\3\4",
      ["127.1"] = "\127\0\0\1",
      ["1.2.772"] = "\1\2\3\4",
      ["0x7f.1"] = "\127\0\0\1",
      ["010.0.0.1"] = "\8\0\0\1",
      ["16909060"] = "\1\2\3\4",
    }
    for text, packed in pairs(ADDRESSES) do
      assert.same({ packed, n = 1 }, lua.pack(socket.inet_aton(text)), text)
    end
  end)

  it("fails for anything else", function()
    for _, text in ipairs({
      "",
      "a.b.c.d",
      "1.2.3.4.5",
      "1.2.3.256",
      "256.0.0.1",
      "1.2.3.4 ",
      " 1.2.3.4",
      "1.2.3.4 x",
      "1.2.3.4\n",
      "1.2.3.4x",
      "1.2.3.4\0",
      "::1",
      ("1"):rep(10000),
    }) do
      local message = "inet_aton" .. expect.about(text) .. ": illegal IP address string"
      assert.same({ nil, message, "EINVAL", n = 3 }, lua.pack(socket.inet_aton(text)))
    end
  end)

  it("requires a string", function()
    expect.misuse("bad argument #1 to 'inet_aton' (string expected, got no value)", socket.inet_aton)
    expect.misuse("bad argument #1 to 'inet_aton' (string expected, got table)", socket.inet_aton, {})
    expect.misuse("bad argument #1 to 'inet_aton' (string expected, got boolean)", socket.inet_aton, true)
  end)
end)

describe("inet_ntoa", function()
  it("formats an IPv4 address", function()
    assert.same({ "127.0.0.1", n = 1 }, lua.pack(socket.inet_ntoa("\127\0\0\1")))
    assert.equal("255.255.255.255", socket.inet_ntoa("\255\255\255\255"))
    assert.equal("0.0.0.0", socket.inet_ntoa("\0\0\0\0"))
    assert.equal("10.2.30.4", socket.inet_ntoa(socket.buffer("..\10\2\30\4.."):view(3, 6)))
  end)

  it("is the inverse of inet_aton", function()
    for _, text in ipairs({ "127.0.0.1", "1.2.3.4", "192.0.2.255", "0.0.0.0" }) do
      assert.equal(text, socket.inet_ntoa(socket.inet_aton(text)))
    end
  end)

  it("fails for the wrong length", function()
    for _, packed in ipairs({ "", "\1\2\3", "\1\2\3\4\5", ("x"):rep(16), ("x"):rep(100000) }) do
      expect.failure("inet_ntoa: packed IP wrong length", "EINVAL", socket.inet_ntoa(packed))
    end
  end)

  it("requires bytes", function()
    expect.misuse("bad argument #1 to 'inet_ntoa' (string expected, got no value)", socket.inet_ntoa)
    expect.misuse("bad argument #1 to 'inet_ntoa' (string expected, got table)", socket.inet_ntoa, {})
  end)
end)

-- Addresses as text, and their bytes as hexadecimal digits.
local IPV4 = {
  ["0.0.0.0"] = "00000000",
  ["255.0.255.0"] = "ff00ff00",
  ["170.170.170.170"] = "aaaaaaaa",
  ["1.2.3.4"] = "01020304",
  ["255.255.255.255"] = "ffffffff",
}
local IPV6 = {
  ["::"] = ("0"):rep(32),
  ["::1"] = ("0"):rep(31) .. "1",
  ["1::"] = "0001" .. ("0"):rep(28),
  ["45ef:76cb:1a:56ef:afeb:bac:1924:aeae"] = "45ef76cb001a56efafeb0bac1924aeae",
  ["2001:db8::1:0:0:1"] = "20010db8000000000001000000000001",
  ["::ffff:192.0.2.1"] = ("0"):rep(20) .. "ffffc0000201",
  ["fe80::1"] = "fe80" .. ("0"):rep(27) .. "1",
  ["ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"] = ("f"):rep(32),
}

local function bytes(digits)
  return (digits:gsub("%x%x", function(pair)
    return string.char(tonumber(pair, 16))
  end))
end

describe("inet_pton", function()
  it("parses the addresses of a family", function()
    for text, digits in pairs(IPV4) do
      assert.same({ bytes(digits), n = 1 }, lua.pack(socket.inet_pton(socket.AF_INET, text)))
    end
    for text, digits in pairs(IPV6) do
      assert.same({ bytes(digits), n = 1 }, lua.pack(socket.inet_pton(socket.AF_INET6, text)))
    end
    assert.equal(bytes("000a000b000c000d000e000f00100011"), socket.inet_pton(socket.AF_INET6, "A:B:C:D:E:F:10:11"))
  end)

  it("fails for anything else", function()
    local function fails(family, text)
      local message = "inet_pton" .. expect.about(text) .. ": illegal IP address string"
      assert.same({ nil, message, "EINVAL", n = 3 }, lua.pack(socket.inet_pton(family, text)))
    end
    for _, text in ipairs({ "", "127.1", "0x7f.1", "1.2.3.4.5", "::1", "localhost", "1.2.3.4 ", "1.2.3.4\0" }) do
      fails(socket.AF_INET, text)
    end
    for _, text in ipairs({ "", ":", "1:2", "::0::", "1.2.3.4", "::1%lo", "::1 ", "::1\0", "g::" }) do
      fails(socket.AF_INET6, text)
    end
  end)

  it("fails for other families", function()
    local message = "inet_pton: Address family not supported by protocol"
    for _, family in ipairs({ socket.AF_UNIX, 0, -1, 12345 }) do
      expect.failure(message, "EAFNOSUPPORT", socket.inet_pton(family, "1.2.3.4"))
    end
  end)

  it("requires a family and a string", function()
    expect.misuse("bad argument #1 to 'inet_pton' (number expected, got no value)", socket.inet_pton)
    expect.misuse("bad argument #1 to 'inet_pton' (number expected, got string)", socket.inet_pton, "x", "1.2.3.4")
    expect.misuse("bad argument #1 to 'inet_pton' (number out of range)", socket.inet_pton, 2 ^ 31, "1.2.3.4")
    expect.misuse("bad argument #2 to 'inet_pton' (string expected, got no value)", socket.inet_pton, 2)
    expect.misuse("bad argument #2 to 'inet_pton' (string expected, got table)", socket.inet_pton, 2, {})
  end)
end)

describe("inet_ntop", function()
  it("formats the addresses of a family", function()
    for text, digits in pairs(IPV4) do
      assert.same({ text, n = 1 }, lua.pack(socket.inet_ntop(socket.AF_INET, bytes(digits))))
    end
    for text, digits in pairs(IPV6) do
      assert.same({ text, n = 1 }, lua.pack(socket.inet_ntop(socket.AF_INET6, bytes(digits))))
    end
    local buffer = socket.buffer("..\1\2\3\4..")
    assert.equal("1.2.3.4", socket.inet_ntop(socket.AF_INET, buffer:view(3, 6)))
  end)

  it("rejects the wrong length", function()
    local message = "bad argument #2 to 'inet_ntop' (invalid length of packed IP address)"
    for _, length in ipairs({ 0, 3, 5, 15, 16, 17, 100000 }) do
      expect.misuse(message, socket.inet_ntop, socket.AF_INET, ("x"):rep(length))
    end
    for _, length in ipairs({ 0, 4, 15, 17, 100000 }) do
      expect.misuse(message, socket.inet_ntop, socket.AF_INET6, ("x"):rep(length))
    end
  end)

  it("rejects other families", function()
    for _, family in ipairs({ socket.AF_UNIX, 0, -1, 12345 }) do
      expect.misuse("bad argument #1 to 'inet_ntop' (unknown address family)", socket.inet_ntop, family, "\1\2\3\4")
    end
  end)

  it("requires a family and bytes", function()
    expect.misuse("bad argument #1 to 'inet_ntop' (number expected, got no value)", socket.inet_ntop)
    expect.misuse("bad argument #1 to 'inet_ntop' (number expected, got table)", socket.inet_ntop, {}, "\1\2\3\4")
    expect.misuse("bad argument #2 to 'inet_ntop' (string expected, got no value)", socket.inet_ntop, 2)
    expect.misuse("bad argument #2 to 'inet_ntop' (string expected, got boolean)", socket.inet_ntop, 2, true)
  end)
end)
