-- An echo within one process: a listening socket, a client, and the connection between them.

local socket = require "bsdsocket"

local server = assert(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
assert(server:bind { "127.0.0.1", 0 })
assert(server:listen(1))
print("listening on", server:getsockname())

local client = assert(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
assert(client:connect(server:getsockname()))
local connection, address = assert(server:accept())
print("connected by", address)

assert(client:sendall("Hello, world"))
local data = assert(connection:recv(1024))
assert(connection:sendall(data))
print("received", assert(client:recv(1024)))

client:close()
assert(connection:recv(1024) == "", "the end of the stream reads as an empty string")
connection:close()
server:close()
