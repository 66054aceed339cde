-- A chat server: the first line of a client is its name, each further line goes to all others. Try it with several
-- `nc 127.0.0.1 50007`.
--
--     lua examples/chat_server.lua [PORT]

local socket = require "bsdsocket"
local tasks = require "bsdsocket.tasks"

local BACKLOG = 100 -- the lines that wait for a client before it is dropped

---@type table<string, bsdsocket.Queue?>
local clients = {} -- what each is sent, by name

local function say(line, except)
  for name, queue in pairs(clients) do
    if name ~= except and not queue:put(line, 0) then
      queue:close() -- it reads too slowly
    end
  end
end

local function serve(connection)
  local stream = assert(connection:makefile("rw", { newline = "", limit = 4096 }))
  stream:write "Your name?\r\n"
  local name = stream:read "l"
  if not name or name == "" or clients[name] then
    stream:write "This name is taken.\r\n"
    return stream:close()
  end
  local queue = tasks.queue(BACKLOG)
  clients[name] = queue

  -- A task sends, so that a slow client holds up nobody.
  tasks.spawn(function()
    local line = queue:get()
    while line and connection:sendall(line .. "\r\n") do
      line = queue:get()
    end
    connection:shutdown(socket.SHUT_RDWR)
  end)

  say(name .. " is here", name)
  local line = stream:read "l"
  while line do
    say(name .. ": " .. line, name)
    line = stream:read "l"
  end
  clients[name] = nil
  queue:close()
  say(name .. " has left")
  stream:close()
end

tasks.run(function()
  local listener = assert(socket.create_server { "127.0.0.1", tonumber(arg[1]) or 50007 })
  print("listening on", listener:getsockname())
  io.stdout:flush()
  while true do
    local connection = assert(listener:accept())
    tasks.spawn(function()
      serve(connection)
      connection:close()
    end)
  end
end)
