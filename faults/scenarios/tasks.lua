-- Calls in tasks: the scenarios of all that waits, once more.

local network = require "spec.support.network"
local scenario = require "faults.scenario"
local socket = require "bsdsocket"
local tasks = require "bsdsocket.tasks"

local WAITING = {}
for name in
  ([[
    accept connect connect_ex create_connection recv recvall recvfrom recv_into recvfrom_into recvmsg recvmsg_into
    recv_fds send sendall sendto sendmsg send_fds sendfile read lines write flush
  ]]):gmatch "%S+"
do
  WAITING[name] = true
end

-- The scheduler gets its descriptor, and the memory that it keeps.
tasks.run(function()
  for _ = 1, 20 do
    tasks.spawn(function()
      local one, other = assert(socket.socketpair())
      tasks.spawn(other.send, other, "x", 0)
      one:recv(1)
      tasks.sleep(0.001)
      network.close(one, other)
    end)
  end
  tasks.sleep(0.1)
end)

for n = 1, #scenario.all do
  local outside = scenario.all[n]
  if WAITING[outside.operation] and not outside.only_confined then
    local inside = {}
    for key, value in pairs(outside) do
      inside[key] = value
    end
    inside.in_task = true
    -- Without a timeout to wait for, a call is the same in a task and outside.
    inside.timeouts = outside.timeouts == scenario.ANY and scenario.WAITING or outside.timeouts
    -- The numbers that a task returns are lost with its results, which memory is needed for.
    inside.collects = outside.collects or outside.operation:find "^recvmsg" or outside.operation == "recv_fds"
    function inside.act(it)
      return tasks.run(outside.act, it)
    end
    scenario.all[#scenario.all + 1] = inside
  end
end
