-- An echo server with cqueues and its own sockets, unbuffered.
local cqueues = require "cqueues"
local socket = require "cqueues.socket"

local size = tonumber(os.getenv "BUFFER" or 4096)

local controller = cqueues.new()
local server = socket.listen { host = "127.0.0.1", port = 0 }
server:listen()
print((select(3, server:localname())))
io.stdout:flush()
controller:wrap(function()
  for connection in server:clients() do
    controller:wrap(function()
      connection:setmode("bn", "bn")
      connection:onerror(function(_, _, code)
        return code
      end)
      while true do
        local data = connection:read(-size)
        if not data then
          break
        end
        connection:write(data)
      end
      connection:close()
    end)
  end
end)
assert(controller:loop())
