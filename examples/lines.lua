-- A dialogue in lines, with streams, which read and write like Lua's own files. On the wire a line ends with "\r\n",
-- as in most Internet protocols. Client and server are in one process.

local socket = require "bsdsocket"

local server = assert(socket.create_server { "127.0.0.1", 0 })
local client = assert(socket.create_connection(server:getsockname()))
local connection = assert(server:accept())
server:close()

-- The client sends all its lines, and shuts down sending.
local asking = assert(client:makefile("rw", { newline = "\r\n" }))
assert(asking:write("Ada\n", "Grace\n"))
assert(asking:flush())
assert(client:shutdown(socket.SHUT_WR))

-- The server answers each line.
local answering = assert(connection:makefile("rw", { newline = "\r\n" }))
for name in answering:lines() do
  assert(answering:write("Hello, ", name, "\n"))
end
assert(answering:close())
connection:close()

for line in asking:lines() do
  print(line)
end
asking:close()
client:close()
