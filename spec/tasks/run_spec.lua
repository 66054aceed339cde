local child = require "spec.support.child"
local expect = require "spec.support.expect"
local lua = require "spec.support.lua"
local network = require "spec.support.network"
local socket = require "bsdsocket"
local tasking = require "spec.support.tasking"
local tasks = require "bsdsocket.tasks"

local inside, settle = tasking.inside, tasking.settle

describe("tasks.run", function()
  it("returns the results of its function, also nil", function()
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

  it("raises the error of its function, a value of any type", function()
    local object = {}
    local ok, raised = pcall(tasks.run, function()
      error(object)
    end)
    assert.is_false(ok)
    assert.equal(object, raised)
  end)

  it("cancels the tasks that it has created, and waits for them", function()
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

  it("does not cancel tasks that were created before", function()
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

  it("raises an error if only another task could wake each task", function()
    local ok, message = pcall(tasks.run, function()
      tasks.event():wait()
    end)
    assert.is_false(ok)
    assert.equal("deadlock: every task waits for another", message)
    assert.equal(0, #tasks.all())
  end)

  it("raises an error for an argument that is no function", function()
    for _, name in ipairs { "run", "spawn", "group", "shield", "wrap" } do
      local ok, message = pcall(tasks[name], {})
      assert.is_false(ok)
      assert.matches("bad argument #1 to '" .. name .. "' (function expected, got table)", message, 1, true)
    end
  end)

  it(
    "raises an error inside of a task, as tasks.step does",
    inside(function()
      assert.matches("tasks are already running", select(2, pcall(tasks.run, print)), 1, true)
      assert.matches("tasks are already running", select(2, pcall(tasks.step, 0)), 1, true)
    end)
  )

  it("raises an error inside of the function passed to onerror", function()
    local said
    local before = tasks.onerror(function()
      said = select(2, pcall(tasks.step, 0))
    end)
    tasks.spawn(error, "no")
    tasks.step(0)
    tasks.onerror(before)
    assert.matches("tasks are already running", said, 1, true)
  end)
end)

describe("tasks.spawn", function()
  it(
    "returns a task whose results any number of tasks can join",
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
    "creates a task whose error join raises",
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
    "passes an error that no task joins to the function of onerror",
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
    "creates a task with a name, a status and a traceback",
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
    "creates a task that cannot join itself",
    inside(function()
      local ok, message = pcall(tasks.current().join, tasks.current())
      assert.is_false(ok)
      assert.matches("join: a task cannot wait for itself", message, 1, true)
    end)
  )

  it(
    "creates a task that can be joined with a timeout",
    inside(function()
      local task = tasks.spawn(tasks.sleep, 10)
      assert.same({ nil, "join: timed out", "timeout" }, { (task:join(0.001)), select(2, task:join(0.001)) })
      assert.equal("waiting", task.status)
    end)
  )

  it("creates a task that can be joined outside of tasks once it has ended", function()
    local task = tasks.spawn(tasks.yield)
    assert.matches("join: only a task can wait for a task", select(2, pcall(task.join, task)), 1, true)
    while tasks.step(0) > 0 do
    end
    assert.is_true(task:join())
  end)
end)

describe("tasks.step", function()
  it("runs the ready tasks and returns how many have not ended", function()
    local ran = {}
    for n = 1, 3 do
      tasks.spawn(function()
        ran[#ran + 1] = n
        tasks.sleep(n == 3 and 0.2 * network.patience or 0)
      end)
    end
    assert.equal(3, tasks.step(0))
    assert.same({ 1, 2, 3 }, ran)
    assert.equal(1, tasks.step(0))
    assert.is_true(tasks.timeout() <= 0.2 * network.patience)
    while tasks.step() > 0 do
    end
    assert.is_nil(tasks.timeout())
    assert.equal(0, tasks.step(0))
  end)

  it("waits for at most the timeout", function()
    local task = tasks.spawn(tasks.sleep, 60)
    tasks.step(0)
    local before = tasks.now()
    assert.equal(1, tasks.step(0.02))
    assert.is_true(tasks.now() - before >= 0.02)
    task:cancel()
    assert.equal(0, tasks.step())
  end)

  it("takes a time that the clock cannot reach as none", function()
    local script = 'print(require "bsdsocket.tasks".step(%s))'
    for _, time in ipairs { "math.huge", "1e300", "1e19" } do
      assert.equal("0\n", (child.run(script:format(time))))
    end
  end)
end)

describe("a time", function()
  it("that is negative or no number is an error, in each function, in a task and outside", function()
    local one, other = assert(socket.socketpair())
    local sleeper = tasks.spawn(tasks.sleep, 60)
    local queue, full = tasks.queue(1), tasks.queue(1)
    tasks.run(full.put, full, 1)
    local function nothing() end
    local calls = {
      { "#1 to 'sleep'", tasks.sleep },
      { "#3 to 'wait'", tasks.wait, one, "r" },
      { "#1 to 'join'", sleeper.join, sleeper },
      { "#1 to 'wait'", tasks.event().wait, tasks.event() },
      { "#1 to 'get'", queue.get, queue },
      { "#2 to 'put'", full.put, full, 2 },
      { "#1 to 'acquire'", tasks.semaphore(0).acquire, tasks.semaphore(0) },
      { "#1 to 'timeout_after'", tasks.timeout_after, after = nothing },
    }
    local function refuse(case, value, words)
      local arguments = { lua.unpack(case, 3) }
      arguments[#arguments + 1] = value
      arguments[#arguments + 1] = case.after
      local ok, message = tasks.pcall(case[2], lua.unpack(arguments))
      assert.is_false(ok)
      assert.matches(("bad argument %s (%s"):format(case[1], words), tostring(message), 1, true)
    end
    local function refuse_all()
      for _, case in ipairs(calls) do
        for _, value in ipairs { -1, -1e-9, -math.huge, 0 / 0 } do
          refuse(case, value, "timeout out of range)")
        end
        refuse(case, {}, "number expected, got table)")
      end
    end
    refuse_all()
    tasks.run(refuse_all)
    calls = { { "#1 to 'step'", tasks.step } }
    refuse_all()
    sleeper:cancel()
    assert.equal(0, tasks.step())
    network.close(one, other)
  end)
end)

describe("a coroutine of a task", function()
  it(
    "ends its task if other code resumes it",
    inside(function()
      local before = tasks.onerror(function() end)
      local thread
      local task = tasks.spawn(function()
        thread = coroutine.running()
        tasks.sleep(0.005)
        tasks.sleep(0.005)
      end)
      settle()
      coroutine.resume(thread, "resumed")
      tasks.sleep(0.02)
      assert.equal("failed", task.status)
      assert.matches("resumed with coroutine.resume", select(2, tasks.pcall(task.join, task)), 1, true)
      tasks.onerror(before)
    end)
  )

  it("is not resumed by a step that it makes after other code has resumed it", function()
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
    coroutine.resume(thread, "resumed")
    tasks.run(function()
      tasks.sleep(0.01)
      assert.equal("failed", task.status)
      assert.matches("resumed with coroutine.resume", select(2, tasks.pcall(task.join, task)), 1, true)
    end)
    tasks.onerror(before)
  end)

  it(
    "ends its task if it calls coroutine.yield",
    inside(function()
      local before = tasks.onerror(function() end)
      local task = tasks.spawn(function()
        coroutine.yield "to whom"
      end)
      settle()
      assert.equal("failed", task.status)
      assert.matches("or called coroutine.yield", select(2, tasks.pcall(task.join, task)), 1, true)
      tasks.onerror(before)
    end)
  )

  it(
    "cannot wait in a coroutine that it has created",
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
    "raises an error if it would wait in a callback of a C function",
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
