-- socket.http against a server of another kind: bodies, chunks, methods, timeouts.

local http = require "socket.http"
local ltn12 = require "ltn12"
local socket = require "socket"

local BASE = "http://127.0.0.1:8080"

local body, code, headers, status = assert(http.request(BASE .. "/size/100000"))
assert(#body == 100000 and code == 200 and status == "HTTP/1.1 200 OK" and headers["content-length"] == "100000")
body = assert(http.request(BASE .. "/chunked/12345"))
assert(body == ("x"):rep(12345))
assert(http.request(BASE .. "/echo", "posted") == "posted")

local parts = {}
assert(http.request {
  url = BASE .. "/echo",
  method = "PUT",
  source = ltn12.source.string(("y"):rep(50000)),
  sink = ltn12.sink.table(parts),
})
assert(table.concat(parts) == ("y"):rep(50000))

local ok, answer = http.request { url = BASE .. "/size/10", method = "HEAD" }
assert(ok == 1 and answer == 200)

http.TIMEOUT = 0.2
local nothing, reason = http.request(BASE .. "/slow")
assert(nothing == nil and reason == "timeout", reason)
nothing, reason = http.request "http://127.0.0.1:1/"
assert(nothing == nil and reason == "connection refused", reason)

-- A sink that fails ends the request.
local failed, why = http.request {
  url = BASE .. "/size/100000",
  sink = function()
    return nil, "enough"
  end,
}
assert(failed == nil and why == "enough", why)

-- The function that makes the socket.
local made = 0
assert(http.request {
  url = BASE .. "/size/1",
  create = function()
    made = made + 1
    return socket.tcp()
  end,
})
assert(made == 1)
