-- Tasks: waiting for other things than sockets' calls, and for each other; what a new Lua state makes first.

local fixtures = require "faults.fixtures"
local scenario = require "faults.scenario"
local socket = require "bsdsocket"
local tasks = require "bsdsocket.tasks"

-- Tasks fail without memory.
tasks.onerror(function() end)

-- Ends all tasks.
local function clear()
  for _, task in ipairs(tasks.all()) do
    task:cancel()
  end
  while assert(tasks.step(0)) > 0 do
  end
end

-- A failed send only changes what the others wait for.
local function of_the_peer(_, fault)
  return (fault.of == "send" or fault.of == "close") and "either" or nil
end

scenario "sleep" {
  act = function()
    return tasks.sleep(0.001)
  end,
}

scenario "sleep" {
  in_task = true,
  act = function()
    return tasks.run(tasks.sleep, 0.001)
  end,
}

scenario "wait" {
  make = fixtures.holding,
  act = function(it)
    return tasks.wait(it.one, "r", 5)
  end,
}

-- Of a socket, of a descriptor, and of either direction.
for _, way in ipairs { "r", "rw" } do
  for _, of in ipairs { "one", "number" } do
    scenario "wait" {
      in_task = true,
      make = function()
        local it = fixtures.pair()
        it.number = it.one:fileno()
        while way == "rw" and it.one:send(fixtures.TEXT, socket.MSG_DONTWAIT) do
        end
        return it
      end,
      act = function(it)
        return tasks.run(function()
          tasks.spawn(function()
            if not it.other:send "x" then
              it.other:close()
            end
          end)
          -- Without memory nothing is sent.
          return tasks.wait(it[of], way, 1)
        end)
      end,
      outcome = of_the_peer,
      check = clear,
      starved = clear,
    }
  end
end

-- A task that receives what is there.
local function receiving(it)
  return function()
    return it.one:recv(10)
  end
end

scenario "spawn" {
  make = fixtures.holding,
  act = function(it)
    return tasks.spawn(receiving(it))
  end,
  check = clear,
  starved = clear,
}

scenario "step" {
  make = fixtures.holding,
  act = function(it)
    tasks.spawn(receiving(it))
    return tasks.step(0)
  end,
  check = clear,
  starved = clear,
  outcome = function(_, fault)
    return fault.of == "recv" and "either" or nil
  end,
}

-- What waits for others, and what makes objects: each in a task.
local WAITS = {
  {
    "run",
    function()
      return true
    end,
  },
  { "yield", tasks.yield },
  {
    "current",
    function()
      return tasks.current().status
    end,
  },
  { "all", tasks.all },
  {
    "traceback",
    function()
      return tasks.traceback(tasks.current())
    end,
  },
  {
    "pcall",
    function()
      return tasks.pcall(tasks.yield)
    end,
  },
  {
    "wrap",
    function()
      return tasks.wrap(function()
        return tasks.yield()
      end)()
    end,
  },
  {
    "timeout_after",
    function()
      return tasks.timeout_after(5, tasks.yield)
    end,
  },
  {
    "shield",
    function()
      return tasks.shield(tasks.yield)
    end,
  },
  {
    "join",
    function()
      return tasks.spawn(tasks.yield):join()
    end,
  },
  {
    "cancel",
    function()
      local task = tasks.spawn(tasks.sleep, 5)
      tasks.yield()
      return task:cancel()
    end,
  },
  {
    "onerror",
    function()
      return tasks.onerror(tasks.onerror(function() end)) or true
    end,
  },
  {
    "group",
    function()
      return tasks.group(function(group)
        group:spawn(tasks.yield)
        return group:spawn(tasks.sleep, 0.001) and true
      end)
    end,
  },
  {
    "event",
    function()
      local event = tasks.event()
      tasks.spawn(event.set, event)
      return event:wait(5)
    end,
  },
  {
    "queue",
    function()
      local queue = tasks.queue(1)
      tasks.spawn(queue.get, queue, 5)
      queue:put(1, 5)
      return queue:put(2, 5)
    end,
  },
  {
    "semaphore",
    function()
      local semaphore = tasks.semaphore(0)
      tasks.spawn(semaphore.release, semaphore)
      return semaphore:acquire(5)
    end,
  },
}

for _, wait in ipairs(WAITS) do
  scenario(wait[1]) {
    in_task = true,
    act = function()
      return tasks.run(wait[2])
    end,
    check = clear,
    starved = clear,
  }
end

-- The first wait of a Lua state makes the descriptor of the scheduler, and `fileno` two others.

local FIRST_WAIT = [[
  if jit then
    jit.off()
  end
  local socket, tasks = require "bsdsocket", require "bsdsocket.tasks"
  local one, other = assert(socket.socketpair())
  tasks.spawn(function()
    if not other:send "x" then
      other:close()
    end
  end)
  return tasks.run(one.recv, one, 1)
]]

local FIRST_FILENO = [[
  if jit then
    jit.off()
  end
  local tasks = require "bsdsocket.tasks"
  if %s then
    tasks.spawn(tasks.sleep, 0.001)
    tasks.step(0)
  end
  return tasks.fileno()
]]

scenario "run" {
  in_task = true,
  act = function(it)
    return it.fresh(FIRST_WAIT)
  end,
  -- A hook is one of the other state.
  outcome = function(case, fault)
    return (case.hooked or not fault.of:find "^epoll") and "either" or nil
  end,
}

for _, before in ipairs { "false", "true" } do
  scenario "fileno" {
    act = function(it)
      return it.fresh(FIRST_FILENO:format(before))
    end,
    -- The queue was made before, and the alarm is set once more later.
    outcome = function(_, fault)
      local of = fault.of
      local late = of == "epoll_wait" or of == "close" or of == "timerfd_settime"
      return (late or before == "true" and of == "epoll_create1") and "either" or nil
    end,
  }
end
