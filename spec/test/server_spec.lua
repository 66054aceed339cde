local socket = require "bsdsocket"
local tasks = require "bsdsocket.tasks"
local test = require "bsdsocket.test"
local testing = require "spec.support.testing"

local failure = testing.failure

describe("a test", function()
  it("fails when no client connects", function()
    local text = failure(function()
      test.server(function() end)
    end, 0.05)
    assert.is_truthy(text:find "_spec%.lua:%d+: 0 of 1 connections came to the server")
  end)

  it("fails when a script does not reach its end", function()
    local text = failure(function()
      local server = test.server(function(peer)
        peer:expect "x"
        peer:sleep(9)
      end)
      test.connect(server.address):send "x"
    end, 0.05)
    assert.is_truthy(text:find "_spec%.lua:%d+: the script of the server did not come to its end\n  transcript:\n")
    assert.is_truthy(text:find('← "x"', 1, true))
  end)

  it("fails with the first failure of any task", function()
    local text = failure(function()
      local server = test.server(function(peer)
        peer:expect "right"
      end)
      local client = test.connect(server.address)
      client:send "wrong"
      client:expect "answer"
    end)
    assert.is_truthy(text:find('server expected "right"', 1, true))
    assert.is_truthy(failure(function()
      tasks.spawn(error, "of a task", 0)
      test.sleep(1)
    end):find "^of a task")
  end)

  it("fails when its time is over, with the expectation that waited", function()
    local text = failure(function()
      local one = assert(socket.socketpair())
      test.wrap(one):expect "x"
    end, 0.05)
    assert.is_truthy(text:find('peer expected "x"\n  nothing more came in time', 1, true))
    assert.is_truthy(failure(function()
      test.sleep(9)
    end, 0.05):find "the test took longer than [%d.]+ s")
  end)

  it("leaves no task, and closes its sockets", function()
    local server, client
    failure(function()
      server = test.server(function(peer)
        peer:sleep(9)
      end, { connections = 2 })
      client = test.connect(server.address)
      tasks.spawn(tasks.sleep, 9)
      error "stop"
    end)
    assert.equal(0, #tasks.all())
    assert.equal("closed: its test has ended", client.closed)
    assert.is_nil((socket.create_connection(server.address)))
  end)

  it("is a failure for luassert, not an error", function()
    local _, reason = pcall(test.run, function()
      test.server(print)
    end, 0.01)
    local _, own = pcall(assert.is_true, false)
    assert.equal(debug.getmetatable(own), debug.getmetatable(reason))
  end)

  it(
    "plays a script for each connection",
    test.case(function()
      local server = test.server(function(peer)
        peer:send(peer:expect(test.line()))
      end, { connections = 3, family = socket.AF_INET })
      for n = 3, 1, -1 do
        local client = test.connect(server.address)
        client:send(n .. "\n")
        client:expect(tostring(n))
        client:expect(test.EOF)
      end
      server:finish()
    end)
  )

  it(
    "closes its clients when its body ends",
    test.case(function()
      local server = test.server(function(peer)
        peer:expect(test.EOF)
      end)
      test.connect(server.address)
    end)
  )

  it(
    "sends slowly, and goes on reading after the end of a script",
    test.case(function()
      local server = test.server(function(peer)
        peer:send_slowly("abcdef", 2)
      end)
      local client = test.connect(server.address)
      local first = client:expect(2)
      assert.equal("ab", first)
      client:send "not read by the script"
      client:expect "cdef"
      client:expect(test.EOF)
      client:send "neither"
    end)
  )

  it("rejects unknown options", function()
    assert.is_truthy(failure(function()
      test.server(print, { typo = 1 })
    end):find "_spec%.lua:%d+: server: there is no option 'typo'")
    assert.is_truthy(failure(function()
      test.server(print, { connections = "many" })
    end):find "server: connections: number expected, got string")
  end)
end)
