local child = require "spec.support.child"
local document = require "spec.support.document"
local library = require "spec.support.library"

if not library.has "luv" then
  return
end

describe("a luv poll handle", function()
  it("calls back when data has arrived", function()
    assert.same({ "r\thello\n", "", 0 }, { child.run(document.program("docs/interop.md", "luv")) })
  end)

  it("serves several connections at once, in both directions", function()
    local program = [[
      local socket = require "bsdsocket"
      local uv = require "luv"

      local PAYLOAD = ("0123456789abcdef"):rep(50000)
      local listener = assert(socket.create_server { "127.0.0.1", 0 })
      listener:setblocking(false)
      local watching = assert(uv.new_poll(listener:fileno()))

      local function finish(handle, s)
        handle:close(function() s:close() end)
      end

      -- Echoes all data.
      local function serve(connection)
        connection:setblocking(false)
        local handle, pending, ended = assert(uv.new_poll(connection:fileno())), "", false
        local function step(failure)
          assert(not failure, failure)
          if pending == "" and not ended then
            local data, message, code = connection:recv(65536)
            assert(data or code == "EAGAIN", message)
            pending, ended = data or "", data == ""
          end
          if pending ~= "" then
            local sent, message, code = connection:send(pending)
            assert(sent or code == "EAGAIN", message)
            pending = pending:sub((sent or 0) + 1)
          end
          if ended then
            finish(handle, connection)
          else
            handle:start(pending == "" and "r" or "w", step)
          end
        end
        handle:start("r", step)
      end

      local accepted = 0
      watching:start("r", function(failure)
        assert(not failure, failure)
        serve((assert(listener:accept())))
        accepted = accepted + 1
        if accepted == 3 then
          finish(watching, listener)
        end
      end)

      local echoed = 0
      for _ = 1, 3 do
        local client = assert(socket.socket())
        client:setblocking(false)
        assert(client:connect_ex(listener:getsockname()) == socket.errno.EINPROGRESS)
        local handle, sent, pieces = assert(uv.new_poll(client:fileno())), 0, {}
        handle:start("rw", function(failure, events)
          assert(not failure, failure)
          if events:find("w") and sent < #PAYLOAD then
            sent = sent + (client:send(PAYLOAD:sub(sent + 1, sent + 65536)) or 0)
            if sent == #PAYLOAD then
              assert(client:shutdown(socket.SHUT_WR))
            end
          end
          if events:find("r") then
            local data, message, code = client:recv(65536)
            assert(data or code == "EAGAIN", message)
            pieces[#pieces + 1] = data
            if data == "" then
              echoed = echoed + (table.concat(pieces) == PAYLOAD and 1 or 0)
              finish(handle, client)
            end
          end
        end)
      end
      uv.run()
      print(echoed)
    ]]
    assert.same({ "3\n", "", 0 }, { child.run(program) })
  end)
end)
