-- A Redis under test: commands one by one, at once, and in segments of a byte. Run it with busted; it needs
-- redis-server.

local test = require "bsdsocket.test"

-- A command, as the protocol writes it.
local function command(...)
  local parts = { ("*%d\r\n"):format(select("#", ...)) }
  for n, word in ipairs { ... } do
    parts[n + 1] = ("$%d\r\n%s\r\n"):format(#word, word)
  end
  return table.concat(parts)
end

-- Starts a server and gives its address; the test stops it.
local function start()
  local address = test.free_address()
  test.spawn(
    { "redis-server", "--port", address.port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no" },
    { ready = address }
  )
  return address
end

describe("redis-server", function()
  it(
    "keeps what it is told",
    test.case(function()
      local client = test.connect(start())
      client:send(command("SET", "k", "v\r\nw"))
      client:expect "+OK\r\n"
      client:send(command("GET", "k"))
      client:expect "$4\r\nv\r\nw\r\n"
      client:send(command("GET", "other"))
      client:expect "$-1\r\n"
    end)
  )

  it(
    "answers commands that come at once, in their order",
    test.case(function()
      local client = test.connect(start())
      client:send(command("INCR", "n") .. command("INCR", "n") .. command("PING"))
      client:expect ":1\r\n:2\r\n+PONG\r\n"
      client:expect_silence(0.05)
    end)
  )

  it(
    "takes commands in segments of a byte",
    test.case(function()
      local slicer = { { "slicer", size = 1, delay = 0.0005 } }
      local proxy = test.proxy { to = start(), upstream = slicer, downstream = slicer }
      local client = test.connect(proxy.address)
      client:send(command("ECHO", "hello"))
      client:expect "$5\r\nhello\r\n"
    end)
  )

  it(
    "says what is no command, and closes after what is no protocol",
    test.case(function()
      local client = test.connect(start())
      client:send(command "NO SUCH")
      client:expect(test.line "%-ERR unknown command .*")
      client:send "*1\r\nthis is no length\r\n"
      client:expect(test.line "%-ERR Protocol error: .*")
      client:expect(test.EOF)
    end)
  )
end)
