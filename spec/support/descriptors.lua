-- The open sockets of this process, as the system lists them.

local assert = require "luassert"
local child = require "spec.support.child"
local lua = require "spec.support.lua"
local socket = require "bsdsocket"
local system = require "spec.support.system"
local temporary = require "spec.support.temporary"

local descriptors = {}

-- The sockets in the output of a command, by inode number.
local function sockets(command)
  local found = {}
  for inode in child.output(command):gmatch("socket:%[(%d+)%]") do
    found[inode] = true
  end
  return found
end

-- The same on a system without such a list: tries each number up to one that the specs never reach.
local function tried()
  local found = {}
  for number = 4, 4096, 4 do
    local duplicate = socket.dup(number)
    if duplicate then
      found[number] = true
      socket.close(duplicate)
    end
  end
  return found
end

-- The open sockets, after unreferenced ones are closed.
function descriptors.open()
  lua.collect()
  if system.windows then
    return tried()
  end
  local process = temporary.read("/proc/self/stat"):match("^%d+")
  return sockets("ls -l /proc/" .. process .. "/fd 2>/dev/null")
end

-- How many sockets are open that were not open before.
function descriptors.opened(before)
  local count = 0
  for inode in pairs(descriptors.open()) do
    count = count + (before[inode] and 0 or 1)
  end
  return count
end

-- Asserts that the specs of a block leave no socket open; the arguments are busted's `setup` and `teardown`.
function descriptors.watch(setup, teardown)
  local before
  setup(function()
    before = descriptors.open()
  end)
  teardown(function()
    assert.equal(0, descriptors.opened(before), "sockets were left open")
  end)
end

-- How many of the sockets opened since are inherited by another program.
function descriptors.inherited(before)
  local count = 0
  for inode in pairs(sockets("ls -l /proc/self/fd")) do
    count = count + (before[inode] and 0 or 1)
  end
  return count
end

-- Whether O_NONBLOCK is set for a descriptor of this process (Linux).
function descriptors.is_nonblocking(fd)
  local flags = temporary.read(("/proc/self/fdinfo/%d"):format(fd)):match("flags:%s*(%d+)")
  return math.floor(assert(tonumber(flags, 8)) / 2048) % 2 == 1
end

return descriptors
