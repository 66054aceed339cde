local child = require "spec.support.child"
local expect = require "spec.support.expect"
local lua = require "spec.support.lua"
local selecting = require "spec.support.selecting"
local selectors = require "bsdsocket.selectors"
local skip = require "spec.support.skip"
local socket = require "bsdsocket"
local system = require "spec.support.system"
local temporary = require "spec.support.temporary"

local READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE

describe("bsdsocket.selectors", function()
  it("has the documented names", function()
    assert.same({ 1, 2 }, { READ, WRITE })
    assert.equal("function", type(selectors.DefaultSelector))
    assert.equal("function", type(selectors.PollSelector))
    assert.equal(system.linux, selectors.EpollSelector ~= nil)
    assert.is_nil(rawget(selectors, "SelectSelector"))
  end)

  it("is the same table after another require", function()
    local name = ("%s.%s"):format("bsdsocket", "selectors")
    package.loaded[name] = nil
    assert.equal(selectors, require(name))
  end)

  it("uses the best available class for DefaultSelector", function()
    local selector = assert(selectors.DefaultSelector())
    assert.equal(("selector (%s, 0 registered)"):format(selecting.classes[1]), tostring(selector))
    selector:close()
    assert.equal("selector (closed)", tostring(selector))
  end)
end)

for _, name in ipairs(selecting.classes) do
  local function case(title, body)
    it(title, selecting.with(name, body))
  end

  describe("an object registered with " .. name, function()
    case("has a key", function(s, rd)
      local key = assert(s:register(rd, READ, "data"))
      assert.same({ fileobj = rd, fd = rd:fileno(), events = READ, data = "data" }, key)
      assert.equal(key, s:get_key(rd))
      assert.equal(key, s:get_key(rd:fileno()))
      assert.equal(1, #s)
    end)

    case("may have no data", function(s, rd)
      assert.is_nil(assert(s:register(rd, READ)).data)
      assert.is_nil(assert(s:modify(rd, READ)).data)
    end)

    case("may be a descriptor number", function(s, rd)
      local fd = rd:fileno()
      local key = assert(s:register(fd, WRITE))
      assert.equal(fd, key.fileobj)
      assert.equal(fd, key.fd)
      assert.equal(key, s:get_key(rd))
      assert.equal(key, s:unregister(rd))
    end)

    case("cannot be registered twice, as an object or as a number", function(s, rd)
      assert(s:register(rd, READ))
      expect.failure("register: already registered", "EEXIST", s:register(rd, READ))
      expect.failure("register: already registered", "EEXIST", s:register(rd:fileno(), READ))
      local foreign = {
        fileno = function()
          return rd:fileno()
        end,
      }
      expect.failure("register: already registered", "EEXIST", s:register(foreign, READ))
      assert.equal(1, #s)
    end)

    case("must be open", function(s, rd)
      rd:close()
      expect.failure("register: Bad file descriptor", "EBADF", s:register(rd, READ))
      assert.equal(0, #s)
    end)

    case("can be unregistered once", function(s, rd)
      local key = assert(s:register(rd, READ))
      assert.equal(key, s:unregister(rd))
      expect.failure("unregister: not registered", "ENOENT", s:unregister(rd))
      expect.failure("unregister: not registered", "ENOENT", s:unregister(999999))
      expect.failure("get_key: not registered", "ENOENT", s:get_key(rd))
      expect.failure("get_key: not registered", "ENOENT", s:get_key(999999))
      assert.equal(0, #s)
    end)

    case("can be unregistered after it was closed, as an object and as a number", function(s, rd, wr)
      local r = rd:fileno()
      assert(s:register(r, READ))
      assert(s:register(wr, WRITE))
      rd:close()
      wr:close()
      assert.equal(r, assert(s:unregister(r)).fileobj)
      assert.equal(wr, assert(s:unregister(wr)).fileobj)
      assert.equal(0, #s)
    end)

    case("gets a new key from modify", function(s, rd)
      local key = assert(s:register(rd, READ, "data"))
      local other = assert(s:modify(rd, WRITE))
      assert.same({ READ, WRITE }, { key.events, other.events })
      assert.equal(other, s:get_key(rd))
      local data = {}
      local third = assert(s:modify(rd:fileno(), WRITE, data))
      assert.equal(data, third.data)
      assert.equal(rd, third.fileobj)
      assert.equal(third, s:get_key(rd))
      expect.failure("modify: not registered", "ENOENT", s:modify(999999, READ))
    end)

    case("is a key of the table from get_map", function(s, rd, wr)
      assert.same({}, s:get_map())
      local key, number = assert(s:register(rd, READ)), wr:fileno()
      local map = assert(s:get_map())
      assert.equal(key, map[rd])
      -- Changing the table does not change the selector.
      map[rd] = nil
      assert.equal(key, s:get_key(rd))
      local other = assert(s:register(number, WRITE))
      map = assert(s:get_map())
      assert.equal(key, map[rd])
      assert.equal(other, map[number])
      local count = 0
      for object in pairs(map) do
        count = count + 1
        assert(s:unregister(object))
      end
      assert.equal(2, count)
      assert.same({}, s:get_map())
    end)

    case("does not depend on the fields of its key", function(s, rd, wr)
      local key = assert(s:register(rd, READ, 1))
      key.fd, key.fileobj, key.events, key.data = -1, nil, "nonsense", nil
      wr:send "x"
      assert.same({ { key }, { READ } }, { selecting.ready(s, 5) })
      assert.equal(key, s:unregister(rd))
      assert.equal(0, selecting.count(s, 0))
    end)

    case("must have valid events", function(s, rd)
      for _, events in ipairs { 0, 4, 999999, -1 } do
        expect.misuse("bad argument #2 to 'register' (invalid events)", s.register, s, rd, events)
      end
      expect.misuse("bad argument #2 to 'register' (number expected, got no value)", s.register, s, rd)
      assert(s:register(rd, READ))
      expect.misuse("bad argument #2 to 'modify' (invalid events)", s.modify, s, rd, 4)
      assert.equal(READ, s:get_key(rd).events)
    end)

    case("must be a socket, a descriptor, or an object with a descriptor", function(s)
      local message = "bad argument #1 to 'register' (socket or descriptor expected, got %s)"
      ---@type any[]
      local values = { "5", true, print, {}, io.stdout, setmetatable({}, { __index = function() end }) }
      for _, value in ipairs(values) do
        expect.misuse(message:format(lua.type_name(value)), s.register, s, value, READ)
      end
      expect.misuse(message:format("nil"), s.register, s, nil, READ)
      expect.misuse("bad argument #1 to 'register' (negative file descriptor)", s.register, s, -10, READ)
      expect.misuse("bad argument #1 to 'register' (number has no integer representation)", s.register, s, 1.5, READ)
    end)

    case("must be open for modify", function(s, rd)
      assert(s:register(rd, READ))
      rd:close()
      expect.failure("modify: Bad file descriptor", "EBADF", s:modify(rd, WRITE))
      -- After the failure it is no longer registered, as documented.
      assert.equal(0, #s)
      expect.failure("unregister: not registered", "ENOENT", s:unregister(rd))
    end)

    case("is not collected while it is registered", function(s)
      local gone = setmetatable({}, { __mode = "k" })
      do
        local one, other = assert(socket.socketpair())
        assert(s:register(one, READ))
        gone[one], gone[other] = true, true
        other:close()
      end
      collectgarbage()
      collectgarbage()
      for key in assert(s:select(5)) do
        assert.equal("", key.fileobj:recv(1))
        assert(s:unregister(key.fileobj))
      end
      collectgarbage()
      collectgarbage()
      collectgarbage()
      assert.is_nil(next(gone))
    end)

    case("is no longer registered after close", function(s, rd, wr)
      assert(s:register(rd, READ))
      assert(s:register(wr, READ))
      expect.done(s:close())
      expect.done(s:close())
      for _, method in ipairs { "get_key", "unregister" } do
        expect.failure(method .. ": the selector is closed", "EBADF", s[method](s, rd))
      end
      expect.failure("register: the selector is closed", "EBADF", s:register(rd, READ))
      expect.failure("modify: the selector is closed", "EBADF", s:modify(rd, READ))
      expect.failure("get_map: the selector is closed", "EBADF", s:get_map())
      expect.failure("select: the selector is closed", "EBADF", s:select())
      expect.failure("fileno: the selector is closed", "EBADF", s:fileno())
      assert.equal(0, #s)
    end)

    case("may be one of 300, unregistered in any order", function(s)
      local pairs_, keys = {}, {}
      for n = 1, 300 do
        local one, other = assert(socket.socketpair())
        pairs_[n] = { one, other }
        keys[n] = assert(s:register(one, WRITE, n))
      end
      for n = 1, 300, 3 do
        assert.equal(keys[n], s:unregister(pairs_[n][1]))
      end
      assert.equal(200, #s)
      for n = 1, 300, 3 do
        keys[n] = assert(s:register(pairs_[n][2], WRITE, n))
      end
      local seen = {}
      for _, key in ipairs((selecting.ready(s))) do
        assert.equal(keys[key.data], key)
        seen[#seen + 1] = key
      end
      assert.equal(300, #seen)
      for _, pair in ipairs(pairs_) do
        pair[1]:close()
        pair[2]:close()
      end
    end)
  end)
end

describe("a regular file", function()
  if system.windows then
    return skip "regular files, which are no sockets"
  end

  -- Runs `body` with the number of a regular file in `number`; what it returns is printed.
  local function output(body)
    local program = [[
      local selecting = require "spec.support.selecting"
      local tasks = require "bsdsocket.tasks"
      local number = 0
      print((function() %s end)())
    ]]
    local path = temporary.file "content"
    local printed, complaints = child.run(program:format(body), { input = path })
    temporary.remove(path)
    assert.equal("", complaints)
    return printed
  end

  if selectors.EpollSelector then
    it("is refused by an EpollSelector, and not registered", function()
      local registered = [[
        local selector = selecting.new "EpollSelector"
        assert(not selector:register(number, 1))
        assert(not selector:get_key(number))
        return #selector, selector:register(number, 1)
      ]]
      assert.equal("0\tnil\tregister: Operation not permitted\tEPERM\n", output(registered))
    end)
  end

  it("is always ready for a PollSelector", function()
    local ready = [[
      local selector = selecting.new "PollSelector"
      assert(selector:register(number, 3))
      local _, events = selecting.ready(selector)
      return #events, events[1]
    ]]
    assert.equal("1\t3\n", output(ready))
  end)

  it("is always ready for tasks.wait", function()
    assert.equal("true\ttrue\n", output 'return tasks.wait(number, "r"), tasks.run(tasks.wait, number, "rw")')
  end)
end)

if lua.closes then
  describe("a selector that goes out of scope", function()
    it("is closed", function()
      local scoped = assert(lua.load [[
        local selector = ...
        local held <close> = selector
      ]])
      local selector = assert(selectors.DefaultSelector())
      scoped(selector)
      expect.failure("select: the selector is closed", "EBADF", selector:select())
    end)
  end)
end

describe("a selector", function()
  it("has a protected metatable, and checks the type of self", function()
    local selector = assert(selectors.DefaultSelector())
    assert.equal("selector", getmetatable(selector))
    expect.misuse(
      "bad argument #1 to 'select' (selector expected, got socket)",
      selector.select,
      assert(socket.socket())
    )
    selector:close()
  end)

  it("has a descriptor that another selector can wait for, if it uses epoll", function()
    if not system.linux then
      return
    end
    local inner, outer = assert(selectors.EpollSelector()), assert(selectors.PollSelector())
    expect.failure("fileno: Operation not supported", "EOPNOTSUPP", outer:fileno())
    local one, other = assert(socket.socketpair())
    assert(inner:register(one, READ))
    local key = assert(outer:register(inner, READ))
    assert.equal(inner:fileno(), key.fd)
    assert.equal(0, selecting.count(outer, 0))
    other:send "x"
    assert.same({ { key }, { READ } }, { selecting.ready(outer, 5) })
    inner:close()
    outer:close()
    one:close()
    other:close()
  end)
end)
