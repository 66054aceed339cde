-- Echo client that tries each address of a host, IPv6 or IPv4, until one accepts; create_connection does the same.
-- Usage: lua dualstack_client.lua [port [host]]

local socket = require "bsdsocket"

local PORT = arg[1] or 50007
local HOST = arg[2] or "localhost"

local function connect(host, port)
  local message
  for _, info in ipairs(assert(socket.getaddrinfo(host, port, { type = socket.SOCK_STREAM }))) do
    local client, connected
    client, message = socket.socket(info.family, info.type, info.proto)
    if client then
      connected, message = client:connect(info.sockaddr)
      if connected then
        return client
      end
      client:close()
    end
  end
  return nil, message
end

local client = assert(connect(HOST, PORT))
assert(client:sendall("Hello, world"))
local data = assert(client:recv(1024))
client:close()
print("Received " .. data)
