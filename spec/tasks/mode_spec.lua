-- The mode of descriptors that tasks have used: tasks set O_NONBLOCK for calls without a flag like MSG_DONTWAIT.

local child = require "spec.support.child"
local network = require "spec.support.network"
local skip = require "spec.support.skip"
local socket = require "bsdsocket"
local system = require "spec.support.system"
local tasks = require "bsdsocket.tasks"

if system.windows then
  return skip "processes that wait outside of tasks"
end

local PRELUDE = [[
  local socket = require "bsdsocket"
  local tasks = require "bsdsocket.tasks"
  local function say(...)
    print(...)
    io.stdout:flush()
  end
]]

describe("a blocking socket that tasks have used", function()
  it("waits outside of tasks, and so do its duplicates", function()
    local started = child.lua(PRELUDE .. [[
      local listener = assert(socket.create_server { "127.0.0.1", 0 })
      tasks.run(function()
        tasks.spawn(listener.accept, listener)
        tasks.yield()
      end)
      say(listener:getsockname().port)
      local again = assert(listener:dup())
      say(listener:getblocking(), again:getblocking())
      say(assert(listener:accept()):recv(1))
      say(assert(again:accept()):recv(1))
    ]])
    local port = tonumber(started:line())
    assert.equal("true\ttrue", started:line())
    for _, byte in ipairs { "a", "b" } do
      started:asleep()
      local client = assert(socket.create_connection { "127.0.0.1", port })
      started:asleep()
      assert(client:sendall(byte))
      assert.equal(byte, started:line())
      client:close()
    end
    assert.same({ "", "", 0 }, { started:finish() })
  end)

  it("waits outside of tasks if a task has connected it", function()
    local listener = network.listener()
    local started = child.lua(PRELUDE .. ([[
      local client = assert(socket.socket())
      assert(tasks.run(client.connect, client, { "127.0.0.1", %d }))
      say(client:getblocking())
      say(client:recv(1))
    ]]):format(listener:getsockname().port))
    assert.equal("true", started:line())
    started:asleep()
    local connection = assert(listener:accept())
    assert(connection:sendall "x")
    assert.same({ "x\n", "", 0 }, { started:finish() })
    network.close(connection, listener)
  end)

  it("does not block the other tasks when another owner makes the descriptor blocking", function()
    local program = PRELUDE
      .. [[
      tasks.run(function()
        local listener = assert(socket.create_server { "127.0.0.1", 0 })
        local owner = assert(listener:dup())
        local server = tasks.spawn(function()
          assert(listener:accept())
          assert(owner:setblocking(true))
          assert(listener:accept())
          return "twice"
        end)
        for _ = 1, 2 do
          assert(socket.create_connection(listener:getsockname()))
          assert(tasks.sleep(0.01))
        end
        print(server:join())
      end)
    ]]
    assert.same({ "twice\n", "", 0 }, { child.run(program, { limit = 5 }) })
  end)
end)

describe("tasks.run", function()
  it("leaves a socket with the timeout that it had", function()
    local one, other = assert(socket.socketpair())
    one:settimeout(0.01)
    assert.equal("timeout", select(3, tasks.run(one.recv, one, 1)))
    assert.equal(0.01, one:gettimeout())
    assert.equal("timeout", select(3, one:recv(1)))
    network.close(one, other)
  end)
end)
