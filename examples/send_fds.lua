-- Passes an open connection on, as a server does that leaves its connections to others. Descriptors travel over a Unix
-- socket, between processes too; here both are one.

local socket = require "bsdsocket"

local to_worker, from_server = assert(socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM))

local server = assert(socket.create_server { "127.0.0.1", 0 })
local client = assert(socket.create_connection(server:getsockname()))

-- The server takes a connection, sends it on with a note about it, and has no further use for it.
local connection, address = assert(server:accept())
assert(socket.send_fds(to_worker, { "from " .. address.host }, { connection:fileno() }))
connection:close()
server:close()

-- The worker makes a socket of the descriptor, and talks with the client.
local note, descriptors = assert(socket.recv_fds(from_server, 1024, 1))
local received = assert(socket.socket { fileno = descriptors[1] })
print("a connection", note)
assert(received:sendall("Hello from the worker"))
received:close()

print("received", assert(client:recv(1024)))
client:close()
