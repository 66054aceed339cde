-- all.lua READER all BYTES   ->   RESULT nanoseconds mebibytes
--
-- Reads everything up to the end of the stream, BYTES bytes that `head` writes in another process, as one string: from
-- a pipe with Lua's own file:read (READER `file`), from a local stream socket with the libraries. The clock starts
-- after the first byte. The second number is the most memory that the process had beyond what it had before.

local here = arg[0]:match "^.*/" or ""
local adapter = dofile(here .. "paths.lua")
local now = require("floor").now

local COMMAND = "head -c %d /dev/zero"
-- LuaSocket's sockets never block; `head` needs one that does.
local BLOCKING =
  [[/usr/bin/python3 -c 'import os; os.set_blocking(1, True); os.execlp("head", "head", "-c", "%d", "/dev/zero")' >&%d]]

-- Each starts the child and returns it, the first byte, and a function that reads the rest.
local READERS = {}

function READERS.file(size)
  local child = io.popen(COMMAND:format(size))
  return child, child:read(1), function()
    return child:read "*a"
  end
end

function READERS.bsdsocket(size)
  local socket = require "bsdsocket"
  local a, b = assert(socket.socketpair())
  assert(b:set_inheritable(true))
  local child = io.popen((COMMAND .. " >&%d"):format(size, b:fileno()))
  b:close()
  local stream = a:makefile()
  return child, stream:read(1), function()
    return stream:read "a"
  end
end

function READERS.luasocket(size)
  local a, b = adapter("luasocket").pair()
  local child = io.popen(BLOCKING:format(size, b:getfd()))
  b:close()
  return child, a:receive(1), function()
    return a:receive "*a"
  end
end

-- A field of this process's status in KiB.
local function memory(name)
  for line in io.lines "/proc/self/status" do
    local kibibytes = line:match("^" .. name .. ":%s*(%d+)")
    if kibibytes then
      return tonumber(kibibytes)
    end
  end
end

local reader, size = READERS[arg[1]], tonumber(arg[3])
if not (reader and size) then
  io.stderr:write "usage: all.lua file|bsdsocket|luasocket all BYTES\n"
  os.exit(2)
end

local child, first, read_rest = reader(size)
local before = memory "VmRSS"
local start = now()
local rest = read_rest()
local taken = now() - start
local most = memory "VmHWM" - before
child:close()
assert(#first + #rest == size, "it has not read everything")
print(("RESULT %.0f %.1f"):format(taken * 1e9, most / 1024))
