-- Look-ups that a name server does not answer, or that a server of ours answers.

local ctrl_c = require "spec.support.ctrl_c"
local namespace = require "spec.support.namespace"
local network = require "spec.support.network"
local skip = require "spec.support.skip"

-- A network whose name server is ours: a UDP socket that nobody reads, unless the program does.
local FILES = { ["/etc/resolv.conf"] = "nameserver 127.0.0.9\n", ["/etc/hosts"] = "127.0.0.1 localhost\n" }
local PROLOGUE = [[
local socket, tasks = require "bsdsocket", require "bsdsocket.tasks"
local server = assert(socket.socket { type = socket.SOCK_DGRAM })
assert(server:bind { "127.0.0.9", 53 })
-- Prints the code of a failure, and whether it came in the time.
local function within(low, high, f, ...)
  local start = tasks.now()
  local _, message, code = f(...)
  local taken = tasks.now() - start
  print(code, taken >= low and taken < high * PATIENCE or taken, message)
end
local function threads()
  local file = assert(io.open "/proc/self/status")
  local count = file:read("*a"):match "Threads:%s*(%d+)"
  file:close()
  return tonumber(count)
end
]]

-- A spec that needs such a network.
local function isolated(title, body)
  it(title, function()
    if not namespace.available then
      return skip("a name server that does not answer: there is no namespace for it")
    end
    body()
  end)
end

local function prints(title, expected, source)
  isolated(title, function()
    local patience = ("local PATIENCE = %d\n"):format(network.patience)
    local output, complaints, status = namespace.run(patience .. PROLOGUE .. source, FILES)
    assert.same({ table.concat(expected, "\n") .. "\n", "", 0 }, { output, complaints, status })
  end)
end

describe("a look-up that is not answered", function()
  prints(
    "ends after its timeout, and others run meanwhile",
    {
      "timeout\ttrue\tgetaddrinfo a.example:80: timed out",
      "timeout\ttrue\tgetaddrinfo a.example:80: timed out",
      "true",
    },
    [[
    within(0.1, 0.4, socket.getaddrinfo, "a.example", 80, { timeout = 0.1 })
    local ran, longest = 0, 0
    tasks.run(function()
      for _ = 1, 1000 do
        tasks.spawn(function()
          while tasks.sleep(0.01) do
            ran = ran + 1
          end
        end)
      end
      within(0.1, 0.4, socket.getaddrinfo, "a.example", 80, { timeout = 0.1 })
    end)
    print(ran > 1000 or ran)
  ]]
  )

  prints(
    "does not make others late",
    { "true" },
    [[
    -- How late the latest of 1,000 tasks is that sleep, and sleep again.
    local function lateness(f, ...)
      local latest = 0
      tasks.run(function(...)
        for n = 1, 1000 do
          tasks.spawn(function()
            tasks.sleep(n / 100000)
            while true do
              local start = tasks.now()
              if not tasks.sleep(0.01) then
                return
              end
              latest = math.max(latest, tasks.now() - start - 0.01)
            end
          end)
        end
        f(...)
      end, ...)
      return latest
    end
    -- Where the machine is busy with something else, one of several times is enough.
    local alone, beside
    for _ = 1, 10 do
      alone = math.min(alone or 1, lateness(tasks.sleep, 0.1))
      beside = math.min(beside or 1, lateness(socket.getaddrinfo, "a.example", 80, { timeout = 0.1 }))
      if beside < alone + 0.005 then
        break
      end
    end
    print(beside < alone + 0.005 or beside - alone)
  ]]
  )

  prints(
    "ends with its task's time, wherever the name stands",
    {
      "timeout\ttrue\tconnect a.example:80: timed out",
      "timeout\ttrue\tbind b.example: timed out",
      "timeout\ttrue\tgetfqdn c.example: timed out",
      "timeout\ttrue\tgethostbyname d.example: timed out",
      "timeout\ttrue\tgethostbyname_ex e.example: timed out",
      "timeout\ttrue\tgethostbyaddr: timed out",
      "timeout\ttrue\tgetnameinfo: timed out",
      "timeout\ttrue\tcreate_connection f.example:80: timed out",
      "timeout\ttrue\tsendto g.example:80: timed out",
    },
    [[
    tasks.run(function()
      local tcp, udp = assert(socket.socket()), assert(socket.socket { type = socket.SOCK_DGRAM })
      local function try(...)
        within(0.02, 0.3, tasks.timeout_after, 0.02, ...)
      end
      try(tcp.connect, tcp, { "a.example", 80 })
      try(tcp.bind, tcp, { "b.example", 0 })
      try(socket.getfqdn, "c.example")
      try(socket.gethostbyname, "d.example")
      try(socket.gethostbyname_ex, "e.example")
      try(socket.gethostbyaddr, "192.0.2.1")
      try(socket.getnameinfo, { "192.0.2.1", 0 })
      try(socket.create_connection, { "f.example", 80 })
      try(udp.sendto, udp, "x", { "g.example", 80 })
    end)
  ]]
  )

  prints(
    "ends when its task is cancelled",
    { "nil\tgetaddrinfo a.example:80: Operation canceled\tECANCELED" },
    [[
    tasks.run(function()
      local task = tasks.spawn(socket.getaddrinfo, "a.example", 80)
      tasks.yield()
      task:cancel()
      print(task:join())
    end)
  ]]
  )

  prints(
    "counts for the timeout of create_connection",
    {
      "timeout\ttrue\tcreate_connection a.example:80: timed out",
      "timeout\ttrue\tcreate_connection a.example:80: timed out",
    },
    [[
    local function try()
      within(0.1, 0.4, socket.create_connection, { "a.example", 80 }, { timeout = 0.1 })
    end
    try()
    tasks.run(try)
  ]]
  )

  prints(
    "does not stop the next one",
    { "16", "127.0.0.1", "17" },
    [[
    tasks.run(function()
      local codes = {}
      tasks.group(function(group)
        for n = 1, 15 do
          group:spawn(function()
            local _, _, code = socket.getaddrinfo(("name%d.example"):format(n), 80, { timeout = 0.05 })
            codes[code] = (codes[code] or 0) + 1
          end)
        end
      end)
      assert(codes.timeout == 15)
      print(threads())
      print(socket.getaddrinfo("localhost", 80)[1].sockaddr.host)
      for n = 1, 10 do
        socket.getaddrinfo(("more%d.example"):format(n), 80, { timeout = 0.001 })
      end
      print(threads())
    end)
  ]]
  )

  prints(
    "is made once for all who ask meanwhile",
    { "10\t192.0.2.7", "1" },
    [[
    local asked = {}
    tasks.run(function()
      local answers, first = 0, nil
      tasks.spawn(function()
        while true do
          local query, from = server:recvfrom(512)
          if not query then
            return
          end
          local name, question = query:match "^............([^%z]*%z..)", query:match "^............([^%z]*%z....)"
          asked[name] = (asked[name] or 0) + 1
          -- All ask before there is an answer: of an address for a question of type A, of none for one of AAAA.
          tasks.sleep(0.02)
          local is_a = name:sub(-2) == "\0\1"
          local reply = query:sub(1, 2) .. "\129\128\0\1\0" .. (is_a and "\1" or "\0") .. "\0\0\0\0" .. question
          if is_a then
            reply = reply .. "\192\12\0\1\0\1\0\0\0\60\0\4\192\0\2\7"
          end
          server:sendto(reply, from)
        end
      end)
      tasks.group(function(group)
        for _ = 1, 10 do
          group:spawn(function()
            local found = assert(socket.getaddrinfo("one.example", 80, { type = socket.SOCK_STREAM, timeout = 5 }))
            answers, first = answers + 1, found[1].sockaddr.host
          end)
        end
      end)
      print(answers, first)
    end)
    local most = 0
    for _, count in pairs(asked) do
      most = math.max(most, count)
    end
    print(most)
  ]]
  )

  local READY = [[
    io.stdout:setvbuf "no"
    print "ready"
  ]]
  local function start(program, limit)
    return namespace.start(PROLOGUE .. program, FILES, nil, limit)
  end

  for where, call in pairs {
    ["outside of tasks"] = "socket.getaddrinfo('a.example', 80, { timeout = 60 })",
    ["in create_connection"] = "socket.create_connection({ 'a.example', 80 }, { timeout = 60 })",
    ["in a task"] = "tasks.run(socket.getaddrinfo, 'a.example', 80)",
    ["in an address, in a task"] = "tasks.run(function() server:sendto('x', { 'a.example', 80 }) end)",
    ["in a group of tasks"] = [[
      tasks.run(tasks.group, function(group)
        for n = 1, 20 do
          group:spawn(socket.gethostbyname, n .. '.example')
        end
      end)
    ]],
  } do
    isolated("ends when Ctrl-C is pressed, " .. where, function()
      ctrl_c(READY .. call, start)
    end)
  end

  -- The C library goes on after a signal; the stock interpreter leaves the second one to the system.
  isolated("without a timeout ends with the process when Ctrl-C is pressed twice", function()
    local started = start(READY .. "socket.getaddrinfo('a.example', 80)", 5)
    assert.equal("ready", started:line())
    for _ = 1, 2 do
      started:asleep()
      started:signal "INT"
    end
    assert.same({ "", "", 130 }, { started:finish() })
  end)
end)
