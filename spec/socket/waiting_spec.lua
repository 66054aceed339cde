local alarm = require "spec.support.alarm"
local child = require "spec.support.child"
local network = require "spec.support.network"
local preload = require "spec.support.preload"
local temporary = require "spec.support.temporary"

-- The peer of all calls: a program that accepts connections, and on each carries out the steps in its first line. Each
-- step is preceded by the time at which it is due, in milliseconds:
--   say TEXT   sends the text; `|` stands for a newline
--   drip       sends a byte every 0.05 s from now on
--   half       shuts down sending
--   reset      resets the connection
--   sip        receives a little at a time, so that some space becomes free each time
--   drink      receives everything
--   call PORT  connects to a port
--   full       makes a listener with a full queue, and sends its port
--   accept     accepts from that queue
local SERVER = [[
  local network = require "spec.support.network"
  local streams = require "spec.support.streams"
  local socket = require "bsdsocket"

  local STEPS = {
    say = function(each, text)
      each.connection:sendall((text:gsub("|", "\n")))
    end,
    drip = function(each)
      each.drips = each.clock
    end,
    half = function(each)
      each.connection:shutdown(socket.SHUT_WR)
    end,
    reset = function(each)
      streams.reset(each.connection)
    end,
    sip = function(each)
      each.thirst = 5000
    end,
    drink = function(each)
      each.thirst = 4000000
    end,
    call = function(each, port)
      each.other = assert(socket.create_connection({ "127.0.0.1", tonumber(port) }))
    end,
    full = function(each)
      each.listener, each.filling = network.full_listener()
      each.connection:sendall(each.listener:getsockname().port .. "\n")
    end,
    accept = function(each)
      each.listener:setblocking(false)
      each.accepted = {}
    end,
  }

  local listener, locally = network.listener(), assert(socket.socket(socket.AF_UNIX))
  assert(locally:bind(arg[1]))
  assert(locally:listen())
  locally:setblocking(false)
  local served = {}

  local function welcome(connection)
    if not connection then
      return
    end
    connection:setblocking(false)
    local reading = assert(connection:makefile("r", { buffering = 0 }))
    served[#served + 1] = { connection = connection, reading = reading }
  end

  local function serve(each)
    each.clock = network.clock()
    local line = not each.begin and each.reading:read()
    if line then
      each.begin = network.clock()
      each.reading:close()
      for time, name, value in line:gmatch("(%d+) (%a+) ?([^;]*)") do
        each[#each + 1] = { tonumber(time) / 1000, STEPS[name], value }
      end
    end
    while each[1] and each.clock - each.begin >= each[1][1] do
      local step = table.remove(each, 1)
      step[2](each, step[3])
    end
    while each.drips and each.clock >= each.drips do
      each.connection:send("x")
      each.drips = each.drips + 0.05
    end
    if each.thirst then
      each.connection:recv(each.thirst)
    end
    if each.accepted then
      each.accepted[#each.accepted + 1] = each.listener:accept()
    end
  end

  print(listener:getsockname().port)
  io.stdout:flush()
  listener:settimeout(0.005)
  while true do
    welcome(listener:accept())
    welcome(locally:accept())
    for _, each in ipairs(served) do
      serve(each)
    end
  end
]]

-- The program that makes a call, once with each of the timeouts. `one` is connected to the server, which begins its
-- steps when the clock starts.
local CLIENT = [[
  local lua = require "spec.support.lua"
  local network = require "spec.support.network"
  local socket = require "bsdsocket"

  for _, timeout in ipairs({ @timeouts }) do
    timeout = timeout or nil
    local steps = @steps
    local one = assert(socket.create_connection({ "127.0.0.1", @port }))
    local buffer = socket.buffer("........")

    -- More than the socket buffers hold.
    local function much()
      return ("x"):rep(8000000)
    end

    -- A file of that size.
    local function file()
      local made = assert(io.tmpfile())
      made:write(much())
      made:seek("set")
      return made
    end

    -- A stream with buffered data that is not sent yet: more than the system accepts at once, so that a part stays.
    local function written()
      assert(one:setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 20000))
      local stream = assert(one:makefile("w", { buffering = 2 ^ 24 }))
      assert(stream:write(("x"):rep(1000000)))
      return stream
    end

    -- A Unix socket connection instead, with full buffers; TCP enlarges its buffers at will.
    local function filled()
      one = assert(socket.socket(socket.AF_UNIX))
      assert(one:connect(@path))
      assert(one:sendall(steps .. "\n"))
      network.fill(one)
      one:settimeout(timeout)
      return one
    end

    @before
    local start = network.clock()
    assert(one:sendall(steps .. "\n"))
    one:settimeout(timeout)
    local results = lua.pack((function() @call end)())
    local taken = network.clock() - start
    for n = 1, results.n do
      results[n] = tostring(results[n])
    end
    print(table.concat(results, " "))
    print(taken)
  end
]]

-- The test cases. Each has a name, the call, the server's steps, the expected result, when it is due (`first` and
-- `last`, in seconds), the timeouts, and the preparation.
local cases = {}

-- A call during which something happens after 80 ms, without a timeout and with a long one.
local function case(name, call, steps, expected, before, last)
  cases[#cases + 1] = {
    name = name,
    call = call,
    steps = steps,
    expected = expected,
    before = before or "",
    timeouts = { "false", "9" },
    first = 0.07,
    last = last or 1.2,
  }
end

-- A call that ends by its timeout, whatever the server does. Its name begins with the operation.
local function expiry(name, call, steps, expected, before)
  case(name, call, steps, expected or ("nil %s: timed out timeout"):format(name:match("^[%l_]+")), before)
  local added = cases[#cases]
  if steps == "" then
    added.timeouts, added.first = { "0.15" }, 0.14
  else
    added.timeouts, added.first = { "0.4" }, 0.39
  end
end

local function is_reset(name)
  return ("nil %s: Connection reset by peer ECONNRESET"):format(name)
end

-- Calls that receive: the name, the arguments, how its results are shown, and the result for three bytes, for one, and
-- at end of stream.
for _, each in ipairs({
  { "recv", "8", "", "abc", "x", "" },
  { "recvfrom", "8", "", "abc nil", "x nil", " nil" },
  { "recv_into", "buffer", ", tostring(buffer)", "3 abc.....", "1 x.......", "0 ........" },
  { "recvfrom_into", "buffer", ", tostring(buffer)", "3 abc.....", "1 x.......", "0 ........" },
  { "recvmsg", "8", "", "abc 0 0", "x 0 0", " 0 0" },
  { "recvmsg_into", "{ buffer }", ", tostring(buffer)", "3 0 0 abc.....", "1 0 0 x.......", "0 0 0 ........" },
}) do
  local name, arguments, also, three, one, none = each[1], each[2], each[3], each[4], each[5], each[6]
  local plain = ("return one:%s(%s)"):format(name, arguments)
  local told = ("local a, b, c = one:%s(%s) "):format(name, arguments)
  if name:find("recvmsg") then
    told = told .. "return a, #b, c" .. also
  elseif name == "recvfrom" then
    told = plain
  else
    told = told .. "return a" .. also
  end
  expiry(name .. " of nothing", plain, "")
  case(name .. " of what comes later", told, "80 say abc", three)
  case(name .. " of a byte at a time", told, "80 drip", one)
  case(name .. ", the peer half-closes", told, "80 half", none)
  case(name .. ", the connection is reset", plain, "80 reset", is_reset(name))
end

case(
  "accept of a later connection",
  "return (listener:accept()):getsockname() == listener:getsockname()",
  "",
  "true",
  [[
    local listener = network.listener()
    listener:settimeout(timeout)
    steps = "80 call " .. listener:getsockname().port
  ]]
)
-- The kernel retries after one second, then after two more.
case(
  "connect to a queue that empties later",
  [[
    local reading = one:makefile()
    local there = { "127.0.0.1", reading:read("n") }
    local caller = socket.socket()
    caller:settimeout(timeout)
    return caller:connect(there)
  ]],
  "0 full;80 accept",
  "true",
  nil,
  5
)

-- Calls that send: the name, the call, its final result, and the preparation.
for _, each in ipairs({
  { "send", "return filled():send('x')", "1" },
  { "sendmsg", "return filled():sendmsg({ 'x', buffer })", "9" },
  { "sendall", "local a, b, c = one:sendall(text) return a, b, c", "true nil nil", "local text = much()" },
  { "sendfile", "local a, b, c = one:sendfile(made) return a, b, c", "8000000 nil nil", "local made = file()" },
  {
    "write",
    "local a, b, c = one:makefile('w'):write(text) return a and true, b, c",
    "true nil nil",
    "local text = much()",
  },
  { "flush", "local a, b, c = stream:flush() return a and true, b, c", "true nil nil", "local stream = written()" },
  { "close", "local a, b, c = stream:close() return a, b, c", "true nil nil", "local stream = written()" },
}) do
  local name, call, expected, before = each[1], each[2], each[3], each[4]
  expiry(name .. " to a peer that reads nothing", call, "", nil, before)
  case(name .. " to a peer that reads later", call, "80 drink", expected, before, 5)
  case(name .. ", the peer half-closes", call, "50 half;80 drink", expected, before, 5)
  if call:find("filled") then
    -- The kernel returns either code for a Unix socket connection.
    local told = call:gsub("return", "local a, _, c =") .. " return a, c == 'ECONNRESET' or c == 'EPIPE'"
    case(name .. ", the connection is reset", told, "80 reset", "nil true")
  else
    expiry(name .. " to a peer that reads a little at a time", call, "0 sip", nil, before)
    case(name .. ", the connection is reset", call, "80 reset", is_reset(name), before)
  end
end

-- What a stream reads: the format, the partial result at the timeout with one byte at a time, and the result for `abc`
-- at end of stream.
for _, each in ipairs({ { "l", "abc" }, { "L", "abc" }, { "a", "abc" }, { 100, "abc" } }) do
  local format = ("%q"):format(each[1]):gsub('^"(%d+)"$', "%1")
  local call = ("return one:makefile():read(%s)"):format(format)
  local short = ("local a, b, c, d = one:makefile():read(%s) return a, b, c, d:find('^x+$') == 1"):format(format)
  expiry("read of nothing with " .. format, call, "", "nil read: timed out timeout ")
  expiry("read byte by byte with " .. format, short, "0 drip", "nil read: timed out timeout true")
  case("read, the peer half-closes, with " .. format, call, "0 say abc;80 half", "abc")
  case("read, the connection is reset, with " .. format, call, "0 say abc;80 reset", is_reset("read") .. " abc")
end
expiry(
  "read of a number that arrives byte by byte",
  "return one:makefile():read('n')",
  "0 say 42",
  "nil read: timed out timeout 42"
)
case(
  "read of several formats",
  "return one:makefile():read('l', 'n', 2)",
  "0 say ab;50 say c|4;80 say 2 x",
  "abc 42  x"
)
case("read of more than arrives at once", "return one:makefile():read(6)", "0 say abc;80 say def", "abcdef")

local LOOP = [[
  local count = 0
  local function loop()
    for line in one:makefile():lines() do
      count = count + #line
    end
  end
  local done, message = pcall(loop)
  return count, done, (tostring(message):gsub("^.-%d: ", ""))
]]
expiry("lines of nothing", LOOP, "", "0 false lines: timed out")
expiry("lines of a byte at a time", LOOP, "0 say abc|;0 drip", "3 false lines: timed out")
case("lines, the peer half-closes", LOOP, "0 say abc|de;80 half", "5 true nil")
case("lines, the connection is reset", LOOP, "0 say abc|de;80 reset", "3 false lines: Connection reset by peer")

describe("a call that waits", function()
  -- How many programs run at the same time.
  local AHEAD = 12

  ---@type string, bsdsocket.Socket?, integer
  local library, server, port
  local path = temporary.path()
  local runs, started = {}, {}

  local function start(number)
    local run = runs[number]
    if not run or run.done or started[number] then
      return
    end
    local program = CLIENT:gsub("@(%a+)", {
      port = port,
      path = ("%q"):format(path),
      timeouts = table.concat(run.case.timeouts, ", "),
      steps = ("%q"):format(run.case.steps),
      before = run.case.before,
      call = run.case.call,
    })
    started[number] = run.interrupted and library and preload.start(library, program) or child.lua(program)
  end

  setup(function()
    library = alarm.build()
    server = child.lua(SERVER, { limit = 120, arguments = path })
    port = tonumber(server:line())
  end)

  teardown(function()
    for _, each in pairs(started) do
      each:finish()
    end
    server:signal("KILL")
    server:finish()
    temporary.remove(library, path)
  end)

  local function add(each, interrupted)
    local run = { case = each, interrupted = interrupted }
    runs[#runs + 1] = run
    local number = #runs
    it("ends in time: " .. each.name .. (interrupted and ", interrupted every 10 ms" or ""), function()
      for n = number, number + AHEAD do
        start(n)
      end
      run.done = true
      ---@type any
      local running = started[number]
      started[number] = nil
      local output, complaints = running:finish()
      local rounds = 0
      for results, seconds in output:gmatch("(.-)\n([%d.]+)\n") do
        local taken = assert(tonumber(seconds))
        rounds = rounds + 1
        assert.equal(each.expected, results)
        assert.is_true(taken >= each.first and taken < each.last * network.patience, "it took " .. taken .. " s")
      end
      assert.equal(#each.timeouts, rounds, output .. complaints)
      if interrupted and library then
        local count = alarm.count(complaints)
        assert.is_true(count >= 3, "interrupted " .. count .. " times")
      end
    end)
  end

  for _, each in ipairs(cases) do
    if #each.timeouts == 1 then
      add(each, false)
    end
    add(each, true)
  end
end)
