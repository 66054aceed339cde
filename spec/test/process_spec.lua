local skip = require "spec.support.skip"
local socket = require "bsdsocket"
local system = require "spec.support.system"
local test = require "bsdsocket.test"
local testing = require "spec.support.testing"

if system.windows then
  skip "servers in processes of their own: Windows has no process groups"
  return
end

-- A client that blocks: it knows of no tasks.
local function ask(address, question)
  local s = assert(socket.create_connection(address, { timeout = 2 }))
  assert(s:sendall(question))
  local answer = ""
  repeat
    local data = s:recv(100)
    answer = answer .. (data or "")
  until not data or data == ""
  s:close()
  return answer
end

local GREETING = "hello "

-- Uses another function and a table, which the process gets too.
local function greet(peer, name)
  peer:send(GREETING .. name)
end

describe("a server in another process", function()
  it("answers code that blocks", function()
    local names = { ada = "Ada" }
    local upper = string.upper
    local server = test.server(function(peer)
      local name = peer:expect(test.line())
      assert.equal("ada", name)
      greet(peer, upper(names[name]))
      peer:expect_silence(0)
    end, { place = "process" })
    assert.equal("hello ADA", ask(server.address, "ada\n"))
    assert.is_nil(server:finish())
  end)

  it("reports what failed, and where", function()
    local server = test.server(function(peer)
      peer:expect "right\n"
    end, { place = "process", name = "oracle" })
    ask(server.address, "wrong\n")
    local text = assert(server:finish())
    assert.is_truthy(text:find '_spec%.lua:%d+: oracle expected "right\\n"\n  byte 1 differs')
    assert.is_truthy(text:find('← "wrong\\n"', 1, true))
  end)

  it("reports that no client connected", function()
    local text
    test.run(function()
      local server = test.server(function() end, { type = socket.SOCK_DGRAM, place = "process" })
      text = server:finish()
    end)
    assert.is_nil(text)
    text = testing.failure(function()
      test.server(function() end, { place = "process" })
    end, 0.6)
    assert.is_truthy(text:find "_spec%.lua:%d+: 0 of 1 connections came to the server", text)
  end)

  it("makes the test fail that started it", function()
    local text = testing.failure(function()
      local server = test.server(function(peer)
        peer:expect "right"
      end, { place = "process" })
      test.connect(server.address):send "wrong"
      test.sleep(1)
    end)
    assert.is_truthy(text:find 'server expected "right"')
  end)

  it(
    "works with datagrams and Unix sockets",
    test.case(function()
      local server = test.server(function(peer)
        peer:expect "ping"
        peer:send "pong"
      end, { type = socket.SOCK_DGRAM, place = "process" })
      local client = test.connect(server.address, { type = socket.SOCK_DGRAM })
      client:send "ping"
      client:expect "pong"
    end)
  )

  it("names a value that cannot be passed to another process", function()
    local s = assert(socket.socketpair())
    local ok, reason = pcall(test.server, function()
      s:close()
    end, { place = "process" })
    assert.is_false(ok)
    assert.is_truthy(
      tostring(reason):find "_spec%.lua:%d+: server: its process cannot have s is a userdata",
      tostring(reason)
    )
    s:close()
  end)

  it("leaves no process when it is not finished", function()
    local server = test.server(function(peer)
      peer:sleep(60)
    end, { place = "process" })
    server:close()
    assert.is_nil((socket.create_connection(server.address)))
  end)
end)
