local expect = require "spec.support.expect"
local family = require "spec.support.family"
local socket = require "bsdsocket"

local PROTO = socket.IPPROTO_UDPLITE

if not PROTO or not family.has("IPPROTO_UDPLITE", socket.AF_INET, socket.SOCK_DGRAM, PROTO) then
  return
end

local HOSTS = { { "AF_INET", "127.0.0.1" }, { "AF_INET6", "::1" } }

for _, each in ipairs(HOSTS) do
  local number, host = socket[each[1]], each[2]

  if family.has("IPPROTO_UDPLITE on " .. each[1], number, socket.SOCK_DGRAM, PROTO) then
    describe("an IPPROTO_UDPLITE socket of " .. each[1], function()
      ---@type bsdsocket.Socket, bsdsocket.Socket
      local one, other

      before_each(function()
        one = family.open(number, socket.SOCK_DGRAM, PROTO)
        other = family.bound({ host, 0 }, number, socket.SOCK_DGRAM, PROTO)
      end)

      after_each(family.close)

      it("reports its family and protocol", function()
        assert.same({ number, socket.SOCK_DGRAM, PROTO }, { one.family, one.type, one.proto })
        assert.same(PROTO, one:getsockopt(socket.SOL_SOCKET, socket.SO_PROTOCOL or 38))
      end)

      it("has the addresses of its family", function()
        local address = other:getsockname()
        assert.same({ host, address.port }, { address[1], address[2] })
        assert.is_true(address.port > 0)
      end)

      it("exchanges datagrams", function()
        assert(one:bind({ host, 0 }))
        assert.equal(4, one:sendto("ping", other:getsockname()))
        local data, from = other:recvfrom(100)
        assert.equal("ping", data)
        assert.is_true(from == one:getsockname())
        assert(other:connect(from))
        assert(other:send("pong"))
        assert.equal("pong", one:recv(100))
      end)

      it("has a configurable checksum coverage", function()
        assert.equal(0, one:getsockopt(PROTO, socket.UDPLITE_SEND_CSCOV))
        expect.done(one:setsockopt(PROTO, socket.UDPLITE_SEND_CSCOV, 20))
        expect.done(other:setsockopt(PROTO, socket.UDPLITE_RECV_CSCOV, 20))
        assert.equal(20, one:getsockopt(PROTO, socket.UDPLITE_SEND_CSCOV))
        assert.equal(20, other:getsockopt(PROTO, socket.UDPLITE_RECV_CSCOV))
        assert(one:sendto(("lite"):rep(20), other:getsockname()))
        assert.equal(("lite"):rep(20), other:recv(200))
        -- A datagram with less coverage than the receiver requires is dropped.
        expect.done(one:setsockopt(PROTO, socket.UDPLITE_SEND_CSCOV, 10))
        assert(one:sendto(("less"):rep(20), other:getsockname()))
        other:settimeout(0.05)
        expect.failure("recv: timed out", "timeout", other:recv(200))
        -- The minimum coverage is the header.
        expect.done(one:setsockopt(PROTO, socket.UDPLITE_SEND_CSCOV, 3))
        assert.equal(8, one:getsockopt(PROTO, socket.UDPLITE_SEND_CSCOV))
      end)

      it("rejects invalid addresses", function()
        local message = "bad argument #1 to 'bind' (address field 'port' out of range)"
        expect.misuse(message, one.bind, one, { host, 65536 })
        message = "bad argument #2 to 'sendto' (address field 'host': string expected)"
        expect.misuse(message, one.sendto, one, "x", {})
      end)
    end)
  end
end
