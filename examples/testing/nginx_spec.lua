-- An nginx under test: keep-alive, requests in pieces, and requests that are none. Run it with busted; it needs nginx.

local test = require "bsdsocket.test"

local CONFIGURATION = [[
daemon off;
master_process off;
pid %s.pid;
error_log stderr;
events { worker_connections 16; }
http {
  access_log off;
  client_body_temp_path %s.body;
  proxy_temp_path %s.proxy;
  fastcgi_temp_path %s.fastcgi;
  uwsgi_temp_path %s.uwsgi;
  scgi_temp_path %s.scgi;
  server {
    listen 127.0.0.1:%d;
    location / { return 200 "you asked for $request_uri"; }
  }
}
]]

-- Runs a test with the address of a server; its files are removed in the end.
local function case(body)
  return function()
    local path = os.tmpname()
    local ok, failure = pcall(test.run, function()
      local address = test.free_address()
      local file = assert(io.open(path, "w"))
      assert(file:write((CONFIGURATION:gsub("%%s", path):format(address.port))))
      file:close()
      test.spawn({ "nginx", "-c", path, "-e", "stderr" }, { ready = address })
      body(address)
    end)
    for _, suffix in ipairs { "", ".pid", ".body", ".proxy", ".fastcgi", ".uwsgi", ".scgi" } do
      os.remove(path .. suffix)
    end
    if not ok then
      error(failure, 0)
    end
  end
end

-- Expects an answer, and gives its body.
local function expect_answer(client)
  client:expect "HTTP/1.1 200 OK\r\n"
  local head = client:expect(test.upto "\r\n\r\n")
  return client:expect(tonumber(head:match "Content%-Length: (%d+)"))
end

describe("nginx", function()
  it(
    "answers two requests of a connection",
    case(function(address)
      local client = test.connect(address)
      for _, path in ipairs { "/one", "/two" } do
        client:send("GET " .. path .. " HTTP/1.1\r\nHost: x\r\n\r\n")
        assert.equal("you asked for " .. path, expect_answer(client))
      end
    end)
  )

  it(
    "answers requests in segments of 3 bytes, and waits for all of a request",
    case(function(address)
      local slicer = { { "slicer", size = 3, delay = 0.0005 } }
      local client = test.connect(test.proxy({ to = address, upstream = slicer }).address)
      client:send "GET /three HTTP/1.1\r\nHost: x\r\n"
      client:expect_silence(0.05)
      client:send "\r\n"
      assert.equal("you asked for /three", expect_answer(client))
    end)
  )

  it(
    "refuses what is no request, and closes",
    case(function(address)
      local client = test.connect(address)
      client:send "this is no request\r\n\r\n"
      client:expect "HTTP/1.1 400 Bad Request\r\n"
      client:expect(test.upto "</html>\r\n")
      client:expect(test.EOF)
    end)
  )
end)
