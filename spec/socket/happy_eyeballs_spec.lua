-- Several attempts of create_connection: what CPython's tests of `staggered_race` ask for, and RFC 8305.

local child = require "spec.support.child"
local copy = require "spec.support.copy"
local ctrl_c = require "spec.support.ctrl_c"
local descriptors = require "spec.support.descriptors"
local expect = require "spec.support.expect"
local handles = require "spec.support.handles"
local lua = require "spec.support.lua"
local namespace = require "spec.support.namespace"
local network = require "spec.support.network"
local preload = require "spec.support.preload"
local skip = require "spec.support.skip"
local socket = require "bsdsocket"
local system = require "spec.support.system"
local tasks = require "bsdsocket.tasks"

-- Without a host there are two addresses, of which the first is that of IPv6.
local found = network.has_ipv6() and socket.getaddrinfo(nil, 80, 0, socket.SOCK_STREAM) or {}
local several = #found == 2 and found[1].family == socket.AF_INET6

-- What a spec has opened.
local opened = {}

-- Has a bound socket listen, unless it is to be "refusing"; a "full" one does not answer.
local function listen(made, how)
  opened[#opened + 1] = made
  if how == "refusing" then
    return
  end
  assert(made:listen(how == "full" and 0 or 10))
  made:settimeout(0)
  for _ = 1, how == "full" and 3 or 0 do
    local filling = assert(socket.socket(made.family))
    opened[#opened + 1] = filling
    filling:settimeout(0)
    filling:connect(made:getsockname())
  end
end

-- Listeners on one port of the loopback addresses of both families.
local function listeners(how6, how4)
  for _ = 1, 20 do
    local six, four = network.bound(socket.AF_INET6), assert(socket.socket())
    local port = six:getsockname().port
    -- A port that is free in one family may be taken in the other.
    if four:bind { "127.0.0.1", port } then
      listen(six, how6)
      listen(four, how4)
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
      run(body)
      network.close(lua.unpack(opened))
      opened = {}
    end)
  end
end

describe("create_connection", function()
  descriptors.watch(setup, teardown)

  -- With a delay, and one attempt after the other.
  local DELAYS = { 0.25, false }

  both("makes no second attempt when the first succeeds", function()
    local _, four, port = listeners()
    for _, delay in ipairs(DELAYS) do
      local results, taken = connect(port, { happy_eyeballs_delay = delay, all_errors = true })
      assert.same({ socket.AF_INET6, 1 }, { results[1].family, results.n })
      assert_within(0, 0.2, taken)
      expect.failure("accept: Resource temporarily unavailable", "EAGAIN", four:accept())
    end
  end)

  both("begins the second attempt at once when the first fails", function()
    local _, four, port = listeners "refusing"
    for _, delay in ipairs(DELAYS) do
      local results, taken = connect(port, { happy_eyeballs_delay = delay, all_errors = true })
      assert.same({ socket.AF_INET, 1 }, { results[1].family, results.n })
      assert_within(0, 0.2, taken)
      assert(four:accept()):close()
    end
  end)

  both("fails with all failures when no attempt succeeds", function()
    local _, _, port = listeners("refusing", "refusing")
    for _, delay in ipairs(DELAYS) do
      local results, taken = connect(port, { happy_eyeballs_delay = delay, all_errors = true })
      assert_within(0, 0.2, taken)
      local codes = {}
      for n, failure in ipairs(results[4]) do
        codes[n] = failure.code .. " " .. failure.address.host
      end
      assert.same({ "ECONNREFUSED ::1", "ECONNREFUSED 127.0.0.1" }, codes)
      assert.same({ nil, "ECONNREFUSED" }, { results[1], results[3] })
    end
  end)

  both("begins the second attempt after 0.25 s when there is no answer", function()
    local _, four, port = listeners "full"
    local results, taken = connect(port, { timeout = 5 })
    assert.equal(socket.AF_INET, results[1].family)
    assert_within(0.25, 0.6, taken)
    assert.same({ 5, true }, { results[1]:gettimeout(), results[1]:getblocking() })
    assert(four:accept()):close()
  end)

  both("begins it after the delay that is given, and blocks without a timeout", function()
    local _, four, port = listeners "full"
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
    local _, _, port = listeners("full", "full")
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
    local _, _, port = listeners("full", "refusing")
    local results = connect(port, { timeout = 0.1, happy_eyeballs_delay = 0.02 })
    assert.same({ nil, "create_connection [::1]:" .. port .. ": timed out", "timeout", n = 3 }, results)
    results = connect(port, { timeout = 0.1, happy_eyeballs_delay = 0.02, all_errors = true })
    assert.same({ "timeout", "timeout", "ECONNREFUSED" }, { results[3], results[4][1].code, results[4][2].code })
  end)

  both("makes one attempt after the other with happy_eyeballs_delay = false", function()
    local _, four, port = listeners "full"
    local results, taken = connect(port, { timeout = 0.1, happy_eyeballs_delay = false })
    assert.same({ nil, "create_connection [::1]:" .. port .. ": timed out", "timeout", n = 3 }, results)
    assert_within(0.1, 0.4, taken)
    expect.failure("accept: Resource temporarily unavailable", "EAGAIN", four:accept())
  end)

  both("makes one attempt at a time from a port of its own", function()
    local _, four, port = listeners "full"
    -- Somebody else may take the port that was free.
    local results, errors
    repeat
      local free = network.bound(socket.AF_INET6)
      local source = { "", free:getsockname().port }
      free:close()
      local options = { timeout = 0.1, happy_eyeballs_delay = 0.02, source_address = source, all_errors = true }
      results = connect(port, options)
      errors = results[4] or {}
    until not (errors[1] and errors[1].code == "EADDRINUSE")
    assert.same({ nil, "create_connection [::1]:" .. port .. ": timed out", "timeout" }, { lua.unpack(results, 1, 3) })
    assert.equal(1, #errors)
    expect.failure("accept: Resource temporarily unavailable", "EAGAIN", four:accept())
  end)

  both("ends with the time of its task, however often it is over", function()
    local _, _, port = listeners("full", "full")
    local codes = {}
    local function try(options)
      codes[#codes + 1] = select(3, socket.create_connection({ port = port }, options))
    end
    tasks[tasks.current() and "pcall" or "run"](tasks.timeout_after, 0.04, function()
      tasks.timeout_after(0.02, function()
        try { happy_eyeballs_delay = 0.01 }
        try {}
      end)
      try { happy_eyeballs_delay = false }
      try {}
    end)
    assert.same({ "timeout", "timeout", "timeout", "timeout" }, codes)
  end)

  -- A C library in which each connect takes a moment, and in which `nothing` has no address.
  local library = not system.windows
    and preload.build(
      [[
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <errno.h>
        #include <netdb.h>
        #include <string.h>
        #include <sys/socket.h>
        int connect(int fd, const struct sockaddr *address, socklen_t length) {
          __typeof__(connect) *real = (__typeof__(connect) *)dlsym(RTLD_NEXT, "connect");
          int done = real(fd, address, length);
          return done == 0 ? errno = EINPROGRESS, -1 : done;
        }
        int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
          __typeof__(getaddrinfo) *real = (__typeof__(getaddrinfo) *)dlsym(RTLD_NEXT, "getaddrinfo");
          if (host == NULL || strcmp(host, "nothing") != 0) return real(host, service, hints, found);
          *found = NULL;
          return 0;
        }
      ]],
      "connections of several attempts at once"
    )

  local function preloaded(title, expected, program)
    it(title, function()
      if not several or not library then
        return skip("several attempts to connect: there is one loopback address, or no C compiler")
      end
      local six, four, port = listeners()
      local whole = ([[
        local socket, tasks = require "bsdsocket", require "bsdsocket.tasks"
        local function try(host, options)
          %s
        end
        for _, run in ipairs { pcall, tasks.run } do
          for _, all in ipairs { true, false } do
            run(try, { nil, %d }, { happy_eyeballs_delay = 0, all_errors = all })
          end
        end
      ]]):format(program, port)
      local output, complaints, status = preload.run(library, whole)
      assert.same({ expected:rep(4), "", 0 }, { output, complaints, status })
      -- Who did not win was closed.
      for _, server in ipairs(expected:find "true" and { six, four } or {}) do
        for _ = 1, 4 do
          local accepted = assert(server:accept())
          accepted:settimeout(1)
          assert.equal(server == six and "x" or "", accepted:recv(10))
          accepted:close()
        end
      end
      network.close(lua.unpack(opened))
      opened = {}
    end)
  end

  preloaded(
    "keeps the first connection in order when all attempts succeed at once",
    "::1\ttrue\n",
    [[
      local made = assert(socket.create_connection(host, options))
      print(made:getpeername().host, made:send "x" == 1)
      made:close()
    ]]
  )

  preloaded(
    "fails as for an unknown host when there is no address",
    "EAI_NONAME\n",
    [[
      print(select(3, socket.create_connection({ "nothing", 80 }, options)))
    ]]
  )

  it("closes its attempts when its task is cancelled, and leaves no descriptor", function()
    if not several then
      return skip("several attempts to connect: there is one loopback address")
    end
    local _, _, port = listeners("full", "full")
    tasks.run(function()
      tasks.sleep(0)
      local before = handles.count()
      for round = 1, 50 do
        local task = tasks.spawn(socket.create_connection, { port = port }, { happy_eyeballs_delay = 0 })
        tasks.sleep(0)
        if round % 2 == 0 then
          tasks.sleep(0.001)
        end
        task:cancel()
        local done, message, code = task:join()
        assert.same({ nil, "create_connection: Operation canceled", "ECANCELED" }, { done, message, code })
      end
      assert.equal(before, handles.count())
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
    local _, _, port = listeners "full"
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
    local _, _, port = listeners "full"
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
    local _, _, port = listeners("full", "full")
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
