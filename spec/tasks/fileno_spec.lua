-- A host's own loop: tasks.fileno, tasks.timeout and tasks.step.

local expect = require "spec.support.expect"
local preload = require "spec.support.preload"
local selectors = require "bsdsocket.selectors"
local skip = require "spec.support.skip"
local socket = require "bsdsocket"
local system = require "spec.support.system"
local tasks = require "bsdsocket.tasks"

-- A failure of a spec leaves no task behind.
local function clear()
  for _, task in ipairs(tasks.all()) do
    task:cancel()
  end
  while tasks.step(0) > 0 do
  end
end

describe("tasks.step", function()
  after_each(clear)

  it("raises an error while tasks are running, from anywhere", function()
    local told = {}
    local function tell(...)
      told[#told + 1] = select(2, pcall(...))
    end
    tasks.spawn(function()
      tell(tasks.step, 0)
      tell(tasks.run, tell)
      tasks.wrap(function()
        tell(tasks.step, 0)
      end)()
      coroutine.wrap(tell)(tasks.step, 0)
    end)
    local before = tasks.onerror(function()
      tell(tasks.step, 0)
    end)
    tasks.spawn(error, "lost")
    assert.equal(0, tasks.step(0))
    tasks.onerror(before)
    local step, run = "step: tasks are already running", "run: tasks are already running"
    assert.same({ step, run, step, step, step }, told)
  end)

  it("returns at once if there are no tasks", function()
    assert.equal(0, tasks.step())
    assert.equal(0, tasks.step(0))
  end)

  it("waits for at most the timeout, and runs each ready task once", function()
    local count = 0
    tasks.spawn(function()
      while true do
        count = count + 1
        tasks.yield()
      end
    end)
    for n = 1, 3 do
      assert.equal(1, tasks.step(60))
      assert.equal(n, count)
    end
    clear()
    tasks.spawn(tasks.sleep, 60)
    tasks.step(0)
    local before = tasks.now()
    assert.equal(1, tasks.step(0.02))
    assert.is_true(tasks.now() - before >= 0.02)
  end)
end)

describe("tasks.timeout", function()
  after_each(clear)

  it("returns the time until a task has to run", function()
    assert.is_nil(tasks.timeout())
    local task = tasks.spawn(tasks.sleep, 60)
    assert.equal(0, tasks.timeout())
    tasks.step(0)
    local time = tasks.timeout()
    assert.is_true(time > 50 and time <= 60)
    task:cancel()
    assert.equal(0, tasks.timeout())
  end)

  it("returns nil if all tasks wait without a timeout", function()
    local one, other = assert(socket.socketpair())
    tasks.spawn(one.recv, one, 1)
    tasks.step(0)
    assert.is_nil(tasks.timeout())
    other:close()
    assert.equal(0, tasks.step())
    one:close()
  end)
end)

if not selectors.EpollSelector and not selectors.KqueueSelector then
  describe("tasks.fileno", function()
    it("fails on systems without epoll and kqueue", function()
      expect.failure("fileno: Operation not supported", "EOPNOTSUPP", tasks.fileno())
    end)
  end)
  return skip "watching tasks.fileno: the system has none"
end

describe("tasks.fileno", function()
  local selector = selectors.DefaultSelector()
  selector:register(assert(tasks.fileno()), selectors.EVENT_READ)

  after_each(clear)

  -- Whether it becomes ready to read in so many seconds.
  local function readable(seconds)
    return assert(selector:select(seconds or 0))() ~= nil
  end

  -- It is ready, and not after a step.
  local function once(seconds)
    assert.is_true(readable(seconds))
    assert.is_true(readable(), "still readable")
    tasks.step(0)
    assert.is_false(readable())
  end

  it("returns the same descriptor each time, also in a task", function()
    local inside
    tasks.spawn(function()
      inside = tasks.fileno()
    end)
    tasks.step(0)
    assert.equal(inside, tasks.fileno())
    assert.equal(selector:get_key(inside).fd, inside)
  end)

  it("is not readable if no task can run", function()
    assert.is_false(readable())
    local one, other = assert(socket.socketpair())
    tasks.spawn(one.recv, one, 1)
    tasks.spawn(tasks.sleep, 60)
    tasks.step(0)
    tasks.step(0)
    assert.is_false(readable(0.01))
    one:close()
    other:close()
  end)

  it("is readable after spawn", function()
    tasks.spawn(function() end)
    once()
  end)

  it("is readable while tasks are ready", function()
    tasks.spawn(function()
      for _ = 1, 3 do
        tasks.yield()
      end
    end)
    for _ = 1, 4 do
      assert.is_true(readable())
      tasks.step(0)
    end
    assert.is_false(readable())
  end)

  it("is readable when the timeout of a task expires, and not before", function()
    tasks.spawn(tasks.sleep, 60)
    local task = tasks.spawn(tasks.sleep, 0.02)
    local before = tasks.now()
    tasks.step(0)
    assert.is_false(readable())
    once(10)
    assert.is_true(tasks.now() - before >= 0.02)
    assert.equal("done", task.status)
    assert.equal(1, #tasks.all())
  end)

  it("is readable at the earlier timeout of a newer task", function()
    tasks.spawn(tasks.sleep, 60)
    tasks.step(0)
    local task = tasks.spawn(function()
      return tasks.timeout_after(0.01, tasks.sleep, 30)
    end)
    once()
    once(10)
    assert.equal("timeout", select(3, task:join()))
  end)

  it("is readable when a socket that a task waits for is ready", function()
    local one, other = assert(socket.socketpair())
    local task = tasks.spawn(one.recv, one, 10)
    tasks.step(0)
    tasks.step(0)
    assert.is_false(readable())
    other:send "hello"
    once()
    assert.equal("hello", task:join())
    one:close()
    other:close()
  end)

  it("is readable when a descriptor that tasks.wait waits for is ready", function()
    local one, other = assert(socket.socketpair())
    local task = tasks.spawn(tasks.wait, one:fileno(), "r")
    tasks.step(0)
    -- It is ready to write, which nobody waits for.
    tasks.step(0)
    assert.is_false(readable())
    other:send "x"
    once()
    assert.equal("done", task.status)
    one:close()
    other:close()
  end)

  -- What a host does between two steps.
  for name, act in pairs {
    ["event:set"] = function(on)
      on.event:set()
    end,
    ["queue:put"] = function(on)
      on.queue:put(1)
    end,
    ["queue:close"] = function(on)
      on.queue:close()
    end,
    ["semaphore:release"] = function(on)
      on.semaphore:release()
    end,
    ["task:cancel"] = function(on)
      on.task:cancel()
    end,
    ["close of a socket"] = function(on)
      on.socket:close()
    end,
  } do
    it("is readable after " .. name .. " outside of tasks", function()
      local event, queue, semaphore = tasks.event(), tasks.queue(), tasks.semaphore(0)
      local one, other = assert(socket.socketpair())
      tasks.spawn(event.wait, event)
      tasks.spawn(queue.get, queue)
      tasks.spawn(semaphore.acquire, semaphore)
      tasks.spawn(one.recv, one, 1)
      local task = tasks.spawn(tasks.sleep, 60)
      tasks.step(0)
      tasks.step(0)
      assert.is_false(readable())
      act { event = event, queue = queue, semaphore = semaphore, socket = one, task = task }
      once()
      assert.equal(4, #tasks.all())
      clear()
      one:close()
      other:close()
    end)
  end

  it("can be used together with tasks.run", function()
    tasks.run(function()
      tasks.sleep(0.005)
    end)
    assert.is_false(readable())
    tasks.spawn(function() end)
    once()
  end)
end)

-- A library whose functions fail once each.
local failing = preload.build(
  [[
    #include <errno.h>
    #include <sys/eventfd.h>
    #include <sys/timerfd.h>
    #include <sys/syscall.h>
    #include <unistd.h>
    int timerfd_create(int clock, int flags) {
      static int calls;
      return calls++ ? (int)syscall(SYS_timerfd_create, clock, flags) : (errno = EMFILE, -1);
    }
    int eventfd(unsigned value, int flags) {
      static int calls;
      return calls++ ? (int)syscall(SYS_eventfd2, value, flags) : (errno = ENFILE, -1);
    }
  ]],
  "failures of tasks.fileno"
)
if failing and selectors.EpollSelector then
  describe("tasks.fileno", function()
    it("fails if no descriptors are left, and succeeds later", function()
      local output, complaints = preload.run(
        failing,
        [[
          local tasks = require "bsdsocket.tasks"
          print(select(3, tasks.fileno()))
          print(select(3, tasks.fileno()))
          print(type(tasks.fileno()))
        ]]
      )
      assert.same({ "EMFILE\nENFILE\nnumber\n", "" }, { output, complaints })
    end)
  end)
end

-- A library whose gethostname forks: the name is the child's number, or 0 in the child.
local forking = not system.windows
  and preload.build(
    [[
      #include <stdio.h>
      #include <unistd.h>
      int gethostname(char *name, size_t size) {
        return snprintf(name, size, "%d", fork()) < 0;
      }
    ]],
    "forks of a process with tasks"
  )
if not forking then
  return
end

describe("a forked process", function()
  -- The parent has a task that waits for `one`, one that waits for a time, and a selector on its descriptor.
  local PROGRAM = [[
    local socket = require "bsdsocket"
    local selectors = require "bsdsocket.selectors"
    local tasks = require "bsdsocket.tasks"
    local one, other = assert(socket.socketpair())
    local told, telling = assert(socket.socketpair())
    local got
    tasks.spawn(function()
      got = one:recv(10)
    end)
    local sleeper = tasks.spawn(tasks.sleep, 60)
    local fd = assert(tasks.fileno())
    tasks.step(0)
    tasks.step(0)
    local function readable(seconds)
      local selector = selectors.DefaultSelector()
      selector:register(tasks.fileno(), selectors.EVENT_READ)
      for _ in assert(selector:select(seconds or 0)) do
        return true
      end
      return false
    end
    assert(not readable())
    local is_child
    FORK
    if is_child then
      telling:settimeout(10)
      local ok, message = pcall(function()
        ACT
      end)
      telling:sendall(ok and "done" or message)
      os.exit(0)
    end
    telling:close()
    local outcome = told:makefile("r"):read("a")
    assert(outcome == "done", outcome)
    assert(tasks.fileno() == fd)
    assert(not readable(), "the parent was disturbed")
    other:send("hello")
    assert(readable(), "the parent hears nothing")
    tasks.step(0)
    assert(got == "hello" and #tasks.all() == 1)
    sleeper:cancel()
    assert(readable())
    assert(tasks.step(0) == 0)
    print "undisturbed"
  ]]

  local FORK = [[ is_child = socket.gethostname() == "0" ]]
  local FORK_IN_TASK = [[
    tasks.spawn(function()
      is_child = socket.gethostname() == "0"
      if is_child then
        other:recv(1)
      end
    end)
    tasks.step(0)
  ]]

  for what, act in pairs {
    ["steps on its own"] = [[
      tasks.step(0)
      assert(not readable())
      local own, peer = assert(socket.socketpair())
      local task = tasks.spawn(own.recv, own, 10)
      tasks.step(0)
      tasks.step(0)
      assert(not readable())
      peer:send("child")
      assert(readable())
      tasks.step(0)
      assert(task:join() == "child")
      sleeper:cancel()
      assert(readable())
      assert(tasks.step(0) == 1)
      tasks.spawn(tasks.sleep, 0.001)
      tasks.step(0)
      assert(readable(10))
      assert(tasks.step(0) == 1 and not readable())
    ]],
    ["spawns and cancels before it steps"] = [[
      tasks.spawn(print)
      sleeper:cancel()
    ]],
    ["closes the sockets that tasks wait for"] = [[
      one:close()
    ]],
    ["goes on within a task that forked"] = [[
      assert(readable())
      assert(tasks.step(0) == 3)
    ]],
  } do
    it("does not disturb its parent when it " .. what, function()
      local parts = { ACT = act, FORK = what:find "forked" and FORK_IN_TASK or FORK }
      local output, complaints = preload.run(forking, (PROGRAM:gsub("%u+", parts)))
      assert.same({ "undisturbed\n", "" }, { output, complaints })
    end)
  end
end)
