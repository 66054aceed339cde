-- A client of TLS with LuaSec: connects, checks the certificate and the name in it, sends a line and prints the answer.
--
--     lua examples/tls_client.lua HOST PORT AUTHORITIES LINE
--
-- AUTHORITIES is a file with the certificates that are trusted, as /etc/ssl/certs/ca-certificates.crt.

---@diagnostic disable: unresolved-require
require "socket" -- LuaSocket ignores SIGPIPE, which LuaSec may cause.
local socket = require "bsdsocket"
local ssl = require "ssl"

assert(arg[4], "usage: tls_client.lua HOST PORT AUTHORITIES LINE")
local host, port, authorities, line = arg[1], arg[2], arg[3], arg[4]

local TIME = 10
local CONTEXT = { mode = "client", protocol = "any", options = { "all", "no_sslv3", "no_tlsv1", "no_tlsv1_1" } }
CONTEXT.verify, CONTEXT.cafile = "peer", authorities

-- Whether a certificate is for a name: one of its names, where "*" stands for one label.
local function is_for(certificate, name)
  local names = certificate:extensions()["2.5.29.17"] -- subjectAltName
  for _, given in ipairs(names and names.dNSName or {}) do
    local pattern = given:lower()
    local rest = pattern:match "^%*(%..+)$"
    if pattern == name:lower() or rest and rest == name:lower():match "^[^.]+(%..+)$" then
      return true
    end
  end
  return false
end

local connection = assert(socket.create_connection({ host, port }, { timeout = TIME }))
local secure = assert(ssl.wrap(connection, CONTEXT)) -- LuaSec's from now on
secure:settimeout(TIME)
secure:sni(host) -- the name, for a server that has several
assert(secure:dohandshake())
assert(is_for(secure:getpeercertificate(), host), "the certificate is for another name")

assert(secure:send(line .. "\n"))
print((assert(secure:receive "*l")))
secure:close()
