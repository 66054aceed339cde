-- Several attempts of create_connection: what CPython's tests of `staggered_race` ask for, and RFC 8305.

local child = require "spec.support.child"
local copy = require "spec.support.copy"
local ctrl_c = require "spec.support.ctrl_c"
local expect = require "spec.support.expect"
local handles = require "spec.support.handles"
local lua = require "spec.support.lua"
local namespace = require "spec.support.namespace"
local network = require "spec.support.network"
local skip = require "spec.support.skip"
local socket = require "bsdsocket"
local tasks = require "bsdsocket.tasks"

-- Without a host there are two addresses, of which the first is that of IPv6.
local found = network.has_ipv6() and socket.getaddrinfo(nil, 80, 0, socket.SOCK_STREAM) or {}
local several = #found == 2 and found[1].family == socket.AF_INET6

-- What a spec has opened.
local opened = {}

-- Has a bound socket listen; `full` means that it does not answer.
local function listen(made, full)
  opened[#opened + 1] = made
  assert(made:listen(full and 0 or 10))
  made:settimeout(0)
  for _ = 1, full and 3 or 0 do
    local filling = assert(socket.socket(made.family))
    opened[#opened + 1] = filling
    filling:settimeout(0)
    filling:connect(made:getsockname())
  end
end

-- Listeners on one port of the loopback addresses of both families.
local function listeners(full6, full4)
  for _ = 1, 20 do
    local six, four = network.bound(socket.AF_INET6), assert(socket.socket())
    local port = six:getsockname().port
    -- A port that is free in one family may be taken in the other.
    if four:bind { "127.0.0.1", port } then
      listen(six, full6)
      listen(four, full4)
      return six, four, port
    end
    network.close(six, four)
  end
  error "no port is free in both families"
end

-- Connects, and tells how long it took.
local function connect(port, options)
  local start = network.clock()
  local results = lua.pack(socket.create_connection({ port = port }, options))
  opened[#opened + 1] = results[1]
  return results, network.clock() - start
end

local function assert_within(low, high, taken)
  assert.is_true(taken >= low - 0.005 and taken < high * network.patience, "it took " .. taken .. " s")
end

-- A spec of both ways to wait.
local function both(title, body)
  local ways = { ["in a task"] = tasks.run }
  ways["outside of tasks"] = function(run)
    run()
  end
  for way, run in pairs(ways) do
    it(title .. ", " .. way, function()
      if not several then
        return skip("several attempts to connect: there is one loopback address")
      end
      local before = handles.count()
      run(body)
      network.close(lua.unpack(opened))
      opened = {}
      -- Tasks have a descriptor of their own from the first one on.
      assert.is_true(handles.count() - before <= (run == tasks.run and 1 or 0))
    end)
  end
end

describe("create_connection", function()
  both("makes no second attempt when the first succeeds", function()
    local _, four, port = listeners()
    local results, taken = connect(port)
    assert.equal(socket.AF_INET6, results[1].family)
    assert_within(0, 0.2, taken)
    expect.failure("accept: Resource temporarily unavailable", "EAGAIN", four:accept())
  end)

  both("begins the second attempt at once when the first fails", function()
    local six, four, port = listeners()
    six:close()
    local results, taken = connect(port)
    assert.equal(socket.AF_INET, results[1].family)
    assert_within(0, 0.2, taken)
    assert(four:accept()):close()
  end)

  both("begins the second attempt after 0.25 s when there is no answer", function()
    local _, four, port = listeners(true)
    local results, taken = connect(port, { timeout = 5 })
    assert.equal(socket.AF_INET, results[1].family)
    assert_within(0.25, 0.6, taken)
    assert.same({ 5, true }, { results[1]:gettimeout(), results[1]:getblocking() })
    assert(four:accept()):close()
  end)

  both("begins it after the delay that is given, and blocks without a timeout", function()
    local _, four, port = listeners(true)
    local results, taken = connect(port, { happy_eyeballs_delay = 0.02 })
    assert_within(0.02, 0.2, taken)
    local client = results[1]
    assert.is_nil(client:gettimeout())
    local server = assert(four:accept())
    assert(server:send "x")
    assert.equal("x", client:recv(1))
    expect.failure(
      "connect 127.0.0.1:" .. port .. ": Transport endpoint is already connected",
      "EISCONN",
      client:connect { "127.0.0.1", port }
    )
    server:close()
  end)

  both("keeps one connection when several attempts succeed", function()
    local six, four, port = listeners()
    local results = connect(port, { happy_eyeballs_delay = 0 })
    local client = results[1]
    assert(client:send "x")
    for _, one in ipairs { six, four } do
      local server = one:accept()
      if server then
        server:settimeout(1)
        local data = server:recv(1)
        assert.equal(one:getsockname().family == client.family and "x" or data, data)
        server:close()
      end
    end
  end)

  both("ends after the timeout, however many attempts there are", function()
    local _, _, port = listeners(true, true)
    local results, taken = connect(port, { timeout = 0.1, happy_eyeballs_delay = 0.02, all_errors = true })
    assert_within(0.1, 0.4, taken)
    local codes = {}
    for n, failure in ipairs(results[4]) do
      codes[n] = failure.code .. " " .. failure.address.host
    end
    assert.same({ "timeout ::1", "timeout 127.0.0.1" }, codes)
    assert.same(
      { nil, "create_connection 127.0.0.1:" .. port .. ": timed out", "timeout" },
      { lua.unpack(results, 1, 3) }
    )
  end)

  both("tells of the attempt that took too long, not of one that failed meanwhile", function()
    local _, four, port = listeners(true)
    four:close()
    local results = connect(port, { timeout = 0.1, happy_eyeballs_delay = 0.02 })
    assert.same({ nil, "create_connection [::1]:" .. port .. ": timed out", "timeout", n = 3 }, results)
    results = connect(port, { timeout = 0.1, happy_eyeballs_delay = 0.02, all_errors = true })
    assert.same({ "timeout", "timeout", "ECONNREFUSED" }, { results[3], results[4][1].code, results[4][2].code })
  end)

  both("makes one attempt after the other with happy_eyeballs_delay = false", function()
    local _, four, port = listeners(true)
    local results, taken = connect(port, { timeout = 0.1, happy_eyeballs_delay = false })
    assert.same({ nil, "create_connection [::1]:" .. port .. ": timed out", "timeout", n = 3 }, results)
    assert_within(0.1, 0.4, taken)
    expect.failure("accept: Resource temporarily unavailable", "EAGAIN", four:accept())
  end)

  both("makes one attempt at a time from a port of its own", function()
    local _, four, port = listeners(true)
    local free = network.bound(socket.AF_INET6)
    local source = { "", free:getsockname().port }
    free:close()
    local results = connect(port, { timeout = 0.1, happy_eyeballs_delay = 0.02, source_address = source })
    assert.same({ nil, "create_connection [::1]:" .. port .. ": timed out", "timeout", n = 3 }, results)
    expect.failure("accept: Resource temporarily unavailable", "EAGAIN", four:accept())
  end)

  it("closes its attempts when its task is cancelled, and leaves no descriptor", function()
    if not several then
      return skip("several attempts to connect: there is one loopback address")
    end
    local _, _, port = listeners(true, true)
    tasks.run(function()
      tasks.sleep(0)
      local before
      for round = 1, 50 do
        local task = tasks.spawn(socket.create_connection, { port = port }, { happy_eyeballs_delay = 0 })
        tasks.sleep(0)
        if round % 2 == 0 then
          tasks.sleep(0.001)
        end
        task:cancel()
        local done, message, code = task:join()
        assert.same({ nil, "create_connection: Operation canceled", "ECANCELED" }, { done, message, code })
        before = before or handles.count()
        assert.equal(before, handles.count())
      end
    end)
    network.close(lua.unpack(opened))
    opened = {}
  end)

  it("raises an event for each attempt, in the order of RFC 8305", function()
    if not namespace.available then
      return skip("a host with many addresses: there is no namespace for it")
    end
    local output, complaints, status = namespace.run(
      [[
        local socket, tasks = require "bsdsocket", require "bsdsocket.tasks"
        local function try(options)
          local expected, events = {}, {}
          local families = { {}, {} }
          local found = assert(socket.getaddrinfo("many", 9, { type = socket.SOCK_STREAM }))
          for _, info in ipairs(found) do
            local family = families[info.family == found[1].family and 1 or 2]
            family[#family + 1] = tostring(info.sockaddr)
          end
          for n = 1, #found do
            if options.happy_eyeballs_delay == false then
              expected[n] = tostring(found[n].sockaddr)
            else
              expected[#expected + 1] = families[1][n]
              expected[#expected + 1] = families[2][n]
            end
          end
          HOOK = function(event, _, address)
            if event == "socket.connect" then
              events[#events + 1] = tostring(address)
            end
          end
          options.all_errors = true
          local _, message, code, errors = socket.create_connection({ "many", 9 }, options)
          local told = {}
          for n, failure in ipairs(errors) do
            told[n] = tostring(failure.address)
          end
          expected = table.concat(expected, " ")
          print(#found, table.concat(events, " ") == expected, table.concat(told, " ") == expected)
        end
        socket.addaudithook(function(...)
          return HOOK(...)
        end)
        function HOOK() end
        for _, run in ipairs { pcall, tasks.run } do
          run(try, {})
          run(try, { happy_eyeballs_delay = false })
        end
      ]],
      { ["/etc/hosts"] = "127.0.0.2 many\n127.0.0.3 many\n127.0.0.4 many\n::1 many\nfe80::1 many\n" }
    )
    assert.same({ ("5\ttrue\ttrue\n"):rep(4), "", 0 }, { output, complaints, status })
  end)

  it("raises an event once, however often it waits, and a veto ends it", function()
    if not several then
      return skip("several attempts to connect: there is one loopback address")
    end
    local audited = copy()
    local _, _, port = listeners(true)
    local events, forbidden = {}, nil
    audited.addaudithook(function(event, _, address)
      events[#events + 1] = event .. (event == "socket.connect" and " " .. address.host or "")
      if forbidden and #events == forbidden then
        error("forbidden", 0)
      end
    end)
    local client = assert(audited.create_connection({ port = port }, { happy_eyeballs_delay = 0.01 }))
    client:close()
    local expected =
      { "socket.getaddrinfo", "socket.__new__", "socket.connect ::1", "socket.__new__", "socket.connect 127.0.0.1" }
    assert.same(expected, events)
    local before = handles.count()
    for n = 1, #expected do
      events, forbidden = {}, n
      assert.same(
        { false, "forbidden" },
        { pcall(audited.create_connection, { port = port }, { happy_eyeballs_delay = 0.01 }) }
      )
    end
    assert.equal(before, handles.count())
    network.close(lua.unpack(opened))
    opened = {}
  end)

  it("raises its events once in a task", function()
    if not several then
      return skip("several attempts to connect: there is one loopback address")
    end
    local _, _, port = listeners(true)
    local output, complaints, status = child.run(([[
      local socket, tasks = require "bsdsocket", require "bsdsocket.tasks"
      local events = {}
      socket.addaudithook(function(event, _, address)
        events[#events + 1] = event .. (event == "socket.connect" and " " .. address.host or "")
      end)
      tasks.run(function()
        assert(socket.create_connection({ port = %d }, { happy_eyeballs_delay = 0.01 }))
      end)
      print(table.concat(events, ", "))
    ]]):format(port))
    local expected =
      "socket.getaddrinfo, socket.__new__, socket.connect ::1, socket.__new__, socket.connect 127.0.0.1\n"
    assert.same({ expected, "", 0 }, { output, complaints, status })
    network.close(lua.unpack(opened))
    opened = {}
  end)

  it("ends when Ctrl-C is pressed", function()
    if not several then
      return skip("several attempts to connect: there is one loopback address")
    end
    local _, _, port = listeners(true, true)
    ctrl_c(([[
      local socket = require "bsdsocket"
      io.stdout:setvbuf "no"
      print "ready"
      socket.create_connection({ port = %d }, { happy_eyeballs_delay = 0.01 })
    ]]):format(port))
    network.close(lua.unpack(opened))
    opened = {}
  end)
end)
