-- Addresses of the families that Windows has.

local expect = require "spec.support.expect"
local pack = require "spec.support.pack"
local skip = require "spec.support.skip"
local socket = require "bsdsocket"
local system = require "spec.support.system"

if not system.windows then
  return skip "AF_HYPERV and AF_BLUETOOTH on Windows: this is another system"
end

local SERVICE = "00000050-FACB-11E6-BD58-64006A7986D3"

describe("an address of AF_HYPERV", function()
  local bytes = pack.pack("HH", 34, 0)
    .. pack.hex "DA7C2EA4 3FD0 0C48 9CC2A4DE20ABB878"
    .. pack.hex "50000000 CBFA E611 BD5864006A7986D3"

  it("packs and unpacks", function()
    local address = { socket.HV_GUID_PARENT, SERVICE }
    assert.equal(bytes, socket.pack_address(socket.AF_HYPERV, address))
    local named = { vm_id = socket.HV_GUID_PARENT:lower(), service_id = SERVICE:lower() }
    assert.equal(bytes, socket.pack_address(socket.AF_HYPERV, named))
    local unpacked = socket.unpack_address(bytes)
    assert.same(address, unpacked)
    assert.same(address, { unpacked.vm_id, unpacked.service_id })
    assert.equal(socket.HV_GUID_PARENT .. ":" .. SERVICE, tostring(unpacked))
  end)

  it("is rejected if it is malformed", function()
    local reason = "bad argument #2 to 'pack_address' (address field '%s' is no valid UUID)"
    expect.misuse(reason:format "vm_id", socket.pack_address, socket.AF_HYPERV, { "parent", SERVICE })
    expect.misuse(reason:format "service_id", socket.pack_address, socket.AF_HYPERV, { SERVICE, SERVICE .. "0" })
    local missing = "bad argument #2 to 'pack_address' (address field 'service_id': string expected)"
    expect.misuse(missing, socket.pack_address, socket.AF_HYPERV, { SERVICE })
  end)

  it("can be bound where Hyper-V is available", function()
    local s, message, code = socket.socket(socket.AF_HYPERV, socket.SOCK_STREAM, socket.HV_PROTOCOL_RAW)
    if not s then
      assert.equal("EAFNOSUPPORT", code)
      return skip("AF_HYPERV: " .. message)
    end
    assert(s:setsockopt(socket.HV_PROTOCOL_RAW, socket.HVSOCKET_CONNECT_TIMEOUT, 1000))
    local bound
    bound, message, code = s:bind({ socket.HV_GUID_WILDCARD, SERVICE })
    assert.is_true(bound or code == "EACCES", message)
    s:close()
  end)
end)

describe("an address of AF_BLUETOOTH", function()
  it("packs and unpacks", function()
    local address = { "12:34:56:78:9A:BC", 5 }
    local bytes = pack.pack("H", 32) .. pack.hex "BC9A78563412 0000" .. ("\0"):rep(16) .. pack.pack("I4", 5)
    assert.equal(bytes, socket.pack_address(socket.AF_BLUETOOTH, address, socket.BTPROTO_RFCOMM))
    assert.same(address, socket.unpack_address(bytes, socket.BTPROTO_RFCOMM))
  end)
end)

describe("an address of AF_UNIX", function()
  it("can be bound where AF_UNIX is available", function()
    local s, message, code = socket.socket(socket.AF_UNIX)
    if not s then
      assert.equal("EAFNOSUPPORT", code)
      return skip("AF_UNIX: " .. message)
    end
    local path = os.tmpname() .. ".socket"
    assert(s:bind(path))
    assert.equal(path, s:getsockname())
    s:close()
    os.remove(path)
  end)
end)
