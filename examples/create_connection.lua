-- Echo client that tries each address of a host, IPv6 or IPv4, with a timeout of five seconds for each operation.
-- Usage: lua create_connection.lua [port [host]]

local socket = require "bsdsocket"

local PORT = arg[1] or 50007
local HOST = arg[2] or "localhost"

local client = assert(socket.create_connection({ HOST, PORT }, { timeout = 5 }))
assert(client:sendall("Hello, world"))
local data = assert(client:recv(1024))
client:close()
print("Received " .. data)
