-- Echo client: sends a greeting and prints what it receives.
-- Usage: lua echo_client.lua [port [host]]

local socket = require "bsdsocket"

local PORT = tonumber(arg[1]) or 50007
local HOST = arg[2] or "localhost"

local client = assert(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
assert(client:connect { HOST, PORT })
assert(client:sendall("Hello, world"))
local data = assert(client:recv(1024))
client:close()
print("Received " .. data)
