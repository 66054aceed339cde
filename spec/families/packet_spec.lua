local child = require "spec.support.child"
local expect = require "spec.support.expect"
local family = require "spec.support.family"
local pack = require "spec.support.pack"
local socket = require "bsdsocket"

local RAW, DGRAM = socket.SOCK_RAW, socket.SOCK_DGRAM

if not family.has("AF_PACKET", socket.AF_PACKET, RAW, 0) then
  return
end

-- Protocol numbers that no other process uses.
local TYPE = 0xa000 + family.process % 0x1000
local OTHER_TYPE = TYPE + 0x1000

-- Constants of linux/if_packet.h and linux/if_arp.h that the module does not have.
local SOL_PACKET = 263
local PACKET_ADD_MEMBERSHIP, PACKET_STATISTICS, PACKET_AUXDATA, PACKET_FANOUT = 1, 6, 8, 18
local PACKET_MR_PROMISC, PACKET_FANOUT_LB = 1, 1
local ARPHRD_ETHER, ARPHRD_LOOPBACK = 1, 772

local NOBODY, EVERYBODY, ME = ("\0"):rep(6), ("\255"):rep(6), "\2\0\0\0\0\1"

-- An Ethernet frame.
local function frame(to, from, kind, payload)
  return to .. from .. pack.pack(">H", kind) .. payload
end

local function open(kind, proto)
  return family.open(socket.AF_PACKET, kind, socket.htons(proto))
end

-- A socket for one protocol number on an interface.
local function bound(kind, proto, interface)
  local s = open(kind, proto)
  assert(s:bind({ interface or "lo", proto }))
  return s
end

describe("an AF_PACKET socket", function()
  after_each(family.close)

  it("reports its family and protocol", function()
    local s = open(RAW, TYPE)
    assert.same({ socket.AF_PACKET, RAW, socket.htons(TYPE) }, { s.family, s.type, s.proto })
  end)

  it("has an address", function()
    local address = bound(RAW, TYPE):getsockname()
    assert.same({ "lo", TYPE, socket.PACKET_HOST, ARPHRD_LOOPBACK, NOBODY }, address)
    local names = { address.ifname, address.proto, address.pkttype, address.hatype, address.addr }
    assert.same(names, { address[1], address[2], address[3], address[4], address[5] })
    assert.equal(("lo:%d:0:772:"):format(TYPE) .. NOBODY, tostring(address))
    local again = open(RAW, OTHER_TYPE)
    expect.done(again:bind(address))
    assert.is_true(address == again:getsockname())
  end)

  it("receives from all interfaces by default", function()
    assert.same({ "", TYPE, 0, 0, "" }, open(RAW, TYPE):getsockname())
    local s = open(RAW, TYPE)
    expect.done(s:bind({ "", OTHER_TYPE }))
    assert.same({ "", OTHER_TYPE, 0, 0, "" }, s:getsockname())
  end)

  it("exchanges frames", function()
    local one, other = bound(RAW, TYPE), bound(RAW, TYPE)
    local sent = frame(NOBODY, ME, TYPE, ("payload"):rep(8))
    assert.equal(#sent, one:send(sent))
    local data, from = other:recvfrom(2000)
    assert.equal(sent, data)
    assert.same({ "lo", TYPE, socket.PACKET_HOST, ARPHRD_LOOPBACK, ME }, from)
  end)

  it("exchanges packets without link-layer headers (SOCK_DGRAM)", function()
    local one, other = open(DGRAM, 0), bound(DGRAM, OTHER_TYPE)
    assert.equal(6, one:sendto("cooked", { "lo", OTHER_TYPE, 0, 0, NOBODY }))
    local data, from = other:recvfrom(2000)
    assert.equal("cooked", data)
    assert.same({ "lo", OTHER_TYPE }, { from.ifname, from.proto })
    assert.equal(5, one:sendmsg({ "named" }, nil, 0, { ifname = "lo", proto = OTHER_TYPE, addr = NOBODY }))
    assert.equal("named", (other:recv(2000)))
  end)

  if family.all then
    it("exchanges frames over a veth pair", function()
      local one, other = bound(RAW, TYPE, "wire0"), bound(RAW, TYPE, "wire1")
      local here = one:getsockname()
      assert.same({ "wire0", TYPE, ARPHRD_ETHER, 6 }, { here.ifname, here.proto, here.hatype, #here.addr })
      local sent = frame(EVERYBODY, here.addr, TYPE, ("payload"):rep(8))
      assert(one:send(sent))
      local data, from = other:recvfrom(2000)
      assert.equal(sent, data)
      assert.same({ "wire1", TYPE, socket.PACKET_BROADCAST, ARPHRD_ETHER, here.addr }, from)
      assert(other:sendto(frame(from.addr, EVERYBODY, TYPE, "back"), { "wire1", TYPE }))
      data, from = one:recvfrom(2000)
      assert.same({ "back", socket.PACKET_HOST }, { data:sub(15), from.pkttype })
    end)
  end

  it("captures packets of other sockets", function()
    local sniffer = bound(DGRAM, 0x0800)
    local sender, receiver = family.open(socket.AF_INET, DGRAM), family.open(socket.AF_INET, DGRAM)
    assert(receiver:bind({ "127.0.0.1", 0 }))
    local port = receiver:getsockname().port
    assert(sender:sendto("caught", { "127.0.0.1", port }))
    local packet
    for _ = 1, 1000 do
      packet = assert(sniffer:recv(65536))
      if packet:sub(23, 24) == pack.pack(">H", port) then
        break
      end
    end
    assert.equal("caught", packet:sub(29))
  end)

  it("returns packet information as ancillary data (PACKET_AUXDATA)", function()
    local one, other = bound(RAW, TYPE), bound(RAW, TYPE)
    expect.done(other:setsockopt(SOL_PACKET, PACKET_AUXDATA, 1))
    assert.equal(1, other:getsockopt(SOL_PACKET, PACKET_AUXDATA))
    local sent = frame(NOBODY, ME, TYPE, ("x"):rep(86))
    assert(one:send(sent))
    -- The packet is truncated; its length is the original one.
    local data, items, flags = other:recvmsg(50, socket.CMSG_SPACE(20))
    assert.same({ sent:sub(1, 50), 1, socket.MSG_TRUNC }, { data, #items, flags })
    assert.same({ SOL_PACKET, PACKET_AUXDATA, 20 }, { items[1].level, items[1].type, #items[1].data })
    local _, length, taken, header, payload = pack.unpack("=I4I4I4HHHH", items[1].data)
    assert.same({ 100, 100, 0, 14 }, { length, taken, header, payload })
  end)

  it("shares packets with other sockets (PACKET_FANOUT)", function()
    local one, group = bound(RAW, TYPE), { bound(RAW, TYPE), bound(RAW, TYPE) }
    -- The group's number, and the mode: round robin.
    local sharing = family.process % 65536 + PACKET_FANOUT_LB * 65536
    for _, each in ipairs(group) do
      expect.done(each:setsockopt(SOL_PACKET, PACKET_FANOUT, sharing))
    end
    assert.equal(sharing, group[1]:getsockopt(SOL_PACKET, PACKET_FANOUT))
    for n = 1, 6 do
      assert(one:send(frame(NOBODY, ME, TYPE, "packet " .. n)))
    end
    local received = {}
    for _, each in ipairs(group) do
      for _ = 1, 3 do
        received[#received + 1] = assert(each:recv(100)):sub(15)
      end
    end
    table.sort(received)
    assert.same({ "packet 1", "packet 2", "packet 3", "packet 4", "packet 5", "packet 6" }, received)
  end)

  it("has statistics and promiscuous mode", function()
    local one, other = bound(RAW, TYPE), bound(RAW, TYPE)
    local request = pack.pack("=i4HHc8", socket.if_nametoindex("lo"), PACKET_MR_PROMISC, 0, "")
    expect.done(other:setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, request))
    assert(one:send(frame(ME, ME, TYPE, "for somebody else")))
    local _, from = other:recvfrom(100)
    assert.equal(socket.PACKET_OTHERHOST, from.pkttype)
    assert.same({ 1, 0 }, { pack.unpack("=I4I4", other:getsockopt(SOL_PACKET, PACKET_STATISTICS, 8)) })
    assert.same({ 0, 0 }, { pack.unpack("=I4I4", other:getsockopt(SOL_PACKET, PACKET_STATISTICS, 8)) })
  end)

  it("fails for values that the kernel rejects", function()
    local s = open(RAW, TYPE)
    expect.failure("bind nonesuch0: No such device", "ENODEV", s:bind({ "nonesuch0", TYPE }))
    expect.failure("send: No such device or address", "ENXIO", s:send("x"))
    local message = ("connect lo:%d:0:0:: Operation not supported"):format(TYPE)
    expect.failure(message, "EOPNOTSUPP", s:connect({ "lo", TYPE }))
    assert(s:bind({ "lo", TYPE }))
    expect.failure("send: Invalid argument", "EINVAL", s:send("too short"))
    expect.failure("getpeername: Operation not supported", "EOPNOTSUPP", s:getpeername())
    expect.failure("listen: Operation not supported", "EOPNOTSUPP", s:listen())
  end)

  it("rejects invalid addresses", function()
    local s = open(RAW, TYPE)
    for reason, address in pairs({
      ["address in a table expected, got string"] = "lo",
      ["address field 'ifname': string expected"] = { 1, TYPE },
      ["address field 'proto': number expected"] = { "lo" },
      ["address field 'proto' out of range"] = { "lo", 65536 },
      ["address field 'pkttype' out of range"] = { "lo", TYPE, 256 },
      ["address field 'hatype' out of range"] = { "lo", TYPE, 0, -1 },
      ["address field 'addr': string expected"] = { "lo", TYPE, 0, 0, 6 },
      ["address field 'addr' longer than 8 bytes"] = { "lo", TYPE, 0, 0, ("\0"):rep(9) },
      ["interface name contains a NUL"] = { "lo\0", TYPE },
    }) do
      expect.misuse(("bad argument #1 to 'bind' (%s)"):format(reason), s.bind, s, address)
      expect.misuse(("bad argument #2 to 'sendto' (%s)"):format(reason), s.sendto, s, "x", address)
    end
  end)
end)

describe("examples/packet_sniffer.lua", function()
  it("prints the packets of an interface", function()
    local command = child.interpreter() .. " examples/packet_sniffer.lua lo 3"
    local sniffer = child.start(command)
    assert.equal("listening on\tlo", sniffer:line())
    local sender = family.open(socket.AF_INET, DGRAM)
    for _ = 1, 3 do
      assert(sender:sendto("a datagram", { "127.0.0.1", 9 }))
    end
    local output, complaints, status = sniffer:finish()
    assert.same({ "", 0 }, { complaints, status })
    local count = 0
    for line in output:gmatch("[^\n]+") do
      assert.is_truthy(line:find("^%S+\t%S+ > %S+\t0x%x%x%x%x\t%d+ bytes$"), line)
      count = count + 1
    end
    assert.equal(3, count)
    family.close()
  end)
end)
