local expect = require "spec.support.expect"
local family = require "spec.support.family"
local pack = require "spec.support.pack"
local socket = require "bsdsocket"

local PROTO = socket.IPPROTO_MPTCP

if not PROTO or not family.has("IPPROTO_MPTCP", socket.AF_INET, socket.SOCK_STREAM, PROTO) then
  return
end

-- Constants of linux/mptcp.h that the module does not have.
local SOL_MPTCP, MPTCP_INFO = 284, 1

local HOSTS = { { "AF_INET", "127.0.0.1" }, { "AF_INET6", "::1" } }

for _, each in ipairs(HOSTS) do
  local number, host = socket[each[1]], each[2]

  if family.has("IPPROTO_MPTCP on " .. each[1], number, socket.SOCK_STREAM, PROTO) then
    describe("an IPPROTO_MPTCP socket of " .. each[1], function()
      after_each(family.close)

      local function connected()
        local listener = family.bound({ host, 0 }, number, socket.SOCK_STREAM, PROTO)
        assert(listener:listen())
        local client = family.open(number, socket.SOCK_STREAM, PROTO)
        expect.done(client:connect(listener:getsockname()))
        local server, from = family.accept(listener)
        return client, server, from
      end

      it("reports its family and protocol", function()
        local s = family.open(number, socket.SOCK_STREAM, PROTO)
        assert.same({ number, socket.SOCK_STREAM, PROTO }, { s.family, s.type, s.proto })
        assert.equal(262, PROTO)
        local _, server = connected()
        assert.equal(PROTO, server.proto)
      end)

      it("has the addresses of its family", function()
        local client, server, from = connected()
        assert.equal(host, from.host)
        assert.is_true(from == client:getsockname())
        assert.is_true(from == server:getpeername())
        assert.is_true(client:getpeername() == server:getsockname())
      end)

      it("exchanges data", function()
        local client, server = connected()
        assert(client:sendall("hello"))
        assert.equal("hello", server:recv(100))
        assert(server:sendall("hello back"))
        assert.equal("hello back", client:recv(100))
        assert(client:shutdown(socket.SHUT_WR))
        assert.equal("", server:recv(100))
      end)

      it("has MPTCP_INFO", function()
        local client, server = connected()
        assert(client:sendall("x"))
        assert.equal("x", server:recv(1))
        -- It fails on a connection that fell back to plain TCP.
        local info = assert(client:getsockopt(SOL_MPTCP, MPTCP_INFO, 200))
        assert.is_true(#info >= 40)
        -- The number of additional subflows of this side.
        assert.equal(0, (pack.unpack("B", info)))
      end)

      it("has the options of TCP", function()
        local client = connected()
        expect.done(client:setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1))
        assert.equal(1, client:getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        expect.done(client:setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1))
        assert.equal(1, client:getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE))
      end)

      it("fails if the connection is refused", function()
        local refusing = family.bound({ host, 0 }, number, socket.SOCK_STREAM, PROTO)
        local s = family.open(number, socket.SOCK_STREAM, PROTO)
        local done, message, code = s:connect(refusing:getsockname())
        assert.same({ "ECONNREFUSED" }, { code })
        assert.is_nil(done)
        assert.is_truthy(message:find(": Connection refused$"), message)
      end)

      it("rejects invalid addresses", function()
        local s = family.open(number, socket.SOCK_STREAM, PROTO)
        local message = "bad argument #1 to 'connect' (address field 'port' out of range)"
        expect.misuse(message, s.connect, s, { host, -1 })
        message = "bad argument #1 to 'connect' (address field 'host': string expected)"
        expect.misuse(message, s.connect, s, {})
      end)
    end)
  end
end
