-- A server that sends back what it receives, to any number of clients at once: a task for each.
--
--     lua examples/tasks_echo.lua [PORT]
--
-- It ends when a client sends a line `quit`.

local socket = require "bsdsocket"
local tasks = require "bsdsocket.tasks"

tasks.run(function()
  local listener = assert(socket.create_server { "127.0.0.1", tonumber(arg[1]) or 50007 })
  print("listening on", listener:getsockname())
  io.stdout:flush()
  local main = assert(tasks.current())

  local function serve(connection)
    repeat
      local data = connection:recv(4096)
      if data == "quit\n" then
        main:cancel()
      end
    until not data or data == "" or not connection:sendall(data)
    connection:close()
  end

  while true do
    local connection, peer = listener:accept()
    if not connection then
      break
    end
    print("connected by", peer)
    tasks.spawn(serve, connection)
  end
  listener:close()
end)
