local audited = require "spec.support.audited"
local child = require "spec.support.child"
local descriptors = require "spec.support.descriptors"
local expect = require "spec.support.expect"
local lua = require "spec.support.lua"
local network = require "spec.support.network"

local socket = audited.socket

descriptors.watch(setup, teardown)

after_each(function()
  audited.act = nil
end)

-- Runs a program with a listening socket and two sockets, one of them connected to it; returns what it printed.
local function run(source)
  local output, complaints, status = child.run([[
    local socket = require "bsdsocket"
    local listener = assert(socket.create_server({ "127.0.0.1", 0 }))
    local address = listener:getsockname()
    local s = assert(socket.socket())
  ]] .. source)
  assert.same({ "", 0 }, { complaints, status })
  return output
end

describe("addaudithook", function()
  it("returns true", function()
    assert.equal(
      "true\t1\n",
      run([[
      local results = { socket.addaudithook(function() end) }
      print(results[1], #results)
    ]])
    )
  end)

  for _, case in ipairs({
    { "nothing", {}, "no value" },
    { "nil", { nil, n = 1 }, "nil" },
    { "a string", { "print" }, "string" },
    { "a table that can be called", { setmetatable({}, { __call = print }) }, "table" },
    { "a coroutine", { coroutine.create(function() end) }, "thread" },
    { "a file", { io.stdout }, lua.type_name(io.stdout) },
  }) do
    it("rejects " .. case[1], function()
      local message = "bad argument #1 to 'addaudithook' (function expected, got " .. case[3] .. ")"
      expect.misuse(message, socket.addaudithook, lua.unpack(case[2], 1, case[2].n or #case[2]))
    end)
  end

  it("accepts a C function and ignores extra arguments", function()
    assert.equal("true\n", run([[print(socket.addaudithook(type, 42))]]))
  end)
end)

describe("audit hooks", function()
  it("are called in the order of installation, and one that raises stops those after it", function()
    assert.equal(
      "1 2 3\nfalse\tno\n1 2\n",
      run([[
      local called, forbids = {}, nil
      for n = 1, 3 do
        socket.addaudithook(function()
          called[#called + 1] = n
          if n == forbids then
            error("no", 0)
          end
        end)
      end
      socket.gethostname()
      print(table.concat(called, " "))
      called, forbids = {}, 2
      print(pcall(socket.gethostname))
      print(table.concat(called, " "))
    ]])
    )
  end)

  it("may be the same function twice", function()
    assert.equal(
      "2\n",
      run([[
      local count = 0
      local function hook()
        count = count + 1
      end
      socket.addaudithook(hook)
      socket.addaudithook(hook)
      socket.gethostname()
      print(count)
    ]])
    )
  end)

  it("added by a hook are called from the next event on", function()
    assert.equal(
      "0\n1\n3\n",
      run([[
      local count = 0
      socket.addaudithook(function()
        socket.addaudithook(function()
          count = count + 1
        end)
      end)
      for _ = 1, 3 do
        socket.gethostname()
        print(count)
      end
    ]])
    )
  end)

  it("stay installed if nothing refers to them", function()
    assert.equal(
      "false\n",
      run([[
      socket.addaudithook(function() error() end)
      package.loaded.bsdsocket = nil
      for _ = 1, 4 do
        collectgarbage()
      end
      print((pcall(require("bsdsocket").gethostname)))
    ]])
    )
  end)

  it("are called from any coroutine", function()
    assert.equal(
      "true\nfalse\tno\nfalse\tno\n",
      run([[
      local main = coroutine.running()
      local forbids
      coroutine.wrap(function()
        socket.addaudithook(function()
          if forbids then
            error("no", 0)
          end
          print(coroutine.running() ~= main)
        end)
      end)()
      coroutine.wrap(function() return socket.gethostname() end)()
      forbids = true
      print(coroutine.resume(coroutine.create(function() return s:connect(address) end)))
      print(coroutine.wrap(function() return pcall(s.connect, s, address) end)())
    ]])
    )
  end)

  it("each get fresh argument values, so that changing one affects nothing", function()
    assert.equal(
      "127.0.0.1\ttrue\n",
      run([[
      socket.addaudithook(function(event, _, told)
        if event == "socket.connect" then
          told[1], told[2], told.host = "192.0.2.1", 9, "192.0.2.1"
        end
      end)
      socket.addaudithook(function(event, _, told)
        if event == "socket.connect" then
          io.write(told.host, "\t")
          assert(told == address)
        end
      end)
      assert(s:connect(address))
      print(s:getpeername() == address)
    ]])
    )
  end)

  it("cannot change a call through the values it was given", function()
    assert.equal(
      "true\ttrue\txx\n",
      run([[
      local other = assert(socket.create_server({ "127.0.0.1", 0 }))
      local given = { address.host, address.port }
      local pieces = { "x", socket.buffer("x") }
      socket.addaudithook(function(event)
        given[1], given[2] = "no such host", other:getsockname().port
        pieces[1], pieces[2], pieces[3] = nil, nil, nil
        collectgarbage()
        collectgarbage()
      end)
      assert(s:connect(given))
      local connection = listener:accept()
      pieces[1], pieces[2] = "x", socket.buffer("x")
      local sent = assert(s:sendmsg(pieces))
      print(s:getpeername() == address, sent == 2, connection:recv(10))
    ]])
    )
  end)

  it("cannot yield: an attempt vetoes the call", function()
    audited.act = function()
      coroutine.yield()
    end
    local s = socket.socket
    local thread = coroutine.create(function()
      return pcall(s)
    end)
    local resumed, ok, message = coroutine.resume(thread)
    audited.act = nil
    assert.same({ true, false }, { resumed, ok })
    assert.is_truthy(message:find("yield across", 1, true), message)
    assert.equal("dead", coroutine.status(thread))
  end)

  it("may run coroutines of their own that yield", function()
    local name, yielded = socket.gethostname(), nil
    audited.act = function()
      audited.act = nil
      yielded = coroutine.wrap(function()
        coroutine.yield(socket.gethostname())
      end)()
    end
    assert.same({ name, name }, { socket.gethostname(), yielded })
  end)

  it("raise errors that reach the handler of xpcall", function()
    local value = {}
    audited.act = function()
      error(value)
    end
    local function call()
      return socket.gethostname()
    end
    local handled
    local results = lua.pack(xpcall(call, function(error)
      handled = error
      return "handled"
    end))
    assert.same({ false, "handled", n = 2 }, results)
    assert.is_true(rawequal(value, handled))
  end)

  it("that recurse without end are stopped, and the call is vetoed", function()
    local count = 0
    audited.act = function()
      count = count + 1
      socket.gethostname()
    end
    local ok, message = pcall(socket.gethostname)
    audited.act = nil
    assert.is_false(ok)
    assert.is_truthy(message:find("stack overflow", 1, true), message)
    assert.is_true(count >= 10 and count < 200)
    audited.events = {}
    assert(socket.gethostname())
    assert.same({ "socket.gethostname" }, audited.events)
  end)

  it("that recurse without end through coroutines are stopped as well", function()
    audited.act = function()
      return coroutine.wrap(function()
        return socket.gethostname()
      end)()
    end
    local ok, message = pcall(socket.gethostname)
    audited.act = nil
    assert.is_false(ok)
    assert.is_truthy(message:find("overflow", 1, true), message)
    assert(socket.gethostname())
  end)

  -- What a hook does to the socket that is about to act, and the result of the call.
  local MEDDLING = {
    {
      "closes",
      function(s)
        s:close()
      end,
      "EBADF",
    },
    {
      "detaches",
      function(s)
        assert(socket.close(s:detach()))
      end,
      "EBADF",
    },
    {
      "detaches, and uses the number again,",
      function(s)
        local fd = s:detach()
        assert(socket.close(fd))
        local taken = assert(socket.socket())
        assert.equal(fd, taken:fileno())
        return taken
      end,
      "EBADF",
    },
    {
      "closes, with a stream open,",
      function(s)
        local stream = assert(s:makefile("rw"))
        s:close()
        return stream
      end,
      "EBADF",
    },
    {
      "sets the timeout of",
      function(s)
        assert(s:settimeout(5))
      end,
    },
    {
      "duplicates",
      function(s)
        return assert(s:dup())
      end,
    },
    {
      "connects",
      function(s, listener)
        assert(s:connect(listener:getsockname()))
      end,
      "EISCONN",
    },
    {
      "makes a stream of",
      function(s)
        return assert(s:makefile("rw"))
      end,
    },
    {
      "collects garbage before the act of",
      function()
        for _ = 1, 3 do
          collectgarbage()
        end
      end,
    },
  }

  for _, case in ipairs(MEDDLING) do
    local what, meddle, failure = case[1], case[2], case[3]

    local function meddling(listener)
      local kept
      audited.act = function(event, s)
        if event == "socket.connect" then
          audited.act = nil
          kept = meddle(s, listener)
        end
      end
      return function()
        audited.act = nil
        if kept then
          kept:close()
        end
      end
    end

    it(("may include one that %s the socket that connects"):format(what), function()
      local listener = assert(socket.create_server({ "127.0.0.1", 0 }))
      local s = assert(socket.socket())
      local tidy = meddling(listener)
      local done, _, code = s:connect(listener:getsockname())
      assert.same({ not failure or nil, failure }, { done, code })
      tidy()
      network.close(s, listener)
    end)

    it(("may include one that %s the socket that create_connection makes"):format(what), function()
      local listener = assert(socket.create_server({ "127.0.0.1", 0 }))
      local tidy = meddling(listener)
      local s, _, code = socket.create_connection(listener:getsockname())
      assert.equal(failure, code)
      if not failure then
        assert.equal("socket", socket.type(s))
        assert.equal(s.timeout, s:gettimeout())
        assert.equal(what == "sets the timeout of" and 5 or nil, s.timeout)
        assert.is_true(listener:getsockname() == s:getpeername())
        s:close()
      end
      tidy()
      listener:close()
    end)
  end

  it("lose access to a temporary socket after the event", function()
    local listener = assert(socket.create_server({ "127.0.0.1", 0 }))
    local lent = {}
    audited.act = function(_, s)
      lent[#lent + 1] = socket.type(s) and s
    end
    local client = assert(socket.create_connection(listener:getsockname()))
    local server = assert(listener:accept())
    audited.act = nil
    assert.equal(3, #lent)
    for _, s in ipairs(lent) do
      assert.equal("closed socket", socket.type(s))
      assert.equal(-1, s:fileno())
      s:close()
    end
    lent = nil
    collectgarbage()
    collectgarbage()
    assert(client:sendall("x"))
    assert.equal("x", server:recv(1))
    network.close(client, server, listener)
  end)

  it("may call the library during any event", function()
    local busy = false
    local function act()
      if busy then
        return
      end
      busy = true
      local one, other = assert(socket.socketpair())
      assert(one:sendmsg({ "x" }, { { -1, -1, "x" } }))
      assert(other:recv(1))
      assert(socket.getaddrinfo("127.0.0.1", 80))
      assert(socket.getnameinfo({ "127.0.0.1", 80 }, socket.NI_NUMERICHOST))
      local ok, message = pcall(socket.socket, "x")
      assert(not ok and message:find("bad argument", 1, true))
      network.close(one, other)
      busy = false
    end
    for _, way in ipairs(audited.ways) do
      if not way.needs and not way.forbidden then
        local things = audited.prepare(way)
        audited.act = act
        local results = audited.call(way, things)
        audited.act = nil
        assert.is_true(results[1], results[2])
        if socket.type(results[2]) then
          results[2]:close()
        end
        audited.close(things)
      end
    end
  end)

  it("belong to one Lua state", function()
    assert.equal("fine\n", run([[print(pcall(socket.gethostname) and "fine")]]))
  end)
end)
