-- Passes an open connection to a worker, as a server does that handles connections in other processes. Descriptors are
-- sent over a Unix socket; here both ends are in one process.

local socket = require "bsdsocket"

local to_worker, from_server = assert(socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM))

local server = assert(socket.create_server { "127.0.0.1", 0 })
local client = assert(socket.create_connection(server:getsockname()))

-- The server accepts a connection, passes it on with a note about it, and closes its own descriptor.
local connection, address = assert(server:accept())
assert(socket.send_fds(to_worker, { "from " .. address.host }, { connection:fileno() }))
connection:close()
server:close()

-- The worker creates a socket from the descriptor, and answers the client.
local note, descriptors = assert(socket.recv_fds(from_server, 1024, 1))
local received = assert(socket.socket { fileno = descriptors[1] })
print("a connection", note)
assert(received:sendall("Hello from the worker"))
received:close()

print("received", assert(client:recv(1024)))
client:close()
