-- Selectors to try things on.

local lua = require "spec.support.lua"
local selectors = require "bsdsocket.selectors"
local socket = require "bsdsocket"

local selecting = {}

-- The classes that the system has.
selecting.classes = {}
for _, name in ipairs { "EpollSelector", "KqueueSelector", "PollSelector" } do
  if selectors[name] then
    selecting.classes[#selecting.classes + 1] = name
  end
end

---A selector of a class.
---@param name string
---@return bsdsocket.Selector
function selecting.new(name)
  local make = selectors[name] --[[@as fun(): bsdsocket.Selector?, string?]]
  local selector = assert(make())
  return selector
end

-- What is ready: a list of keys and one of events, in the same order.
function selecting.ready(selector, timeout)
  local keys, events = {}, {}
  for key, what in assert(selector:select(timeout)) do
    keys[#keys + 1], events[#events + 1] = key, what
  end
  return keys, events
end

-- How many are ready.
function selecting.count(selector, timeout)
  return #selecting.ready(selector, timeout)
end

---Runs `body` with a selector of a class and a connected pair, and closes all of it afterwards.
---@param name string
---@param body fun(selector: bsdsocket.Selector, one: bsdsocket.Socket, other: bsdsocket.Socket)
function selecting.with(name, body)
  return function()
    local selector = selecting.new(name)
    local one, other = assert(socket.socketpair())
    local results = lua.pack(pcall(body, selector, one, other))
    selector:close()
    one:close()
    other:close()
    if not results[1] then
      error(results[2], 0)
    end
  end
end

return selecting
