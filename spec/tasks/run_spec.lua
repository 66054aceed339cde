local expect = require "spec.support.expect"
local socket = require "bsdsocket"
local tasking = require "spec.support.tasking"
local tasks = require "bsdsocket.tasks"

local inside, settle = tasking.inside, tasking.settle

describe("tasks.run", function()
  it("gives the results of its function, nil among them", function()
    assert.same({ n = 4, 1, nil, 3, nil }, {
      n = select(
        "#",
        tasks.run(function(...)
          return ...
        end, 1, nil, 3, nil)
      ),
      tasks.run(function(...)
        return ...
      end, 1, nil, 3, nil),
    })
  end)

  it("raises the error of its function, whatever it is", function()
    local object = {}
    local ok, raised = pcall(tasks.run, function()
      error(object)
    end)
    assert.is_false(ok)
    assert.equal(object, raised)
  end)

  it("cancels what was spawned meanwhile, and waits for it", function()
    local seen = {}
    tasks.run(function()
      tasks.spawn(function()
        seen[1], seen[2], seen[3] = tasks.sleep(60)
        seen[4] = tasks.shield(tasks.sleep, 0.01)
      end)
      tasks.yield()
    end)
    expect.failure("sleep: Operation canceled", "ECANCELED", seen[1], seen[2], seen[3])
    assert.is_true(seen[4])
    assert.equal(0, #tasks.all())
  end)

  it("leaves what was spawned before, for the next run", function()
    local ran = 0
    local task = tasks.spawn(function()
      for _ = 1, 5 do
        ran = ran + 1
        tasks.yield()
      end
    end)
    tasks.run(function()
      tasks.yield()
    end)
    assert.is_true(ran > 0)
    tasks.run(function()
      task:join()
    end)
    assert.equal(5, ran)
    assert.equal("done", task.status)
  end)

  it("raises when no task can go on any more", function()
    local ok, message = pcall(tasks.run, function()
      tasks.event():wait()
    end)
    assert.is_false(ok)
    assert.equal("deadlock: every task waits for another", message)
    assert.equal(0, #tasks.all())
  end)

  it("refuses what is no function", function()
    for _, name in ipairs { "run", "spawn", "group", "shield", "wrap" } do
      local ok, message = pcall(tasks[name], {})
      assert.is_false(ok)
      assert.matches("bad argument #1 to '" .. name .. "' (function expected, got table)", message, 1, true)
    end
  end)

  it(
    "refuses to run inside of a task, and a step inside of a step",
    inside(function()
      assert.matches("a step is running already", select(2, pcall(tasks.run, print)), 1, true)
      assert.matches("a step is running already", select(2, pcall(tasks.step, 0)), 1, true)
    end)
  )

  it("refuses a step inside of a step in the handler of errors", function()
    local said
    local before = tasks.onerror(function()
      said = select(2, pcall(tasks.step, 0))
    end)
    tasks.spawn(error, "no")
    tasks.step(0)
    tasks.onerror(before)
    assert.matches("a step is running already", said, 1, true)
  end)
end)

describe("tasks.spawn", function()
  it(
    "gives a task that ends with results for any number of joiners",
    inside(function()
      local task = tasks.spawn(function(a, b)
        tasks.sleep(0.001)
        return a + b, "and more"
      end, 1, 2)
      assert.equal("ready", task.status)
      local other = tasks.spawn(function()
        return task:join()
      end)
      assert.same({ 3, "and more" }, { task:join() })
      assert.same({ 3, "and more" }, { other:join() })
      assert.same({ 3, "and more" }, { task:join() })
      assert.equal("done", task.status)
    end)
  )

  it(
    "has join raise the error of a task again",
    inside(function()
      local task = tasks.spawn(function()
        tasks.yield()
        error({ code = 7 })
      end)
      for _ = 1, 2 do
        local ok, raised = tasks.pcall(task.join, task)
        assert.is_false(ok)
        assert.equal(7, raised.code)
      end
      assert.equal("failed", task.status)
    end)
  )

  it(
    "tells the handler of an error that nobody waits for",
    inside(function()
      local told = {}
      local before = tasks.onerror(function(...)
        told = { ... }
      end)
      local function fails()
        error("oh", 0)
      end
      local task = tasks.spawn(fails)
      settle()
      assert.equal(task, told[1])
      assert.equal("oh", told[2])
      assert.matches("run_spec", told[3], 1, true)
      assert.is_function(tasks.onerror(before))
    end)
  )

  it(
    "names tasks, and tells where they stand",
    inside(function()
      local task = tasks.spawn(function()
        return (tasks.sleep(10))
      end)
      assert.matches("^task %d+$", task.name)
      task.name = "sleeper"
      settle()
      assert.equal("task (sleeper, waiting)", tostring(task))
      assert.matches("sleep", tasks.traceback(task), 1, true)
      assert.equal("running", tasks.current().status)
      assert.equal(2, #tasks.all())
      assert.is_true(task:cancel())
      assert.equal(nil, (task:join()))
      assert.equal("cancelled", task.status)
      assert.is_false(task:cancel())
      assert.is_nil(tasks.traceback(task))
      assert.is_false(pcall(function()
        task.status = "done"
      end))
    end)
  )

  it(
    "cannot be joined by itself",
    inside(function()
      local ok, message = pcall(tasks.current().join, tasks.current())
      assert.is_false(ok)
      assert.matches("join: a task cannot wait for itself", message, 1, true)
    end)
  )

  it(
    "joins for so long only",
    inside(function()
      local task = tasks.spawn(tasks.sleep, 10)
      assert.same({ nil, "join: timed out", "timeout" }, { (task:join(0.001)), select(2, task:join(0.001)) })
      assert.equal("waiting", task.status)
    end)
  )

  it("is joined in tasks only, unless it has ended", function()
    local task = tasks.spawn(tasks.yield)
    assert.matches("join: only a task can wait for a task", select(2, pcall(task.join, task)), 1, true)
    while tasks.step(0) > 0 do
    end
    assert.is_true(task:join())
  end)
end)

describe("tasks.step", function()
  it("runs what is ready and tells how many tasks live", function()
    local ran = {}
    for n = 1, 3 do
      tasks.spawn(function()
        ran[#ran + 1] = n
        tasks.sleep(n == 3 and 0.02 or 0)
      end)
    end
    assert.equal(3, tasks.step(0))
    assert.same({ 1, 2, 3 }, ran)
    assert.equal(1, tasks.step(0))
    assert.is_true(tasks.timeout() <= 0.02)
    while tasks.step() > 0 do
    end
    assert.is_nil(tasks.timeout())
    assert.equal(0, tasks.step(0))
  end)

  it("waits at most as long as it may", function()
    local task = tasks.spawn(tasks.sleep, 60)
    tasks.step(0)
    local before = tasks.now()
    assert.equal(1, tasks.step(0.02))
    assert.is_true(tasks.now() - before >= 0.02)
    task:cancel()
    assert.equal(0, tasks.step())
  end)

  it("refuses times that are none", function()
    for _, call in ipairs { tasks.step, tasks.sleep } do
      assert.matches("timeout out of range", select(2, pcall(call, 0 / 0)), 1, true)
      assert.matches("number expected", select(2, pcall(call, {})), 1, true)
    end
  end)
end)

describe("a coroutine of a task", function()
  it(
    "that is resumed by hand ends its task",
    inside(function()
      local before = tasks.onerror(function() end)
      local thread
      local task = tasks.spawn(function()
        thread = coroutine.running()
        tasks.sleep(0.005)
        tasks.sleep(0.005)
      end)
      settle()
      coroutine.resume(thread, "by hand")
      tasks.sleep(0.02)
      assert.equal("failed", task.status)
      assert.matches("resumed by hand", select(2, tasks.pcall(task.join, task)), 1, true)
      tasks.onerror(before)
    end)
  )

  it("that is resumed by hand may run a step, in which it is not resumed", function()
    local before = tasks.onerror(function() end)
    local thread
    local task = tasks.spawn(function()
      thread = coroutine.running()
      if _VERSION == "Lua 5.1" then
        tasks.sleep(0.005)
      else
        pcall(tasks.sleep, 0.005)
      end
      tasks.step(0.1)
    end)
    tasks.step(0)
    coroutine.resume(thread, "by hand")
    tasks.run(function()
      tasks.sleep(0.01)
      assert.equal("failed", task.status)
      assert.matches("resumed by hand", select(2, tasks.pcall(task.join, task)), 1, true)
    end)
    tasks.onerror(before)
  end)

  it(
    "that yields to nobody ends its task",
    inside(function()
      local before = tasks.onerror(function() end)
      local task = tasks.spawn(function()
        coroutine.yield "to whom"
      end)
      settle()
      assert.equal("failed", task.status)
      assert.matches("yielded where nobody resumes it", select(2, tasks.pcall(task.join, task)), 1, true)
      tasks.onerror(before)
    end)
  )

  it(
    "cannot wait where a coroutine of its own runs",
    inside(function()
      local one = assert(socket.socketpair())
      local ok, message = coroutine.resume(coroutine.create(function()
        return one:recv(1)
      end))
      assert.is_false(ok)
      assert.matches("recv: cannot wait here", message, 1, true)
      one:close()
    end)
  )

  it(
    "cannot wait in a call from C, and says so",
    inside(function()
      local one = assert(socket.socketpair())
      local ok, message = pcall(table.sort, { 2, 1, 3 }, function()
        return one:recv(1)
      end)
      assert.is_false(ok)
      assert.is_truthy(message:find("cannot wait here", 1, true) or message:find("attempt to yield across", 1, true))
      assert.is_true(tasks.sleep(0))
      one:close()
    end)
  )
end)
