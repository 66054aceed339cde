-- Winsock ioctl requests. Those that wine lacks fail as not supported.

local expect = require "spec.support.expect"
local network = require "spec.support.network"
local skip = require "spec.support.skip"
local socket = require "bsdsocket"
local system = require "spec.support.system"

if not system.windows then
  return skip "ioctl: only Windows has it"
end

-- The request succeeds, or fails with one of these codes, which is printed.
local function succeeds_or(what, codes, result, message, code)
  if result then
    assert.equal(0, result)
  else
    assert.is_true(codes[code] == true, message)
    skip(("%s: %s"):format(what, message))
  end
end

describe("socket:ioctl", function()
  ---@type bsdsocket.Socket, bsdsocket.Socket
  local client, server

  before_each(function()
    client, server = network.connected()
  end)

  after_each(function()
    network.close(client, server)
  end)

  it("sets keep-alive: on or off, idle time and interval in milliseconds", function()
    assert.equal(0, client:ioctl(socket.SIO_KEEPALIVE_VALS, { 1, 10000, 3000 }))
    assert.is_true(client:getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) ~= 0)
    assert.equal(0, client:ioctl(socket.SIO_KEEPALIVE_VALS, { 0, 10000, 3000 }))
    assert.equal(0, client:getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE))
  end)

  it("receives all packets of an interface, given the privilege", function()
    local sniffer, message, code = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_IP)
    if code == "EPROTONOSUPPORT" then
      skip("IPPROTO_IP: " .. message)
      sniffer, message, code = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    end
    if not sniffer then
      assert.equal("EACCES", code)
      return skip("a sniffer: " .. message)
    end
    assert(sniffer:bind({ "127.0.0.1", 0 }))
    succeeds_or("SIO_RCVALL", { EOPNOTSUPP = true }, sniffer:ioctl(socket.SIO_RCVALL, socket.RCVALL_ON))
    sniffer:ioctl(socket.SIO_RCVALL, socket.RCVALL_OFF)
    sniffer:close()
  end)

  it("enables the loopback fast path", function()
    local fast = assert(socket.socket())
    succeeds_or("SIO_LOOPBACK_FAST_PATH", { EOPNOTSUPP = true }, fast:ioctl(socket.SIO_LOOPBACK_FAST_PATH, 1))
    fast:close()
  end)

  it("accepts its request codes and no others", function()
    local ioctl = client.ioctl
    expect.misuse("bad argument #1 to 'ioctl' (invalid ioctl command)", ioctl, client, 0x4004667f, 0)
    local keepalive = socket.SIO_KEEPALIVE_VALS
    expect.misuse("bad argument #2 to 'ioctl' (3 numbers expected, got 1)", ioctl, client, keepalive, 1)
    expect.misuse("bad argument #2 to 'ioctl' (1 numbers expected, got 2)", ioctl, client, socket.SIO_RCVALL, { 1, 2 })
    local text = "bad argument #2 to 'ioctl' (item 2: number expected, got string)"
    expect.misuse(text, ioctl, client, keepalive, { 1, "x", 3 })
    expect.misuse("bad argument #2 to 'ioctl' (table expected, got nil)", ioctl, client, keepalive, nil)
  end)
end)
