-- An echo server with luv's callbacks, as in its examples.
local uv = require "luv"

local server = uv.new_tcp()
server:bind("127.0.0.1", 0)
server:listen(4096, function()
  local client = uv.new_tcp()
  server:accept(client)
  client:read_start(function(_, data)
    if data then
      client:write(data)
    else
      client:close()
    end
  end)
end)
print(server:getsockname().port)
io.stdout:flush()
uv.run()
