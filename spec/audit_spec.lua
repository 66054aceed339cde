local audited = require "spec.support.audited"
local handles = require "spec.support.handles"
local lua = require "spec.support.lua"
local network = require "spec.support.network"
local skip = require "spec.support.skip"
local temporary = require "spec.support.temporary"

local socket = audited.socket

-- How often each event is forbidden in turn, where nothing may be left behind.
local CYCLES = tonumber(os.getenv "BSDSOCKET_CYCLES") or 1000

local before

setup(function()
  before = handles.count()
end)

after_each(function()
  audited.act = nil
end)

-- Forbids the n-th event of a call by raising a value.
local function forbid(n, value)
  return function()
    n = n - 1
    if n == 0 then
      error(value, 0)
    end
  end
end

-- Forbids an event of a way: what the call came to, whether nothing was done, and how many events there were.
local function veto(way, n, value)
  local things = audited.prepare(way)
  audited.act = forbid(n, value)
  local results = audited.call(way, things)
  audited.act = nil
  local raised = #audited.events
  local undone = not way.undone or way.undone(things)
  audited.close(things)
  return results, undone, raised
end

-- The ways that there are on this machine.
local ways = {}
for _, way in ipairs(audited.ways) do
  if way.needs ~= "IPv6" or network.has_ipv6() then
    ways[#ways + 1] = way
  else
    skip("the audit events of " .. way.name)
  end
end

describe("an audit hook", function()
  for _, way in ipairs(ways) do
    if not way.forbidden then
      it("is told of " .. way.name, function()
        local things = audited.prepare(way)
        local expected = audited.expected(way, things)
        local results = audited.call(way, things)
        assert.same(expected, audited.events)
        -- All but look-ups succeed anywhere.
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
      it(("forbids %s by its event %d, before anything is done"):format(way.name, n), function()
        local value = {}
        local results, undone, raised = veto(way, n, value)
        assert.same({ false, value, n = 2 }, results)
        assert.is_true(rawequal(value, results[2]))
        assert.equal(n, raised)
        assert.is_true(undone)
      end)
    end
  end

  it("passes any error on as it is", function()
    for _, value in ipairs({ "text", 42, true, false, print, coroutine.create(function() end), io.stdout }) do
      assert.same({ false, value, n = 2 }, (veto(ways[1], 1, value)))
    end
    local results = veto(ways[1], 1, nil)
    assert.same({ false, n = 2 }, results)
  end)

  it("is told nothing of what has no event", function()
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

  it("is told nothing of misuse, nor of what is no address", function()
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

  it("closes a connection that it does not let in, and the next one comes in", function()
    local listener = assert(socket.create_server({ "127.0.0.1", 0 }))
    local first = assert(socket.create_connection(listener:getsockname()))
    local second = assert(socket.create_connection(listener:getsockname()))
    assert(second:sendall("second"))
    audited.act = forbid(1, "not this one")
    assert.same({ false, "not this one", n = 2 }, lua.pack(pcall(listener.accept, listener)))
    assert.equal("", first:recv(1))
    local accepted = assert(listener:accept())
    assert.equal("second", accepted:recv(10))
    network.close(listener, first, second, accepted)
  end)
end)

describe("forbidden acts", function()
  -- The memory of this process in bytes.
  local function resident()
    return tonumber(temporary.read("/proc/self/statm"):match("^%d+ (%d+)")) * 4096
  end

  for _, way in ipairs(ways) do
    it(("leave nothing behind after %d of %s"):format(CYCLES, way.name), function()
      local things = audited.prepare(way)
      local accepts = way.name == "accept"
      local function forbid_all(count)
        for cycle = 1, count do
          audited.act = forbid(cycle % #way + 1, "no")
          local results = audited.call(way, things)
          assert(results[1] == false and results[2] == "no")
          if accepts then
            audited.act = nil
            things.client:close()
            way.before(things)
          end
          if cycle % 500 == 0 then
            collectgarbage()
          end
        end
        audited.act = nil
        collectgarbage()
      end
      forbid_all(1000)
      local open, held, resides = handles.count(), collectgarbage("count"), resident()
      forbid_all(CYCLES)
      assert.equal(open, handles.count())
      assert.is_true(collectgarbage("count") - held < 100)
      assert.is_true(resident() - resides < 2 ^ 20)
      audited.close(things)
    end)
  end

  it("leave no descriptor open", function()
    assert.equal(before, handles.count())
  end)
end)
