-- LuaSec's ssl.https against OpenSSL's own server.

local found, https = pcall(require, "ssl.https")
if not found then
  print(https)
  os.exit(77)
end
local ltn12 = require "ltn12"

local body, code = https.request "https://127.0.0.1:8443/"
assert(code == 200 and body:find "Ciphers supported", code)
local parts = {}
local ok, status = https.request {
  url = "https://127.0.0.1:8443/",
  protocol = "tlsv1_2",
  sink = ltn12.sink.table(parts),
}
assert(ok == 1 and status == 200 and #table.concat(parts) > 100)
local nothing, reason = https.request "https://127.0.0.1:1/"
assert(nothing == nil and reason == "connection refused", reason)
local _, wrong = https.request("https://127.0.0.1:8443/", nil)
assert(wrong == 200)
