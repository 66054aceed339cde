-- Selectors in tasks.

local network = require "spec.support.network"
local selecting = require "spec.support.selecting"
local selectors = require "bsdsocket.selectors"
local socket = require "bsdsocket"
local tasking = require "spec.support.tasking"
local tasks = require "bsdsocket.tasks"

for _, name in ipairs(selecting.classes) do
  describe("a " .. name .. " in a task", function()
    it(
      "returns what is ready",
      tasking.inside(selecting.with(name, function(selector, one, other)
        assert(selector:register(one, selectors.EVENT_READ))
        assert.equal(0, selecting.count(selector, 0))
        assert(other:send "x")
        assert.equal(1, selecting.count(selector))
        assert.equal(1, selecting.count(selector, 10))
      end))
    )

    it(
      "raises an error if select would wait",
      tasking.inside(selecting.with(name, function(selector, one)
        assert(selector:register(one, selectors.EVENT_READ))
        for _, timeout in ipairs { false, 0.01, 10 } do
          local ok, message = pcall(selector.select, selector, timeout or nil)
          assert.is_false(ok)
          assert.equal("select: cannot wait in a task (tasks.wait of a descriptor can)", message)
        end
      end))
    )

    it(
      "can be waited for with tasks.wait if it has a descriptor",
      tasking.inside(function()
        local selector = selecting.new(name)
        local one, other = assert(socket.socketpair())
        if selector:fileno() then
          assert(selector:register(one, selectors.EVENT_READ))
          tasks.spawn(other.send, other, "x")
          assert(tasks.wait(selector, "r"))
          assert.equal(1, selecting.count(selector))
        end
        network.close(selector, one, other)
      end)
    )
  end)
end

describe("tasks.pcall", function()
  it(
    "returns the error of a native function as pcall does",
    tasking.inside(function()
      assert.same({ pcall(socket.htons, "x") }, { tasks.pcall(socket.htons, "x") })
    end)
  )
end)
