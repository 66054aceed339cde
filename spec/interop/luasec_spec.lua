local child = require "spec.support.child"
local document = require "spec.support.document"
local library = require "spec.support.library"
local skip = require "spec.support.skip"
local temporary = require "spec.support.temporary"

if not (library.has "ssl" and library.has "socket") then
  return
end
if not child.has "openssl" then
  return skip "TLS: there is no openssl to create a certificate"
end

-- The beginning of each program; its arguments are a certificate and its key.
local BEGINNING = [[
require "socket" -- for SIGPIPE
local socket = require "bsdsocket"
local ssl = require "ssl"
local certificate, key = arg[1], arg[2]
local SERVER = { mode = "server", protocol = "any", certificate = certificate, key = key }
local CLIENT = { mode = "client", protocol = "any", verify = "peer", cafile = certificate }
]]

-- Serves one connection: echoes each line.
local SERVER = BEGINNING
  .. [[
local listener = assert(socket.create_server { "127.0.0.1", 0 })
print(listener:getsockname().port)
io.stdout:flush()
local secure = assert(ssl.wrap(assert(listener:accept()), SERVER))
assert(secure:dohandshake())
while true do
  local line, failure = secure:receive("*l")
  if not line then
    assert(failure == "closed", failure)
    break
  end
  assert(secure:send(line .. "\n"))
end
secure:close()
]]

describe("a connection passed to LuaSec", function()
  local certificate, key

  setup(function()
    certificate, key = temporary.path(), temporary.path()
    local command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
      .. " -subj /CN=localhost -out %s -keyout %s 2>&1; echo $?"
    assert.equal("0", child.output(command:format(certificate, key)):match("(%d+)\n$"))
  end)

  teardown(function()
    temporary.remove(certificate, key)
  end)

  local function serve()
    local server = child.lua(SERVER, { arguments = certificate .. " " .. key })
    return server, server:line()
  end

  -- Runs a program with its own assertions, which must print nothing.
  local function run(program, arguments)
    arguments = ("%s %s %s"):format(certificate, key, arguments or "")
    assert.same({ "", "", 0 }, { child.run(BEGINNING .. program, { arguments = arguments }) })
  end

  it("speaks TLS as client and as server, and waits with select", function()
    local server, port = serve()
    local program = document.program("docs/tls.md", "A client")
    local arguments = ("127.0.0.1 %s %s"):format(port, certificate)
    assert.same({ "hello\n", "", 0 }, { child.run(program, { arguments = arguments }) })
    assert.same({ "", "", 0 }, { server:finish() })
  end)

  it("speaks TLS as a server and as a client, as the guide has them", function()
    local server = child.lua(document.program("docs/tls.md", "A server"), { arguments = certificate .. " " .. key })
    local arguments = ("127.0.0.1 %s %s"):format(server:line(), certificate)
    local client = document.program("docs/tls.md", "A client")
    assert.same({ "hello\n", "", 0 }, { child.run(client, { arguments = arguments }) })
    assert.same({ "", "", 0 }, { server:finish() })
  end)

  it("belongs to LuaSec alone afterwards", function()
    local server, port = serve()
    run(
      [[
      local connection = assert(socket.create_connection { "127.0.0.1", tonumber(arg[3]) })
      local fd = connection:fileno()
      local secure = assert(ssl.wrap(connection, CLIENT))
      assert(secure:getfd() == fd and connection:getfd() == -1)
      assert(socket.type(connection) == "closed socket")
      assert(select(3, connection:send("x")) == "EBADF")
      connection:close()
      connection = nil
      collectgarbage()
      collectgarbage()
      assert(secure:dohandshake())
      assert(secure:getpeercertificate():subject()[1].value == "localhost")
      local line = ("x"):rep(100000)
      assert(secure:send(line .. "\n"))
      assert(secure:receive("*l") == line)
      secure:close()
      -- LuaSec closed the descriptor: the number is free again.
      local again = assert(socket.socket())
      assert(again:fileno() == fd)
      again:close()
      ]],
      port
    )
    assert.same({ "", "", 0 }, { server:finish() })
  end)

  it("uses LuaSec's timeouts", function()
    run [[
      local one, other = assert(socket.socketpair())
      local secure = assert(ssl.wrap(one, CLIENT))
      secure:settimeout(0.01)
      -- The peer does not answer.
      local done, failure = secure:dohandshake()
      assert(not done and failure == "wantread", failure)
      secure:close()
      assert(#assert(other:recv(1000)) > 0)
      assert(other:recv(1000) == "")
      other:close()
    ]]
  end)

  it("runs client and server in one process, each when it is ready", function()
    run [[
      local one, other = assert(socket.socketpair())
      local ends = { assert(ssl.wrap(one, CLIENT)), assert(ssl.wrap(other, SERVER)) }
      for _, each in ipairs(ends) do
        each:settimeout(0)
      end
      -- Calls both ends in turn until each returned a result.
      local function both(calls)
        local results, rounds = {}, 0
        repeat
          for n, call in ipairs(calls) do
            if not results[n] then
              local result, failure = call(ends[n])
              assert(result or failure == "wantread" or failure == "wantwrite", failure)
              results[n] = result
            end
          end
          rounds = rounds + 1
        until results[1] and results[2]
        assert(rounds < 10, rounds)
        return results
      end
      local function handshake(each) return each:dohandshake() end
      local function receive(each) return each:receive("*l") end
      both { handshake, handshake }
      assert(ends[1]:send("from the client\n"))
      assert(ends[2]:send("from the server\n"))
      local lines = both { receive, receive }
      assert(lines[1] == "from the server" and lines[2] == "from the client")
      -- Nothing more to receive.
      local line, failure = ends[1]:receive("*l")
      assert(not line and failure == "wantread", failure)
      ends[2]:close()
      line, failure = ends[1]:receive("*l")
      assert(not line and failure == "closed", failure)
      ends[1]:close()
    ]]
  end)

  it("waits in tasks: examples/tasks_tls.lua", function()
    local example = ("%s examples/tasks_tls.lua %s %s"):format(child.interpreter(), certificate, key)
    local output, complaints, status = child.start(example):finish()
    assert.same({ "100 of 100 lines came back\n", "", 0 }, { output, complaints, status })
  end)

  it("ends a wait in a task by a timeout, by cancellation, and when the peer closes", function()
    run [[
      local tasks = require "bsdsocket.tasks"
      local function handshake(connection, parameters)
        local secure = assert(ssl.wrap(connection, parameters))
        secure:settimeout(0)
        local done, failure, ready, message, code
        repeat
          done, failure = secure:dohandshake()
          if failure == "wantread" then
            ready, message, code = tasks.wait(secure, "r")
          end
        until failure ~= "wantread" or not ready
        secure:close()
        return done, failure, code
      end
      tasks.run(function()
        local one, other = assert(socket.socketpair())
        local code = select(3, tasks.timeout_after(0.01, handshake, one, CLIENT))
        assert(code == "timeout", code)
        other:close()
        one, other = assert(socket.socketpair())
        local task = tasks.spawn(handshake, one, SERVER)
        tasks.sleep(0)
        assert(task.status == "waiting")
        task:cancel()
        code = select(3, task:join())
        assert(code == "ECANCELED", code)
        other:close()
        one, other = assert(socket.socketpair())
        task = tasks.spawn(handshake, one, SERVER)
        tasks.sleep(0)
        other:close()
        local done, failure = task:join()
        assert(not done and (failure:find "closed" or failure:find "eof"), failure)
      end)
    ]]
  end)

  it("rejects an untrusted certificate", function()
    local server, port = serve()
    run(
      [[
      local connection = assert(socket.create_connection { "127.0.0.1", tonumber(arg[3]) })
      local secure = assert(ssl.wrap(connection, { mode = "client", protocol = "any", verify = "peer" }))
      local done, failure = secure:dohandshake()
      assert(not done and failure == "certificate verify failed", failure)
      secure:close()
      ]],
      port
    )
    local _, complaints, status = server:finish()
    assert.equal(1, status)
    assert.is_truthy(complaints:find("alert unknown ca", 1, true), complaints)
  end)

  it("is a peer of a test of a protocol", function()
    local server, port = serve()
    run(
      [[
        local test = require "bsdsocket.test"
        test.run(function()
          local secure = assert(ssl.wrap(assert(socket.create_connection { "127.0.0.1", tonumber(arg[3]) }), CLIENT))
          assert(secure:dohandshake())
          local client = test.wrap(secure, "client")
          client:send_slowly "one\ntwo\n"
          client:expect "one\ntwo\n"
          client:expect_silence(0.02)
          client:send(("x"):rep(100000) .. "\n")
          client:expect(100001)
          client:close()
        end)
      ]],
      port
    )
    assert.same({ "", "", 0 }, { server:finish() })
  end)
end)
