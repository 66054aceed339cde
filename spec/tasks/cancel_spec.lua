local expect = require "spec.support.expect"
local socket = require "bsdsocket"
local tasking = require "spec.support.tasking"
local tasks = require "bsdsocket.tasks"

local inside, settle = tasking.inside, tasking.settle

describe("a cancelled task", function()
  it(
    "fails with ECANCELED in each call that may wait",
    inside(function()
      local one, other = assert(socket.socketpair())
      local failures = {}
      local task = tasks.spawn(function()
        for n = 1, 3 do
          local data, message, code = one:recv(1)
          failures[n] = { data, message, code }
        end
        failures[4] = { one:send "x" }
      end)
      settle()
      assert.is_true(task:cancel())
      task:join()
      for n = 1, 3 do
        expect.failure("recv: Operation canceled", "ECANCELED", failures[n][1], failures[n][2], failures[n][3])
      end
      assert.equal("ECANCELED", failures[4][3])
      assert.equal("cancelled", task.status)
      assert(other:settimeout(0))
      assert.equal("EAGAIN", select(3, other:recv(1)))
      one:close()
      other:close()
    end)
  )

  it(
    "raises an error at the 100th call, and lets the others run before",
    inside(function()
      local turns, raised = 0, nil
      local task = tasks.spawn(function()
        local ok, message = tasks.pcall(function()
          while true do
            tasks.sleep(1)
            turns = turns + 1
          end
        end)
        raised = not ok and message
      end)
      task:cancel()
      local others = 0
      while not raised do
        tasks.yield()
        others = others + 1
      end
      assert.matches("sleep: 100 calls failed since the task was cancelled", raised, 1, true)
      assert.equal(99, turns)
      assert.is_true(others >= 50)
    end)
  )

  it(
    "ends although its peer sends all the time",
    inside(function()
      local one, other = assert(socket.socketpair())
      assert(other:send(("x"):rep(1000)))
      local received = 0
      local task = tasks.spawn(function()
        while one:recv(1) do
          received = received + 1
          if received == 10 then
            tasks.current():cancel()
          end
        end
      end)
      task:join()
      assert.equal(10, received)
      one:close()
      other:close()
    end)
  )

  it(
    "can send in tasks.shield",
    inside(function()
      local one, other = assert(socket.socketpair())
      local task = tasks.spawn(function()
        one:recv(1)
        tasks.shield(function()
          tasks.sleep(0.002)
          assert(one:send "bye")
        end)
      end)
      settle()
      task:cancel()
      task:join()
      assert.equal("bye", other:recv(10))
      one:close()
      other:close()
    end)
  )
end)

describe("tasks.timeout_after", function()
  it(
    "returns the results of its function",
    inside(function()
      assert.same({ 1, nil, 3 }, { tasks.timeout_after(1, function(...)
        return ...
      end, 1, nil, 3) })
    end)
  )

  it(
    "limits the calls in its function, and none after it",
    inside(function()
      local one, other = assert(socket.socketpair())
      tasks.timeout_after(0.005, function()
        assert.same({ nil, "recv: timed out", "timeout" }, { one:recv(1) })
        assert.same({ nil, "sleep: timed out", "timeout" }, { tasks.sleep(1) })
        assert.same({ nil, "yield: timed out", "timeout" }, { tasks.yield() })
      end)
      assert.is_true(tasks.sleep(0.001))
      one:close()
      other:close()
    end)
  )

  it(
    "applies the earliest of several timeouts, that of the socket included",
    inside(function()
      local one, other = assert(socket.socketpair())
      local before = tasks.now()
      tasks.timeout_after(60, function()
        tasks.timeout_after(0.005, function()
          assert.equal("timeout", select(3, one:recv(1)))
        end)
        assert.is_true(tasks.sleep(0))
        assert(one:settimeout(0.005))
        assert.equal("timeout", select(3, one:recv(1)))
      end)
      assert.is_true(tasks.now() - before < 10)
      one:close()
      other:close()
    end)
  )

  it(
    "raises the error of its function, and has no effect afterwards",
    inside(function()
      local object = {}
      local ok, raised = tasks.pcall(tasks.timeout_after, 0.001, function()
        tasks.sleep(1)
        error(object)
      end)
      assert.is_false(ok)
      assert.equal(object, raised)
      assert.is_true(tasks.sleep(0.002))
    end)
  )

  it("raises an error outside of tasks and for an invalid time", function()
    assert.matches("must be called in a task", select(2, pcall(tasks.timeout_after, 1, print)), 1, true)
    assert.matches("out of range", select(2, pcall(tasks.timeout_after, 0 / 0, print)), 1, true)
    ---@diagnostic disable-next-line: missing-parameter
    assert.matches("function expected", select(2, pcall(tasks.timeout_after, 1)), 1, true)
  end)
end)

describe("tasks.group", function()
  it(
    "waits until all tasks have ended, and returns the results of its function",
    inside(function()
      local ended = 0
      local result = tasks.group(function(group)
        for n = 1, 5 do
          group:spawn(function()
            tasks.sleep(n / 1000)
            ended = ended + 1
          end)
        end
        return "result"
      end)
      assert.equal("result", result)
      assert.equal(5, ended)
    end)
  )

  it(
    "cancels the others after an error, waits for them, and raises the first error",
    inside(function()
      local codes = {}
      local ok, message = tasks.pcall(tasks.group, function(group)
        group:spawn(function()
          tasks.sleep(0.002)
          error "the first"
        end)
        for _ = 1, 2 do
          group:spawn(function()
            local code = select(3, tasks.sleep(60))
            codes[#codes + 1] = code
            error "a later one"
          end)
        end
        local code = select(3, tasks.sleep(60))
        codes[#codes + 1] = code
      end)
      assert.is_false(ok)
      assert.matches("the first", message, 1, true)
      assert.matches("stack traceback", message, 1, true)
      assert.same({ "ECANCELED", "ECANCELED", "ECANCELED" }, codes)
      assert.is_true(tasks.sleep(0))
    end)
  )

  it(
    "raises an error of its function",
    inside(function()
      local object, code = {}, nil
      local ok, raised = tasks.pcall(tasks.group, function(group)
        group:spawn(function()
          code = select(3, tasks.sleep(60))
        end)
        tasks.yield()
        error(object)
      end)
      assert.is_false(ok)
      assert.equal(object, raised)
      assert.equal("ECANCELED", code)
    end)
  )

  it(
    "cancels its tasks and the calls of its function",
    inside(function()
      local code, own
      tasks.group(function(group)
        group:spawn(function()
          code = select(3, tasks.sleep(60))
        end)
        tasks.yield()
        group:cancel()
        own = select(3, tasks.sleep(60))
      end)
      assert.equal("ECANCELED", code)
      assert.equal("ECANCELED", own)
      assert.is_true(tasks.sleep(0))
    end)
  )

  it(
    "is cancelled together with its task",
    inside(function()
      local code
      local task = tasks.spawn(function()
        tasks.group(function(group)
          group:spawn(function()
            code = select(3, tasks.sleep(60))
          end)
        end)
      end)
      settle()
      task:cancel()
      task:join()
      assert.equal("ECANCELED", code)
    end)
  )

  it(
    "cancels its tasks when a timeout around it expires",
    inside(function()
      local code
      tasks.timeout_after(0.005, tasks.group, function(group)
        group:spawn(function()
          code = select(3, tasks.sleep(60))
        end)
      end)
      assert.equal("ECANCELED", code)
    end)
  )

  -- On Lua 5.1 what waits through `tasks.pcall` cannot be told apart from it.
  if tasks.pcall == pcall then
    it(
      "is over where it cannot wait, and its tasks are cancelled",
      inside(function()
        local child
        local function compare()
          tasks.group(function(group)
            child = group:spawn(tasks.sleep)
          end)
        end
        assert.is_false((pcall(table.sort, { 1, 2 }, compare)))
        assert.is_true(tasks.yield())
        assert.is_true(tasks.yield())
        assert.equal("cancelled", child.status)
      end)
    )
  end

  it(
    "raises an error in spawn after its end, and outside of tasks",
    inside(function()
      local kept
      tasks.group(function(group)
        kept = group
      end)
      assert.matches("the group has ended", select(2, pcall(kept.spawn, kept, print)), 1, true)
      assert.is_true((select(2, pcall(kept.cancel, kept))))
      assert.matches("group expected", select(2, pcall(kept.spawn, {}, print)), 1, true)
    end)
  )
end)
