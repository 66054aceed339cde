-- Descriptors that were closed while they were registered: their number goes to another, and where a duplicate is open
-- the kernel goes on telling of them.

local child = require "spec.support.child"
local selecting = require "spec.support.selecting"
local selectors = require "bsdsocket.selectors"
local skip = require "spec.support.skip"
local socket = require "bsdsocket"
local system = require "spec.support.system"

if system.windows then
  return skip "closed descriptors that have duplicates, for a number is not given again at once"
end

local READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE

-- Whether a wait for nothing sleeps: where the kernel still told of a closed descriptor, it would turn round and round.
local function idles(selector)
  local before = os.clock()
  assert.equal(0, selecting.count(selector, 0.2))
  return os.clock() - before < 0.1
end

for _, name in ipairs(selecting.classes) do
  local function case(title, body)
    it(title, selecting.with(name, body))
  end

  describe("a closed descriptor that has a duplicate, in a " .. name .. ",", function()
    case("is told of no more when it was unregistered after that", function(s, rd, wr)
      assert(s:register(rd, READ))
      local duplicate = assert(rd:dup())
      rd:close()
      assert(s:unregister(rd))
      wr:send "x"
      assert.equal(0, selecting.count(s, 0))
      assert.is_true(idles(s))
      duplicate:close()
    end)

    case("does not keep others from being told of", function(s, rd, wr)
      local all = {}
      for n = 1, 20 do
        local one, other = assert(socket.socketpair())
        all[n] = { one, other, n % 2 == 0 and one:dup() }
        assert(s:register(one, WRITE, n))
        if n % 2 == 0 then
          one:close()
          assert(s:unregister(one))
        end
      end
      assert(s:register(rd, READ, "last"))
      wr:send "x"
      for _ = 1, 3 do
        local seen = {}
        for _, key in ipairs((selecting.ready(s, 5))) do
          seen[key.data] = (seen[key.data] or 0) + 1
        end
        assert.equal(1, seen.last)
        for n = 1, 20 do
          assert.equal(n % 2 == 1 and 1 or nil, seen[n])
        end
      end
      for _, each in ipairs(all) do
        each[2]:close()
        each[1]:close()
        if each[3] then
          each[3]:close()
        end
      end
    end)

    case("is told of no more when it is still registered", function(s, rd, wr)
      local key = assert(s:register(rd, READ))
      local duplicate = assert(rd:dup())
      rd:close()
      wr:send "x"
      assert.is_true(idles(s))
      assert.equal(key, s:unregister(rd))
      duplicate:close()
    end)

    case("leaves its number to whoever has it next", function(s, rd, wr)
      assert(s:register(rd, WRITE))
      local number = rd:fileno()
      rd:close()
      local one, other = assert(socket.socketpair())
      assert.equal(number, one:fileno())
      -- It could be written to, and is not what was registered.
      assert.is_true(idles(s))
      local _, _, code = s:modify(rd, READ)
      assert.equal("EBADF", code)
      assert.is_true(idles(s))
      one:close()
      other:close()
      wr:close()
    end)

    case("may come back under its number", function(s, rd, wr)
      local number = rd:fileno()
      assert(s:register(number, READ, "before"))
      local duplicate = assert(rd:dup())
      rd:close()
      assert(s:unregister(number))
      local again = assert(duplicate:dup())
      assert.equal(number, again:fileno())
      local key = assert(s:register(again, READ, "after"))
      wr:send "x"
      assert.same({ { key }, { READ } }, { selecting.ready(s, 5) })
      assert(s:unregister(again))
      assert.equal(0, selecting.count(s, 0))
      again:close()
      duplicate:close()
    end)

    case("is told of no more when another socket has taken its number", function(s, rd, wr)
      assert(s:register(rd, READ))
      local duplicate, number = assert(rd:dup()), rd:fileno()
      rd:close()
      local one, other = assert(socket.socketpair())
      assert.equal(number, one:fileno())
      local key = assert(s:register(one, READ))
      wr:send "x"
      assert.equal(0, selecting.count(s, 0))
      other:send "y"
      assert.same({ { key }, { READ } }, { selecting.ready(s, 5) })
      assert.equal("y", one:recv(1))
      assert.is_true(idles(s))
      duplicate:close()
      one:close()
      other:close()
    end)
  end)
end

for _, name in ipairs(selecting.classes) do
  local function case(title, body)
    it(title, selecting.with(name, body))
  end

  describe("what was closed while it was registered with a " .. name, function()
    case("can be unregistered after its number went to another", function(s, rd)
      local number = rd:fileno()
      assert(s:register(rd, READ))
      rd:close()
      local again = assert(socket.socket())
      assert.equal(number, again:fileno())
      assert(s:unregister(rd))
      again:close()
    end)

    case("gives its number to the next socket when it is closed", function(s, rd, wr)
      local number = rd:fileno()
      local key = assert(s:register(rd, READ))
      rd:close()
      local one, other = assert(socket.socketpair())
      assert.equal(number, one:fileno())
      local new = assert(s:register(one, READ))
      assert.equal(2, #s)
      other:send "x"
      assert.same({ { new }, { READ } }, { selecting.ready(s, 5) })
      -- The closed one still has its key, and leaves the other alone.
      assert.equal(key, s:get_key(rd))
      assert.equal(key, s:unregister(rd))
      assert.same({ { new }, { READ } }, { selecting.ready(s, 5) })
      assert.equal(new, s:unregister(number))
      wr:close()
      one:close()
      other:close()
    end)
  end)
end

if selectors.EpollSelector then
  describe("an EpollSelector that got rid of a closed descriptor", function()
    it("has the number that it had", function()
      local s = assert(selectors.EpollSelector())
      local number = s:fileno()
      local one, other = assert(socket.socketpair())
      assert(s:register(one, WRITE))
      local duplicate = assert(one:dup())
      one:close()
      assert(s:unregister(one))
      assert.equal(0, selecting.count(s, 0))
      assert.equal(number, s:fileno())
      assert.is_false(assert(socket.type(one)) == "socket")
      s:close()
      other:close()
      duplicate:close()
    end)
  end)
end

describe("a selector with 10,000 descriptors", function()
  it("tells of the one that is ready, and of all", function()
    local program = [[
      local selectors = require "bsdsocket.selectors"
      local socket = require "bsdsocket"
      local name = arg[1]
      local s = assert(selectors[name]())
      local all = {}
      for n = 1, 5000 do
        local one, other = assert(socket.socketpair())
        all[n] = { one, other }
        assert(s:register(one, selectors.EVENT_READ, n))
        assert(s:register(other, selectors.EVENT_READ, -n))
      end
      assert(#s == 10000)
      local function ready()
        local seen, count = {}, 0
        for key in assert(s:select(5)) do
          assert(not seen[key])
          seen[key], count = true, count + 1
        end
        return seen, count
      end
      assert(all[4321][1]:send "x")
      local seen, count = ready()
      assert(count == 1 and next(seen).data == -4321)
      for n = 1, 5000 do
        assert(all[n][1]:send "x")
      end
      local _, most = ready()
      assert(most == (name == "PollSelector" and 5000 or 1024), most)
      -- Whoever is read from is told of no more: all of them come.
      local left = 5000
      repeat
        for key in assert(s:select(5)) do
          assert(key.fileobj:recv(10))
          left = left - 1
        end
      until left == 0
      for n = 1, 5000 do
        all[n][1]:close()
        assert(s:unregister(all[n][1]))
      end
      assert(#s == 5000)
      print "done"
    ]]
    for _, name in ipairs(selecting.classes) do
      local limit = tonumber(child.output("ulimit -Hn; exit"):match "%d+") or math.huge
      if limit < 10100 then
        skip(("10,000 descriptors: there may be %d"):format(limit))
      else
        local options = { arguments = name, before = "ulimit -n 10100" }
        assert.same({ "done\n", "", 0 }, { child.run(program, options) })
      end
    end
  end)
end)

describe("a selector that nobody refers to", function()
  it("leaves no descriptor behind", function()
    local program = [[
      local selectors = require "bsdsocket.selectors"
      for n = 1, 200 do
        local made, message, code = selectors.DefaultSelector()
        if not made then
          assert(code == "EMFILE", message)
          collectgarbage()
          collectgarbage()
          assert(selectors.DefaultSelector())
        end
      end
      print "done"
    ]]
    assert.same({ "done\n", "", 0 }, { child.run(program, { before = "ulimit -n 40" }) })
  end)
end)
