-- Echo server on the first address that getaddrinfo returns, IPv6 or IPv4.
-- Usage: lua dualstack_server.lua [port]

local socket = require "bsdsocket"

local HOST = nil -- all interfaces
local PORT = arg[1] or 50007

local function serve(host, port)
  local message
  local hints = { type = socket.SOCK_STREAM, flags = socket.AI_PASSIVE }
  for _, info in ipairs(assert(socket.getaddrinfo(host, port, hints))) do
    local server, listening
    server, message = socket.socket(info.family, info.type, info.proto)
    if server then
      listening, message = server:bind(info.sockaddr)
      if listening then
        listening, message = server:listen(1)
      end
      if listening then
        return server
      end
      server:close()
    end
  end
  return nil, message
end

local server = assert(serve(HOST, PORT))
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
