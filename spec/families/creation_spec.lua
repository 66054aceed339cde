-- Creates a socket of every family, type and protocol, and checks its fields.

local family = require "spec.support.family"
local socket = require "bsdsocket"

local STREAM, DGRAM, RAW = socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW
local SEQPACKET, RDM = socket.SOCK_SEQPACKET, socket.SOCK_RDM

-- The name of a family, with a protocol where the addresses depend on it, its number, type and protocol; `unreported`
-- where the kernel does not report the protocol (SO_PROTOCOL).
---@type table[]
local KINDS = {
  { "AF_NETLINK", socket.AF_NETLINK, RAW, socket.NETLINK_ROUTE },
  { "AF_NETLINK", socket.AF_NETLINK, DGRAM, socket.NETLINK_USERSOCK },
  { "AF_PACKET", socket.AF_PACKET, RAW, 0 },
  { "AF_PACKET", socket.AF_PACKET, DGRAM, 0 },
  { "AF_CAN, CAN_RAW", socket.AF_CAN, RAW, socket.CAN_RAW, unreported = true },
  { "AF_CAN, CAN_BCM", socket.AF_CAN, DGRAM, socket.CAN_BCM, unreported = true },
  { "AF_CAN, CAN_ISOTP", socket.AF_CAN, DGRAM, socket.CAN_ISOTP, unreported = true },
  { "AF_CAN, CAN_J1939", socket.AF_CAN, DGRAM, socket.CAN_J1939 },
  { "AF_BLUETOOTH, BTPROTO_L2CAP", socket.AF_BLUETOOTH, SEQPACKET, socket.BTPROTO_L2CAP },
  { "AF_BLUETOOTH, BTPROTO_L2CAP", socket.AF_BLUETOOTH, STREAM, socket.BTPROTO_L2CAP },
  { "AF_BLUETOOTH, BTPROTO_RFCOMM", socket.AF_BLUETOOTH, STREAM, socket.BTPROTO_RFCOMM },
  { "AF_BLUETOOTH, BTPROTO_HCI", socket.AF_BLUETOOTH, RAW, socket.BTPROTO_HCI },
  { "AF_BLUETOOTH, BTPROTO_SCO", socket.AF_BLUETOOTH, SEQPACKET, socket.BTPROTO_SCO },
  { "AF_ALG", socket.AF_ALG, SEQPACKET, 0 },
  { "AF_TIPC", socket.AF_TIPC, RDM, 0 },
  { "AF_TIPC", socket.AF_TIPC, DGRAM, 0 },
  { "AF_TIPC", socket.AF_TIPC, STREAM, 0 },
  { "AF_TIPC", socket.AF_TIPC, SEQPACKET, 0 },
  { "AF_VSOCK", socket.AF_VSOCK, STREAM, 0 },
  { "AF_VSOCK", socket.AF_VSOCK, SEQPACKET, 0 },
  { "AF_QIPCRTR", socket.AF_QIPCRTR, DGRAM, 0 },
  { "AF_RDS", socket.AF_RDS, SEQPACKET, 0 },
  { "IPPROTO_UDPLITE", socket.AF_INET, DGRAM, socket.IPPROTO_UDPLITE },
  { "IPPROTO_UDPLITE", socket.AF_INET6, DGRAM, socket.IPPROTO_UDPLITE },
  { "IPPROTO_MPTCP", socket.AF_INET, STREAM, socket.IPPROTO_MPTCP },
  { "IPPROTO_MPTCP", socket.AF_INET6, STREAM, socket.IPPROTO_MPTCP },
  { "IPPROTO_SCTP", socket.AF_INET, STREAM, socket.IPPROTO_SCTP },
  { "IPPROTO_SCTP", socket.AF_INET6, SEQPACKET, socket.IPPROTO_SCTP },
}

for _, kind in ipairs(KINDS) do
  local name, number, of, proto = kind[1], kind[2], kind[3], kind[4]
  local what = ("%s, %s"):format(name, socket.SocketKind[of])

  if family.has(what, number, of, proto) then
    describe("a socket of " .. what, function()
      after_each(family.close)

      it("reports what it is", function()
        local s = family.open(number, of, proto)
        assert.same({ number, of, proto }, { s.family, s.type, s.proto })
        assert.equal("socket", socket.type(s))
        assert.is_truthy(tostring(s):find(("family=%s"):format(socket.AddressFamily[number]), 1, true), tostring(s))
      end)

      it("is detected from its descriptor", function()
        local s = family.open(number, of, proto)
        local given = kind.unreported and proto or nil
        local same = assert(socket.socket({ fileno = s:dup():detach(), proto = given }))
        assert.same({ number, of, proto }, { same.family, same.type, same.proto })
        same:close()
      end)

      it("fails once it is closed", function()
        local s = family.open(number, of, proto)
        assert.is_true(s:close())
        local _, _, code = s:recv(1)
        assert.equal("EBADF", code)
        assert.equal(-1, s:fileno())
      end)
    end)
  end
end
