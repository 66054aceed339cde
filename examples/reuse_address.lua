-- Binds an address that a server used a moment before. A connection that the server closed keeps the address in
-- TIME_WAIT for a minute or more, unless the old socket and the new one have SO_REUSEADDR. create_server sets it.

local socket = require "bsdsocket"

local function serve(address)
  local server = assert(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
  assert(server:setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1))
  assert(server:bind(address))
  assert(server:listen())
  return server
end

local server = serve { "127.0.0.1", 0 }
local address = assert(server:getsockname())
local client = assert(socket.create_connection(address))
local connection = assert(server:accept())
connection:close() -- before the client does: the side that closes first enters TIME_WAIT
client:close()
server:close()

local plain = assert(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
print("without SO_REUSEADDR", plain:bind(address))
plain:close()

server = serve(address)
print("with SO_REUSEADDR", server:getsockname())
server:close()
