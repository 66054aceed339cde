-- Streams in tasks: what they do outside, after a wait too.

local expect = require "spec.support.expect"
local lua = require "spec.support.lua"
local network = require "spec.support.network"
local skip = require "spec.support.skip"
local socket = require "bsdsocket"
local tasking = require "spec.support.tasking"
local tasks = require "bsdsocket.tasks"

local inside = tasking.inside
local UNFIT = "bytes do not fit the encoding"

local function receiver(peer)
  return tasks.spawn(function()
    local parts = {}
    while true do
      local part = assert(peer:recv(65536))
      if part == "" then
        return table.concat(parts)
      end
      parts[#parts + 1] = part
    end
  end)
end

describe("stream:lines in a task", function()
  it(
    "raises an error if it fails after a wait",
    inside(function()
      local one, other = assert(socket.socketpair())
      local next_line = assert(one:makefile()):lines()
      assert(other:send "first\nhalf")
      assert.equal("first", next_line())
      assert(one:settimeout(0.005))
      local function read()
        local line = next_line()
        return line
      end
      local ok, message = tasks.pcall(read)
      assert.is_false(ok)
      assert.matches("stream_spec%.lua:%d+: lines: timed out$", message)
      assert.same({ false, "lines: timed out", n = 2 }, lua.pack(tasks.pcall(next_line)))
      network.close(one, other)
    end)
  )

  it(
    "raises an error if the task was cancelled",
    inside(function()
      local one, other = assert(socket.socketpair())
      local next_line = assert(one:makefile()):lines()
      local task = tasks.spawn(function()
        return tasks.pcall(next_line)
      end)
      tasking.settle()
      task:cancel()
      local ok, message = task:join()
      assert.is_false(ok)
      assert.equal(expect.own("lines: Operation canceled", "ECANCELED"), expect.own(message, "ECANCELED"))
      network.close(one, other)
    end)
  )
end)

describe("stream:write in a task", function()
  it(
    "keeps all bytes after a timeout",
    inside(function()
      local one, other = assert(socket.socketpair())
      local stream = assert(one:makefile { mode = "w" })
      local text = ("0123456789abcdef"):rep(300000)
      assert(one:settimeout(0.01))
      expect.failure("write: timed out", "timeout", stream:write(text))
      local all = receiver(other)
      assert(one:settimeout(nil))
      assert(stream:close())
      one:close()
      assert.is_true(all:join() == text)
      other:close()
    end)
  )
end)

describe("an incomplete character, in a task", function()
  for _, name in ipairs { "flush", "close" } do
    it(
      "makes " .. name .. " fail after a wait",
      inside(function()
        local one, other = assert(socket.socketpair())
        local stream = assert(one:makefile { mode = "w", encoding = "latin-1", buffering = 1048576 })
        local text = ("x"):rep(900000)
        assert(stream:write(text, "\195"))
        local done
        local flushing = tasks.spawn(function()
          done = lua.pack(stream[name](stream))
          stream:close()
          one:close()
        end)
        tasking.settle()
        assert.equal("waiting", flushing.status)
        assert.is_true(receiver(other):join() == text)
        assert.same({ nil, name .. ": " .. UNFIT, "EILSEQ", n = 3 }, done)
        other:close()
      end)
    )
  end
end)

if not lua.closes then
  return skip "<close>: this Lua lacks it"
end

describe("a stream that goes out of scope", function()
  local scope = assert(lua.load [[
    local stream, wait = ...
    local own <close> = stream
    wait()
  ]])

  it(
    "is flushed with a wait in a task",
    inside(function()
      local one, other = assert(socket.socketpair())
      local text = ("x"):rep(900000)
      local stream = assert(one:makefile { mode = "w", buffering = 1048576 })
      assert(stream:write(text))
      local all = receiver(other)
      scope(stream, function() end)
      one:close()
      assert.is_true(all:join() == text)
      other:close()
    end)
  )

  it(
    "sends what it can at once where it cannot wait",
    inside(function()
      local one, other = assert(socket.socketpair())
      local stream = assert(one:makefile { mode = "w", buffering = 1048576 })
      assert(stream:write(("x"):rep(900000)))
      local thread = coroutine.create(scope)
      assert(coroutine.resume(thread, stream, coroutine.yield))
      assert.is_true(coroutine.close(thread))
      assert.equal("stream (closed)", tostring(stream))
      one:close()
      local count = #receiver(other):join()
      assert.is_true(count > 0 and count < 900000)
      other:close()
    end)
  )
end)
