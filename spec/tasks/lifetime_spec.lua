-- The ends of states, processes and runs, and hooks, in programs of their own.

local child = require "spec.support.child"
local ctrl_c = require "spec.support.ctrl_c"
local skip = require "spec.support.skip"
local system = require "spec.support.system"
local tasking = require "spec.support.tasking"
local tasks = require "bsdsocket.tasks"

local PRELUDE = [[
  local socket = require "bsdsocket"
  local tasks = require "bsdsocket.tasks"
]]

describe("the end of a Lua state", function()
  it("runs no task", function()
    local started = child.lua(PRELUDE .. [[
      for n = 1, 2000 do
        tasks.spawn(function()
          local one, other = socket.socketpair()
          if n % 2 == 0 then
            tasks.sleep(60)
          else
            one:recv(1)
          end
          print "a task ran"
        end)
      end
      for _ = 1, 3 do
        tasks.step(0)
      end
      print(#tasks.all())
    ]])
    local output, complaints, status = started:finish()
    assert.equal("2000\n", output)
    assert.equal("", complaints)
    assert.equal(0, status)
  end)
end)

describe("an error of a task that no task joins", function()
  it("is written to stderr, and the other tasks continue", function()
    local output, complaints = child
      .lua(PRELUDE .. [[
      tasks.run(function()
        tasks.spawn(function()
          error "lost"
        end)
        tasks.sleep(0.01)
        print "went on"
      end)
    ]])
      :finish()
    assert.equal("went on\n", output)
    assert.matches("^task failed: .*lost\nstack traceback:\n", complaints)
  end)
end)

describe("an audit hook", function()
  it("is called once for each event of a call that waits in a task", function()
    local output = child
      .lua(PRELUDE .. [[
      local told = {}
      socket.addaudithook(function(event)
        told[#told + 1] = event
      end)
      tasks.run(function()
        local listener = assert(socket.create_server { "127.0.0.1", 0 })
        told = {}
        local server = tasks.spawn(listener.accept, listener)
        tasks.yield()
        local client = assert(socket.create_connection(listener:getsockname()))
        local connection = assert(server:join())
        print(table.concat(told, " "))
        told = {}
        local one, other = assert(socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM))
        told = {}
        local sender = tasks.spawn(function()
          for n = 1, 400 do
            assert(one:sendmsg { tostring(n) })
          end
        end)
        tasks.sleep(0.01)
        for _ = 1, 400 do
          assert(other:recv(10))
        end
        sender:join()
        print(#told)
      end)
    ]])
      :finish()
    assert.equal("socket.getaddrinfo socket.__new__ socket.connect socket.__new__\n400\n", output)
  end)

  it("can forbid a call before and after its wait", function()
    local output = child
      .lua(PRELUDE .. [[
      local forbidden
      socket.addaudithook(function(event)
        if event == forbidden then
          error("no " .. event, 0)
        end
      end)
      tasks.run(function()
        local listener = assert(socket.create_server { "127.0.0.1", 0 })
        local client = assert(socket.socket())
        forbidden = "socket.connect"
        print(pcall(client.connect, client, listener:getsockname()))
        forbidden = "socket.__new__"
        local server = tasks.spawn(function()
          local ok, connection, message, code = tasks.pcall(listener.accept, listener)
          if ok then
            ok, connection = connection, message
            assert(code == "EPERM")
          end
          print(not ok, connection)
        end)
        tasks.yield()
        forbidden = nil
        assert(client:connect(listener:getsockname()))
        forbidden = "socket.__new__"
        server:join()
      end)
    ]])
      :finish()
    assert.equal("false\tno socket.connect\ntrue\tno socket.__new__\n", output)
  end)

  it(
    "cannot wait",
    tasking.inside(function()
      local output = child
        .lua(PRELUDE .. [[
      local one, other = socket.socketpair()
      local said
      socket.addaudithook(function(event)
        if event == "socket.__new__" and not said then
          said = true
          print(select(2, pcall(one.recv, one, 1)))
        end
      end)
      tasks.run(function()
        assert(socket.socket())
        print(tasks.sleep(0))
      end)
    ]])
        :finish()
      assert.matches("recv: cannot wait here", output, 1, true)
      assert.matches("true\n$", output)
    end)
  )
end)

if system.windows then
  return skip "signals and processes of tasks"
end

describe("Ctrl-C in tasks.run", function()
  it("ends the run, and cancels the tasks that it has created", function()
    local started = child.lua(PRELUDE .. [[
      tasks.run(function()
        local one, other = assert(socket.socketpair())
        tasks.spawn(function()
          print(select(3, one:recv(1)))
        end)
        print "ready"
        io.stdout:flush()
        print(select(3, tasks.sleep(60)))
      end)
      print "it went on"
    ]], { limit = 10 })
    assert.equal("ready", started:line())
    started:asleep()
    started:signal("INT")
    local output, complaints = started:finish()
    -- On LuaJIT the interpreter's hook runs in one of the tasks.
    assert.matches("^ECANCELED\n", output)
    assert.is_nil(output:find("it went on", 1, true))
    assert.matches("interrupted!", complaints, 1, true)
  end)

  for what, call in pairs {
    ["is a wait"] = "tasks.run(tasks.sleep, 60)",
    ["waits for a group"] = [[
      tasks.run(tasks.group, function(group)
        for _ = 1, 20 do
          group:spawn(tasks.sleep, 60)
        end
      end)
    ]],
    ["waits while another task fails"] = [[
      tasks.onerror(function() end)
      tasks.run(function()
        tasks.spawn(function()
          tasks.sleep(60)
          error "on purpose"
        end)
        return tasks.sleep(60)
      end)
    ]],
  } do
    it("ends the script if its task " .. what, function()
      ctrl_c(PRELUDE .. [[print "ready" io.stdout:flush() ]] .. call)
    end)
  end
end)

describe("Ctrl-C in a task", function()
  it("ends the script although the task then fails", function()
    ctrl_c(PRELUDE .. [[
      tasks.run(function()
        local one, other = assert(socket.socketpair())
        print "ready"
        io.stdout:flush()
        error(select(2, one:recv(1)))
      end)
    ]])
  end)
end)

describe("thousands of tasks", function()
  it("can sleep at the same time", function()
    local count = 0
    tasks.run(function()
      tasks.group(function(group)
        for n = 1, 10000 do
          group:spawn(function()
            assert(tasks.sleep(n % 7 / 1000))
            count = count + 1
          end)
        end
      end)
    end)
    assert.equal(10000, count)
    assert.equal(0, #tasks.all())
  end)
end)

if not _VERSION:find "5.1" or rawget(_G, "jit") then
  describe("a step in a finalizer", function()
    it("runs tasks, or raises an error where coroutines cannot yield", function()
      local output = child
        .lua(PRELUDE .. [[
        local ran = 0
        local function finalizer()
          tasks.spawn(function()
            local one, other = socket.socketpair()
            tasks.spawn(other.send, other, "x")
            assert(one:recv(1) == "x")
            ran = ran + 1
          end)
          for _ = 1, 5 do
            local ok, message = pcall(tasks.step, 0)
            assert(not (jit and ok))
            if not ok then
              assert(message:find("cannot run in a finalizer", 1, true), message)
            end
          end
        end
        if newproxy then
          local proxy = newproxy(true)
          getmetatable(proxy).__gc = finalizer
        else
          setmetatable({}, { __gc = finalizer })
        end
        for _ = 1, 3 do
          collectgarbage()
        end
        while tasks.step(0) > 0 do end
        print(ran)
      ]])
        :finish()
      assert.equal("1\n", output)
    end)
  end)
end
