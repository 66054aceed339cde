-- An echo server with luv, a coroutine for each connection: what has come is queued, and what is written is tried
-- first, as luvit's coro-net does.
local uv = require "luv"

local function wrap(client)
  local queue, first, last, waiting = {}, 1, 0, nil
  client:read_start(function(_, data)
    local chunk = data or false
    if waiting then
      local thread = waiting
      waiting = nil
      assert(coroutine.resume(thread, chunk))
    else
      last = last + 1
      queue[last] = chunk
    end
  end)

  local function read()
    if first <= last then
      local chunk = queue[first]
      queue[first] = nil
      first = first + 1
      return chunk
    end
    waiting = coroutine.running()
    return coroutine.yield()
  end

  local function write(data)
    local sent = uv.try_write(client, data)
    if sent == #data then
      return
    end
    local thread = coroutine.running()
    client:write(data:sub((sent or 0) + 1), function()
      assert(coroutine.resume(thread))
    end)
    coroutine.yield()
  end

  return read, write
end

local server = uv.new_tcp()
server:bind("127.0.0.1", 0)
server:listen(4096, function()
  local client = uv.new_tcp()
  server:accept(client)
  coroutine.wrap(function()
    local read, write = wrap(client)
    while true do
      local data = read()
      if not data then
        break
      end
      write(data)
    end
    client:close()
  end)()
end)
print(server:getsockname().port)
io.stdout:flush()
uv.run()
