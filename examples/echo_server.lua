-- Echo server: accepts one connection and sends back what it receives, until end of stream.
-- Usage: lua echo_server.lua [port]

local socket = require "bsdsocket"

local HOST = "" -- all interfaces
local PORT = tonumber(arg[1]) or 50007

local server = assert(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
assert(server:bind { HOST, PORT })
assert(server:listen(1))
print("listening on", server:getsockname())
io.stdout:flush()

local connection, address = assert(server:accept())
print("connected by", address)
while true do
  local data = assert(connection:recv(1024))
  if data == "" then
    break
  end
  assert(connection:sendall(data))
end
connection:close()
server:close()
