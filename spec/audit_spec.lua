local audited = require "spec.support.audited"
local child = require "spec.support.child"
local handles = require "spec.support.handles"
local lua = require "spec.support.lua"
local network = require "spec.support.network"
local skip = require "spec.support.skip"

local socket = audited.socket

-- How many times the events of each call are vetoed in turn. `make leaks` sets 100,000.
local CYCLES = tonumber(os.getenv "BSDSOCKET_CYCLES") or 1000

-- Memory growth that is tolerated, in KiB: what the allocators have not given back yet.
local LUA_MAY_KEEP, PROCESS_MAY_KEEP = 16, 512

local before

setup(function()
  before = handles.count()
end)

after_each(function()
  audited.act = nil
end)

-- Vetoes the n-th event of a call. Returns the call's results, whether nothing was done, and how many events there
-- were.
local function veto(way, n, value)
  local things = audited.prepare(way)
  audited.act = audited.forbid(n, value)
  local results = audited.call(way, things)
  audited.act = nil
  local raised = #audited.events
  local undone = not way.undone or way.undone(things)
  audited.close(things)
  return results, undone, raised
end

-- Whether this machine has what a call needs.
local has_ipv6 = network.has_ipv6()
local function is_here(way)
  return way.needs ~= "IPv6" or has_ipv6
end

local ways = {}
for _, way in ipairs(audited.ways) do
  if is_here(way) then
    ways[#ways + 1] = way
  else
    skip("the audit events of " .. way.name .. ": there is no IPv6")
  end
end

describe("an audit hook", function()
  for _, way in ipairs(ways) do
    if not way.forbidden then
      it("receives the events of " .. way.name, function()
        local things = audited.prepare(way)
        local expected = audited.expected(way, things)
        local results = audited.call(way, things)
        assert.same(expected, audited.events)
        -- All but name look-ups succeed on any machine.
        if not results[2] then
          assert.equal("string", type(results[4]))
          assert.is_truthy(way.name:find("^get"), results[3])
        end
        if socket.type(results[2]) then
          results[2]:close()
        end
        audited.close(things)
      end)
    end

    for n in ipairs(way) do
      it(("vetoes %s at its event %d, before anything is done"):format(way.name, n), function()
        local value = {}
        local results, undone, raised = veto(way, n, value)
        assert.same({ false, value, n = 2 }, results)
        assert.is_true(rawequal(value, results[2]))
        assert.equal(n, raised)
        assert.is_true(undone)
      end)
    end
  end

  it("passes error values on unchanged", function()
    for _, value in ipairs({ "text", 42, true, false, print, coroutine.create(function() end), io.stdout }) do
      assert.same({ false, value, n = 2 }, (veto(ways[1], 1, value)))
    end
    -- From 5.5 on, Lua replaces an error value of nil by a message.
    assert.same(lua.pack(pcall(error, nil)), (veto(ways[1], 1, nil)))
  end)

  it("is not called for functions that raise no audit event", function()
    local one, other = assert(socket.socketpair())
    local bound = assert(socket.create_server({ "127.0.0.1", 0 }))
    audited.events = {}
    assert(one:send("x"))
    assert(one:sendall("x"))
    assert(other:recv(2))
    local stream = assert(one:makefile("rw"))
    assert(stream:write("x\n"):flush())
    assert(other:recvmsg(10))
    stream:close()
    assert(bound:listen())
    assert(bound:getsockname())
    assert(bound:setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1))
    assert(bound:settimeout(1))
    assert(one:shutdown(socket.SHUT_WR))
    assert(tostring(one))
    assert(socket.getprotobyname("tcp"))
    assert(socket.if_nameindex())
    assert(socket.inet_aton("127.0.0.1"))
    assert(socket.pack_address(socket.AF_INET, { "127.0.0.1", 80 }))
    network.close(one, other, bound)
    assert.same({}, audited.events)
  end)

  it("is not called for invalid arguments or invalid addresses", function()
    local s = assert(socket.socket())
    audited.events = {}
    assert.is_false(pcall(s.bind, s, 1))
    assert.is_false(pcall(s.connect, s, { "127.0.0.1", 70000 }))
    assert.is_false(pcall(s.sendto, s, "x", {}))
    assert.is_false(pcall(s.sendmsg, s, "x"))
    assert.is_false(pcall(socket.socket, "x"))
    assert.is_false(pcall(socket.getaddrinfo, "local\0host", 80))
    assert.is_false(pcall(socket.getservbyname, {}))
    assert.is_nil((socket.getnameinfo({ "no number", 80 }, 0)))
    s:close()
    assert.same({}, audited.events)
  end)

  it("closes a connection that it vetoes, and the next accept succeeds", function()
    local listener = assert(socket.create_server({ "127.0.0.1", 0 }))
    local first = assert(socket.create_connection(listener:getsockname()))
    local second = assert(socket.create_connection(listener:getsockname()))
    assert(second:sendall("second"))
    audited.act = audited.forbid(1, "not this one")
    assert.same({ false, "not this one", n = 2 }, lua.pack(pcall(listener.accept, listener)))
    assert.equal("", first:recv(1))
    local accepted = assert(listener:accept())
    assert.equal("second", accepted:recv(10))
    network.close(listener, first, second, accepted)
  end)
end)

-- Vetoes the events of a call again and again: first some cycles as a warm-up, then all. Prints how many descriptors,
-- KiB of Lua memory and KiB of process memory there are more.
local PROGRAM = [[
  local audited = require "spec.support.audited"
  local child = require "spec.support.child"
local handles = require "spec.support.handles"
  local temporary = require "spec.support.temporary"
  local way = audited.ways[%d]
  local things = audited.prepare(way)
  local function forbid_all(count)
    for cycle = 1, count do
      audited.act = audited.forbid(cycle %% #way + 1, "no")
      local results = audited.call(way, things)
      assert(results[1] == false and results[2] == "no")
      audited.act = nil
      if way.again then
        way.again(things)
      end
      -- Collects at fixed points, so that the measurement does not depend on when the collector last ran.
      if cycle %% 100 == 0 then
        collectgarbage()
      end
    end
    collectgarbage()
    local resident = temporary.read("/proc/self/status"):match("RssAnon:%%s*(%%d+)")
    return handles.count(), collectgarbage("count"), tonumber(resident)
  end
  forbid_all(1)
  local open, of_lua, of_process = forbid_all(%d)
  local open_now, of_lua_now, of_process_now = forbid_all(%d)
  print(open_now - open, math.ceil(of_lua_now - of_lua), of_process_now - of_process)
]]

describe("vetoed calls", function()
  for n, way in ipairs(audited.ways) do
    if is_here(way) then
      it(("leak nothing in %d cycles of %s"):format(CYCLES, way.name), function()
        local program = PROGRAM:format(n, math.max(math.ceil(CYCLES / 10), 200), CYCLES)
        local output, complaints = child.run(program, { limit = 20 + math.ceil(CYCLES / 100) })
        assert.equal("", complaints)
        local open, of_lua, of_process = output:match("^(%-?%d+)\t(%-?%d+)\t(%-?%d+)\n$")
        assert.equal("0", open)
        assert.is_true(tonumber(of_lua) <= LUA_MAY_KEEP, of_lua .. " KiB more in Lua")
        assert.is_true(tonumber(of_process) <= PROCESS_MAY_KEEP, of_process .. " KiB more in the process")
      end)
    end
  end

  it("leak no descriptor", function()
    assert.equal(before, handles.count())
  end)
end)
