local alarm = require "spec.support.alarm"
local ctrl_c = require "spec.support.ctrl_c"
local network = require "spec.support.network"
local preload = require "spec.support.preload"
local selecting = require "spec.support.selecting"
local skip = require "spec.support.skip"
local system = require "spec.support.system"
local temporary = require "spec.support.temporary"

if system.windows then
  return skip "signals during select"
end

local PRELUDE = [[
  local network = require "spec.support.network"
  local selectors = require "bsdsocket.selectors"
  local socket = require "bsdsocket"
  local one, other = assert(socket.socketpair())
  local selector = assert(selectors.%s())
  assert(selector:register(one, selectors.EVENT_READ))
]]

for _, name in ipairs(selecting.classes) do
  local prelude = PRELUDE:format(name)

  describe("Ctrl-C during select of a " .. name, function()
    for _, timeout in ipairs { "", "60", "60.0001" } do
      it(("ends the script (timeout: %s)"):format(timeout == "" and "none" or timeout), function()
        local program = ([[
          print "ready"
          io.stdout:flush()
          for _ in assert(selector:select(%s)) do end
        ]]):format(timeout)
        ctrl_c(prelude .. program)
      end)
    end
  end)
end

local library = alarm.build()

if library then
  describe("a select that a signal interrupts every ten milliseconds", function()
    teardown(function()
      temporary.remove(library)
    end)

    for _, name in ipairs(selecting.classes) do
      it("waits until its timeout: " .. name, function()
        local program = PRELUDE:format(name)
          .. [[
          local before = network.clock()
          for _ in assert(selector:select(0.3)) do
            print "ready"
          end
          print(network.clock() - before)
        ]]
        local output, complaints = preload.run(library, program)
        local seconds, count = tonumber(output), alarm.count(complaints)
        assert.is_true(seconds and seconds >= 0.28 and seconds < network.patience, output .. complaints)
        assert.is_true(count >= 15, "interrupted " .. count .. " times")
      end)

      it("returns when a connection arrives: " .. name, function()
        local program = PRELUDE:format(name)
          .. [[
          local listener = network.listener()
          print(listener:getsockname().port)
          io.stdout:flush()
          assert(selector:register(listener, selectors.EVENT_READ, "listener"))
          for key in assert(selector:select()) do
            print(key.data)
          end
          -- Without it the end of the program would reset the connection, maybe before the client sees it.
          assert(listener:accept())
        ]]
        local started = preload.start(library, program)
        local port = tonumber(started:line())
        os.execute("sleep 0.2")
        local client = assert(require("bsdsocket").create_connection({ "127.0.0.1", port }))
        local output, complaints = started:finish()
        assert.equal("listener\n", output)
        assert.is_true(alarm.count(complaints) >= 5, complaints)
        client:close()
      end)
    end
  end)
end
