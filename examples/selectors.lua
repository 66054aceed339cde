-- A server that sends back what it receives, to any number of clients at once, without a thread for each.
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

-- Sends what a connection has still to get, and waits for what it can do next. While a client does not take its
-- answer nothing is read from it.
local function answer(connection, pending)
  local sent, message, code = connection:send(pending)
  if not sent and code ~= "EAGAIN" then
    return nil, message
  end
  pending = pending:sub((sent or 0) + 1)
  local events = pending == "" and selectors.EVENT_READ or selectors.EVENT_WRITE
  return selector:modify(connection, events, pending)
end

-- Goes on with a connection that is ready.
local function serve(key)
  local connection, pending = key.fileobj, key.data
  if pending == "" then
    local data, message, code = connection:recv(4096)
    if not data then
      return code == "EAGAIN" or nil, message
    end
    if data == "" then
      return nil, "it was closed"
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
      local going, reason = serve(key)
      if not going then
        selector:unregister(key.fileobj)
        key.fileobj:close()
        print("a client is gone:", reason)
      end
    end
  end
end
selector:close()
listener:close()
