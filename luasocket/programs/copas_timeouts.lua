-- A connection that says nothing, and one that was closed, under copas.

local found, copas = pcall(require, "copas")
if not found then
  print(copas)
  os.exit(77)
end
local socket = require "socket"

local server = assert(socket.bind("127.0.0.1", 0))
local _, port = server:getsockname()
local results = {}

copas.addserver(server, function(connection)
  connection = copas.wrap(connection)
  local line, reason, partial = connection:receive "*l"
  results[#results + 1] = ("%s %s %s"):format(tostring(line), tostring(reason), tostring(partial))
end)
for _, text in ipairs { "whole\n", "half" } do
  copas.addthread(function()
    local client = copas.wrap(socket.tcp())
    assert(client:connect("127.0.0.1", port))
    assert(client:send(text))
    client:close()
  end)
end
local refused
copas.addthread(function()
  local client = copas.wrap(socket.tcp())
  local _, reason = client:connect("127.0.0.1", 1)
  refused = reason
end)
local limit = socket.gettime() + 10
repeat
  copas.step(0.2)
until #results == 2 and refused or socket.gettime() > limit
table.sort(results)
assert(results[1] == "nil closed half", results[1])
assert(results[2]:find "^whole nil", results[2])
assert(refused == "connection refused", refused)
