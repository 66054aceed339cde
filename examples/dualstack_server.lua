-- Echo server on the first address that the machine offers, IPv6 or IPv4.
-- Usage: lua dualstack_server.lua [port]

local socket = require "bsdsocket"

local HOST = nil -- all interfaces
local PORT = tonumber(arg[1] or 50007)

local function listen_on(info)
  local server, message = socket.socket(info.family, info.type, info.proto)
  if not server then
    return nil, message
  end
  local ok
  ok, message = server:bind(info.sockaddr)
  if ok then
    ok, message = server:listen(1)
  end
  if not ok then
    server:close()
    return nil, message
  end
  return server
end

local server, message
local options = { type = socket.SOCK_STREAM, flags = socket.AI_PASSIVE }
for _, info in ipairs(assert(socket.getaddrinfo(HOST, PORT, options))) do
  server, message = listen_on(info)
  if server then
    break
  end
end
assert(server, message)
print("listening on", server:getsockname())
io.stdout:flush()

local connection, address = assert(server:accept())
print("connected by", address)
while true do
  local data = assert(connection:recv(1024))
  if data == "" then
    break
  end
  assert(connection:send(data))
end
connection:close()
server:close()
