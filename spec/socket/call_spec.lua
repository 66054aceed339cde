local alarm = require "spec.support.alarm"
local child = require "spec.support.child"
local ctrl_c = require "spec.support.ctrl_c"
local lua = require "spec.support.lua"
local network = require "spec.support.network"
local preload = require "spec.support.preload"
local skip = require "spec.support.skip"
local socket = require "bsdsocket"
local temporary = require "spec.support.temporary"

-- The beginning of the programs below. Each test runs its own process, so that a call that never returns ends with it.
local PRELUDE = [[
  local socket = require "bsdsocket"
  local network = require "spec.support.network"
  local one, other = assert(socket.socketpair())
  local buffer = socket.buffer(10)
  local function ready()
    print("ready")
    io.stdout:flush()
  end
]]

describe("a call with a timeout", function()
  local buffer = socket.buffer(10)

  -- Calls that wait: the method, the socket whose method it is, and its argument.
  local CALLS = {
    { "accept", "listener" },
    { "recv", "reader", 1 },
    { "recvfrom", "reader", 1 },
    { "recv_into", "reader", buffer },
    { "recvfrom_into", "reader", buffer },
    { "send", "writer", "x" },
    { "sendall", "writer", "x" },
  }
  local sockets = {}

  setup(function()
    sockets.reader, sockets.reader_peer = assert(socket.socketpair())
    sockets.writer, sockets.writer_peer = assert(socket.socketpair())
    network.fill(sockets.writer)
    sockets.listener = network.listener()
  end)

  teardown(function()
    for _, each in pairs(sockets) do
      each:close()
    end
  end)

  for _, case in ipairs(CALLS) do
    it("ends when the timeout is over: " .. case[1], function()
      local subject = sockets[case[2]]
      subject:settimeout(0.12)
      local start = network.clock()
      local result, message, code = subject[case[1]](subject, case[3])
      local taken = network.clock() - start
      assert.same({ nil, case[1] .. ": timed out", "timeout" }, { result, message, code })
      assert.is_true(taken >= 0.11 and taken < 1 * network.patience, "it took " .. taken .. " s")
    end)
  end

  it("waits at least as long as a tiny timeout", function()
    for _, timeout in ipairs({ 1e-9, 1e-6, 0.0005 }) do
      sockets.reader:settimeout(timeout)
      local _, message, code = sockets.reader:recv(1)
      assert.same({ "recv: timed out", "timeout" }, { message, code })
    end
  end)

  it("does not wait if data is available", function()
    local one, other = assert(socket.socketpair())
    one:settimeout(1e-9)
    assert(other:sendall("there"))
    assert.equal("there", one:recv(10))
    network.close(one, other)
  end)

  it("may have the largest timeout", function()
    local one, other = assert(socket.socketpair())
    one:settimeout(9e9)
    assert(other:sendall("x"))
    assert.equal("x", one:recv(1))
    assert.equal(1, one:send("x"))
    network.close(one, other)
  end)

  it("waits with that timeout for later data", function()
    local started = child.lua(PRELUDE .. [[
      one, other = nil, nil
      local listener = network.listener()
      listener:settimeout(9e9)
      print(listener:getsockname().port)
      ready()
      local connection = assert(listener:accept())
      connection:settimeout(9e9)
      print(connection:recv(10))
    ]])
    local port = tonumber(started:line())
    started:line()
    started:asleep()
    local client = assert(socket.socket())
    assert(client:connect({ "127.0.0.1", port }))
    started:asleep()
    assert(client:sendall("later"))
    assert.equal("later\n", (started:finish()))
    client:close()
  end)

  it("returns at the end of the stream", function()
    local one, other = assert(socket.socketpair())
    one:settimeout(5)
    other:close()
    assert.equal("", one:recv(1))
    one:close()
  end)
end)

describe("a timeout of the system (SO_RCVTIMEO)", function()
  it("ends a blocking call with EAGAIN", function()
    local one, other = assert(socket.socketpair())
    local seconds, microseconds = ("\0"):rep(8), "\80\195" .. ("\0"):rep(6) -- 50000 µs
    local set = one:setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, seconds .. microseconds)
    if not set then
      return skip("SO_RCVTIMEO: its value has another layout here")
    end
    local start = network.clock()
    local result, message, code = one:recv(1)
    assert.same({ nil, "recv: Resource temporarily unavailable", "EAGAIN" }, { result, message, code })
    assert.is_true(network.clock() - start >= 0.04)
    network.close(one, other)
  end)
end)

describe("a blocking call that fails", function()
  -- The name, the program, and what it prints.
  local CALLS = {
    { "accept on a closed socket", "one:close() print(one:accept())", "nil\taccept: Bad file descriptor\tEBADF" },
    { "recv on a closed socket", "one:close() print(one:recv(1))", "nil\trecv: Bad file descriptor\tEBADF" },
    {
      "accept on a datagram socket",
      "print(network.datagram():accept())",
      "nil\taccept: Operation not supported\tEOPNOTSUPP",
    },
    { "accept where nothing listens", "print(network.bound():accept())", "nil\taccept: Invalid argument\tEINVAL" },
    { "accept on a connection", "print(one:accept())", "nil\taccept: Invalid argument\tEINVAL" },
    {
      "recv with MSG_DONTWAIT",
      "print(one:recv(1, socket.MSG_DONTWAIT))",
      "nil\trecv: Resource temporarily unavailable\tEAGAIN",
    },
    {
      "recvfrom with MSG_DONTWAIT",
      "print(one:recvfrom(1, socket.MSG_DONTWAIT))",
      "nil\trecvfrom: Resource temporarily unavailable\tEAGAIN",
    },
    {
      "recv_into with MSG_DONTWAIT",
      "print(one:recv_into(buffer, 1, socket.MSG_DONTWAIT))",
      "nil\trecv_into: Resource temporarily unavailable\tEAGAIN",
    },
    {
      "recvfrom_into with MSG_DONTWAIT",
      "print(one:recvfrom_into(buffer, 1, socket.MSG_DONTWAIT))",
      "nil\trecvfrom_into: Resource temporarily unavailable\tEAGAIN",
    },
    {
      "send with MSG_DONTWAIT",
      "network.fill(one) one:setblocking(true) print(one:send('x', socket.MSG_DONTWAIT))",
      "nil\tsend: Resource temporarily unavailable\tEAGAIN",
    },
    {
      "sendall with MSG_DONTWAIT",
      "network.fill(one) one:setblocking(true) print(one:sendall('x', socket.MSG_DONTWAIT))",
      "nil\tsendall: Resource temporarily unavailable\tEAGAIN\t0",
    },
  }
  for _, case in ipairs(CALLS) do
    it("ends at once: " .. case[1], function()
      assert.equal(case[3] .. "\n", (child.run(PRELUDE .. case[2], { limit = 3 })))
    end)
  end
end)

describe("a blocking call", function()
  it("receives everything with MSG_WAITALL", function()
    local started = child.lua(PRELUDE .. [[
      local listener = network.listener()
      print(listener:getsockname().port)
      ready()
      local connection = assert(listener:accept())
      print(connection:recv(6, socket.MSG_WAITALL))
    ]])
    local client = assert(socket.socket())
    assert(client:connect({ "127.0.0.1", tonumber(started:line()) }))
    assert(client:sendall("one"))
    started:line()
    started:asleep()
    assert(client:sendall("two"))
    assert.equal("onetwo\n", (started:finish()))
    client:close()
  end)

  it("sends everything in one call", function()
    local started = child.lua(PRELUDE .. [[
      local listener = network.listener()
      print(listener:getsockname().port)
      ready()
      local connection = assert(listener:accept())
      print(connection:send(("x"):rep(8000000)))
    ]])
    local client = assert(socket.socket())
    assert(client:connect({ "127.0.0.1", tonumber(started:line()) }))
    local total = 0
    repeat
      local data = assert(client:recv(1000000))
      total = total + #data
    until data == ""
    started:line()
    assert.same({ 8000000, "8000000\n" }, { total, (started:finish()) })
    client:close()
  end)
end)

describe("Ctrl-C", function()
  -- Calls that would block for ever: the name and the program.
  local CALLS = {
    { "accept", "local listener = network.listener() ready() listener:accept()" },
    { "recv", "ready() one:recv(1)" },
    { "recv of much", "ready() one:recv(100000)" },
    { "recvfrom", "ready() one:recvfrom(1)" },
    { "recv_into", "ready() one:recv_into(buffer)" },
    { "recvfrom_into", "ready() one:recvfrom_into(buffer)" },
    { "recv with a timeout", "one:settimeout(60) ready() one:recv(1)" },
    { "recvfrom with a timeout", "one:settimeout(60) ready() one:recvfrom(1)" },
    { "recv_into with a timeout", "one:settimeout(60) ready() one:recv_into(buffer)" },
    { "recvfrom_into with a timeout", "one:settimeout(60) ready() one:recvfrom_into(buffer)" },
    { "recvmsg with a timeout", "one:settimeout(60) ready() one:recvmsg(1)" },
    { "recvmsg_into with a timeout", "one:settimeout(60) ready() one:recvmsg_into({ buffer })" },
    { "send with a timeout", "network.fill(one) one:settimeout(60) ready() one:send('x')" },
    {
      "sendto with a timeout",
      "local s, p = network.connected() network.fill(s) s:settimeout(60) ready() s:sendto('x', s:getpeername())",
    },
    { "sendmsg with a timeout", "network.fill(one) one:settimeout(60) ready() one:sendmsg({ 'x' })" },
    {
      "accept with a timeout",
      "local listener = network.listener() listener:settimeout(60) ready() listener:accept()",
    },
    { "send", "network.fill(one) one:setblocking(true) ready() one:send('x')" },
    { "send of much", "local much = ('x'):rep(8000000) ready() one:send(much)" },
    { "sendall", "local much = ('x'):rep(8000000) ready() one:sendall(much)" },
    { "sendall with a timeout", "one:settimeout(60) local much = ('x'):rep(8000000) ready() one:sendall(much)" },
    {
      "connect with a timeout",
      [[local listener, filling = network.full_listener()
        ready()
        one = socket.socket()
        one:settimeout(60)
        one:connect(listener:getsockname())]],
    },
    { "read", "local stream = one:makefile() ready() stream:read()" },
    { "lines", "local stream = one:makefile() ready() for _ in stream:lines() do end" },
    {
      "lines with a timeout",
      "one:settimeout(60) local stream = one:makefile() ready() for _ in stream:lines() do end",
    },
    { "lines in a coroutine", "coroutine.wrap(function() ready() for _ in one:makefile():lines() do end end)()" },
    { "write", "local stream, much = one:makefile('w'), ('x'):rep(8000000) ready() stream:write(much)" },
    {
      "accept in a coroutine",
      "coroutine.wrap(function() local listener = network.listener() ready() listener:accept() end)()",
    },
    {
      "accept in a coroutine that loaded the library",
      [[package.loaded.bsdsocket, package.loaded["spec.support.network"] = nil, nil
        coroutine.wrap(function()
          local listener = require("bsdsocket").socket()
          listener:bind({ "127.0.0.1", 0 })
          listener:listen()
          ready()
          listener:accept()
        end)()]],
    },
  }
  for _, case in ipairs(CALLS) do
    it("ends the script during a blocking " .. case[1], function()
      ctrl_c(PRELUDE .. case[2])
    end)
  end

  it("can be caught with pcall", function()
    local started = child.lua(PRELUDE .. [[
      local listener = network.listener()
      ready()
      print(pcall(function()
        local connection = listener:accept()
        return connection
      end))
      print("it went on")
    ]], { limit = 3 })
    started:line()
    started:asleep()
    started:signal("INT")
    local output, complaints, status = started:finish()
    assert.is_truthy(output:find("^false\t[^\n]*interrupted!\nit went on\n$"), output .. complaints)
    assert.equal(0, status)
  end)
end)

local library = alarm.build()

if library then
  describe("a call that a signal interrupts every ten milliseconds", function()
    teardown(function()
      temporary.remove(library)
    end)

    local function run(program)
      local output, complaints = preload.run(library, PRELUDE .. program)
      return output, alarm.count(complaints), complaints
    end

    -- Calls that wait: the name and the program.
    local CALLS = {
      { "recv", "one:settimeout(0.15) print(one:recv(1))" },
      { "recv of much", "one:settimeout(0.15) print(one:recv(100000))" },
      { "recv_into", "one:settimeout(0.15) print(one:recv_into(buffer))" },
      { "accept", "local listener = network.listener() listener:settimeout(0.15) print(listener:accept())" },
      { "send", "network.fill(one) one:settimeout(0.15) print(one:send('x'))" },
      {
        "connect",
        [[local listener, filling = network.full_listener()
          start = network.clock()
          one = socket.socket()
          one:settimeout(0.15)
          print(one:connect(listener:getsockname()))]],
      },
    }
    for _, case in ipairs(CALLS) do
      it("still times out on time: " .. case[1], function()
        local program = "local start = network.clock()\n" .. case[2] .. "\nprint(network.clock() - start)"
        local output, count, complaints = run(program)
        local result, seconds = output:match("^(.-)\n([%d.]+)\n$")
        assert.is_truthy(result:find("^nil\t%l[%l_]+[%d.: ]*: timed out\ttimeout$"), result .. complaints)
        seconds = tonumber(seconds)
        assert.is_true(seconds >= 0.14 and seconds < 1 * network.patience, "it took " .. seconds .. " s")
        assert.is_true(count >= 3, "interrupted " .. count .. " times")
      end)
    end

    it("receives later data", function()
      local started = preload.start(library, PRELUDE .. [[
          local listener = network.listener()
          print(listener:getsockname().port)
          ready()
          local connection = assert(listener:accept())
          print(connection:recv(10))
          print(connection:recvfrom(10))
          print(connection:recv_into(buffer), buffer:sub(1, 5))
        ]])
      local port = tonumber(started:line())
      started:line()
      local pacemaker, silent = assert(socket.socketpair())
      pacemaker:settimeout(0.06)
      pacemaker:recv(1)
      local client = assert(socket.socket())
      assert(client:connect({ "127.0.0.1", port }))
      for _, text in ipairs({ "first", "second", "third" }) do
        pacemaker:recv(1)
        assert(client:sendall(text))
      end
      local output, complaints = started:finish()
      assert.equal("first\nsecond\tnil\n5\tthird\n", output, complaints)
      assert.is_true(alarm.count(complaints) >= 15, complaints)
      network.close(pacemaker, silent, client)
    end)

    -- A program that sends a lot to a slow reader, without a timeout and with a long one.
    for _, timeout in ipairs({ "nil", "60" }) do
      it("sends everything to a slow reader, with the timeout " .. timeout, function()
        local started = preload.start(library, PRELUDE .. ([[
            local listener = network.listener()
            print(listener:getsockname().port)
            ready()
            local connection = assert(listener:accept())
            connection:settimeout(%s)
            local line = {}
            for n = 1, 500000 do line[n] = ("%%09d\n"):format(n) end
            print(connection:sendall(table.concat(line)))
          ]]):format(timeout))
        local client = assert(socket.socket())
        client:setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        assert(client:connect({ "127.0.0.1", tonumber(started:line()) }))
        started:line()
        local pieces, pacemaker, silent = {}, assert(socket.socketpair())
        pacemaker:settimeout(0.004)
        repeat
          pieces[#pieces + 1] = assert(client:recv(100000))
          pacemaker:recv(1)
        until pieces[#pieces] == ""
        local output, complaints = started:finish()
        assert.equal("true\n", output, complaints)
        local text, n = table.concat(pieces), 0
        for number in text:gmatch("(%d+)\n") do
          n = n + 1
          if tonumber(number) ~= n then
            error("line " .. n .. " is " .. number)
          end
        end
        assert.same({ 500000, 5000000 }, { n, #text })
        assert.is_true(alarm.count(complaints) >= 10, complaints)
        network.close(client, pacemaker, silent)
      end)
    end

    it("connects", function()
      local output, _, complaints = run([[
        local listener = network.listener()
        for _ = 1, 100 do
          local client = socket.socket()
          assert(client:connect(listener:getsockname()))
          assert(listener:accept()):close()
          client:close()
        end
        print("connected")
      ]])
      assert.equal("connected\n", output, complaints)
    end)

    it("connects to a Unix listener once its backlog has room", function()
      local path = temporary.path()
      local listener = assert(socket.socket(socket.AF_UNIX))
      assert(listener:bind(path))
      assert(listener:listen(0))
      listener:settimeout(5)
      local filling = {}
      repeat
        filling[#filling + 1] = assert(socket.socket(socket.AF_UNIX))
        filling[#filling]:setblocking(false)
      until not filling[#filling]:connect(path)
      local started = preload.start(library, PRELUDE .. ([[
          local client = socket.socket(socket.AF_UNIX)
          ready()
          print(client:connect(%q))
          print(client:getpeername())
        ]]):format(path))
      started:line()
      local pacemaker, silent = assert(socket.socketpair())
      pacemaker:settimeout(0.1)
      pacemaker:recv(1)
      for _ = 1, #filling do
        assert(listener:accept()):close()
      end
      local output, complaints = started:finish()
      assert.equal("true\n" .. path .. "\n", output, complaints)
      assert.is_true(alarm.count(complaints) >= 5, complaints)
      network.close(listener, pacemaker, silent, lua.unpack(filling))
      temporary.remove(path)
    end)

    it("ends when a Lua hook is pending", function()
      local output, _, complaints = run([[
        local function wait()
          local results = { one:recv(1) }
          debug.sethook()
          return results[1], results[2], results[3]
        end
        debug.sethook(function() end, "", 1)
        print(wait())
      ]])
      assert.equal("nil\trecv: Interrupted system call\tEINTR\n", output, complaints)
    end)

    it("reports what it had done when a Lua hook is pending", function()
      local output, _, complaints = run([[
        local much = ("x"):rep(8000000)
        local listener, filling = network.full_listener()
        local address = listener:getsockname()
        local client = socket.socket()
        local function try()
          local results = { one:sendall(much) }
          local number = client:connect_ex(address)
          debug.sethook()
          return results, number
        end
        debug.sethook(function() end, "", 1)
        local results, number = try()
        other:setblocking(false)
        local received = 0
        repeat
          local data = other:recv(1000000)
          received = received + #(data or "")
        until not data
        print(results[1], results[2], results[3], results[4] == received, received > 0, number == socket.errno.EINTR)
      ]])
      assert.equal("nil\tsendall: Interrupted system call\tEINTR\ttrue\ttrue\ttrue\n", output, complaints)
    end)

    -- Hooks as debuggers and profilers set them.
    for name, set in pairs({
      lines = 'debug.sethook(function() end, "l")',
      calls = 'debug.sethook(function() end, "cr")',
      instructions = 'debug.sethook(function() end, "", 1000)',
    }) do
      it("is not ended by a hook that counts " .. name, function()
        local output, count, complaints = run(set .. "\none:settimeout(0.1) print(one:recv(1))")
        assert.equal("nil\trecv: timed out\ttimeout\n", output, complaints)
        assert.is_true(count >= 5, "interrupted " .. count .. " times")
      end)
    end
  end)
end

describe("a descriptor above 1024", function()
  it("can be waited for", function()
    local output, complaints = child.run(PRELUDE .. [[
        local held = {}
        for n = 1, 1100 do
          local message
          held[n], message = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
          if not held[n] then
            print("only " .. n .. " descriptors: " .. message)
            os.exit(0)
          end
        end
        local high, peer = assert(socket.socketpair())
        print(high:fileno() > 1024)
        high:settimeout(0.05)
        print(high:recv(1))
        assert(peer:sendall("x"))
        print(high:recv(1))
        network.fill(high)
        high:settimeout(0.05)
        print(high:send("x"))
        local listener = network.listener()
        print(listener:fileno() > 1024)
        listener:settimeout(0.05)
        print(listener:accept())
        local client = socket.socket()
        client:settimeout(5)
        print(client:connect(listener:getsockname()))
        print((listener:accept()):fileno() > 1024)
      ]], { before = "ulimit -n 4096" })
    if output:find("^only") then
      return skip("descriptors above 1024: " .. output)
    end
    local function timed_out(name)
      return ("nil\t%s: timed out\ttimeout\n"):format(name)
    end
    local expected = "true\n%sx\n%strue\n%strue\ntrue\n"
    assert.equal(expected:format(timed_out("recv"), timed_out("send"), timed_out("accept")), output, complaints)
  end)
end)

describe("SIGPIPE", function()
  it("never reaches the process", function()
    local output, complaints, status = child.run(PRELUDE .. [[
      other:close()
      print(one:send("x"))
      print(one:send("x", socket.MSG_DONTWAIT))
      print(one:sendall("x"))
      local client, server = network.connected()
      server:close()
      client:send("x")
      client:settimeout(5)
      client:recv(1)
      print(client:sendall("x"))
      print(client:sendto("x", client:getsockname()))
    ]])
    local expected = {
      "nil\tsend: Broken pipe\tEPIPE",
      "nil\tsend: Broken pipe\tEPIPE",
      "nil\tsendall: Broken pipe\tEPIPE\t0",
      "nil\tsendall: Broken pipe\tEPIPE\t0",
    }
    local lines = {}
    for line in output:gmatch("[^\n]+") do
      lines[#lines + 1] = line
    end
    assert.is_truthy(table.remove(lines):find("Broken pipe\tEPIPE$"))
    assert.same(expected, lines)
    assert.same({ "", 0 }, { complaints, status })
  end)
end)
