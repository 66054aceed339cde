-- A copas server and many of its clients in one process: lines, `*a`, numbers of bytes.

local found, copas = pcall(require, "copas")
if not found then
  print(copas)
  os.exit(77)
end
local socket = require "socket"

local CLIENTS, LINES = 100, 20

local server = assert(socket.bind("127.0.0.1", 0, CLIENTS))
local _, port = server:getsockname()
local served, done = 0, 0

copas.addserver(server, function(connection)
  connection = copas.wrap(connection)
  while true do
    local line = connection:receive "*l"
    if not line then
      break
    end
    served = served + 1
    assert(connection:send(line .. "\n" .. ("b"):rep(#line)))
  end
  connection:close()
end)

for number = 1, CLIENTS do
  copas.addthread(function()
    local client = copas.wrap(socket.tcp())
    assert(client:connect("127.0.0.1", port))
    for n = 1, LINES do
      local line = ("%d line %d"):format(number, n)
      assert(client:send(line .. "\n"))
      assert(client:receive "*l" == line)
      assert(client:receive(#line) == ("b"):rep(#line))
    end
    client:close()
    done = done + 1
  end)
end

local limit = socket.gettime() + 30
repeat
  copas.step(1)
until done == CLIENTS or socket.gettime() > limit
assert(done == CLIENTS and served == CLIENTS * LINES, done .. " " .. served)
