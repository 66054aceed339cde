-- lines.lua READER lines N   ->   RESULT nanoseconds per line
--
-- Reads the N lines of target/bench/lines.txt, which a child writes with `cat`: from a pipe with
-- Lua's own file:lines (READER `file`), from a local stream socket with the other libraries. The
-- clock starts after the first line, when the child is running. Runs on Lua 5.4 and LuaJIT.

local here = arg[0]:match "^.*/" or "./"
local adapter = dofile(here .. "paths.lua")
local now = require("floor").now

local FILE = here .. "../../target/bench/lines.txt"
-- LuaSocket's sockets never block; `cat` needs one that does.
local BLOCKING = [[/usr/bin/python3 -c 'import os; os.set_blocking(1, True); os.execlp("cat", "cat", "%s")' >&%d]]

-- Counts the lines that an iterator returns, and their bytes without line ends.
local function count_all(next_line)
  local count, bytes = 0, 0
  for line in next_line do
    count, bytes = count + 1, bytes + #line
  end
  return count, bytes
end

-- Each starts the child and returns it, the first line, and a function that counts the rest. The child must not be
-- collected before it ends, because the collector would wait for it.
local READERS = {}

function READERS.file()
  local child = io.popen(("cat '%s'"):format(FILE))
  local next_line = child:lines()
  return child, next_line(), function()
    return count_all(next_line)
  end
end

function READERS.bsdsocket()
  local socket = require "bsdsocket"
  local a, b = assert(socket.socketpair())
  assert(b:set_inheritable(true))
  local child = io.popen(("cat '%s' >&%d"):format(FILE, b:fileno()))
  b:close()
  local next_line = a:makefile():lines()
  return child, next_line(), function()
    return count_all(next_line)
  end
end

function READERS.luasocket()
  local a, b = adapter("luasocket").pair()
  local child = io.popen(BLOCKING:format(FILE, b:getfd()))
  b:close()
  return child,
    a:receive "*l",
    function()
      local count, bytes = 0, 0
      while true do
        local line = a:receive "*l"
        if not line then
          return count, bytes
        end
        count, bytes = count + 1, bytes + #line
      end
    end
end

local reader, lines = READERS[arg[1]], tonumber(arg[3])
if not (reader and lines) then
  io.stderr:write "usage: lines.lua file|bsdsocket|luasocket lines N\n"
  os.exit(2)
end

local child, first, count_rest = reader()
local start = now()
local count, bytes = count_rest()
local taken = now() - start

local file = assert(io.open(FILE, "rb"))
local size = file:seek "end"
file:close()
child:close()
assert(count + 1 == lines and #first + bytes + count + 1 == size, "it has not read everything")
print(("RESULT %.2f"):format(taken / count * 1e9))
