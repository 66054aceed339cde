local child = require "spec.support.child"
local expect = require "spec.support.expect"
local family = require "spec.support.family"
local pack = require "spec.support.pack"
local socket = require "bsdsocket"

if not family.has("AF_NETLINK", socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) then
  return
end

local AF_NETLINK, RAW = socket.AF_NETLINK, socket.SOCK_RAW

-- Constants of linux/netlink.h and linux/rtnetlink.h that the module does not have.
local SOL_NETLINK, NETLINK_PKTINFO = 270, 3
local NLMSG_ERROR, NLMSG_DONE, RTM_NEWLINK, RTM_GETLINK = 2, 3, 16, 18
local NLM_F_REQUEST, NLM_F_DUMP = 1, 0x300
local IFLA_IFNAME = 3
local RTMGRP_LINK = 1

-- The header of a message: length, type, flags, sequence, sender.
local HEADER = "=I4HHI4I4"

local function message(kind, flags, sequence, body)
  return pack.pack(HEADER, 16 + #body, kind, flags, sequence, 0) .. body
end

-- Calls `each` with the type, the sequence and the body of every message in a datagram.
local function messages(data, each)
  while #data >= 16 do
    local length, kind, _, sequence = pack.unpack(HEADER, data)
    each(kind, sequence, data:sub(17, length))
    data = data:sub(length + (-length % 4) + 1)
  end
end

-- The interface name in a message body.
local function interface_name(body)
  local attributes = body:sub(17)
  while #attributes >= 4 do
    local length, kind = pack.unpack("=HH", attributes)
    if kind == IFLA_IFNAME then
      return attributes:sub(5, length - 1)
    end
    attributes = attributes:sub(length + (-length % 4) + 1)
  end
end

-- Port ids that no other process uses: the kernel assigns ids from 1 on.
local function number(n)
  return 2 ^ 31 + n * 2 ^ 24 + family.process
end

local function open(proto)
  return family.open(AF_NETLINK, RAW, proto or socket.NETLINK_ROUTE)
end

describe("an AF_NETLINK socket", function()
  after_each(family.close)

  it("reports its family and protocol", function()
    local s = open(socket.NETLINK_USERSOCK)
    assert.same({ AF_NETLINK, RAW, socket.NETLINK_USERSOCK }, { s.family, s.type, s.proto })
    local same = assert(socket.socket({ fileno = s:dup():detach() }))
    assert.same({ AF_NETLINK, RAW, socket.NETLINK_USERSOCK }, { same.family, same.type, same.proto })
    same:close()
  end)

  it("gets its port id from the kernel, or uses a given one", function()
    local s = open()
    assert.same({ 0, 0 }, s:getsockname())
    expect.done(s:bind({ 0, 0 }))
    assert.is_true(s:getsockname().pid > 0)
    local other = open(socket.NETLINK_USERSOCK)
    local own = number(1)
    expect.done(other:bind({ pid = own, groups = 0 }))
    assert.same({ own, 0 }, other:getsockname())
    assert.equal(("%.0f:0"):format(own), tostring(other:getsockname()))
  end)

  it("lists the interfaces", function()
    local s = open()
    assert(s:bind({ 0, 0 }))
    local request = message(RTM_GETLINK, NLM_F_REQUEST + NLM_F_DUMP, 7, pack.pack("c16", ""))
    assert.equal(32, s:sendto(request, { 0, 0 }))
    local names, done = {}, false
    for _ = 1, 1000 do
      local data, from = assert(s:recvfrom(65536))
      assert.same({ 0, 0 }, from)
      messages(data, function(kind, sequence, body)
        assert.equal(7, sequence)
        done = done or kind == NLMSG_DONE
        if kind == RTM_NEWLINK then
          names[interface_name(body)] = true
        end
      end)
      if done then
        break
      end
    end
    for _, interface in ipairs(assert(socket.if_nameindex())) do
      assert.is_true(names[interface.name], interface.name)
    end
  end)

  it("receives errors", function()
    local s = open()
    assert(s:connect({ 0, 0 }))
    assert.same({ 0, 0 }, s:getpeername())
    assert(s:send(message(RTM_GETLINK, NLM_F_REQUEST, 1, pack.pack("=Bxxxi4c8", 0, 0x7ffffff0, ""))))
    messages(assert(s:recv(65536)), function(kind, _, body)
      assert.equal(NLMSG_ERROR, kind)
      assert.equal(-socket.errno.ENODEV, (pack.unpack("=i4", body)))
    end)
  end)

  it("exchanges messages between processes", function()
    local one, other = open(socket.NETLINK_USERSOCK), open(socket.NETLINK_USERSOCK)
    assert(one:bind({ number(2), 0 }))
    assert(other:bind({ number(3), 0 }))
    assert.equal(4, one:sendto("ping", other:getsockname()))
    local data, from = other:recvfrom(100)
    assert.same({ "ping", { number(2), 0 } }, { data, from })
    assert.is_true(from == one:getsockname())
    assert.equal(4, other:sendmsg({ "po", "ng" }, nil, 0, from))
    assert.equal("pong", (one:recv(100)))
  end)

  it("has options, and returns the group of a message as ancillary data", function()
    local s = open(socket.NETLINK_USERSOCK)
    assert(s:bind({ number(4), 0 }))
    expect.done(s:setsockopt(SOL_NETLINK, NETLINK_PKTINFO, 1))
    assert.equal(1, s:getsockopt(SOL_NETLINK, NETLINK_PKTINFO))
    local sender = open(socket.NETLINK_USERSOCK)
    assert(sender:sendto("x", { number(4), 0 }))
    local data, items = s:recvmsg(100, socket.CMSG_SPACE(4))
    assert.equal("x", data)
    assert.same({ { SOL_NETLINK, NETLINK_PKTINFO, pack.pack("=I4", 0) } }, items)
  end)

  if family.all then
    it("receives the messages of groups that it joined", function()
      local s = open()
      assert(s:bind({ 0, RTMGRP_LINK }))
      assert.equal(RTMGRP_LINK, s:getsockname().groups)
      assert.equal("", child.output "/bin/ip link add heard0 type dummy 2>&1")
      local heard = false
      for _ = 1, 100 do
        messages(assert(s:recv(65536)), function(kind, _, body)
          heard = heard or kind == RTM_NEWLINK and interface_name(body) == "heard0"
        end)
        if heard then
          break
        end
      end
      assert.is_true(heard)
      assert.equal("", child.output "/bin/ip link delete heard0 2>&1")
    end)
  end

  it("fails for an unused or a foreign port id", function()
    local s, other, third = open(socket.NETLINK_USERSOCK), open(socket.NETLINK_USERSOCK), open(socket.NETLINK_USERSOCK)
    local address, text = { number(5), 0 }, ("%.0f:0"):format(number(5))
    expect.failure(("sendto %s: Connection refused"):format(text), "ECONNREFUSED", third:sendto("x", address))
    assert(s:bind(address))
    expect.failure(("bind %s: Address already in use"):format(text), "EADDRINUSE", other:bind(address))
  end)

  it("fails for an unknown protocol", function()
    expect.failure("socket: Protocol not supported", "EPROTONOSUPPORT", socket.socket(AF_NETLINK, RAW, 99))
  end)

  it("rejects invalid addresses", function()
    local s = open()
    for reason, address in pairs({
      ["address in a table expected, got string"] = "0:0",
      ["address field 'pid': number expected"] = {},
      ["address field 'pid' out of range"] = { -1, 0 },
      ["address field 'groups': number expected"] = { 0, "all" },
      ["address field 'groups' out of range"] = { 0, 2 ^ 32 },
    }) do
      expect.misuse(("bad argument #1 to 'bind' (%s)"):format(reason), s.bind, s, address)
      expect.misuse(("bad argument #1 to 'connect' (%s)"):format(reason), s.connect, s, address)
      expect.misuse(("bad argument #2 to 'sendto' (%s)"):format(reason), s.sendto, s, "x", address)
    end
  end)
end)

describe("examples/interfaces.lua", function()
  it("lists the interfaces", function()
    local lines, complaints, status = family.example("interfaces")
    assert.same({ "", 0 }, { complaints, status })
    local listed = {}
    for _, line in ipairs(lines) do
      local index, name = line:match("^(%d+)\t(%S+)\t")
      assert.is_truthy(index, line)
      listed[name] = tonumber(index)
    end
    for _, interface in ipairs(assert(socket.if_nameindex())) do
      assert.equal(interface.index, listed[interface.name])
    end
  end)
end)
