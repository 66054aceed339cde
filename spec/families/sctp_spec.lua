local expect = require "spec.support.expect"
local family = require "spec.support.family"
local pack = require "spec.support.pack"
local socket = require "bsdsocket"

local PROTO = socket.IPPROTO_SCTP
local STREAM, SEQPACKET = socket.SOCK_STREAM, socket.SOCK_SEQPACKET

if not PROTO or not family.has("IPPROTO_SCTP", socket.AF_INET, STREAM, PROTO) then
  return
end

-- Constants of linux/sctp.h that the module does not have.
local SCTP_INITMSG, SCTP_NODELAY, SCTP_EVENTS, SCTP_STATUS = 2, 3, 11, 14
local SCTP_SNDRCV = 1
local SCTP_EOF = 0x200

-- struct sctp_sndrcvinfo: stream, sequence number, flags, payload protocol id, context, time to live, two transmission
-- sequence numbers, association id.
local SNDRCVINFO = "=HHHxxI4I4I4I4I4i4"

local HOSTS = { { "AF_INET", "127.0.0.1" }, { "AF_INET6", "::1" } }

for _, each in ipairs(HOSTS) do
  local number, host = socket[each[1]], each[2]

  if family.has("IPPROTO_SCTP on " .. each[1], number, STREAM, PROTO) then
    describe("an IPPROTO_SCTP socket of " .. each[1], function()
      after_each(family.close)

      local function listener(kind)
        local s = family.bound({ host, 0 }, number, kind, PROTO)
        assert(s:listen())
        return s
      end

      local function connected()
        local taking = listener(STREAM)
        local client = family.open(number, STREAM, PROTO)
        expect.done(client:connect(taking:getsockname()))
        local server, from = family.accept(taking)
        return client, server, from
      end

      it("reports its family and protocol", function()
        for _, kind in ipairs({ STREAM, SEQPACKET }) do
          local s = family.open(number, kind, PROTO)
          assert.same({ number, kind, PROTO }, { s.family, s.type, s.proto })
        end
        assert.equal(132, PROTO)
      end)

      it("has the addresses of its family", function()
        local client, server, from = connected()
        assert.equal(host, from.host)
        assert.equal(client:getsockname().port, from.port)
        assert.equal(server:getsockname().port, client:getpeername().port)
      end)

      it("exchanges messages, one-to-one", function()
        local client, server = connected()
        assert(client:sendall("hello"))
        assert(client:sendall("again"))
        -- Message boundaries are preserved.
        assert.equal("hello", server:recv(100))
        assert.equal("again", server:recv(100))
        assert(server:sendall("echo"))
        local data, _, flags = client:recvmsg(100)
        assert.same({ "echo", socket.MSG_EOR }, { data, flags % 256 - flags % 128 })
        assert(client:shutdown(socket.SHUT_WR))
        assert.equal("", server:recv(100))
      end)

      it("exchanges messages, one-to-many", function()
        local taking = listener(SEQPACKET)
        local clients = {}
        for n = 1, 3 do
          clients[n] = family.open(number, SEQPACKET, PROTO)
          assert.equal(6, clients[n]:sendto("from " .. n, taking:getsockname()))
          local data, from = taking:recvfrom(100)
          assert.equal("from " .. n, data)
          assert.equal(clients[n]:getsockname().port, from.port)
          assert.equal(4, taking:sendto("to " .. n, from))
          assert.equal("to " .. n, clients[n]:recv(100))
        end
      end)

      it("sends and receives ancillary data", function()
        local client, server = connected()
        expect.done(server:setsockopt(PROTO, SCTP_EVENTS, pack.pack("B", 1)))
        local info = pack.pack(SNDRCVINFO, 3, 0, 0, 0x12345678, 77, 0, 0, 0, 0)
        assert.equal(7, client:sendmsg({ "on ", "four" }, { { PROTO, SCTP_SNDRCV, info } }))
        assert.equal(3, client:sendmsg({ "one" }))
        local received = {}
        for n = 1, 2 do
          local data, items = server:recvmsg(100, socket.CMSG_SPACE(32))
          assert.same({ 1, PROTO, SCTP_SNDRCV, 32 }, { #items, items[1].level, items[1].type, #items[1].data })
          local stream, _, _, what = pack.unpack(SNDRCVINFO, items[1].data)
          received[n] = { data, stream, what }
        end
        assert.same({ { "on four", 3, 0x12345678 }, { "one", 0, 0 } }, received)
      end)

      it("ends an association with SCTP_EOF", function()
        local taking, client = listener(SEQPACKET), family.open(number, SEQPACKET, PROTO)
        assert(client:sendto("last", taking:getsockname()))
        assert.equal("last", taking:recv(100))
        local info = pack.pack(SNDRCVINFO, 0, 0, SCTP_EOF, 0, 0, 0, 0, 0, 0)
        assert.equal(0, client:sendmsg({}, { { PROTO, SCTP_SNDRCV, info } }, 0, taking:getsockname()))
      end)

      it("has options", function()
        local client = family.open(number, STREAM, PROTO)
        expect.done(client:setsockopt(PROTO, SCTP_NODELAY, 1))
        assert.equal(1, client:getsockopt(PROTO, SCTP_NODELAY))
        -- Streams out and in, attempts, the maximum time between them.
        local init = pack.pack("=HHHH", 7, 5, 3, 1000)
        expect.done(client:setsockopt(PROTO, SCTP_INITMSG, init))
        assert.equal(init, client:getsockopt(PROTO, SCTP_INITMSG, 8))
        local taking = listener(STREAM)
        assert(client:connect(taking:getsockname()))
        local status = assert(client:getsockopt(PROTO, SCTP_STATUS, 200))
        local _, _, _, _, _, streams_in, streams_out = pack.unpack("=i4i4I4HHHH", status)
        assert.same({ 5, 7 }, { streams_in, streams_out })
        expect.failure("setsockopt: Invalid argument", "EINVAL", client:setsockopt(PROTO, SCTP_INITMSG, "x"))
      end)

      it("fails if the connection is refused", function()
        local refusing = family.bound({ host, 0 }, number, STREAM, PROTO)
        local s = family.open(number, STREAM, PROTO)
        local done, message, code = s:connect(refusing:getsockname())
        assert.is_nil(done)
        assert.equal("ECONNREFUSED", code)
        assert.is_truthy(message:find(": Connection refused$"), message)
      end)

      it("rejects invalid addresses", function()
        local s = family.open(number, STREAM, PROTO)
        local message = "bad argument #1 to 'connect' (address field 'port' out of range)"
        expect.misuse(message, s.connect, s, { host, 65536 })
        message = "bad argument #1 to 'bind' (address field 'host': string expected)"
        expect.misuse(message, s.bind, s, {})
      end)
    end)
  end
end
