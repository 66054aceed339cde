-- socket.sink and socket.source through ltn12's pumps and filters, both ends in one process.

local ltn12 = require "ltn12"
local mime = require "mime"
local socket = require "socket"

local server = assert(socket.bind("127.0.0.1", 0))
local host, port = server:getsockname()

local function pair()
  local client = assert(socket.connect(host, port))
  return client, assert(server:accept())
end

local DATA = ("some = text\n\0 with \255 all kinds\r\n"):rep(500)

for _, way in ipairs { "close-when-done", "keep-open" } do
  local client, peer = pair()
  assert(
    ltn12.pump.all(
      ltn12.source.chain(ltn12.source.string(DATA), ltn12.filter.chain(mime.encode "base64", mime.wrap "base64")),
      socket.sink(way, client)
    )
  )
  if way == "keep-open" then
    assert(client:send "")
    client:shutdown "send"
  end
  local parts = {}
  local sink = ltn12.sink.chain(mime.decode "base64", (ltn12.sink.table(parts)))
  assert(ltn12.pump.all(socket.source("until-closed", peer), sink))
  assert(table.concat(parts) == DATA)
  client:close()
  peer:close()
end

local client, peer = pair()
assert(client:send(DATA .. "the rest"))
local parts = {}
assert(ltn12.pump.all(socket.source("by-length", peer, #DATA), (ltn12.sink.table(parts))))
assert(table.concat(parts) == DATA)
assert(peer:receive(8) == "the rest")

-- One end fails.
peer:close()
local ok, reason
for _ = 1, 100 do
  ok, reason = ltn12.pump.all(ltn12.source.string(DATA), socket.sink("keep-open", client))
  if not ok then
    break
  end
end
assert(not ok and reason == "closed", reason)
