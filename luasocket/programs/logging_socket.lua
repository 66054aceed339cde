-- LuaLogging's appender that sends each message over a connection.

local found, logging = pcall(require, "logging.socket")
if not found then
  print(logging)
  os.exit(77)
end
local socket = require "socket"
local server = assert(socket.bind("127.0.0.1", 0))
local host, port = server:getsockname()
local logger = logging(host, tonumber(port), "%level %message\n")
for n = 1, 3 do
  logger:info("message " .. n)
  local connection = assert(server:accept())
  assert(connection:receive "*a" == ("INFO message %d\n"):format(n))
  connection:close()
end
