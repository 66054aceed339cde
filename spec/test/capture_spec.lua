local child = require "spec.support.child"
local skip = require "spec.support.skip"
local socket = require "bsdsocket"
local system = require "spec.support.system"
local temporary = require "spec.support.temporary"
local test = require "bsdsocket.test"
local testing = require "spec.support.testing"

-- The capture of a test.
local function captured(body)
  local path = temporary.path()
  pcall(test.run, function()
    test.capture(path)
    body()
  end, 0.5)
  local bytes = temporary.read(path)
  temporary.remove(path)
  return bytes
end

local function conversation()
  local server = test.server(function(peer)
    peer:expect "question"
    peer:send "an answer"
    peer:expect(test.EOF)
  end)
  local client = test.connect(server.address)
  client:send "question"
  client:expect "an answer"
  client:shutdown()
  client:expect(test.EOF)
end

describe("a capture", function()
  it("contains the bytes of a stream, its begin and its end, once", function()
    local payloads, flags = {}, {}
    for n, packet in ipairs(test.pcapng.packets(captured(conversation))) do
      assert.equal("tcp", packet.protocol)
      assert.equal("127.0.0.1", packet.from.host)
      payloads[#payloads + 1] = packet.payload ~= "" and packet.payload or nil
      flags[n] = packet.flags
    end
    assert.same({ "question", "an answer" }, payloads)
    assert.same(
      { "SYN", "SYN ACK", "ACK", "PSH ACK", "ACK", "PSH ACK", "ACK", "FIN ACK", "ACK", "FIN ACK", "ACK" },
      flags
    )
  end)

  it("numbers the bytes, and splits long writes", function()
    local much = ("x"):rep(40000)
    local packets = test.pcapng.packets(captured(function()
      local one, other = assert(socket.socketpair())
      local sender, receiver = test.wrap(one), test.wrap(other)
      sender:send(much)
      receiver:expect(#much)
      sender:reset()
    end))
    local sent = {}
    for _, packet in ipairs(packets) do
      if packet.flags == "PSH ACK" then
        sent[#sent + 1] = packet.sequence .. "+" .. #packet.payload
      end
    end
    assert.equal("1+16384 16385+16384 32769+7232", table.concat(sent, " ", 1, 3))
  end)

  it("contains datagrams", function()
    local packets = test.pcapng.packets(captured(function()
      local server = test.server(function(peer)
        peer:expect "ping"
        peer:send "pong"
      end, { type = socket.SOCK_DGRAM })
      local client = test.connect(server.address, { type = socket.SOCK_DGRAM })
      client:send "ping"
      client:expect "pong"
    end))
    local payloads = {}
    for n, packet in ipairs(packets) do
      assert.equal("udp", packet.protocol)
      payloads[n] = packet.payload
      assert.is_true(math.abs(packet.time - os.time()) < 5)
    end
    assert.same({ "ping", "pong" }, payloads)
  end)

  if not system.windows then
    it("is written when a test fails, with the failure as a comment on the last packet", function()
      local directory = temporary.path()
      os.execute("mkdir " .. directory)
      local source = [[
        local test = require "bsdsocket.test"
        local ok, reason = pcall(test.run, function()
          local server = test.server(function(peer) peer:expect "right" end)
          test.connect(server.address):send "wrong"
          test.sleep(1)
        end)
        print(reason:match "captured in ([^\n]*)")
      ]]
      local output = child.run(source, { environment = "TEST_CAPTURE=" .. directory })
      local path = output:match "^[^\n]*"
      local packets = test.pcapng.packets(temporary.read(path))
      local comment = ""
      for _, packet in ipairs(packets) do
        comment = packet.comment or comment
      end
      assert.is_truthy(comment:find('server expected "right"\n  byte 1 differs', 1, true))
      temporary.remove(path)
      os.execute("rmdir " .. directory)
    end)
  end

  it("says where it cannot be written", function()
    local text = testing.failure(function()
      test.capture "/no/such/directory/x"
      error "stop"
    end)
    assert.is_truthy(text:find("could not write the capture: /no/such/directory/x: No such file", 1, true))
  end)

  if child.has "tcpdump" then
    it("is read by tcpdump, with correct checksums", function()
      local path = temporary.file(captured(conversation))
      local output = child.output("tcpdump -n -vv -r " .. path .. " 2>&1")
      temporary.remove(path)
      assert.is_truthy(output:find("Flags %[S%], cksum 0x%x+ %(correct%)"), output)
      assert.is_truthy(output:find "Flags %[P%.%], cksum 0x%x+ %(correct%), seq 1:9, ack 1")
      assert.is_nil(output:find("incorrect", 1, true))
      assert.is_nil(output:find("bad cksum", 1, true))
      local datagram = captured(function()
        local one = assert(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        assert(one:connect { "127.0.0.1", 9 })
        test.wrap(one):send "odd"
      end)
      path = temporary.file(datagram)
      output = child.output("tcpdump -n -vv -r " .. path .. " 2>&1")
      temporary.remove(path)
      assert.is_truthy(output:find("[udp sum ok]", 1, true), output)
    end)
  else
    skip "captures read by tcpdump: there is no tcpdump"
  end
end)

describe("reading a capture", function()
  it("says what is wrong with the bytes, and where", function()
    local good = captured(conversation)
    for message, bytes in pairs {
      ["packets: bytes: string expected, got number"] = 5,
      ["packets: byte 1: this is no pcapng"] = "GET / HTTP/1.0\r\n\r\n",
      ["packets: byte 1: the capture is cut off"] = "\10\13\13\10",
      ["packets: byte 53: the capture is cut off"] = good:sub(1, 70),
    } do
      local ok, reason = pcall(test.pcapng.packets, bytes)
      assert.is_false(ok)
      assert.equal(message, tostring(reason):match "(packets: .*)$")
    end
    for size = 1, #good - 1 do
      local ok, reason = pcall(test.pcapng.packets, good:sub(1, size))
      assert.is_truthy(ok and size % 4 == 0 or tostring(reason):find("packets: byte %d+: "), size)
    end
  end)
end)
