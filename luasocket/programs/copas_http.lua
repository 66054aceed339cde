-- Several requests of socket.http at once in copas: four slow ones take hardly longer than one.

local found, copas = pcall(require, "copas")
if not found then
  print(copas)
  os.exit(77)
end
local socket = require "socket"
local http = require "socket.http"

local began, count = socket.gettime(), 0
for _ = 1, 4 do
  copas.addthread(function()
    local body, code = http.request {
      url = "http://127.0.0.1:8080/slow",
      create = function()
        return copas.wrap(socket.tcp())
      end,
    }
    assert(body == 1 and code == 200, code)
    count = count + 1
  end)
end
repeat
  copas.step(1)
until count == 4 or socket.gettime() > began + 10
assert(count == 4)
assert(socket.gettime() - began < 1.5, socket.gettime() - began)
