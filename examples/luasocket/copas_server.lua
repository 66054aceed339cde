-- An echo server with copas, over this library's sockets: any number of clients, since `select` has no limit.
--
--     lua examples/luasocket/copas_server.lua [port]

require "bsdsocket.luasocket"

-- LuaSocket's and copas' modules have no types here.
---@diagnostic disable: unresolved-require
local copas = require "copas"
local socket = require "socket"

local server = assert(socket.bind("127.0.0.1", tonumber(arg[1]) or 50007))

copas.addserver(server, function(connection)
  connection = copas.wrap(connection)
  while true do
    local line = connection:receive "*l"
    if not line then
      break
    end
    connection:send(line .. "\n")
  end
end)

local host, port = server:getsockname()
print(("listening on\t%s:%d"):format(host, port))
io.stdout:flush()
copas.loop()
