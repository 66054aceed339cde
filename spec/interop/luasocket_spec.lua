local child = require "spec.support.child"
local document = require "spec.support.document"
local library = require "spec.support.library"

if not library.has "socket" then
  return
end

-- The beginning of each program.
local BEGINNING = [[
local luasocket = require "socket"
local socket = require "bsdsocket"
local one, other = assert(socket.socketpair())
]]

-- Runs a program with its own assertions, which must print nothing.
local function run(program)
  assert.same({ "", "", 0 }, { child.run(BEGINNING .. program) })
end

describe("LuaSocket's select", function()
  it("waits for sockets of both libraries", function()
    local program = document.program("docs/interop.md", "LuaSocket")
    assert.same({ "from ours to theirs\nfrom theirs to ours\n", "", 0 }, { child.run(program) })
  end)

  it("returns the readable and the writable sockets", function()
    run [[
      assert(other:send("x"))
      local readable, writable, failure = luasocket.select({ one, other }, { one, other }, 5)
      assert(failure == nil)
      assert(#readable == 1 and readable[1] == one and readable[one] and not readable[other])
      assert(#writable == 2 and writable[one] and writable[other])
    ]]
  end)

  it("reports a timeout", function()
    run [[
      local readable, writable, failure = luasocket.select({ one }, {}, 0.01)
      assert(#readable == 0 and #writable == 0 and failure == "timeout")
    ]]
  end)

  it("skips a closed socket", function()
    run [[
      assert(other:send("x"))
      local third = assert(socket.socket())
      third:close()
      local readable = luasocket.select({ third, one }, { third }, 5)
      assert(#readable == 1 and readable[one])
    ]]
  end)

  it("drives an echo server of our sockets, with several LuaSocket clients", function()
    run [[
      other:close()
      one:close()
      local listener = assert(socket.create_server { "127.0.0.1", 0 })
      local port = listener:getsockname().port
      local clients, served, sockets = {}, 0, { listener }
      for n = 1, 5 do
        clients[n] = assert(luasocket.connect("127.0.0.1", port))
        assert(clients[n]:send("from client " .. n .. "\n"))
        clients[n]:shutdown("send")
      end
      while served < #clients do
        for _, ready in ipairs((luasocket.select(sockets, nil, 5))) do
          if ready == listener then
            sockets[#sockets + 1] = assert(listener:accept())
          else
            local data = assert(ready:recv(4096))
            if data ~= "" then
              assert(ready:sendall(data))
            else
              ready:close()
              served = served + 1
              for n = #sockets, 2, -1 do
                if sockets[n] == ready then
                  table.remove(sockets, n)
                end
              end
            end
          end
        end
      end
      for n, client in ipairs(clients) do
        assert(client:receive("*l") == "from client " .. n)
      end
    ]]
  end)
end)

describe("a socket of LuaSocket", function()
  it("is a peer of a test of a protocol", function()
    local program = [[
      local socket = require "socket"
      local test = require "bsdsocket.test"
      test.run(function()
        local listener = assert(socket.bind("127.0.0.1", 0))
        local host, port = listener:getsockname()
        local one = assert(socket.connect(host, port))
        local client, server = test.wrap(one, "client"), test.wrap(assert(listener:accept()), "server")
        listener:close()
        client:send "question\n"
        assert(server:expect(test.line()) == "question")
        server:expect_silence(0.01)
        server:send "answer"
        server:shutdown()
        client:expect "answer"
        client:expect(test.EOF)
      end)
      assert(not pcall(test.run, function()
        local listener = assert(socket.bind("127.0.0.1", 0))
        local host, port = listener:getsockname()
        test.wrap(assert(socket.connect(host, port))):expect("x", 0.01)
      end))
    ]]
    assert.same({ "", "", 0 }, { child.run(program) })
  end)
end)
