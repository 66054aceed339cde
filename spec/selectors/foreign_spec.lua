local child = require "spec.support.child"
local expect = require "spec.support.expect"
local library = require "spec.support.library"
local selecting = require "spec.support.selecting"
local selectors = require "bsdsocket.selectors"
local socket = require "bsdsocket"

local READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE

for _, name in ipairs(selecting.classes) do
  local function case(title, body)
    it(title, selecting.with(name, body))
  end

  describe("an object of another library, in a " .. name .. ",", function()
    for _, method in ipairs { "fileno", "getfd" } do
      case("is registered by the result of its method " .. method, function(s, rd, wr)
        local object = setmetatable({}, {
          __index = {
            [method] = function(self)
              assert(getmetatable(self))
              return rd:fileno()
            end,
          },
        })
        local key = assert(s:register(object, READ, 1))
        assert.same({ object, rd:fileno() }, { key.fileobj, key.fd })
        wr:send "x"
        assert.same({ { key }, { READ } }, { selecting.ready(s, 5) })
        -- The method is not called again while the object is registered.
        setmetatable(object, nil)
        assert.equal(key, s:get_key(object))
        assert.equal(WRITE, s:modify(object, WRITE).events)
        expect.failure("register: already registered", "EEXIST", s:register(object, READ))
        assert(s:unregister(object))
        assert.equal(0, #s)
      end)
    end

    case("raises an error if its method returns no integer", function(s)
      local message = "bad argument #1 to 'register' ('%s' must return a descriptor, got %s)"
      for _, value in ipairs { "5", true, {}, print, false } do
        local object = {
          fileno = function()
            return value
          end,
        }
        expect.misuse(message:format("fileno", type(value)), s.register, s, object, READ)
      end
      expect.misuse(message:format("fileno", "nil"), s.register, s, { fileno = function() end }, READ)
      for _, number in ipairs { 1.5, 2 ^ 70 } do
        local object = {
          getfd = function()
            return number
          end,
        }
        expect.misuse(message:format("getfd", tostring(number)), s.register, s, object, READ)
      end
      assert.equal(0, #s)
    end)

    case("fails with EBADF if its method returns a negative number", function(s)
      local object = {
        fileno = function()
          return -1
        end,
      }
      expect.failure("register: Bad file descriptor", "EBADF", s:register(object, READ))
      expect.failure("unregister: not registered", "ENOENT", s:unregister(object))
    end)

    case("passes on the errors of its method", function(s, rd)
      local object = {
        fileno = function()
          error({ "on purpose" })
        end,
      }
      local _, caught = pcall(s.register, s, object, READ)
      assert.same({ "on purpose" }, caught)
      local broken = setmetatable({}, {
        __index = function()
          error("on purpose", 0)
        end,
      })
      expect.misuse("on purpose", s.register, s, broken, READ)
      assert.is_false(pcall(s.register, s, { fileno = 5 }, READ))
      assert(s:register(rd, READ))
      assert.equal(1, #s)
    end)

    case("cannot yield in its method", function(s, rd)
      local object = {
        fileno = function()
          coroutine.yield()
          return rd:fileno()
        end,
      }
      local fine, message = coroutine.resume(coroutine.create(function()
        return s:register(object, READ)
      end))
      assert.is_false(fine)
      assert.is_truthy(tostring(message):find "yield")
      assert.equal(0, #s)
    end)

    case("may close the selector in its method", function(s, rd)
      local object = {
        fileno = function()
          s:close()
          return rd:fileno()
        end,
      }
      expect.failure("register: the selector is closed", "EBADF", s:register(object, READ))
    end)

    case("may close its descriptor in its method", function(s, rd)
      local object = {
        fileno = function()
          local number = rd:fileno()
          rd:close()
          return number
        end,
      }
      local key, _, code = s:register(object, READ)
      assert.is_true(name == "PollSelector" and key ~= nil or code == "EBADF")
    end)

    case("may register itself and other objects in its method", function(s, rd, wr)
      local depth = 0
      local object = {}
      function object.fileno()
        depth = depth + 1
        if depth == 1 then
          assert(s:register(object, READ, "inner"))
          assert(s:register(wr, WRITE))
        end
        return rd:fileno()
      end
      expect.failure("register: already registered", "EEXIST", s:register(object, READ, "outer"))
      assert.equal("inner", s:get_key(object).data)
      assert.equal(2, #s)
      assert(s:unregister(object))
      assert(s:unregister(wr))
      assert.same({}, s:get_map())
    end)

    case("may unregister its descriptor in its method", function(s, rd)
      assert(s:register(rd, READ))
      local object = {
        fileno = function()
          assert(s:unregister(rd))
          return rd:fileno()
        end,
      }
      expect.failure("get_key: not registered", "ENOENT", s:get_key(object))
    end)

    case("is collected together with a selector that it refers to", function(s)
      local gone = setmetatable({}, { __mode = "k" })
      do
        local one, other = assert(socket.socketpair())
        local selector = selecting.new(name)
        local object = {
          selector = selector,
          fileno = function()
            return one:fileno()
          end,
        }
        assert(selector:register(object, READ, { selector = selector }))
        gone[selector], gone[one], gone[other] = true, true, true
      end
      for _ = 1, 4 do
        collectgarbage()
      end
      assert.is_nil(next(gone))
      assert(s)
    end)
  end)
end

-- Runs a program that contains its assertions, and checks that it succeeds and prints nothing.
local function run(program)
  local prelude = [[
    local selectors = require "bsdsocket.selectors"
    local socket = require "bsdsocket"
    local selector = assert(selectors.DefaultSelector())
    local READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
  ]]
  assert.same({ "", "", 0 }, { child.run(prelude .. program) })
end

if library.has "socket" then
  describe("a selector with LuaSocket", function()
    it("waits for sockets", function()
      run [[
        local luasocket = require "socket"
        local server = assert(luasocket.bind("127.0.0.1", 0))
        local key = assert(selector:register(server, READ, "server"))
        assert(key.fd == server:getfd())
        local client = assert(socket.create_connection({ server:getsockname() }))
        for ready, events in assert(selector:select(5)) do
          assert(ready == key and events == READ)
        end
        local connection = assert(server:accept())
        assert(selector:register(connection, READ + WRITE))
        assert(client:sendall("hello\n"))
        server:close()
        assert(selector:unregister(server))
        local events
        repeat
          for _, now in assert(selector:select(5)) do events = now end
        until events == READ + WRITE
        assert(connection:receive() == "hello")
        connection:close()
        assert(selector:unregister(connection) and #selector == 0)
        local _, message, code = selector:register(connection, READ)
        assert(code == "EBADF", message)
      ]]
    end)
  end)
end

if library.has "luv" then
  describe("a selector with luv", function()
    it("waits for handles", function()
      run [[
        local uv = require "luv"
        local server = uv.new_tcp()
        assert(server:bind("127.0.0.1", 0))
        assert(server:listen(1, function() end))
        local key = assert(selector:register(server, READ))
        assert(key.fd == server:fileno())
        local client = assert(socket.create_connection({ "127.0.0.1", server:getsockname().port }))
        local step, batch = assert(selector:select(5))
        local ready = step(batch)
        assert(ready == key)
        assert(selector:unregister(server))
      ]]
    end)
  end)
end

if library.has "ssl" and library.has "socket" then
  describe("a selector with LuaSec", function()
    it("waits for connections", function()
      run [[
        require "socket"
        local ssl = require "ssl"
        local one, other = assert(socket.socketpair())
        local secure = assert(ssl.wrap(one, { mode = "client", protocol = "any" }))
        secure:settimeout(0)
        local key = assert(selector:register(secure, READ))
        assert(key.fd == secure:getfd())
        local _, failure = secure:dohandshake()
        assert(failure == "wantread", failure)
        assert(other:sendall("not a TLS record"))
        local step, batch = assert(selector:select(5))
        local ready = step(batch)
        assert(ready == key)
        _, failure = secure:dohandshake()
        assert(failure ~= "wantread", failure)
        secure:close()
        assert(selector:unregister(secure))
      ]]
    end)
  end)
end

if jit then
  describe("a cdata object of LuaJIT with a method fileno", function()
    it(
      "can be registered",
      selecting.with("PollSelector", function(s, rd, wr)
        local ffi = (require --[[@as fun(name: string): any]])("ffi")
        local Object = ffi.metatype("struct { int number; }", {
          __index = {
            fileno = function(self)
              return self.number
            end,
          },
        })
        local object = Object(rd:fileno())
        local key = assert(s:register(object, READ))
        wr:send "x"
        assert.equal(key, selecting.ready(s, 5)[1])
        assert(s:unregister(object))
      end)
    )
  end)
end
