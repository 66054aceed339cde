-- An echo server with Copas and LuaSocket. LuaSocket has no call for what has come, so the server knows how long a
-- message is.
local copas = require "copas"
local socket = require "socket"

local bytes = tonumber(os.getenv "BYTES" or 64)

local server = assert(socket.bind("127.0.0.1", 0, 4096))
print((select(2, server:getsockname())))
io.stdout:flush()
copas.addserver(server, function(connection)
  connection = copas.wrap(connection)
  while true do
    local data = connection:receive(bytes)
    if not data then
      break
    end
    connection:send(data)
  end
end)
copas.loop()
