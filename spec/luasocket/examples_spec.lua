local child = require "spec.support.child"
local library = require "spec.support.library"
local network = require "spec.support.network"
local socket = require "bsdsocket"

local interpreter = child.interpreter()

if library.has "socket.http" then
  describe("examples/luasocket/http_fetch.lua", function()
    -- Starts it for the page of a listener.
    local function fetch(listener)
      local port = listener:getsockname().port
      return child.start(("%s examples/luasocket/http_fetch.lua http://127.0.0.1:%d/page"):format(interpreter, port))
    end

    it("fetches a page", function()
      local listener = network.listener()
      local run = fetch(listener)
      local peer = assert(listener:accept())
      local stream = assert(peer:makefile "rw")
      local request = {}
      for line in stream:lines() do
        if line == "\r" then
          break
        end
        request[#request + 1] = line
      end
      assert.equal("GET /page HTTP/1.1\r", request[1])
      assert(stream:write "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello")
      assert(stream:flush())
      local output, complaints, status = run:finish()
      peer:close()
      listener:close()
      assert.same({ "hello", "200 text/plain\n", 0 }, { output, complaints, status })
    end)

    it("says why it fails", function()
      local listener = network.listener()
      local run = fetch(listener)
      assert(listener:accept()):close()
      local _, complaints, status = run:finish()
      listener:close()
      assert.is_truthy(complaints:find "/page: closed\n$", complaints)
      assert.equal(1, status)
    end)
  end)
end

if library.has "copas" then
  describe("examples/luasocket/copas_server.lua", function()
    it("echoes the lines of several clients", function()
      local server = child.start(interpreter .. " examples/luasocket/copas_server.lua 0")
      local line = server:line()
      local port = tonumber(line:match "^listening on\t127%.0%.0%.1:(%d+)$")
      assert.is_truthy(port, line)
      local clients = {}
      for n = 1, 5 do
        clients[n] = assert(socket.create_connection { "127.0.0.1", port })
        assert(clients[n]:sendall(("client %d\n"):format(n)))
      end
      for n = 5, 1, -1 do
        local expected = ("client %d\n"):format(n)
        assert.equal(expected, clients[n]:recv(#expected, socket.MSG_WAITALL))
        clients[n]:close()
      end
      server:signal "TERM"
      server:finish()
    end)
  end)
end
