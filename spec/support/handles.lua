-- The open descriptors of this process, including duplicates and those that are not sockets.

local child = require "spec.support.child"
local descriptors = require "spec.support.descriptors"
local lua = require "spec.support.lua"
local system = require "spec.support.system"
local temporary = require "spec.support.temporary"

local handles = {}

-- Their number, after unreferenced sockets are closed. Pipes are not counted, because some belong to the command that
-- lists them.
function handles.count()
  lua.collect()
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
