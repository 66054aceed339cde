local child = require "spec.support.child"
local lua = require "spec.support.lua"
local socket = require "bsdsocket"
local temporary = require "spec.support.temporary"

describe("require", function()
  it("changes no globals, metatables or hooks", function()
    local output, complaints = child.run([[
      local function snapshot()
        local seen = {}
        local function look(path, value, depth)
          seen[path] = tostring(value)
          if type(value) == "table" and depth < 3 then
            for key, field in pairs(value) do
              look(path .. "." .. tostring(key), field, depth + 1)
            end
          end
        end
        look("_G", _G, 0)
        look("string", getmetatable(""), 0)
        seen["nil"] = tostring(debug.getmetatable(nil))
        seen["function"] = tostring(debug.getmetatable(print))
        seen["hook"] = tostring(debug.gethook())
        return seen
      end
      local before = snapshot()
      local socket = require "bsdsocket"
      socket.socket():close()
      assert(socket.socketpair())
      local after = snapshot()
      for path, value in pairs(after) do
        if before[path] ~= value then
          print(path)
        end
      end
      for path in pairs(before) do
        if after[path] == nil then
          print("gone: " .. path)
        end
      end
    ]])
    local changed = {}
    for path in output:gmatch("[^\n]+") do
      if not path:find("^_G%.package%.loaded%.bsdsocket") then
        changed[#changed + 1] = path
      end
    end
    assert.same({ {}, "" }, { changed, complaints })
    assert.is_truthy(output:find("_G.package.loaded.bsdsocket\n", 1, true))
  end)

  it("returns the same module if it is loaded again", function()
    local kept = package.loaded.bsdsocket
    package.loaded.bsdsocket = nil
    ---@diagnostic disable-next-line: duplicate-require
    local again = require("bsdsocket")
    package.loaded.bsdsocket = kept
    assert.equal(socket, again)
    assert.equal(getmetatable(again.SocketType), getmetatable(socket.SocketType))
    assert.equal(socket.SocketType, again.SocketType)
  end)

  it("works in a coroutine, and the module outlives it", function()
    local output, complaints = child.run([[
      local socket = coroutine.wrap(function()
        return require "bsdsocket"
      end)()
      collectgarbage()
      local one, other = assert(socket.socketpair())
      one:sendall("hello")
      print(other:recv(10))
      other:settimeout(0.001)
      print(other:recv(10))
      print(coroutine.wrap(function() return other:recv(10) end)())
    ]])
    local timed_out = "nil\trecv: timed out\ttimeout\n"
    assert.same({ "hello\n" .. timed_out .. timed_out, "" }, { output, complaints })
  end)
end)

describe("the module", function()
  it("has functions and constants under their documented names", function()
    for _, name in ipairs({
      "socket",
      "socketpair",
      "getaddrinfo",
      "getdefaulttimeout",
      "setdefaulttimeout",
      "buffer",
    }) do
      assert.equal("function", type(socket[name]), name)
    end
    assert.equal("table", type(socket.SocketType))
    local version = temporary.read("Cargo.toml"):match '\nversion = "([%d.]+)"'
    assert.equal("bsdsocket " .. version, socket._VERSION)
    assert.is_true(socket.has_ipv6)
    assert.same({ 2, 1, 2 }, { socket.AF_INET, socket.AF_UNIX, socket.SOCK_DGRAM })
    if math.type then
      assert.equal("integer", math.type(socket.AF_INET))
    end
  end)

  it("lacks what the platform lacks", function()
    assert.is_nil(socket.AF_SYSTEM)
    ---@diagnostic disable-next-line: undefined-field
    assert.is_nil(socket.SO_EXCLUSIVEADDRUSE)
    ---@diagnostic disable-next-line: undefined-field
    assert.is_nil(socket.NO_SUCH_CONSTANT)
  end)
end)

---A method that the specs add.
---@class bsdsocket.Socket
---@field shout? fun(self: bsdsocket.Socket, text: string): true?, string?, string?, integer?

describe("SocketType", function()
  after_each(function()
    socket.SocketType.shout = nil
  end)

  it("holds the methods of all sockets", function()
    local s = assert(socket.socket())
    for name, method in pairs(socket.SocketType) do
      assert.equal("function", type(method), name)
      assert.equal(method, s[name], name)
    end
    s:close()
  end)

  it("adds a method to all sockets, existing and new", function()
    local older, other = assert(socket.socketpair())
    assert.is_nil(older.shout)
    function socket.SocketType:shout(text)
      return self:sendall(text:upper())
    end
    local newer = assert(socket.socket())
    older:settimeout(5)
    assert.equal(older.shout, newer.shout)
    assert.is_true(older:shout("hello"))
    assert.equal("HELLO", other:recv(10))
    older:close()
    other:close()
    newer:close()
  end)

  it("allows methods to be replaced", function()
    local original = socket.SocketType.fileno
    local s = assert(socket.socket())
    socket.SocketType.fileno = function(self)
      return "number " .. original(self)
    end
    local told = s:fileno()
    socket.SocketType.fileno = original
    assert.equal("number " .. s:fileno(), told)
    s:close()
  end)
end)

describe("Lua states", function()
  it("have separate default timeouts", function()
    assert.same({ n = 1 }, lua.pack(socket.getdefaulttimeout()))
    socket.setdefaulttimeout(3)
    local output = child.run([[print(require("bsdsocket").getdefaulttimeout())]])
    socket.setdefaulttimeout(nil)
    assert.equal("nil\n", output)
  end)
end)
