-- redis-lua with a real server: pipelines, transactions, subscriptions, large values.

local found, redis = pcall(require, "redis")
if not found then
  print(redis)
  os.exit(77)
end
local client = redis.connect("127.0.0.1", 6379)
assert(client:ping())
local value = ("\0\r\nvalue"):rep(100000)
assert(client:set("key", value))
assert(client:get "key" == value)
local replies = client:pipeline(function(pipe)
  for n = 1, 500 do
    pipe:incrby("counter", n)
  end
end)
assert(replies[500] == 500 * 501 / 2, replies[500])
local results = client:transaction(function(t)
  t:set("a", 1)
  t:get "a"
end)
assert(results[2] == "1")
local publisher = redis.connect("127.0.0.1", 6379)
local heard = {}
for message, abort in client:pubsub { subscribe = { "channel" } } do
  if message.kind == "subscribe" then
    publisher:publish("channel", "hello")
    publisher:publish("channel", "end")
  else
    heard[#heard + 1] = message.payload
    if message.payload == "end" then
      abort()
    end
  end
end
assert(table.concat(heard, " ") == "hello end")
client:quit()
