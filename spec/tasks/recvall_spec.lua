-- recvall in tasks.

local lua = require "spec.support.lua"
local network = require "spec.support.network"
local socket = require "bsdsocket"
local tasking = require "spec.support.tasking"
local tasks = require "bsdsocket.tasks"

describe("socket:recvall in a task", function()
  for _, size in ipairs { 10, 2048, 2049, 100000, 1000000 } do
    it(
      "parks until " .. size .. " bytes have come",
      tasking.inside(function()
        local left, right = assert(socket.socketpair())
        local sent = ("0123456789abcdef"):rep(size):sub(1, size)
        local reader = tasks.spawn(left.recvall, left, size)
        for n = 1, size, math.ceil(size / 7) do
          tasking.settle()
          assert.equal("waiting", reader.status)
          assert(right:sendall(sent:sub(n, n + math.ceil(size / 7) - 1)))
        end
        assert.is_true(sent == reader:join())
        network.close(left, right)
      end)
    )
  end

  it(
    "returns what had come when it is cancelled",
    tasking.inside(function()
      local left, right = assert(socket.socketpair())
      local results
      local reader = tasks.spawn(function()
        results = lua.pack(left:recvall(5000))
      end)
      assert(right:sendall "abc")
      tasking.settle()
      reader:cancel()
      tasking.settle()
      assert.same({ nil, "recvall: Operation canceled", "ECANCELED", "abc", n = 4 }, results)
      network.close(left, right)
    end)
  )

  it(
    "times out by one deadline although bytes keep coming",
    tasking.inside(function()
      local left, right = assert(socket.socketpair())
      left:settimeout(0.1)
      local sender = tasks.spawn(function()
        while tasks.sleep(0.01) do
          right:send "x"
        end
      end)
      local _, message, code, came = left:recvall(3000)
      assert.same({ "recvall: timed out", "timeout" }, { message, code })
      assert.is_true(#came >= 1 and #came < 20, came)
      sender:cancel()
      tasking.settle()
      network.close(left, right)
    end)
  )
end)
