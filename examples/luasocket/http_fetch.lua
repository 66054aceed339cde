-- Fetches a page with LuaSocket's `socket.http`, over this library's sockets: Ctrl-C ends it at any time, even while
-- the host's name is looked up.
--
--     lua examples/luasocket/http_fetch.lua http://example.org/

require "bsdsocket.luasocket"

-- LuaSocket's modules have no types here.
---@diagnostic disable: unresolved-require
local http = require "socket.http"
local ltn12 = require "ltn12"

local url = arg[1] or "http://127.0.0.1/"

-- Each wait may take so long.
http.TIMEOUT = 10

local ok, status, headers = http.request {
  url = url,
  headers = { ["user-agent"] = "http_fetch" },
  sink = ltn12.sink.file(io.stdout),
}
if not ok then
  io.stderr:write(url, ": ", tostring(status), "\n")
  os.exit(1)
end
io.stderr:write(("%d %s\n"):format(status, headers["content-type"] or ""))
