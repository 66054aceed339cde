-- Fetches a page by HTTP/1.1, and writes it to the standard output: a body of a given length, in chunks, or up to the
-- end of the stream.
--
--     lua examples/http_client.lua http://127.0.0.1:8080/page

local socket = require "bsdsocket"

local authority, path = assert(arg[1], "usage: http_client.lua URL"):match "^http://([^/]+)(.*)$"
assert(authority, "not a URL of HTTP")
local host, port = authority:match "^(.-):?(%d*)$"

-- Each call has ten seconds; a line has at most 64 KiB. The lines of HTTP end with "\r\n", which is written out here:
-- `newline = ""` sends what is written as it is, and takes both "\r\n" and "\n" for the end of a line.
local connection = assert(socket.create_connection({ host, tonumber(port) or 80 }, { timeout = 10 }))
local stream = assert(connection:makefile("rw", { newline = "", limit = 65536 }))
connection:close() -- the stream keeps it open

-- Reads, and takes the end of the stream for a failure.
local function read(format)
  local data, message = stream:read(format)
  return assert(data, message or "the server has closed the connection")
end

-- Writes so many bytes of the body.
local function copy(count)
  while count > 0 do
    local data = read(math.min(count, 16384))
    io.write(data)
    count = count - #data
  end
end

assert(stream:write("GET ", path ~= "" and path or "/", " HTTP/1.1\r\n"))
assert(stream:write("Host: ", authority, "\r\nConnection: close\r\n\r\n"))

local version, status, reason = read("l"):match "^HTTP/(1%.%d) (%d%d%d) ?(.*)$"
assert(version, "not an answer of HTTP")
io.stderr:write(status, " ", reason, "\n")

-- The header: names in lower case.
local fields = {}
local line = read "l"
while line ~= "" do
  local name, value = line:match "^([^:]+):%s*(.-)%s*$"
  fields[assert(name, "not a header field"):lower()] = value
  line = read "l"
end

if fields["transfer-encoding"] == "chunked" then
  local size
  repeat
    size = assert(tonumber(read("l"):match "^%x+" or "none", 16), "not the size of a chunk")
    copy(size)
    -- The end of a chunk; after the last, of size 0, fields may come first.
    local rest = read "l"
    while size == 0 and rest ~= "" do
      rest = read "l"
    end
    assert(rest == "", "a chunk is longer than it says")
  until size == 0
elseif fields["content-length"] then
  copy(assert(tonumber(fields["content-length"]), "not a length"))
else
  local data, message = stream:read(16384)
  while data do
    io.write(data)
    data, message = stream:read(16384)
  end
  assert(not message, message)
end
stream:close()
