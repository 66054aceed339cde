-- Echo client that tries each address of a host, IPv6 or IPv4, until one answers.
-- Usage: lua dualstack_client.lua [port [host]]

local socket = require "bsdsocket"

local PORT = tonumber(arg[1] or 50007)
local HOST = arg[2] or "localhost"

local client, message
for _, info in ipairs(assert(socket.getaddrinfo(HOST, PORT, { type = socket.SOCK_STREAM }))) do
  client, message = socket.socket(info.family, info.type, info.proto)
  if client then
    local ok
    ok, message = client:connect(info.sockaddr)
    if ok then
      break
    end
    client:close()
    client = nil
  end
end
assert(client, message)
assert(client:sendall("Hello, world"))
local data = assert(client:recv(1024))
client:close()
print("Received " .. data)
