-- LLC, a family that the library does not know: its addresses are a number and raw bytes.

local expect = require "spec.support.expect"
local family = require "spec.support.family"
local pack = require "spec.support.pack"
local socket = require "bsdsocket"

-- Constants of linux/socket.h, linux/llc.h and linux/if_arp.h that the module does not have.
local AF_LLC, SOL_LLC, LLC_OPT_ACK_TMR_EXP = 26, 268, 3
local ARPHRD_ETHER = 1

if not family.has("AF_LLC", AF_LLC, socket.SOCK_DGRAM) or not family.has_interface("AF_LLC", "wire0") then
  return
end

-- The bytes after the family: hardware type, three flags, the service access point, the MAC address, two bytes of
-- padding.
local LAYOUT = "=HBBBBc6xx"

local function address(point, hardware)
  return { AF_LLC, pack.pack(LAYOUT, ARPHRD_ETHER, 0, 0, 0, point, hardware) }
end

-- The MAC address of an interface.
local function hardware_of(interface)
  local s = family.open(socket.AF_PACKET, socket.SOCK_RAW, 0)
  assert(s:bind({ interface, 0 }))
  return s:getsockname().addr
end

describe("a socket of an unknown family", function()
  ---@type any, any, bsdsocket.Socket, bsdsocket.Socket
  local here, there, one, other

  before_each(function()
    here, there = address(0x42, hardware_of "wire0"), address(0x44, hardware_of "wire1")
    one = family.bound(here, AF_LLC, socket.SOCK_DGRAM)
    other = family.bound(there, AF_LLC, socket.SOCK_DGRAM)
  end)

  after_each(family.close)

  it("reports its family", function()
    assert.same({ AF_LLC, socket.SOCK_DGRAM, 0 }, { one.family, one.type, one.proto })
  end)

  it("has a number and bytes as its address", function()
    local name = one:getsockname()
    assert.same(here, name)
    assert.same(here, { name.family, name.bytes })
    one:close()
    one = family.open(AF_LLC, socket.SOCK_DGRAM)
    expect.done(one:bind(name))
    assert.is_true(name == one:getsockname())
  end)

  it("exchanges messages", function()
    assert.equal(5, one:sendto("hello", there))
    local data, from = other:recvfrom(100)
    assert.equal("hello", data)
    assert.equal(AF_LLC, from.family)
    -- The service access point and the MAC address of the sender.
    assert.equal(here[2]:sub(6, 12), from.bytes:sub(6, 12))
    assert.equal(4, other:sendto("back", from))
    assert.equal("back", one:recv(100))
  end)

  it("has options", function()
    expect.done(one:setsockopt(SOL_LLC, LLC_OPT_ACK_TMR_EXP, 2))
    assert.equal(2, one:getsockopt(SOL_LLC, LLC_OPT_ACK_TMR_EXP))
  end)

  it("rejects invalid addresses", function()
    for reason, wrong in pairs({
      ["address in a table expected, got string"] = here[2],
      ["address field 'family': number expected"] = {},
      ["address field 'family' out of range"] = { 65536, "" },
      ["address field 'bytes': string expected"] = { AF_LLC },
      ["address field 'bytes' too long"] = { AF_LLC, ("b"):rep(127) },
    }) do
      expect.misuse(("bad argument #1 to 'bind' (%s)"):format(reason), one.bind, one, wrong)
      expect.misuse(("bad argument #2 to 'sendto' (%s)"):format(reason), one.sendto, one, "x", wrong)
    end
  end)
end)
