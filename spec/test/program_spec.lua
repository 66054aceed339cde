local child = require "spec.support.child"
local skip = require "spec.support.skip"
local socket = require "bsdsocket"
local system = require "spec.support.system"
local tasks = require "bsdsocket.tasks"
local test = require "bsdsocket.test"
local temporary = require "spec.support.temporary"
local testing = require "spec.support.testing"

local failure = testing.failure

describe("addresses", function()
  it(
    "refuse connections while no one listens",
    test.case(function()
      local address, held = test.closed_address()
      local s, _, code = socket.create_connection(address)
      assert.is_nil(s)
      assert.equal("ECONNREFUSED", code)
      held:close()
    end)
  )

  it(
    "can be bound",
    test.case(function()
      local address = test.free_address()
      local server = assert(socket.create_server(address))
      -- None that the system assigns.
      assert.is_true(address.port >= 15000 and address.port < 30000)
      assert.is_true(test.wait_until_ready(server:getsockname()))
      server:close()
    end)
  )

  it("are waited for, and named when no one listens", function()
    local address, held = test.closed_address()
    local text = failure(function()
      test.wait_until_ready(address, 0.02)
    end)
    held:close()
    local expected = "_spec%.lua:%d+: nobody listens at 127%.0%.0%.1:" .. address.port .. "\n"
    assert.is_truthy(text:find(expected), text)
  end)
end)

if system.windows then
  skip "programs: Windows has no process groups"
  return
end

-- Whether a process is there and has not ended.
local function lives(id)
  return child.output(("ps -o stat= -p %d"):format(id)):find "^%s*[^%sZ]" ~= nil
end

-- Whether a port accepts connections.
local function listens(port)
  local s = socket.create_connection { "127.0.0.1", port }
  return s ~= nil and s:close()
end

-- Waits until this is no longer so.
local function ends(holds, what)
  local last = test.now() + 5
  while holds(what) and test.now() < last do
    test.sleep(0.01)
  end
  return not holds(what)
end

local function gone(id)
  return ends(lives, id)
end

describe("spawn", function()
  it(
    "starts a program with arguments, variables and a directory, and reads both outputs",
    test.case(function()
      local program = test.spawn({ "sh", "-c", 'echo "$1 $NAME"; pwd >&2; exit 3', "sh", "a b" }, {
        environment = { NAME = "value" },
        directory = "/",
      })
      program:expect "a b value\n/\n"
      program:expect(test.EOF)
      assert.same({ "exit", 3 }, { program:wait() })
      assert.equal("a b value\n/\n", program.output)
      assert.equal("sh", program.name)
    end)
  )

  it(
    "waits for a pattern in the output, which can still be expected",
    test.case(function()
      local program = test.spawn("echo first; echo ready; sleep 60", { ready = "re%a+y" })
      program:expect(test.line "first")
      program:expect(test.line "ready")
      assert.same({ "signal", 15 }, { program:stop() })
    end)
  )

  it(
    "waits until connections are accepted",
    test.case(function()
      local address = test.free_address()
      local source = ([[
      local server = require("bsdsocket").create_server { "127.0.0.1", %d }
      server:accept()
      server:accept():sendall "here"
    ]]):format(address.port)
      local path = temporary.file(source)
      test.spawn(child.interpreter() .. " " .. path, { ready = address })
      test.connect(address):expect "here"
      temporary.remove(path)
    end)
  )

  it("fails when the program ends before it is ready, with its output", function()
    for _, ready in ipairs { { "127.0.0.1", 1 }, "never" } do
      local text = failure(function()
        test.spawn("echo no such file; exit 7", { ready = ready, name = "server" })
      end)
      assert.is_truthy(text:find "_spec%.lua:%d+: server ended before it was ready: exit 7\n")
      assert.is_truthy(text:find("\n  server (exit 7):\n    no such file", 1, true))
    end
  end)

  it("fails when the program is not ready in time", function()
    local text = failure(function()
      test.spawn("echo waiting; sleep 60", { ready = "never", seconds = 0.1, name = "server" })
    end)
    assert.is_truthy(text:find "_spec%.lua:%d+: server was not ready in time\n  its output has no never")
    assert.is_truthy(text:find("\n  server (running):\n    waiting", 1, true))
  end)

  -- Checks what `spawn` says of arguments, by the message.
  local function refuses(messages)
    for message, arguments in pairs(messages) do
      local text = failure(function()
        test.spawn(arguments[1], arguments[2])
      end)
      assert.equal(message, text:match "_spec%.lua:%d+: (.*)$")
    end
  end

  -- Emulators and memcheck run the new process on a copy of the memory, in which the failure is left.
  it("names a command that cannot be started", function()
    refuses {
      ["spawn: cannot start '/no/such/program': No such file or directory"] = { { "/no/such/program" } },
      ["spawn: cannot start 'true' in /none: No such file or directory"] = { { "true" }, { directory = "/none" } },
    }
  end)

  it("names invalid arguments", function()
    refuses {
      ["spawn: command: table expected, got no value"] = {},
      ["spawn: an empty command"] = { {} },
      ["spawn: there is no option 'redy'"] = { { "true" }, { redy = 1 } },
      ["spawn: ready: address or pattern expected, got number"] = { { "true" }, { ready = 1 } },
    }
  end)

  it("shows the output of a program when the test fails", function()
    local text = failure(function()
      test.spawn("echo on; sleep 60", { ready = "on" })
      error("wrong", 0)
    end)
    assert.equal("wrong\n  echo (running):\n    on", text)
  end)

  it(
    "reads a program that writes more than a pipe holds",
    test.case(function()
      local program = test.spawn "head -c 200000 /dev/zero; echo; echo last"
      assert.same({ "exit", 0 }, { program:wait() })
      program:expect(200000)
      program:expect "\nlast\n"
    end)
  )

  it(
    "reads what comes after the test begins to wait, and before the task that reads begins",
    test.case(function()
      local path = temporary.path()
      tasks.spawn(os.execute, ("touch %s; timeout 2 sh -c 'while [ -e %s ]; do sleep 0.01; done'"):format(path, path))
      local command = "until [ -e %s ]; do sleep 0.01; done; echo ready; rm %s; sleep 60"
      test.spawn(command:format(path, path)):expect(test.line "ready")
    end)
  )

  it("kills all that a program has started, even if it does not end by itself", function()
    local ids = {}
    failure(function()
      local program = test.spawn("trap '' TERM; sleep 60 & echo $!; wait; wait")
      ids = { program.id, tonumber(program:expect(test.line "(%d+)")) }
      assert.is_true(lives(ids[1]) and lives(ids[2]))
      error "stop"
    end)
    assert.is_true(gone(ids[1]) and gone(ids[2]))
  end)

  it("works outside of a test, and with a test that starts later", function()
    local program = test.spawn "echo one; read x; echo two"
    program:expect "one\n"
    test.run(function()
      program:expect "two\n"
    end)
    assert.same({ "exit", 0 }, { program:wait() })
    program:close()
  end)

  it(
    "still says how a program ended that was closed, and has nothing more to read",
    test.case(function()
      local program = test.spawn { "sleep", "60" }
      program:close()
      for _ = 1, 2 do
        assert.same({ "signal", 9 }, { program:wait() })
        assert.same({ "signal", 9 }, { program:stop() })
      end
      program:expect(test.EOF)
    end)
  )

  for _, signal in ipairs { "INT", "TERM", "KILL" } do
    it("leaves no process and no port when the test ends by SIG" .. signal, function()
      local running = child.lua [[
        local test = require "bsdsocket.test"
        test.run(function()
          local program = test.spawn "trap '' TERM; sleep 60 & echo $!; wait; wait"
          local started = program:expect(test.line "(%d+)")
          local task = test.server(function(peer)
            peer:sleep(60)
          end)
          local process = test.server(function(peer)
            peer:send "begun"
            while true do
            end
          end, { place = "process", connections = 2 })
          local proxy = test.proxy { to = process.address }
          test.connect(proxy.address):expect "begun"
          print(program.id, started, task.address.port, process.address.port, proxy.address.port)
          io.stdout:flush()
          test.sleep(60)
        end, 60)
      ]]
      local line = running:line()
      local numbers = {}
      for number in line:gmatch "%d+" do
        numbers[#numbers + 1] = tonumber(number)
      end
      assert.equal(5, #numbers, line)
      running:signal(signal)
      local _, complaints = running:finish()
      assert.equal(signal == "INT", complaints:find("interrupted!", 1, true) ~= nil, complaints)
      assert.is_true(gone(numbers[1]) and gone(numbers[2]))
      for n = 3, 5 do
        assert.is_true(ends(listens, numbers[n]), line)
      end
    end)
  end

  if system.linux then
    it("leaks no descriptor and no task, also when the test fails", function()
      local own = temporary.read("/proc/self/stat"):match "^%d+"
      local function count_after_run()
        test.run(function()
          test.spawn({ "true" }):wait()
        end)
        failure(function()
          test.spawn { "sleep", "60" }
          local process = test.server(function(peer)
            peer:sleep(60)
          end, { place = "process" })
          local task = test.server(function(peer)
            peer:sleep(60)
          end)
          test.connect(test.proxy({ to = process.address }).address)
          test.connect(task.address):send "x"
          error "stop"
        end)
        assert.equal(0, #tasks.all())
        collectgarbage()
        collectgarbage()
        -- `io.popen` would have descriptors of its own.
        local path = temporary.path()
        os.execute(("ls /proc/%s/fd >%s"):format(own, path))
        local list = temporary.read(path)
        temporary.remove(path)
        return list
      end
      local before = count_after_run()
      local after = count_after_run()
      assert.is_true(#after <= #before, before .. after)
    end)
  end
end)
