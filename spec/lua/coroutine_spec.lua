local child = require "spec.support.child"
local skip = require "spec.support.skip"

-- Runs a program in which audit hooks call `act`.
local function run(source)
  return child.run([[
    local socket = require "bsdsocket"
    local CLOSED = "the coroutine was closed during the call"
    local act
    socket.addaudithook(function(...)
      if act then
        act(...)
      end
    end)
    local function closed(call, ...)
      local ok, message = pcall(call, ...)
      assert(not ok and message == CLOSED, message)
    end
  ]] .. source)
end

if not pcall(coroutine.wrap(function()
  coroutine.close(coroutine.running())
end)) then
  return skip "coroutines that close themselves, which Lua supports from 5.5 on"
end

describe("a coroutine that closes itself", function()
  it("vetoes the operation, any number of times, in an audit hook", function()
    local output, complaints = run([[
      local server = assert(socket.create_server({ "127.0.0.1", 0 }))
      for _ = 1, 100 do
        act = nil
        local client = assert(socket.create_connection(server:getsockname()))
        act = function() coroutine.close() end
        closed(socket.socket)
        closed(socket.gethostname)
        closed(server.accept, server)
        act = nil
        assert(client:recv(1) == "")
        client:close()
      end
      local one, other = assert(socket.socketpair())
      assert(one:send("x") == 1 and other:recv(1) == "x")
      print("works")
    ]])
    assert.same({ "works\n", "" }, { output, complaints })
  end)

  it("does not close the calling coroutine, in an audit hook", function()
    local output, complaints = run([[
      local thread = coroutine.wrap(function()
        for step = 1, 50 do
          act = function() coroutine.close() end
          closed(socket.socket)
          act = nil
          coroutine.yield(step)
        end
      end)
      for step = 1, 50 do
        assert(thread() == step)
      end
      print("works")
    ]])
    assert.same({ "works\n", "" }, { output, complaints })
  end)

  it("ends only the inner call, in nested hooks", function()
    local output, complaints = run([[
      local depth = 0
      act = function()
        depth = depth + 1
        if depth < 10 then
          closed(socket.socket)
        end
        coroutine.close()
      end
      closed(socket.socket)
      print(depth)
    ]])
    assert.same({ "10\n", "" }, { output, complaints })
  end)

  it("closes the to-be-closed variables of the hook", function()
    local output, complaints = run([[
      act = function()
        local value <close> = setmetatable({}, { __close = function() print("closed") end })
        coroutine.close()
      end
      closed(socket.socket)
    ]])
    assert.same({ "closed\n", "" }, { output, complaints })
  end)
end)
