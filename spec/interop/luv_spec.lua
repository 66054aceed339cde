local child = require "spec.support.child"
local document = require "spec.support.document"
local library = require "spec.support.library"

if not library.has "luv" then
  return
end

describe("tasks in the loop of luv", function()
  local function run(program)
    return { child.run(program) }
  end

  it("run when they can", function()
    assert.same({ "received\thello\n", "", 0 }, run(document.program("docs/interop.md", "Tasks in the loop of luv")))
  end)

  it("sleep, talk, and are spawned by its callbacks, with nothing else to ask", function()
    local program = [[
      local socket = require "bsdsocket"
      local tasks = require "bsdsocket.tasks"
      local uv = require "luv"

      local steps, ended = 0, 0
      local handle = assert(uv.new_poll(tasks.fileno()))
      local function start()
        handle:start("r", function(failure)
          assert(not failure, failure)
          steps = steps + 1
          if tasks.step(0) == 0 then
            handle:stop()
          end
        end)
      end
      start()

      local listener = assert(socket.create_server { "127.0.0.1", 0 })
      local queue = tasks.queue()
      local server = tasks.spawn(function()
        while true do
          local connection = listener:accept()
          if not connection then
            break
          end
          tasks.spawn(function()
            local stream = connection:makefile "rw"
            local line = stream:read "l"
            while line do
              tasks.sleep(0.001)
              assert(assert(stream:write(line, "\n")):flush())
              line = stream:read "l"
            end
            connection:close()
          end)
        end
      end)
      for n = 1, 20 do
        tasks.spawn(function()
          local client = assert(socket.create_connection(listener:getsockname()))
          local stream = client:makefile "rw"
          for m = 1, 5 do
            assert(assert(stream:write(n, " ", m, "\n")):flush())
            assert(stream:read "l" == n .. " " .. m)
          end
          assert(queue:get() == "go")
          stream:close()
          client:close()
          ended = ended + 1
        end)
      end
      local timer, ticks = assert(uv.new_timer()), 0
      timer:start(20, 1, function()
        ticks = ticks + 1
        if ticks <= 20 then
          queue:put "go"
        elseif ended == 20 then
          server:cancel()
          tasks.spawn(function()
            print("ended", ended)
          end)
          timer:close()
        end
      end)
      uv.run()
      assert(steps > 20 and #tasks.all() == 0)

      -- Nothing is due: the loop sleeps.
      tasks.spawn(tasks.sleep, 0.05)
      start()
      local before = steps
      uv.run()
      assert(steps - before <= 3, steps - before)
    ]]
    assert.same({ "ended\t20\n", "", 0 }, run(program))
  end)
end)

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
