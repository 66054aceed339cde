-- TLS in tasks: LuaSec encrypts, `tasks.wait` waits. A server that sends back each line, and a hundred clients at once.
--
--     lua examples/tasks_tls.lua CERTIFICATE KEY
--
-- The files are in PEM format; the clients trust the certificate itself.

---@diagnostic disable: unresolved-require
require "socket" -- LuaSocket ignores SIGPIPE, which LuaSec may cause.
local socket = require "bsdsocket"
local ssl = require "ssl"
local tasks = require "bsdsocket.tasks"

local certificate, key = arg[1], arg[2]
local SERVER = { mode = "server", protocol = "any", certificate = certificate, key = key }
local CLIENT = { mode = "client", protocol = "any", verify = "peer", cafile = certificate }
local COUNT = 100

-- What LuaSec's failures wait for: in TLS a write may have to read first, and a read to write.
local WAYS = { wantread = "r", wantwrite = "w" }

-- Makes a call of LuaSec until it need not wait any more. Gives its first result, or nil and a message.
local function complete(secure, call)
  while true do
    local result, failure = call()
    local way = not result and WAYS[failure]
    if not way then
      return result, failure
    end
    local ready, message = tasks.wait(secure, way)
    if not ready then
      return nil, message
    end
  end
end

-- Passes a connection to LuaSec, whose calls return at once, and shakes hands.
local function wrap(connection, parameters)
  local secure = assert(ssl.wrap(connection, parameters))
  secure:settimeout(0)
  local done, failure = complete(secure, function()
    return secure:dohandshake()
  end)
  if not done then
    secure:close()
    return nil, failure
  end
  return secure
end

local function receive_line(secure)
  local partial
  return complete(secure, function()
    local line, failure, rest = secure:receive("*l", partial)
    partial = rest
    return line, failure
  end)
end

local function send(secure, data)
  local sent = 0
  return complete(secure, function()
    local last, failure, so_far = secure:send(data, sent + 1)
    sent = so_far or sent
    return last, failure
  end)
end

local function serve(connection)
  local secure = wrap(connection, SERVER)
  local line = secure and receive_line(secure)
  while line and send(secure, line .. "\n") do
    line = receive_line(secure)
  end
  if secure then
    secure:close()
  end
end

local function ask(address, line)
  local secure = assert(wrap(assert(socket.create_connection(address)), CLIENT))
  assert(send(secure, line .. "\n"))
  local answer = assert(receive_line(secure))
  secure:close()
  return answer
end

tasks.run(function()
  local listener = assert(socket.create_server({ "127.0.0.1", 0 }, { backlog = COUNT }))
  tasks.spawn(function()
    while true do
      tasks.spawn(serve, assert(listener:accept()))
    end
  end)
  local clients, right = {}, 0
  for n = 1, COUNT do
    -- A line that fits no send buffer, so that writes wait too.
    local line = ("client %d "):format(n) .. ("x"):rep(n == 1 and 8000000 or 100)
    clients[n] = tasks.spawn(function()
      return ask(listener:getsockname(), line) == line
    end)
  end
  for _, client in ipairs(clients) do
    right = right + (client:join() and 1 or 0)
  end
  print(("%d of %d lines came back"):format(right, COUNT))
end)
