local child = require "spec.support.child"
local document = require "spec.support.document"
local library = require "spec.support.library"

if not library.has "cqueues" then
  return
end

-- The beginning of each program.
local BEGINNING = [[
local cqueues = require "cqueues"
local socket = require "bsdsocket"
local controller = cqueues.new()
local one, other = assert(socket.socketpair())
one:setblocking(false)
other:setblocking(false)
local polled = 0

local function wait(s)
  cqueues.poll { pollfd = s:pollfd(), events = s:events() }
end

local function patiently(s, method, object, ...)
  while true do
    local first, second, code = object[method](object, ...)
    if code ~= "EAGAIN" then
      return first, second, code
    end
    polled = polled + 1
    wait(s)
  end
end
]]

-- Runs a program with its own assertions, which must print nothing.
local function run(program)
  assert.same({ "", "", 0 }, { child.run(BEGINNING .. program) })
end

describe("tasks under a cqueues controller", function()
  it("run when they can", function()
    assert.same(
      { "received\thello\n", "", 0 },
      { child.run(document.program("docs/interop.md", "Tasks under a controller of cqueues")) }
    )
  end)

  it("sleep, talk, and are spawned by its coroutines, with nothing else to ask", function()
    run [[
      local tasks = require "bsdsocket.tasks"
      local steps = 0
      local ready = { pollfd = tasks.fileno(), events = "r" }
      local queue, got = tasks.queue(), {}
      tasks.spawn(function()
        assert(one:settimeout(10) and other:settimeout(10))
        local value = queue:get()
        while value do
          tasks.sleep(0.001)
          tasks.spawn(other.sendall, other, value)
          got[#got + 1] = one:recv(10)
          value = queue:get()
        end
      end)
      controller:wrap(function()
        repeat
          steps = steps + 1
          local left = tasks.step(0)
        until left == 0 or not cqueues.poll(ready)
      end)
      controller:wrap(function()
        for n = 1, 10 do
          cqueues.sleep(0.002)
          queue:put(tostring(n))
        end
        queue:close()
      end)
      assert(controller:loop())
      assert(table.concat(got, " ") == "1 2 3 4 5 6 7 8 9 10", table.concat(got, " "))
      assert(steps < 100, steps)
    ]]
  end)
end)

describe("a cqueues controller", function()
  it("runs a server and clients, one coroutine each", function()
    local output, complaints, status = child.run(document.program("docs/interop.md", "cqueues"))
    assert.same({ "", 0 }, { complaints, status })
    local lines = {}
    for line in output:gmatch("[^\n]+") do
      lines[#lines + 1] = line
    end
    table.sort(lines)
    assert.same({ "received\tquestion 1", "received\tquestion 2", "received\tquestion 3" }, lines)
  end)

  it("resumes a coroutine only when data arrived", function()
    run [[
      local order = {}
      controller:wrap(function()
        order[#order + 1] = "waits"
        assert(patiently(one, "recv", one, 10) == "hello")
        order[#order + 1] = "received"
      end)
      controller:wrap(function()
        for _ = 1, 3 do
          cqueues.sleep(0.01)
          order[#order + 1] = "sleeps"
        end
        assert(other:send("hello"))
      end)
      assert(controller:loop())
      assert(table.concat(order, " ") == "waits sleeps sleeps sleeps received", table.concat(order, " "))
      assert(polled == 1, polled)
    ]]
  end)

  it("resumes it when the socket is writable", function()
    run [[
      local data = ("x"):rep(3000000)
      controller:wrap(function()
        local sent = 0
        while sent < #data do
          sent = sent + assert(patiently(one, "send", one, data:sub(sent + 1)))
        end
        assert(one:events() == "w")
        cqueues.cancel(one)
        one:close()
      end)
      local received = 0
      controller:wrap(function()
        repeat
          local piece = assert(patiently(other, "recv", other, 100000))
          received = received + #piece
        until piece == ""
      end)
      assert(controller:loop())
      assert(received == #data and polled > 0)
    ]]
  end)

  it("resumes it when a connection is established or refused", function()
    run [[
      local listener = assert(socket.create_server { "127.0.0.1", 0 })
      local outcomes = {}
      local function connect()
        local client = assert(socket.socket())
        client:setblocking(false)
        assert(client:connect_ex(listener:getsockname()) == socket.errno.EINPROGRESS)
        wait(client)
        return client:getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
      end
      controller:wrap(function()
        assert(connect() == 0)
        local bound = assert(socket.socket())
        assert(bound:bind { "127.0.0.1", 0 })
        listener = bound
        assert(connect() == socket.errno.ECONNREFUSED)
      end)
      assert(controller:loop())
    ]]
  end)

  it("lets a coroutine read a stream line by line", function()
    run [[
      local lines = {}
      controller:wrap(function()
        local stream = assert(one:makefile("r"))
        for n = 1, 3 do
          lines[n] = assert(patiently(one, "read", stream, "l"))
        end
      end)
      controller:wrap(function()
        for _, piece in ipairs { "fi", "rst\nsec", "ond\n", "third\n" } do
          assert(other:send(piece))
          cqueues.sleep(0.001)
        end
      end)
      assert(controller:loop())
      assert(table.concat(lines, " ") == "first second third")
    ]]
  end)

  it("waits no longer than the socket's timeout", function()
    run [[
      one:settimeout(0.02)
      local before = cqueues.monotime()
      controller:wrap(function()
        assert(cqueues.poll(one) == one)
      end)
      assert(controller:loop(10))
      local waited = cqueues.monotime() - before
      assert(waited >= 0.02 and waited < 10, waited)
    ]]
  end)

  it("raises for a socket that was closed without being cancelled", function()
    run [[
      local function wait(cancels)
        local s, peer = assert(socket.socketpair())
        controller:wrap(function()
          cqueues.poll(s)
          if cancels then
            cqueues.cancel(s)
          end
          s:close()
        end)
        assert(peer:send("x"))
        return controller:loop()
      end
      assert(wait(true))
      local done, message = wait(false)
      assert(not done and message:find("Bad file descriptor", 1, true), message)
    ]]
  end)
end)
