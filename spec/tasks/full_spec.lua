-- Tasks that send on a Unix socket whose peer has no space.

local network = require "spec.support.network"
local skip = require "spec.support.skip"
local socket = require "bsdsocket"
local system = require "spec.support.system"
local tasking = require "spec.support.tasking"
local tasks = require "bsdsocket.tasks"
local temporary = require "spec.support.temporary"

local inside, settle = tasking.inside, tasking.settle

if not system.linux then
  return skip "full Unix sockets in tasks: other systems report them in other ways"
end

local function datagram()
  return assert(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
end

-- A bound socket and its address.
local function receiver()
  local made, path = datagram(), temporary.path()
  temporary.remove(path)
  assert(made:bind(path))
  return made, path
end

-- Runs a body with a socket that sends and one that receives, and a function that sends a byte. The receiver has no
-- space.
local function full(make, body)
  return inside(function()
    local one, other, send, path = make()
    one:setblocking(false)
    repeat
    until not send()
    one:setblocking(true)
    body(one, other, send)
    network.close(one, other)
    temporary.remove(path)
  end)
end

local function addressed()
  local other, path = receiver()
  local one = datagram()
  return one, other, function()
    return one:sendto("x", path)
  end, path
end

local CONNECTED = {
  ["datagram socket"] = function()
    local other, path = receiver()
    local one = datagram()
    assert(one:connect(path))
    return one, other, function()
      return one:send "x"
    end, path
  end,
  ["stream socket"] = function()
    local one, other = assert(socket.socketpair())
    return one, other, function()
      return one:send(("x"):rep(1000))
    end
  end,
}

for kind, make in pairs(CONNECTED) do
  describe("a task that sends on a full, connected Unix " .. kind, function()
    it(
      "is woken when there is space, and by no timer",
      full(make, function(_, other, send)
        local task = tasks.spawn(send)
        settle()
        assert.same({ "waiting" }, { task.status, tasks.timeout() })
        other:setblocking(false)
        repeat
        until not other:recv(100000)
        assert.is_truthy(task:join(5))
      end)
    )
  end)
end

describe("a task that sends to the address of a full Unix datagram socket", function()
  it(
    "tries again after a time",
    full(addressed, function(_, other, send)
      local task = tasks.spawn(send)
      settle()
      local left = assert(tasks.timeout())
      assert.is_true(left <= 0.05)
      assert(other:recv(1))
      assert.equal(1, task:join(5))
    end)
  )

  it(
    "uses no processor time while it waits",
    full(addressed, function(one, _, send)
      one:settimeout(0.4)
      local before = os.clock()
      assert.equal("timeout", select(3, send()))
      assert.is_true(os.clock() - before < 0.1)
    end)
  )
end)
