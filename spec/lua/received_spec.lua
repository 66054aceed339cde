-- Long strings that are received: on Lua 5.5 they are not copied into Lua's memory.

local child = require "spec.support.child"
local lua = require "spec.support.lua"
local network = require "spec.support.network"
local sides = require "spec.support.sides"
local skip = require "spec.support.skip"
local socket = require "bsdsocket"
local system = require "spec.support.system"

describe("a long string that is received", function()
  ---@type bsdsocket.Socket, bsdsocket.Socket
  local one, other

  before_each(function()
    one, other = assert(socket.socketpair())
  end)

  after_each(function()
    network.close(one, other)
  end)

  it("stays as it was while others are received", function()
    local received = {}
    for n = 1, 30 do
      local data = string.char(64 + n):rep(60000 + 1000 * n)
      assert(other:sendall(data))
      -- It fills the memory for it, or a part of it.
      received[n] = assert(one:recv(#data + (n % 3) * n * 10000))
      assert(other:sendall("short"))
      assert.equal("short", one:recv(100000))
    end
    for n = 1, 30 do
      assert.is_true(received[n] == string.char(64 + n):rep(60000 + 1000 * n), n)
    end
  end)

  it("can be received in a finalizer that runs while another is received", function()
    local a, b = assert(socket.socketpair())
    local seen
    local function leave_garbage()
      local metatable = {
        __gc = function()
          seen = a:recv(70000)
        end,
      }
      if newproxy then
        getmetatable(newproxy(true)).__gc = metatable.__gc
      else
        setmetatable({}, metatable)
      end
    end
    for n = 1, 20 do
      assert(b:sendall(("b"):rep(70000)))
      assert(other:sendall(("o"):rep(70000)))
      leave_garbage()
      local data = assert(one:recv(70000))
      collectgarbage()
      collectgarbage()
      assert.is_true(data == ("o"):rep(70000), n)
      assert.is_true(seen == ("b"):rep(70000), n)
    end
    network.close(a, b)
  end)

  it("is collected when it is no longer used", function()
    if not system.linux then
      skip("the memory of long strings: this system has no /proc")
      return
    end
    local output, complaints = child.run [[
      local socket = require "bsdsocket"
      local temporary = require "spec.support.temporary"
      local one, other = assert(socket.socketpair())
      local data = ("x"):rep(100000)
      for _ = 1, 2000 do
        assert(other:sendall(data))
        assert(#one:recv(#data) == #data)
      end
      print((temporary.read("/proc/self/status"):match("VmHWM:%s*(%d+)")))
    ]]
    assert.is_true((tonumber(output) or math.huge) < 30000, output .. complaints)
  end)

  if _VERSION ~= "Lua 5.5" then
    skip("strings without a copy: this Lua copies every string")
    return
  end

  -- Each reads 100,000 bytes.
  local WAYS = {
    ["by recv"] = function()
      return one:recv(100000)
    end,
    ["by recvfrom"] = function()
      return (one:recvfrom(100000))
    end,
    ["by recvmsg"] = function()
      return (one:recvmsg(100000))
    end,
    ["by recvall"] = function()
      return one:recvall(100000)
    end,
    ["by a recvall that fails"] = function()
      return (select(4, one:recvall(100001)))
    end,
    ["by read of so many"] = function()
      return one:makefile():read(100000)
    end,
    ["by read of all"] = function()
      return one:makefile():read "a"
    end,
    ["by read after another"] = function()
      local stream = one:makefile()
      return stream:read(3) .. stream:read "a"
    end,
    ["by several formats"] = function()
      local head, rest = one:makefile():read(3, "a")
      return head .. rest
    end,
  }
  for way, read in pairs(WAYS) do
    it("is not copied " .. way, function()
      local data = ("0123456789"):rep(10000)
      local allocated = lua.allocated(function()
        assert(other:sendall(data))
        assert(other:shutdown(socket.SHUT_WR))
        assert.is_true(read() == data)
        network.close(one, other)
        one, other = assert(socket.socketpair())
      end)
      local joined = way:find "after" or way:find "several"
      assert.is_true(allocated < (joined and 110000 or 10000), allocated .. " bytes")
    end)
  end

  it("is not copied by the interface of LuaSocket", function()
    local output = sides.ours [[
      local one, other = pair()
      local data = ("0123456789"):rep(10000)
      for _, pattern in ipairs { 100000, "*a" } do
        assert(other:send(data))
        if pattern == "*a" then
          other:close()
        end
        collectgarbage()
        collectgarbage "stop"
        local before = collectgarbage "count"
        local received = one:receive(pattern)
        local allocated = collectgarbage "count" - before
        collectgarbage "restart"
        show(received == data, allocated < 10)
      end
    ]]
    assert.equal("true true\ntrue true\n", output)
  end)
end)
