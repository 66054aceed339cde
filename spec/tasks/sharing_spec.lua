-- What tasks share: sockets, events, queues, semaphores, and descriptors of others.

local socket = require "bsdsocket"
local tasking = require "spec.support.tasking"
local tasks = require "bsdsocket.tasks"

local inside, settle = tasking.inside, tasking.settle

describe("a socket that several tasks use", function()
  it(
    "can be read by one and written by another",
    inside(function()
      local one, other = assert(socket.socketpair())
      local reader = tasks.spawn(one.recv, one, 5)
      settle()
      assert.same({ nil, "recv: another task is waiting to read", "EBUSY" }, { (one:recv(5)), select(2, one:recv(5)) })
      assert(one:send "out")
      assert.equal("out", other:recv(5))
      assert(other:send "in")
      assert.equal("in", reader:join())
      one:close()
      other:close()
    end)
  )

  it(
    "fails with EBUSY for a second sender",
    inside(function()
      local one, other = assert(socket.socketpair())
      local big = ("x"):rep(4000000)
      local sender = tasks.spawn(one.sendall, one, big)
      settle()
      assert.equal("EBUSY", select(3, one:send "y"))
      sender:cancel()
      sender:join()
      one:close()
      other:close()
    end)
  )

  it(
    "fails with EBADF in the tasks that wait when it is closed",
    inside(function()
      local one, other = assert(socket.socketpair())
      local waiting = tasks.spawn(one.recv, one, 5)
      settle()
      one:close()
      -- The number goes to a new socket, with something to read.
      local third, fourth = assert(socket.socketpair())
      assert(fourth:send "no")
      local third_too = tasks.spawn(third.recv, third, 5)
      assert.same({ nil, "recv: Bad file descriptor", "EBADF" }, { (waiting:join()), select(2, waiting:join()) })
      assert.equal("no", third_too:join())
      third:close()
      fourth:close()
      other:close()
    end)
  )

  it(
    "can have the number of one that another library closed",
    inside(function()
      local one, other = assert(socket.socketpair())
      tasks.timeout_after(0.001, one.recv, one, 1)
      assert(socket.close(one:detach()))
      local third, fourth = assert(socket.socketpair())
      local reader = tasks.spawn(third.recv, third, 5)
      settle()
      assert(fourth:send "now")
      assert.equal("now", reader:join())
      third:close()
      fourth:close()
      other:close()
    end)
  )

  it(
    "is not collected while a task waits for it",
    inside(function()
      local reader, other
      do
        local one
        one, other = assert(socket.socketpair())
        reader = tasks.spawn(one.recv, one, 5)
      end
      settle()
      collectgarbage()
      collectgarbage()
      assert(other:send "here")
      assert.equal("here", reader:join())
      other:close()
    end)
  )

  it("can be read outside of tasks before", function()
    local one, other = assert(socket.socketpair())
    for _ = 1, 3 do
      tasks.run(function()
        tasks.timeout_after(0.001, one.recv, one, 1)
      end)
      assert(other:send "ab")
      assert.equal("a", one:recv(1))
      tasks.run(function()
        assert.equal("b", one:recv(1))
      end)
    end
    one:close()
    other:close()
  end)

  it(
    "fails in each waiting task when its descriptor is closed by its number",
    inside(function()
      local one, other = assert(socket.socketpair())
      local listener = assert(socket.create_server { "127.0.0.1", 0 })
      local reader = tasks.spawn(one.recv, one, 5)
      local accepting = tasks.spawn(listener.accept, listener)
      settle()
      assert(socket.close(one:fileno()))
      assert(socket.close(listener:fileno()))
      assert.same({ nil, "recv: Bad file descriptor", "EBADF" }, { reader:join() })
      assert.same({ nil, "accept: Bad file descriptor", "EBADF" }, { accepting:join() })
      one:close()
      listener:close()
      other:close()
    end)
  )

  it(
    "reports the end of the stream after a short read",
    inside(function()
      local listener = assert(socket.create_server { "127.0.0.1", 0 })
      local client = assert(socket.create_connection(listener:getsockname()))
      local server = assert(listener:accept())
      local reader = tasks.spawn(function()
        return server:recv(100), server:recv(100)
      end)
      settle()
      assert(client:send "last")
      client:close()
      assert.same({ "last", "" }, { reader:join() })
      server:close()
      listener:close()
    end)
  )
end)

describe("tasks.wait", function()
  it(
    "waits for a socket, a number, or an object with a method fileno",
    inside(function()
      local one, other = assert(socket.socketpair())
      for _, object in ipairs {
        one,
        one:fileno(),
        ---@diagnostic disable-next-line: missing-fields
        {
          fileno = function()
            return one:fileno()
          end,
        },
      } do
        for _ = 1, 2 do
          local task = tasks.spawn(tasks.wait, object, "r")
          settle()
          assert.equal("waiting", task.status)
          assert(other:send "x")
          assert.is_true(task:join())
          assert.is_true(tasks.wait(object, "r", 0))
          assert.equal("x", one:recv(1))
          assert.is_true(tasks.wait(object, "w"))
          assert.is_true(tasks.wait(object, "rw"))
          assert.same({ nil, "wait: timed out", "timeout" }, { tasks.wait(object, "r", 0.001) })
        end
      end
      one:close()
      assert.equal("EBADF", select(3, tasks.wait(one, "r")))
      assert.matches("invalid way", select(2, pcall(tasks.wait, other, "x")), 1, true)
      assert.matches("socket or descriptor expected", select(2, pcall(tasks.wait, {}, "r")), 1, true)
      other:close()
    end)
  )

  it(
    "fails for a number that is not open, or is closed meanwhile",
    inside(function()
      local one, other = assert(socket.socketpair())
      local number = one:detach()
      local waiting = tasks.spawn(tasks.wait, number, "r")
      settle()
      assert(socket.close(number))
      local closed = { nil, "wait: Bad file descriptor", "EBADF" }
      assert.same(closed, { waiting:join() })
      for _, way in ipairs { "r", "w", "rw" } do
        assert.same(closed, { tasks.wait(number, way, 0) })
      end
      other:close()
    end)
  )

  it("fails for a number that is not open, outside of tasks too", function()
    local number = assert(socket.socket()):detach()
    assert(socket.close(number))
    assert.same({ nil, "wait: Bad file descriptor", "EBADF" }, { tasks.wait(number, "r", 0) })
  end)

  it("blocks the thread outside of tasks", function()
    local one, other = assert(socket.socketpair())
    assert.equal("timeout", select(3, tasks.wait(one, "r", 0.001)))
    assert(other:send "x")
    assert.is_true(tasks.wait(one, "r"))
    assert.is_true(tasks.sleep(0.001))
    one:close()
    other:close()
  end)
end)

describe("an event", function()
  it(
    "wakes all tasks that wait for it",
    inside(function()
      local event, passed = tasks.event(), 0
      for _ = 1, 3 do
        tasks.spawn(function()
          assert(event:wait())
          passed = passed + 1
        end)
      end
      settle()
      assert.equal(0, passed)
      assert.is_false(event:is_set())
      event:set()
      settle()
      assert.equal(3, passed)
      assert.is_true(event:wait())
      event:clear()
      assert.same({ nil, "wait: timed out", "timeout" }, { event:wait(0.001) })
      assert.matches("event expected", select(2, pcall(event.wait, {})), 1, true)
      assert.matches("out of range", select(2, pcall(event.wait, event, 0 / 0)), 1, true)
    end)
  )

  it("cannot be waited for outside of tasks", function()
    assert.matches(
      "cannot wait here",
      select(
        2,
        pcall(function()
          tasks.event():wait()
        end)
      ),
      1,
      true
    )
  end)
end)

describe("a queue", function()
  it("is collected although it contains itself", function()
    local collected = setmetatable({}, { __mode = "k" })
    for _ = 1, 10 do
      local queue = tasks.queue()
      queue:put { queue }
      collected[queue] = true
    end
    collectgarbage()
    collectgarbage()
    assert.is_nil(next(collected))
  end)

  it(
    "returns values in the order of put",
    inside(function()
      local queue, got = tasks.queue(2), {}
      local getter = tasks.spawn(function()
        while true do
          local value = queue:get()
          if value == nil then
            return "closed"
          end
          got[#got + 1] = value
        end
      end)
      for n = 1, 20 do
        assert(queue:put(n))
      end
      queue:close()
      assert.equal("closed", getter:join())
      assert.equal(20, #got)
      for n = 1, 20 do
        assert.equal(n, got[n])
      end
      assert.equal("EPIPE", select(3, queue:put(1)))
      assert.equal("EPIPE", select(3, queue:get()))
    end)
  )

  it(
    "makes put wait when it is full",
    inside(function()
      local queue = tasks.queue(1)
      assert(queue:put "a")
      assert.equal("timeout", select(3, queue:put("b", 0.001)))
      local putter = tasks.spawn(queue.put, queue, "c")
      settle()
      assert.equal("a", queue:get())
      assert.is_true(putter:join())
      assert.equal("c", queue:get())
      assert.equal("timeout", select(3, queue:get(0.001)))
      assert.matches("value expected", select(2, pcall(queue.put, queue)), 1, true)
      assert.matches("out of range", select(2, pcall(tasks.queue, 0)), 1, true)
    end)
  )

  if tasking.iterates then
    it(
      "can be iterated over until it is closed",
      inside(function()
        local queue, sum = tasks.queue(), 0
        tasks.spawn(function()
          for n = 1, 4 do
            queue:put(n)
            tasks.yield()
          end
          queue:close()
        end)
        for n in queue do
          sum = sum + n
        end
        assert.equal(10, sum)
      end)
    )
  end
end)

describe("a semaphore", function()
  it(
    "can be acquired as often as its count",
    inside(function()
      local semaphore, inner, most = tasks.semaphore(2), 0, 0
      tasks.group(function(group)
        for _ = 1, 6 do
          group:spawn(function()
            assert(semaphore:acquire())
            inner = inner + 1
            most = math.max(most, inner)
            tasks.sleep(0.001)
            inner = inner - 1
            semaphore:release()
          end)
        end
      end)
      assert.equal(2, most)
      assert(semaphore:acquire())
      assert(semaphore:acquire())
      assert.equal("timeout", select(3, semaphore:acquire(0.001)))
      ---@diagnostic disable-next-line: missing-parameter
      assert.matches("number expected", select(2, pcall(tasks.semaphore)), 1, true)
    end)
  )
end)

describe("tasks.wrap", function()
  it(
    "returns a generator that can wait",
    inside(function()
      local generator = tasks.wrap(function(first)
        local value = first
        for _ = 1, 3 do
          tasks.sleep(0.001)
          value = coroutine.yield(value * 2)
        end
        return "end"
      end)
      assert.equal(2, generator(1))
      assert.equal(6, generator(3))
      assert.equal(10, generator(5))
      assert.equal("end", generator(7))
      assert.is_false(pcall(generator))
    end)
  )
end)

describe("tasks.pcall", function()
  it(
    "catches errors of a function that waits",
    inside(function()
      assert.same(
        { true, 1, nil, 3 },
        { tasks.pcall(function(...)
          tasks.sleep(0.001)
          return ...
        end, 1, nil, 3) }
      )
      local ok, message = tasks.pcall(function()
        tasks.sleep(0.001)
        error("oh", 0)
      end)
      assert.same({ false, "oh" }, { ok, message })
      assert.same({ true, "inner" }, {
        tasks.pcall(tasks.pcall(tasks.pcall, print) and function()
          return select(
            2,
            tasks.pcall(function()
              tasks.sleep(0)
              return "inner"
            end)
          )
        end),
      })
      assert.is_false((tasks.pcall(nil)))
    end)
  )
end)
