-- A client of Redis. Commands are written one after the other, and are sent when the first answer is read: the answers
-- come in the same order (pipelining).
--
--     lua examples/redis_client.lua 127.0.0.1 6379

local socket = require "bsdsocket"

local Redis = {}
Redis.__index = Redis

function Redis.connect(address)
  local connection = assert(socket.create_connection(address, { timeout = 5 }))
  local stream = assert(connection:makefile("rw", { newline = "" }))
  connection:close() -- the stream keeps it open
  return setmetatable({ stream = stream }, Redis)
end

-- Writes a command, whose answer `receive` returns.
function Redis:send(...)
  local words = { ... }
  assert(self.stream:write("*", #words, "\r\n"))
  for _, value in ipairs(words) do
    local word = tostring(value)
    assert(self.stream:write("$", #word, "\r\n", word, "\r\n"))
  end
end

function Redis:read(format)
  local data, message = self.stream:read(format)
  return assert(data, message or "the server has closed the connection")
end

-- Returns the next answer: a string, a number, a list, false for no value; or nil and what the server refuses.
function Redis:receive()
  local kind, rest = self:read("l"):match "^([-+:$*])(.*)$"
  if kind == "+" then
    return rest
  elseif kind == "-" then
    return nil, rest
  end
  local number = assert(tonumber(rest), "not an answer of Redis")
  if kind == ":" then
    return number
  elseif number < 0 then
    return false
  elseif kind == "$" then
    return (self:read(number + 2):sub(1, number))
  end
  local list = {}
  for n = 1, number do
    list[n] = self:receive()
  end
  return list
end

function Redis:call(...)
  self:send(...)
  return self:receive()
end

local redis = Redis.connect { assert(arg[1], "usage: redis_client.lua HOST PORT"), tonumber(arg[2]) }

assert(redis:call("SET", "greeting", "hello\r\nworld"))
print(("%q"):format(redis:call("GET", "greeting")))
print("no such key", redis:call("GET", "nothing"))
print("refused", select(2, redis:call("NONSENSE")))

for _ = 1, 1000 do
  redis:send("INCR", "counter")
end
local last
for _ = 1, 1000 do
  last = assert(redis:receive())
end
print("counted to", last)

redis:call("RPUSH", "list", "one", "two")
print(table.concat(redis:call("LRANGE", "list", 0, -1), " "))
redis.stream:close()
