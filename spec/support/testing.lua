--- Helps the specs of the kit for protocol tests.
local socket = require "bsdsocket"
local test = require "bsdsocket.test"

local testing = {}

--- What the failure of a test says; fails for a test that passes.
function testing.failure(body, seconds)
  local ok, reason = pcall(test.run, body, seconds)
  assert(not ok, "the test has passed")
  return tostring(reason)
end

--- The failure of an expectation when a peer sends these bytes and closes.
function testing.expectation(bytes, what, seconds)
  return testing.failure(function()
    local one, other = assert(socket.socketpair())
    local sender, receiver = test.wrap(one, "sender"), test.wrap(other, "receiver")
    sender:send(bytes)
    sender:shutdown()
    receiver:expect(what, seconds)
  end)
end

--- What an expectation gives for these bytes, which come one by one.
function testing.results(bytes, what)
  local results
  test.run(function()
    local one, other = assert(socket.socketpair())
    local sender, receiver = test.wrap(one), test.wrap(other)
    sender:send(bytes:sub(1, 1))
    test.sleep(0.001)
    sender:send(bytes:sub(2))
    sender:shutdown()
    local function pack(...)
      return { n = select("#", ...), ... }
    end
    results = pack(receiver:expect(what))
    results.left = receiver:expect(function(all, ended)
      if ended then
        return #all, all
      end
    end)
  end)
  return results
end

return testing
