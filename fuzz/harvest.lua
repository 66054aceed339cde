-- Collects the results of a call: objects for later calls, descriptors to close.

local selectors = require "bsdsocket.selectors"
local socket = require "bsdsocket"
local tasks = require "bsdsocket.tasks"

local one, other = assert(socket.socketpair())
local stream = assert(one:makefile())
local STREAM, BUFFER = debug.getmetatable(stream), debug.getmetatable(socket.buffer(0))
local SELECTOR = debug.getmetatable(selectors.PollSelector())
local TASK = debug.getmetatable(tasks.spawn(tasks.now))
tasks.step(0)
-- The lists of the world for what tasks have, by metatables.
local SHARED = {
  [debug.getmetatable(tasks.event())] = "waited",
  [debug.getmetatable(tasks.queue())] = "queues",
  [debug.getmetatable(tasks.semaphore(1))] = "semaphores",
}
stream:close()
one:close()
other:close()

local function close_numbers(bytes)
  local little = socket.htons(1) ~= 1
  for place = 1, #bytes - 3, 4 do
    local a, b = bytes:byte(place, place + 1)
    socket.close(little and a + b * 256 or bytes:byte(place + 3) + bytes:byte(place + 2) * 256)
  end
end

return function(world, target, outcome)
  for n = 2, outcome.n do
    local value = outcome[n]
    local metatable = type(value) == "userdata" and debug.getmetatable(value)
    local shared = type(value) == "table" and SHARED[debug.getmetatable(value)]
    if socket.type(value) and value.family == socket.AF_VSOCK then
      -- The peer is another machine, which no namespace isolates.
      value:close()
    elseif socket.type(value) then
      world:keep(world.sockets, value)
    elseif metatable == STREAM then
      world:keep(world.streams, value)
    elseif metatable == SELECTOR then
      world:keep(world.selectors, value)
    elseif metatable == TASK then
      world:keep(world.tasks, value)
    elseif shared then
      world:keep(world[shared], value)
    elseif metatable == BUFFER and #value < 1e6 then
      world:keep(world.buffers, value)
    end
  end
  local name = target.name
  local released = name == "setfd" and outcome[2] and world.released
  if name == "dup" and target.room == "module" or name == "detach" then
    released = outcome[2]
  end
  if released and #world.descriptors < 12 then
    world.descriptors[#world.descriptors + 1] = released
  elseif released then
    socket.close(released)
  elseif name == "recv_fds" and outcome[2] then
    for _, descriptor in ipairs(outcome[3]) do
      socket.close(descriptor)
    end
  elseif name:find "^recvmsg" and outcome[2] then
    for _, item in ipairs(outcome[3]) do
      if item.level == socket.SOL_SOCKET and item.type == socket.SCM_RIGHTS then
        close_numbers(item.data)
      end
    end
  elseif name == "select" and type(outcome[2]) == "function" then
    -- Changing a key must not affect the selector.
    for key in outcome[2], outcome[3] do
      key.fd, key.fileobj = world:value(), nil
      if world.random:once_in(3) then
        break
      end
    end
  elseif name == "lines" and outcome[2] then
    world.next_line = outcome[2]
  end
end
