-- A process that is forked while a look-up is under way: the child looks up again, the parent goes on.

local preload = require "spec.support.preload"
local skip = require "spec.support.skip"
local system = require "spec.support.system"

if system.windows then
  return skip "look-ups of a forked process: there is no fork"
end

-- A library whose gethostname forks: the name is the child's number, or 0 in the child. Its getaddrinfo waits for the
-- host `gate7.9` until descriptor 7 is readable, in the child 9, and then finds the loopback address.
local library = preload.build(
  [[
    #define _GNU_SOURCE
    #include <dlfcn.h>
    #include <netdb.h>
    #include <poll.h>
    #include <stdio.h>
    #include <unistd.h>
    typedef int look_up(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    static int child = -1;
    int gethostname(char *name, size_t size) {
      child = fork();
      return snprintf(name, size, "%d", child) < 0;
    }
    int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
      look_up *real = (look_up *)dlsym(RTLD_NEXT, "getaddrinfo");
      int one, other;
      if (host == NULL || sscanf(host, "gate%d.%d", &one, &other) != 2) return real(host, service, hints, found);
      struct pollfd gate = { .fd = child == 0 ? other : one, .events = POLLIN };
      while (poll(&gate, 1, -1) < 1);
      return real("127.0.0.1", service, hints, found);
    }
  ]],
  "look-ups of a forked process"
)
if not library then
  return
end

local PROGRAM = [[
  local socket, tasks = require "bsdsocket", require "bsdsocket.tasks"
  local selectors = require "bsdsocket.selectors"
  local one, opener = assert(socket.socketpair())
  local other, opener_of_child = assert(socket.socketpair())
  local told, telling = assert(socket.socketpair())
  local name = ("gate%d.%d"):format(one:fileno(), other:fileno())
  local function look_up(timeout)
    local found, _, code = socket.getaddrinfo(name, 80, { timeout = timeout })
    return found and found[1].sockaddr.host or code
  end
  local function threads()
    local file = assert(io.open "/proc/self/status")
    local count = file:read("*a"):match "Threads:%s*(%d+)"
    file:close()
    return tonumber(count)
  end
  local function readable()
    local selector = selectors.DefaultSelector()
    selector:register(tasks.fileno(), selectors.EVENT_READ)
    for _ in assert(selector:select(0)) do
      return true
    end
    return false
  end
  local function step_until(is_done)
    local limit = tasks.now() + 10
    while not is_done() do
      assert(tasks.now() < limit, "it takes too long")
      assert(tasks.step(0.1))
    end
  end
  -- Has a child do something, until it ends.
  local function fork(act)
    if socket.gethostname() == "0" then
      telling:settimeout(10)
      local ok, message = pcall(act)
      telling:sendall(ok and "done" or message)
      os.exit(0, CLOSES)
    end
    telling:close()
    local outcome = told:makefile("r"):read("a")
    assert(outcome == "done", outcome)
  end
]]

-- A task that looks up a name, and a child that does something meanwhile.
local IN_TASK = [[
  local got
  local task = tasks.spawn(function()
    got = look_up(TIMEOUT)
  end)
  assert(tasks.fileno())
  tasks.step(0)
  tasks.step(0)
  assert(not got and not readable())
  fork(function()
    CHILD
  end)
  assert(not got and not readable() and threads() == 2, "the parent was disturbed")
  opener:send "x"
  step_until(function()
    return got
  end)
  print(got)
]]

-- Runs a program whose child ends with and without closing its Lua state.
local function prints(title, expected, program, parts)
  it(title, function()
    for _, closes in ipairs { "false", "true" } do
      local whole = (PROGRAM .. program:gsub("%u%u%u+", parts)):gsub("CLOSES", closes)
      local output, complaints, status = preload.run(library, whole)
      assert.same({ expected, "", 0 }, { output, complaints, status })
    end
  end)
end

describe("when a process is forked, the look-up of a task", function()
  prints("begins again in the child, in a thread of its own", "127.0.0.1\n", IN_TASK, {
    TIMEOUT = "10",
    CHILD = [[
      assert(tasks.step(0) == 1 and not got and threads() == 2)
      opener_of_child:send "x"
      step_until(function()
        return got
      end)
      assert(got == "127.0.0.1", got)
    ]],
  })

  prints("is shared by the child's tasks, with timeouts of their own", "127.0.0.1\n", IN_TASK, {
    TIMEOUT = "10",
    CHILD = [[
      assert(tasks.run(look_up, 0.02) == "timeout" and not got and threads() == 2)
      opener_of_child:send "x"
      assert(tasks.run(look_up, 10) == "127.0.0.1" and threads() == 2)
    ]],
  })

  prints("can be cancelled in the child", "127.0.0.1\n", IN_TASK, {
    TIMEOUT = "10",
    CHILD = [[
      task:cancel()
      step_until(function()
        return got
      end)
      assert(got == "ECANCELED" and tasks.step(0) == 0, got)
    ]],
  })

  prints("is left behind by a child that ends", "127.0.0.1\n", IN_TASK, { TIMEOUT = "10", CHILD = "" })

  prints("does not keep other tasks of the child from looking up", "127.0.0.1\n", IN_TASK, {
    TIMEOUT = "10",
    CHILD = [[
      local found = tasks.run(socket.getaddrinfo, "localhost", 80, { timeout = 10 })
      assert(found[1] and not got)
    ]],
  })
end)

describe("outside of tasks, a child", function()
  prints(
    "has threads of its own after its parent left a look-up behind",
    "timeout\t127.0.0.1\n",
    [[
      local before = look_up(0.02)
      fork(function()
        assert(threads() == 1)
        assert(look_up(0.02) == "timeout" and threads() == 2)
        opener_of_child:send "x"
        assert(look_up(10) == "127.0.0.1")
      end)
      opener:send "x"
      print(before, look_up(10))
    ]],
    {}
  )
end)
