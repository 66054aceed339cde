local child = require "spec.support.child"

-- Runs a program, which must neither fail nor print anything.
local function run(program)
  local whole = 'local socket = require "bsdsocket.luasocket"\n' .. program
  assert.same({ "", "", 0 }, { child.run(whole) })
end

describe("newtry and protect of bsdsocket.luasocket", function()
  it("pass on results", function()
    run [[
      local try = socket.newtry()
      local count = select("#", try(1, nil, nil))
      assert(count == 3)
      local f = socket.protect(function(...) return try(...) end)
      local a, b, c = f(false == nil or 1, nil, 3)
      assert(a == 1 and b == nil and c == 3)
      assert(select("#", socket.protect(function() end)()) == 0)
    ]]
  end)

  it("return the second argument of a try that failed", function()
    run [[
      local try = socket.newtry()
      local reason = {}
      for _, failure in pairs { nothing = { nil, "reason" }, no = { false, reason } } do
        local values = { socket.protect(function() try(failure[1], failure[2], "third") end)() }
        assert(values[1] == nil and values[2] == failure[2] and values[3] == nil)
      end
      local values = { n = select("#", socket.protect(function() try() end)()) }
      assert(values.n == 2)
    ]]
  end)

  it("call the finalizer of a try that failed, and of no other", function()
    run [[
      local calls = 0
      local try = socket.newtry(function(...)
        assert(select("#", ...) == 0)
        calls = calls + 1
      end)
      local f = socket.protect(function(...) return try(...) end)
      assert(f(1) == 1 and calls == 0)
      f(nil, "x")
      assert(calls == 1)
    ]]
  end)

  it("raise the errors of a finalizer", function()
    run [[
      local try = socket.newtry(function() error("finalizer", 0) end)
      local ok, message = pcall(socket.protect(function() try(nil, "x") end))
      assert(not ok and message == "finalizer")
    ]]
  end)

  it("raise other errors as they are", function()
    run [[
      for _, value in ipairs { { "x" }, "text", 1, true, print, setmetatable({ "y" }, { __metatable = false }) } do
        local ok, raised = pcall(socket.protect(function() error(value, 0) end))
        assert(not ok and raised == value)
      end
      local ok, raised = pcall(socket.protect(function() error(nil) end))
      assert(not ok and not raised or type(raised) == "string")
      assert(not pcall(socket.protect(nil)))
    ]]
  end)

  it("nest", function()
    run [[
      local try = socket.newtry()
      local inner = socket.protect(function() try(nil, "inner") end)
      local outer = socket.protect(function()
        local _, reason = inner()
        try(nil, "outer after " .. reason)
      end)
      assert(select(2, outer()) == "outer after inner")
    ]]
  end)

  it("raise an error whose metatable is hidden and whose text is the reason", function()
    run [[
      local ok, raised = pcall(socket.newtry(), nil, "reason")
      assert(not ok and type(raised) == "table" and raised[1] == "reason" and getmetatable(raised) == false)
      assert(tostring(raised) == "reason")
    ]]
  end)

  -- Lua 5.1 can do that in tasks only.
  if _VERSION ~= "Lua 5.1" or rawget(_G, "jit") then
    it("can be yielded through", function()
      run [[
        local try = socket.newtry()
        local f = socket.protect(function(a)
          local b = coroutine.yield(a + 1)
          try(nil, b)
        end)
        local thread = coroutine.create(f)
        assert(select(2, coroutine.resume(thread, 1)) == 2)
        local _, nothing, reason = coroutine.resume(thread, "later")
        assert(nothing == nil and reason == "later")
      ]]
    end)
  end

  it("can be waited in by a task", function()
    run [[
      local tasks = require "bsdsocket.tasks"
      local try, order = socket.newtry(), {}
      local f = socket.protect(function(name)
        for _ = 1, 2 do
          tasks.yield()
          order[#order + 1] = name
        end
        try(nil, name)
      end)
      tasks.run(function()
        local first = tasks.spawn(f, "a")
        local second = tasks.spawn(f, "b")
        assert(select(2, first:join()) == "a" and select(2, second:join()) == "b")
      end)
      assert(table.concat(order) == "abab", table.concat(order))
    ]]
  end)
end)

describe("skip of bsdsocket.luasocket", function()
  it("returns the arguments behind so many", function()
    run [[
      assert(select("#", socket.skip(1)) == 0 and select("#", socket.skip(5, 1, 2)) == 0)
      assert(socket.skip(0, "a", "b") == "a" and socket.skip(1, "a", "b") == "b" and socket.skip("1", "a", "b") == "b")
      local a, b = socket.skip(1, "x", nil, 3)
      assert(a == nil and b == 3)
    ]]
  end)

  it("refuses what is no count", function()
    run [[
      for _, value in ipairs { -1, -2 ^ 60, 0 / 0, "x", {}, false } do
        local ok, message = pcall(socket.skip, value, 1, 2)
        assert(not ok and message:find "bad argument #1 to 'skip'", message)
      end
      assert(not pcall(socket.skip))
    ]]
  end)
end)
