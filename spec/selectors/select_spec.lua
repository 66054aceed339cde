local expect = require "spec.support.expect"
local lua = require "spec.support.lua"
local network = require "spec.support.network"
local selecting = require "spec.support.selecting"
local selectors = require "bsdsocket.selectors"
local socket = require "bsdsocket"

local READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE

for _, name in ipairs(selecting.classes) do
  local function case(title, body)
    it(title, selecting.with(name, body))
  end

  describe("select of a " .. name, function()
    case("returns the key and the events of what is ready", function(s, rd, wr)
      assert(s:register(rd, READ))
      local key = assert(s:register(wr, WRITE))
      assert.same({ { key }, { WRITE } }, { selecting.ready(s) })
    end)

    case("reports both events", function(s, rd, wr)
      local key = assert(s:register(rd, READ + WRITE))
      wr:send "x"
      local keys, events = selecting.ready(s, 5)
      assert.equal(key, keys[1])
      -- kqueue reports each event separately.
      assert.equal(READ + WRITE, events[1] + (events[2] or 0))
    end)

    case("reports only the registered events", function(s, rd, wr)
      assert(s:register(rd, READ))
      assert(s:register(wr, READ))
      assert.equal(0, selecting.count(s, 0))
      wr:close()
      -- End of stream is reported as readable.
      local keys, events = selecting.ready(s, 5)
      assert.equal(rd, keys[1].fileobj)
      assert.same({ READ }, { events[1] })
    end)

    case("is level-triggered", function(s, rd, wr)
      assert(s:register(rd, READ))
      wr:send "ab"
      for _ = 1, 3 do
        assert.equal(1, selecting.count(s, 0))
      end
      assert.equal("a", rd:recv(1))
      assert.equal(1, selecting.count(s, 0))
      assert.equal("b", rd:recv(1))
      assert.equal(0, selecting.count(s, 0))
    end)

    case("carries messages between twelve pairs", function(s)
      local MESSAGE, COUNT = " This is a test.", 12
      local of_writer, received = {}, {}
      for _ = 1, COUNT do
        local rd, wr = assert(socket.socketpair())
        assert(s:register(rd, READ))
        assert(s:register(wr, WRITE))
        of_writer[wr] = rd
      end
      local function matching(flag)
        ---@type bsdsocket.Socket[]
        local found = {}
        for key, events in assert(s:select(5)) do
          if events == flag then
            found[#found + 1] = key.fileobj
          end
        end
        return found
      end
      while next(of_writer) do
        local ready = matching(WRITE)
        local wr = ready[math.random(#ready)]
        assert.equal(#MESSAGE, wr:send(MESSAGE))
        local readers = matching(READ)
        assert.same({ of_writer[wr] }, readers)
        received[#received + 1] = readers[1]:recv(#MESSAGE)
        assert(s:unregister(wr))
        assert(s:unregister(readers[1]))
        of_writer[wr] = nil
        network.close(wr, readers[1])
      end
      assert.equal(MESSAGE:rep(COUNT), table.concat(received))
      assert.equal(0, #s)
    end)

    case("waits until the timeout if nothing is registered", function(s)
      assert.equal(0, selecting.count(s, 0))
      local before = network.clock()
      assert.equal(0, selecting.count(s, 0.2))
      assert.is_true(network.clock() - before > 0.15)
    end)

    case("does not wait if the timeout is zero or negative", function(s, rd, wr)
      assert(s:register(wr, WRITE))
      for _, timeout in ipairs { 0, -1, -math.huge } do
        assert.equal(1, selecting.count(s, timeout))
      end
      assert(s:unregister(wr))
      assert(s:register(rd, READ))
      for _, timeout in ipairs { 0, -1, -math.huge } do
        assert.equal(0, selecting.count(s, timeout))
      end
    end)

    case("waits for the timeout", function(s, rd)
      assert(s:register(rd, READ))
      for _, timeout in ipairs { 0.0001, 0.0305, 0.2 } do
        local before = network.clock()
        assert.equal(0, selecting.count(s, timeout))
        local passed = network.clock() - before
        -- The clock's resolution is 0.01 s.
        assert.is_true(passed >= timeout - 0.02, ("%g s after %g"):format(passed, timeout))
        assert.is_true(passed <= (timeout + 1) * network.patience, ("%g s after %g"):format(passed, timeout))
      end
    end)

    case("accepts any number but NaN as the timeout", function(s, _, wr)
      assert(s:register(wr, WRITE))
      for _, timeout in ipairs { math.huge, 1e300, 1e10, 5 } do
        assert.equal(1, selecting.count(s, timeout))
      end
      expect.misuse("bad argument #1 to 'select' (timeout out of range)", s.select, s, 0 / 0)
      expect.misuse("bad argument #1 to 'select' (number expected, got boolean)", s.select, s, true)
    end)

    case("skips an object that is unregistered before its event is returned", function(s)
      local all = {}
      for n = 1, 10 do
        local one, other = assert(socket.socketpair())
        all[n] = { one, other }
        assert(s:register(one, WRITE, n))
      end
      local count = 0
      for key in assert(s:select()) do
        count = count + 1
        for n = 1, 10 do
          if n ~= key.data then
            assert(s:unregister(all[n][1]))
          end
        end
      end
      assert.equal(1, count)
      assert.equal(1, #s)
      for _, pair in ipairs(all) do
        network.close(pair[1], pair[2])
      end
    end)

    case("skips an event whose entry was reused for another object", function(s, rd, wr)
      assert(s:register(rd, WRITE))
      assert(s:register(wr, WRITE))
      local one, other = assert(socket.socketpair())
      local count = 0
      for key in assert(s:select()) do
        count = count + 1
        assert(s:unregister(key.fileobj == rd and wr or rd))
        assert(s:register(one, WRITE))
      end
      assert.equal(1, count)
      network.close(one, other)
    end)

    case("skips an event that modify has removed", function(s, rd, wr)
      assert(s:register(rd, WRITE))
      assert(s:register(wr, WRITE))
      local count = 0
      for key in assert(s:select()) do
        count = count + 1
        assert(s:modify(key.fileobj == rd and wr or rd, READ))
      end
      assert.equal(1, count)
    end)

    case("ends its loop if the selector is closed in it", function(s, rd, wr)
      assert(s:register(rd, WRITE))
      assert(s:register(wr, WRITE))
      local count = 0
      for _ in assert(s:select()) do
        count = count + 1
        assert(s:close())
      end
      assert.equal(1, count)
    end)

    case("ends its loop if select is called again in it", function(s, rd, wr)
      assert(s:register(rd, WRITE))
      assert(s:register(wr, WRITE))
      local outer, inner = 0, 0
      for _ in assert(s:select()) do
        outer = outer + 1
        local step = assert((s:select())) --[[@as fun(): bsdsocket.SelectorKey?]]
        assert(step())
        inner = inner + 1
      end
      assert.same({ 1, 1 }, { outer, inner })
      -- A select that returns no events ends it too.
      outer = 0
      for _ in assert(s:select()) do
        outer = outer + 1
        assert(s:select(0))
      end
      assert.equal(1, outer)
    end)

    case("returns an iterator that can be called directly", function(s, rd)
      local key = assert(s:register(rd, WRITE))
      local step, batch = s:select()
      assert.same({ key, WRITE }, { step(batch) })
      assert.is_nil(step(batch))
      assert(s:select())
      assert.is_nil(step(batch))
      assert.equal(key, (step()))
    end)

    case("allocates nothing per event", function(s)
      local all = {}
      for n = 1, 100 do
        local one, other = assert(socket.socketpair())
        all[n] = { one, other }
        assert(s:register(one, WRITE))
      end
      local taken = lua.allocated(function()
        for _ in s:select(0) do -- luacheck: ignore 542
        end
      end)
      assert.equal(0, taken)
      for _, pair in ipairs(all) do
        network.close(pair[1], pair[2])
      end
    end)

    case("reports incoming and established connections", function(s)
      local listener, client = network.listener(), assert(socket.socket())
      assert(s:register(listener, READ, "listener"))
      client:setblocking(false)
      local _, _, code = client:connect(listener:getsockname())
      assert(not code or code == "EINPROGRESS", code)
      assert(s:register(client, WRITE, "client"))
      local seen = {}
      repeat
        for key in assert(s:select(5)) do
          seen[key.data] = true
        end
      until seen.listener and seen.client
      local server = assert(listener:accept())
      network.close(server, client, listener)
    end)

    case("reports a refused connection", function(s)
      local free, client = network.bound(), assert(socket.socket())
      client:setblocking(false)
      local _, _, code = client:connect(free:getsockname())
      if code == "EINPROGRESS" then
        assert(s:register(client, WRITE))
        assert.equal(1, selecting.count(s, 5))
        assert.equal(socket.errno.ECONNREFUSED, client:getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
      else
        assert.equal("ECONNREFUSED", code)
      end
      network.close(free, client)
    end)
  end)
end
