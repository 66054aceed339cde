-- Echo server on one socket for IPv6 and IPv4, or for IPv4 only if the system has no dual-stack sockets.
-- Usage: lua create_server.lua [port]

local socket = require "bsdsocket"

local HOST = "" -- all interfaces
local PORT = tonumber(arg[1]) or 50007

local dualstack = socket.has_dualstack_ipv6()
local server = assert(socket.create_server({ HOST, PORT }, {
  family = dualstack and socket.AF_INET6 or socket.AF_INET,
  dualstack_ipv6 = dualstack,
}))
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
