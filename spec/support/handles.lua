-- The descriptors that this process has, duplicates and what are no sockets among them.

local child = require "spec.support.child"
local descriptors = require "spec.support.descriptors"
local system = require "spec.support.system"
local temporary = require "spec.support.temporary"

local handles = {}

-- How many there are, once the sockets that nothing refers to are closed. Pipes do not count, for some lead to the
-- program that lists them, and are gone before it has looked.
function handles.count()
  for _ = 1, 4 do
    collectgarbage()
  end
  if system.windows then
    return descriptors.opened {}
  end
  local process = temporary.read("/proc/self/stat"):match("^%d+")
  local list = child.output("ls -l /proc/" .. process .. "/fd 2>/dev/null")
  local _, all = list:gsub("%->", "")
  local _, pipes = list:gsub("%-> pipe:", "")
  return all - pipes
end

-- How many sockets another program inherits.
function handles.inherited()
  local _, count = child.output("ls -l /proc/self/fd"):gsub("socket:", "")
  return count
end

return handles
