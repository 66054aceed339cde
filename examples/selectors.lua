-- Echo server for any number of clients at once, in one thread.
--
--     lua examples/selectors.lua [PORT]
--
-- It ends when a client sends a line `quit`.

local selectors = require "bsdsocket.selectors"
local socket = require "bsdsocket"

local selector = assert(selectors.DefaultSelector())
local listener = assert(socket.create_server { "127.0.0.1", tonumber(arg[1]) or 50007 })
listener:setblocking(false)
print("listening on", listener:getsockname())
io.stdout:flush()

local running = true

-- Sends pending data, and registers for the next event. While data is pending, nothing is read from the client.
local function answer(connection, pending)
  local sent, message, code = connection:send(pending)
  if not sent and code ~= "EAGAIN" then
    return nil, message
  end
  pending = pending:sub((sent or 0) + 1)
  local events = pending == "" and selectors.EVENT_READ or selectors.EVENT_WRITE
  return selector:modify(connection, events, pending)
end

-- Serves a connection that is ready.
local function serve(key)
  local connection, pending = key.fileobj, key.data
  if pending == "" then
    local data, message, code = connection:recv(4096)
    if not data then
      return code == "EAGAIN" or nil, message
    end
    if data == "" then
      return nil, "connection closed"
    end
    running = running and not data:find "^quit\r?\n"
    pending = data
  end
  return answer(connection, pending)
end

local function welcome()
  local connection, address = listener:accept()
  if connection then
    connection:setblocking(false)
    assert(selector:register(connection, selectors.EVENT_READ, ""))
    print("connected by", address)
  end
end

assert(selector:register(listener, selectors.EVENT_READ))
while running do
  for key in assert(selector:select()) do
    if key.fileobj == listener then
      welcome()
    else
      local open, reason = serve(key)
      if not open then
        selector:unregister(key.fileobj)
        key.fileobj:close()
        print("client disconnected:", reason)
      end
    end
  end
end
selector:close()
listener:close()
