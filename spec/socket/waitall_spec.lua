-- MSG_WAITALL on a blocking socket, which is several receives on some Luas, so that Ctrl-C can interrupt it.

local child = require "spec.support.child"
local network = require "spec.support.network"
local socket = require "bsdsocket"
local streams = require "spec.support.streams"
local system = require "spec.support.system"

if system.windows then
  require "spec.support.skip"("MSG_WAITALL with a sending process, which needs a Unix shell")
  return
end

-- A program that receives on a connection with the given code, which prints the results.
local RECEIVER = [[
  local network = require "spec.support.network"
  local socket = require "bsdsocket"
  local listener = network.listener()
  print(listener:getsockname().port)
  io.stdout:flush()
  local one = assert(listener:accept())
  local ALL = socket.MSG_WAITALL
  local PEEK = socket.MSG_PEEK
  local buffer, tail = socket.buffer("......"), socket.buffer("...")
  print("ready")
  io.stdout:flush()
  %s
]]

-- Calls that receive six bytes; the output for "abcdef", and for "abc" before the end of the stream.
local CALLS = {
  { "recv", "print(one:recv(6, ALL))", "abcdef", "abc" },
  { "recvfrom", "print((one:recvfrom(6, ALL)))", "abcdef", "abc" },
  { "recv_into", "print(one:recv_into(buffer, 6, ALL), buffer)", "6\tabcdef", "3\tabc..." },
  { "recvfrom_into", "print((one:recvfrom_into(buffer, 6, ALL)), buffer)", "6\tabcdef", "3\tabc..." },
  { "recvmsg", "print((one:recvmsg(6, 0, ALL)))", "abcdef", "abc" },
  { "recvmsg with space for ancillary data", "print((one:recvmsg(6, 100, ALL)))", "abcdef", "abc" },
  {
    "recvmsg_into",
    "print((one:recvmsg_into({ buffer:view(1, 2), tail, buffer:view(6) }, 0, ALL)), buffer, tail)",
    "6\tab...f\tcde",
    "3\tab....\tc..",
  },
  { "recv with MSG_PEEK", "print(one:recv(6, ALL + PEEK), one:recv(6))", "abcdef\tabcdef", "abc\tabc" },
}

local function start(call)
  local started = child.lua(RECEIVER:format(call))
  local client = assert(socket.create_connection({ "127.0.0.1", tonumber(started:line()) }))
  assert.equal("ready", started:line())
  return started, client
end

describe("MSG_WAITALL on a blocking socket", function()
  for _, each in ipairs(CALLS) do
    local name, call, whole, part = each[1], each[2], each[3], each[4]

    it("waits for all parts: " .. name, function()
      local started, client = start(call)
      for _, text in ipairs({ "a", "bc", "def" }) do
        started:asleep()
        assert(client:sendall(text))
      end
      assert.equal(whole .. "\n", (started:finish()))
      client:close()
    end)

    it("returns early at the end of the stream: " .. name, function()
      local started, client = start(call)
      assert(client:sendall("abc"))
      started:asleep()
      client:close()
      assert.equal(part .. "\n", (started:finish()))
    end)
  end

  it("returns the data before a reset, then fails with ECONNRESET", function()
    local started, client = start("print(one:recv(6, ALL)) print(one:recv(6, ALL))")
    assert(client:sendall("abc"))
    started:asleep()
    streams.reset(client)
    assert.equal("abc\nnil\trecv: Connection reset by peer\tECONNRESET\n", (started:finish()))
  end)

  it("does not wait with MSG_DONTWAIT", function()
    local one, other = network.connected()
    assert(one:sendall("abc"))
    assert.equal("abc", other:recv(3, socket.MSG_PEEK))
    assert.equal("abc", other:recv(6, socket.MSG_WAITALL + socket.MSG_DONTWAIT))
    network.close(one, other)
  end)

  it("returns a single datagram", function()
    local one, other = network.datagram(), network.datagram()
    assert(one:sendto("abc", other:getsockname()))
    assert.equal("abc", other:recv(6, socket.MSG_WAITALL))
    network.close(one, other)
  end)
end)
