-- socket.ftp: getting, putting, listing, failures.

local ftp = require "socket.ftp"
local ltn12 = require "ltn12"

local BASE = "ftp://user:secret@127.0.0.1:2121/"

assert(ftp.get(BASE .. "greeting.txt;type=i") == "hello\r\n")
assert(ftp.put(BASE .. "new.txt;type=i", ("z"):rep(200000)) == 200000)
assert(#assert(ftp.get(BASE .. "new.txt;type=i")) == 200000)

local names = {}
assert(ftp.get {
  host = "127.0.0.1",
  port = 2121,
  user = "user",
  password = "secret",
  command = "nlst",
  path = "",
  sink = ltn12.sink.table(names),
})
assert(table.concat(names):find("greeting.txt", 1, true), table.concat(names))

local nothing, reason = ftp.get(BASE .. "none.txt;type=i")
assert(nothing == nil and reason == "550 none", reason)
nothing, reason = ftp.get "ftp://user:wrong@127.0.0.1:2121/greeting.txt"
assert(nothing == nil and reason == "530 no", reason)
