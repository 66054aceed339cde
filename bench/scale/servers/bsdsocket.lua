-- An echo server with tasks.
local socket = require "bsdsocket"
local tasks = require "bsdsocket.tasks"

local size = tonumber(os.getenv "BUFFER" or 4096)

local function serve(connection)
  while true do
    local data = connection:recv(size)
    if not data or data == "" or not connection:sendall(data) then
      break
    end
  end
  connection:close()
end

tasks.run(function()
  local listener = assert(socket.create_server({ "127.0.0.1", 0 }, { backlog = 4096 }))
  print(listener:getsockname().port)
  io.stdout:flush()
  while true do
    tasks.spawn(serve, (assert(listener:accept())))
  end
end)
