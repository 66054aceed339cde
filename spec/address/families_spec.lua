-- Packs and unpacks the addresses of every family, which needs no kernel support for it.

local expect = require "spec.support.expect"
local lua = require "spec.support.lua"
local pack = require "spec.support.pack"
local socket = require "bsdsocket"

local P = pack.pack

-- The loopback interface serves as the example of an interface.
local INTERFACE = assert(socket.if_nameindex())[1]
local IFNAME, IFINDEX = INTERFACE.name, INTERFACE.index

-- The number with all 64 bits set, in this Lua.
local ALL_BITS = math.type and -1 or "0xffffffffffffffff"

local HIGH = 2 ^ 32 - 1
local EIGHT = "12345678"
local BDADDR = "12:34:56:78:9A:BC"
local BDADDR_BYTES = pack.hex "bc9a78563412"

-- Wrong values for a number from `low` to `high`, and the error messages.
local function bad_numbers(low, high)
  return {
    { low - 1, " out of range" },
    { high + 1, " out of range" },
    { 2 ^ 60, " out of range" },
    { -2 ^ 60, " out of range" },
    { ("%.0f"):format(low - 1), " out of range" },
    { ("%.0f"):format(high + 1), " out of range" },
    { 0.5, " has no integer representation" },
    { 0 / 0, " has no integer representation" },
    { math.huge, " has no integer representation" },
    { 2 ^ 70, " has no integer representation" },
    { "", ": number expected" },
    { "one", ": number expected" },
    { "1x", ": number expected" },
    { true, ": number expected" },
    { {}, ": number expected" },
    { print, ": number expected" },
  }
end

local U8, U16, U32 = bad_numbers(0, 255), bad_numbers(0, 65535), bad_numbers(0, 2 ^ 32 - 1)
local I8 = bad_numbers(-128, 127)
local U64 = {
  { "", ": number expected" },
  { "0x", ": number expected" },
  { "one", ": number expected" },
  { "-1", ": number expected" },
  { "18446744073709551616", ": number expected" },
  { "0x10000000000000000", ": number expected" },
  { 0.5, ": number expected" },
  { math.huge, ": number expected" },
  { true, ": number expected" },
  { {}, ": number expected" },
}
local TEXT = {
  { 1, ": string expected" },
  { 0.5, ": string expected" },
  { true, ": string expected" },
  { {}, ": string expected" },
  { print, ": string expected" },
}

-- Concatenates two lists.
local function both(one, other)
  local all = {}
  for _, list in ipairs({ one, other }) do
    for _, value in ipairs(list) do
      all[#all + 1] = value
    end
  end
  return all
end

-- The families. Each has `family` and `proto`; `fields`, in order, and how many are required; `wrong`, invalid values
-- for each field; `lengths`, the shortest and the longest in bytes; `examples`: the address, its bytes, the address
-- after a round trip if that differs, and its text.
local FAMILIES = {
  {
    name = "AF_INET",
    family = socket.AF_INET,
    fields = { "host", "port", required = 2 },
    wrong = { TEXT, U16 },
    lengths = { 16, 16 },
    examples = {
      { { "127.0.0.1", 80 }, P("=H>Hc4", socket.AF_INET, 80, "\127\0\0\1") .. ("\0"):rep(8), text = "127.0.0.1:80" },
      {
        { "", 65535 },
        P("=H>H", socket.AF_INET, 65535) .. ("\0"):rep(12),
        back = { "0.0.0.0", 65535 },
        text = "0.0.0.0:65535",
      },
    },
  },
  {
    name = "AF_INET6",
    family = socket.AF_INET6,
    fields = { "host", "port", "flowinfo", "scope_id", required = 2 },
    wrong = { TEXT, U16, bad_numbers(0, 1048575), U32 },
    lengths = { 28, 28 },
    examples = {
      {
        { "::1", 80 },
        P("=H>HI4", socket.AF_INET6, 80, 0) .. ("\0"):rep(15) .. "\1\0\0\0\0",
        back = { "::1", 80, 0, 0 },
        text = "[::1]:80",
      },
      {
        { "::2", 1, 1048575, 7 },
        P("=H>HI4", socket.AF_INET6, 1, 1048575) .. ("\0"):rep(15) .. "\2" .. P("=I4", 7),
      },
    },
  },
  {
    name = "AF_NETLINK",
    family = socket.AF_NETLINK,
    fields = { "pid", "groups", required = 2 },
    wrong = { U32, U32 },
    lengths = { 12, 12 },
    examples = {
      { { 0, 0 }, P("=HHI4I4", 16, 0, 0, 0), text = "0:0" },
      { { 12345, 1 }, P("=HHI4I4", 16, 0, 12345, 1), text = "12345:1" },
      { { HIGH, HIGH }, P("=HHI4I4", 16, 0, HIGH, HIGH), text = "4294967295:4294967295" },
      { { "7", "8" }, P("=HHI4I4", 16, 0, 7, 8), back = { 7, 8 }, text = "7:8" },
    },
  },
  {
    name = "AF_TIPC",
    family = socket.AF_TIPC,
    fields = { "addr_type", "v1", "v2", "v3", "scope", required = 4 },
    wrong = { both(U8, { { 0, " unknown" }, { 4, " unknown" }, { 255, " unknown" } }), U32, U32, U32, I8 },
    lengths = { 16, 16 },
    examples = {
      { { 1, 20000, 5, 9, 3 }, P("=HBbI4I4I4", 30, 1, 3, 20000, 5, 9), text = "1:20000:5:9:3" },
      { { 1, HIGH, HIGH, HIGH, -128 }, P("=HBbI4I4I4", 30, 1, -128, HIGH, HIGH, HIGH) },
      { { 2, 20000, 5, 0 }, P("=HBbI4I4I4", 30, 2, 2, 20000, 5, 0), back = { 2, 20000, 5, 0, 2 } },
      -- Names and ids have no third value; the bytes of an id have the reference before the node.
      { { 2, 20000, 5, 7, 2 }, P("=HBbI4I4I4", 30, 2, 2, 20000, 5, 0), back = { 2, 20000, 5, 0, 2 } },
      { { 3, 77, 88, 0, 0 }, P("=HBbI4I4I4", 30, 3, 0, 88, 77, 0), text = "3:77:88:0:0" },
    },
  },
  {
    name = "AF_CAN",
    family = socket.AF_CAN,
    proto = socket.CAN_RAW,
    fields = { "interface", required = 1 },
    wrong = { TEXT },
    lengths = { 8, 24 },
    examples = {
      { { IFNAME }, P("=HHi4c16", 29, 0, IFINDEX, ""), text = IFNAME },
      { { "" }, P("=HHi4c16", 29, 0, 0, ""), text = "" },
    },
  },
  {
    name = "AF_CAN, CAN_BCM",
    family = socket.AF_CAN,
    proto = socket.CAN_BCM,
    fields = { "interface", required = 1 },
    wrong = { TEXT },
    lengths = { 8, 24 },
    examples = { { { IFNAME }, P("=HHi4c16", 29, 0, IFINDEX, ""), text = IFNAME } },
  },
  {
    name = "AF_CAN, CAN_ISOTP",
    family = socket.AF_CAN,
    proto = socket.CAN_ISOTP,
    fields = { "interface", "rx_addr", "tx_addr", required = 3 },
    wrong = { TEXT, U32, U32 },
    lengths = { 8, 24 },
    examples = {
      { { IFNAME, 0x711, 0x712 }, P("=HHi4I4I4c8", 29, 0, IFINDEX, 0x711, 0x712, ""), text = IFNAME .. ":1809:1810" },
      { { "", HIGH, 0 }, P("=HHi4I4I4c8", 29, 0, 0, HIGH, 0, ""), text = ":4294967295:0" },
    },
  },
  {
    name = "AF_CAN, CAN_J1939",
    family = socket.AF_CAN,
    proto = socket.CAN_J1939,
    fields = { "interface", "name", "pgn", "addr", required = 4 },
    wrong = { TEXT, U64, U32, U8 },
    lengths = { 8, 24 },
    examples = {
      { { IFNAME, 0, 0x12300, 0x20 }, P("=HHi4I8I4Bc3", 29, 0, IFINDEX, 0, 0x12300, 0x20, "") },
      { { "", 2 ^ 52, HIGH, 255 }, P("=HHi4I8I4Bc3", 29, 0, 0, 2 ^ 52, HIGH, 255, "") },
      {
        { IFNAME, "0xffffffffffffffff", 1, 2 },
        P("=HHi4c8I4Bc3", 29, 0, IFINDEX, ("\255"):rep(8), 1, 2, ""),
        back = { IFNAME, ALL_BITS, 1, 2 },
      },
      {
        { IFNAME, "18446744073709551615", 1, 2 },
        P("=HHi4c8I4Bc3", 29, 0, IFINDEX, ("\255"):rep(8), 1, 2, ""),
        back = { IFNAME, ALL_BITS, 1, 2 },
      },
      {
        { IFNAME, "12", 1, 2 },
        P("=HHi4I8I4Bc3", 29, 0, IFINDEX, 12, 1, 2, ""),
        back = { IFNAME, 12, 1, 2 },
      },
    },
  },
  {
    name = "AF_BLUETOOTH, BTPROTO_L2CAP",
    family = socket.AF_BLUETOOTH,
    proto = socket.BTPROTO_L2CAP,
    fields = { "bdaddr", "psm", "cid", "bdaddr_type", required = 2 },
    wrong = { TEXT, U16, U16, U8 },
    lengths = { 14, 14 },
    examples = {
      { { BDADDR, 0x1001 }, P("=H<Hc6HBx", 31, 0x1001, BDADDR_BYTES, 0, 0), text = BDADDR .. ":4097" },
      { { BDADDR, 0x1001, 4 }, P("=H<Hc6HBx", 31, 0x1001, BDADDR_BYTES, 4, 0), text = BDADDR .. ":4097:4" },
      { { BDADDR, 1, 4, 2 }, P("=H<Hc6HBx", 31, 1, BDADDR_BYTES, 4, 2), text = BDADDR .. ":1:4:2" },
      { { BDADDR, 128, 0, 1 }, P("=H<Hc6HBx", 31, 128, BDADDR_BYTES, 0, 1), text = BDADDR .. ":128:0:1" },
      {
        { "1:2:3:a:B:cC", 1, 0, 0 },
        P("=H<Hc6HBx", 31, 1, "\204\11\10\3\2\1", 0, 0),
        back = { "01:02:03:0A:0B:CC", 1 },
      },
    },
  },
  {
    name = "AF_BLUETOOTH, BTPROTO_RFCOMM",
    family = socket.AF_BLUETOOTH,
    proto = socket.BTPROTO_RFCOMM,
    fields = { "bdaddr", "channel", required = 2 },
    wrong = { TEXT, U8 },
    lengths = { 10, 10 },
    examples = { { { BDADDR, 5 }, P("=Hc6Bx", 31, BDADDR_BYTES, 5), text = BDADDR .. ":5" } },
  },
  {
    name = "AF_BLUETOOTH, BTPROTO_HCI",
    family = socket.AF_BLUETOOTH,
    proto = socket.BTPROTO_HCI,
    fields = { "device_id", "channel", required = 1 },
    wrong = { U16, U16 },
    lengths = { 6, 6 },
    single = "number",
    examples = {
      { { 0 }, P("=HHH", 31, 0, 0), back = 0 },
      { 65535, P("=HHH", 31, 65535, 0), back = 65535 },
      { "7", P("=HHH", 31, 7, 0), back = 7 },
      { { 1, 0 }, P("=HHH", 31, 1, 0), back = 1 },
      { { 1, 3 }, P("=HHH", 31, 1, 3), text = "1:3" },
    },
  },
  {
    name = "AF_BLUETOOTH, BTPROTO_SCO",
    family = socket.AF_BLUETOOTH,
    proto = socket.BTPROTO_SCO,
    fields = { "bdaddr", required = 1 },
    wrong = { TEXT },
    lengths = { 8, 8 },
    single = "string",
    examples = {
      { { BDADDR }, P("=Hc6", 31, BDADDR_BYTES), back = BDADDR },
      { BDADDR, P("=Hc6", 31, BDADDR_BYTES), back = BDADDR },
    },
  },
  {
    name = "AF_ALG",
    family = socket.AF_ALG,
    fields = { "type", "name", "feat", "mask", required = 2 },
    wrong = {
      both(TEXT, {
        { ("t"):rep(14), " longer than 13 bytes" },
        { ("t"):rep(500), " longer than 13 bytes" },
        { "hash\0", " contains a NUL" },
      }),
      both(TEXT, {
        { ("n"):rep(64), " longer than 63 bytes" },
        { ("n"):rep(500), " longer than 63 bytes" },
        { "a\0b", " contains a NUL" },
      }),
      U32,
      U32,
    },
    lengths = { 88, 88 },
    examples = {
      {
        { "hash", "sha256" },
        P("=Hc14I4I4c64", 38, "hash", 0, 0, "sha256"),
        back = { "hash", "sha256", 0, 0 },
        text = "hash:sha256:0:0",
      },
      {
        { ("t"):rep(13), ("n"):rep(63), HIGH, 1 },
        P("=Hc14I4I4c64", 38, ("t"):rep(13), HIGH, 1, ("n"):rep(63)),
      },
    },
  },
  {
    name = "AF_VSOCK",
    family = socket.AF_VSOCK,
    fields = { "cid", "port", required = 2 },
    wrong = { U32, U32 },
    lengths = { 16, 16 },
    examples = {
      { { 1, 1234 }, P("=HHI4I4c4", 40, 0, 1234, 1, ""), text = "1:1234" },
      { { HIGH, HIGH }, P("=HHI4I4c4", 40, 0, HIGH, HIGH, ""), text = "4294967295:4294967295" },
    },
  },
  {
    name = "AF_PACKET",
    family = socket.AF_PACKET,
    fields = { "ifname", "proto", "pkttype", "hatype", "addr", required = 2 },
    wrong = { TEXT, U16, U8, U16, both(TEXT, { { "123456789", " longer than 8 bytes" } }) },
    lengths = { 12, 44 },
    examples = {
      {
        { IFNAME, 0x88b5 },
        P("=H>H=i4HBBc8", 17, 0x88b5, IFINDEX, 0, 0, 0, ""),
        back = { IFNAME, 0x88b5, 0, 0, "" },
        text = IFNAME .. ":34997:0:0:",
      },
      { { "", 0, 4, 1, "\1\2\3\4\5\6" }, P("=H>H=i4HBBc8", 17, 0, 0, 1, 4, 6, "\1\2\3\4\5\6") },
      { { IFNAME, 65535, 255, 65535, EIGHT }, P("=H>H=i4HBBc8", 17, 65535, IFINDEX, 65535, 255, 8, EIGHT) },
    },
  },
  {
    name = "AF_QIPCRTR",
    family = socket.AF_QIPCRTR,
    fields = { "node", "port", required = 2 },
    wrong = { U32, U32 },
    lengths = { 12, 12 },
    examples = {
      { { 1, 5000 }, P("=HHI4I4", 42, 0, 1, 5000), text = "1:5000" },
      { { HIGH, HIGH - 1 }, P("=HHI4I4", 42, 0, HIGH, HIGH - 1), text = "4294967295:4294967294" },
    },
  },
  {
    name = "AF_RDS",
    family = socket.AF_RDS,
    fields = { "host", "port", required = 2 },
    wrong = { TEXT, U16 },
    lengths = { 16, 16 },
    examples = {
      { { "10.9.0.1", 4000 }, P("=H>Hc12", socket.AF_INET, 4000, "\10\9\0\1"), text = "10.9.0.1:4000" },
    },
  },
  {
    name = "any other family",
    family = 250,
    fields = { "family", "bytes", required = 2 },
    wrong = { U16, both(TEXT, { { ("b"):rep(127), " too long" } }) },
    lengths = { 2, 128 },
    examples = {
      { { 250, "" }, P("=H", 250), text = "250:" },
      { { 250, "a\0b" }, P("=Hc3", 250, "a\0b"), text = "250:a\0b" },
      { { 251, ("x"):rep(126) }, P("=H", 251) .. ("x"):rep(126) },
    },
  },
}

-- The fields of an address by name.
local function by_name(case, address)
  local named = {}
  for n, name in ipairs(case.fields) do
    named[name] = address[n]
  end
  return named
end

-- A copy with one value replaced.
local function with(address, place, value)
  local copy = {}
  for n = 1, 5 do
    copy[n] = address[n]
  end
  copy[place] = value
  return copy
end

-- What an example's address is after a round trip.
local function back(example)
  return example.back or example[1]
end

-- An example of the family whose address is a table.
local function some_table(case)
  for _, example in ipairs(case.examples) do
    if type(example[1]) == "table" then
      return example[1]
    end
  end
end

for _, case in ipairs(FAMILIES) do
  if case.family then
    local family, proto = case.family, case.proto

    describe("an address of " .. case.name, function()
      for n, example in ipairs(case.examples) do
        local given, bytes = example[1], example[2]

        it(("packs and unpacks, example %d"):format(n), function()
          assert.equal(bytes, socket.pack_address(family, given, proto))
          assert.same(back(example), socket.unpack_address(bytes, proto))
        end)

        it(("can be passed back, example %d"):format(n), function()
          local address = socket.unpack_address(bytes, proto)
          assert.equal(bytes, socket.pack_address(family, address, proto))
        end)

        if type(given) == "table" then
          it(("has its fields by name, example %d"):format(n), function()
            assert.equal(bytes, socket.pack_address(family, by_name(case, given), proto))
            local address = socket.unpack_address(bytes, proto)
            if type(address) == "table" then
              for place, name in ipairs(case.fields) do
                assert.equal(address[place], address[name])
              end
              ---@diagnostic disable-next-line: undefined-field
              assert.is_nil(address.nonesuch)
              assert.is_true(address == socket.unpack_address(bytes, proto))
            end
          end)
        end

        if example.text then
          it(("converts to the string %q"):format(example.text), function()
            assert.equal(example.text, tostring(socket.unpack_address(bytes, proto)))
          end)
        end
      end

      for place, name in ipairs(case.fields) do
        it(("is rejected with an invalid field '%s'"):format(name), function()
          for _, wrong in ipairs(case.wrong[place]) do
            local message = ("bad argument #2 to 'pack_address' (address field '%s'%s)"):format(name, wrong[2])
            local address = with(some_table(case), place, wrong[1])
            expect.misuse(message, socket.pack_address, family, address, proto)
            expect.misuse(message, socket.pack_address, family, by_name(case, address), proto)
          end
        end)

        if place <= case.fields.required then
          it(("is rejected without the field '%s'"):format(name), function()
            local kind = case.wrong[place][1][2]:find("string", 1, true) and "string" or "number"
            local message = ("bad argument #2 to 'pack_address' (address field '%s': %s expected)"):format(name, kind)
            expect.misuse(message, socket.pack_address, family, with(some_table(case), place, nil), proto)
          end)
        end
      end

      it("must be a table, or its only field", function()
        for _, value in ipairs({ true, print, 1, "x" }) do
          local single = type(value) == case.single or type(value) == "string" and case.single == "number"
          if not single then
            local wanted = type(value) == "string" and "address in a table" or "address"
            local message = "bad argument #2 to 'pack_address' (%s expected, got %s)"
            expect.misuse(message:format(wanted, type(value)), socket.pack_address, family, value, proto)
          end
        end
        local none = "bad argument #2 to 'pack_address' (address expected, got no value)"
        expect.misuse(none, socket.pack_address, family)
      end)

      it("is rejected with an extra field", function()
        local address = some_table(case)
        for place = 1, #case.fields + 1 do
          address[place] = address[place] or 0
        end
        local message = "bad argument #2 to 'pack_address' (address has too many fields)"
        expect.misuse(message, socket.pack_address, family, address, proto)
      end)

      it("raises on a table with an unknown field, if it has named fields", function()
        local message = "bad argument #2 to 'pack_address' (unknown field '%s')"
        for key, shown in pairs({ nonesuch = "nonesuch", [#case.fields + 2] = "?", [true] = "?", [0.5] = "?" }) do
          local address = by_name(case, some_table(case))
          address[key] = 1
          expect.misuse(message:format(shown), socket.pack_address, family, address, proto)
        end
      end)

      it("must have a valid length in bytes", function()
        local bytes = case.examples[1][2] .. ("\0"):rep(128)
        local message = "bad argument #1 to 'unpack_address' (packed address of the wrong length)"
        for length = 2, 130 do
          local piece = bytes:sub(1, length)
          if length < case.lengths[1] or length > case.lengths[2] then
            expect.misuse(message, socket.unpack_address, piece, proto)
          else
            assert.is_not_nil(socket.unpack_address(piece, proto))
          end
        end
      end)
    end)
  end
end

describe("an interface in an address", function()
  for name, port in pairs({ AF_CAN = {}, AF_PACKET = { 0 } }) do
    local family = socket[name]
    local function of(interface)
      return { interface, port[1] }
    end
    if family then
      it("must exist: " .. name, function()
        local message = "pack_address nonesuch0: No such device"
        expect.failure(message, "ENODEV", socket.pack_address(family, of "nonesuch0"))
      end)

      it("must not contain NUL: " .. name, function()
        local message = "bad argument #2 to 'pack_address' (interface name contains a NUL)"
        expect.misuse(message, socket.pack_address, family, of "l\0o")
      end)

      it("has no name once the interface is removed: " .. name, function()
        local bytes = assert(socket.pack_address(family, of(IFNAME)))
        local gone = bytes:sub(1, 4) .. P("=i4", 0x7ffffff0) .. bytes:sub(9)
        assert.equal("", socket.unpack_address(gone)[1])
      end)
    end
  end

  if socket.AF_CAN then
    it("has a name of at most 15 bytes in a CAN address", function()
      local unknown = "pack_address xxxxxxxxxxxxxxx: No such device"
      expect.failure(unknown, "ENODEV", socket.pack_address(socket.AF_CAN, { ("x"):rep(15) }))
      for _, length in ipairs({ 16, 17, 500 }) do
        for proto, address in pairs({
          [socket.CAN_RAW] = {},
          [socket.CAN_BCM] = {},
          [socket.CAN_ISOTP] = { nil, 1, 2 },
          [socket.CAN_J1939] = { nil, 1, 2, 3 },
        }) do
          local message = "pack_address: AF_CAN interface name too long"
          address[1] = ("x"):rep(length)
          expect.failure(message, "ENAMETOOLONG", socket.pack_address(socket.AF_CAN, address, proto))
        end
      end
    end)
  end
end)

if socket.AF_BLUETOOTH then
  describe("a Bluetooth address", function()
    local WRONG = {
      "",
      ":",
      ":::::",
      "12",
      "12:34:56:78:9A",
      "12:34:56:78:9A:",
      ":34:56:78:9A:BC",
      "12:34:56:78:9A:BC:DE",
      "123:4:56:78:9A:BC",
      "12:34:56:78:9A:BG",
      "12:34:56:78:9A:+C",
      "12:34:56:78:9A:-1",
      "12:34:56:78:9A: 1",
      "12-34-56-78-9A-BC",
      "12:34:56:78:9A:BC\0",
      "\255:34:56:78:9A:BC",
      ("1:"):rep(500),
    }
    for _, text in ipairs(WRONG) do
      it(("is rejected if it is malformed: %q"):format(text), function()
        for proto, address in pairs({
          [socket.BTPROTO_L2CAP] = { text, 1 },
          [socket.BTPROTO_RFCOMM] = { text, 1 },
          [socket.BTPROTO_SCO] = { text },
        }) do
          local message = "pack_address: bad bluetooth address"
          expect.failure(message, "EINVAL", socket.pack_address(socket.AF_BLUETOOTH, address, proto))
        end
      end)
    end

    it("has constants", function()
      for constant, hex in pairs({ BDADDR_ANY = "000000000000", BDADDR_LOCAL = "ffffff000000" }) do
        local bytes = socket.pack_address(socket.AF_BLUETOOTH, socket[constant], socket.BTPROTO_SCO)
        assert.equal(P("=H", socket.AF_BLUETOOTH) .. pack.hex(hex), bytes)
      end
    end)
  end)
end

describe("pack_address", function()
  it("rejects an invalid family", function()
    for _, family in ipairs({ -1, 65536, 2 ^ 40 }) do
      expect.misuse("bad argument #1 to 'pack_address' (number out of range)", socket.pack_address, family, { 1, "" })
    end
  end)
end)

describe("unpack_address", function()
  it("rejects bytes that end within the family", function()
    for _, bytes in ipairs({ "", "\1" }) do
      local message = "bad argument #1 to 'unpack_address' (packed address of the wrong length)"
      expect.misuse(message, socket.unpack_address, bytes)
    end
  end)

  it("rejects anything but bytes", function()
    for _, value in ipairs({ true, print }) do
      local message = ("bad argument #1 to 'unpack_address' (string expected, got %s)"):format(type(value))
      expect.misuse(message, socket.unpack_address, value)
    end
  end)

  it("accepts buffers and views", function()
    local bytes = socket.pack_address(socket.AF_INET, { "127.0.0.1", 80 })
    assert.same({ "127.0.0.1", 80 }, socket.unpack_address(socket.buffer(bytes)))
    assert.same({ "127.0.0.1", 80 }, socket.unpack_address(socket.buffer("." .. bytes):view(2)))
  end)

  -- The number of random addresses per length; BSDSOCKET_RANDOM sets it.
  local COUNT = tonumber(os.getenv "BSDSOCKET_RANDOM") or 100

  -- Random bytes, from which the addresses are cut.
  local function random_bytes(count)
    local bytes = {}
    for n = 1, count do
      bytes[n] = string.char(math.random(0, 255))
    end
    return table.concat(bytes)
  end

  for _, case in ipairs(FAMILIES) do
    if case.family then
      it("accepts random bytes of every valid length as " .. case.name, function()
        local pool = random_bytes(16384)
        local head = P("=H", case.family)
        local unpack_address, random = socket.unpack_address, math.random
        local shortest, longest = lua.unpack(case.lengths)
        for length = 0, 128 do
          local fits = length >= shortest and length <= longest
          for _ = 1, COUNT do
            local start = random(1, #pool - 130)
            local bytes = (head .. pool:sub(start, start + 126)):sub(1, length)
            local works, address = pcall(unpack_address, bytes, case.proto)
            if works ~= fits then
              error(("length %d: %s"):format(length, tostring(address)))
            end
            if works and #tostring(address) > 600 then
              error("it reads as more than there is")
            end
          end
        end
      end)
    end
  end
end)
