-- bsdsocket.luasocket in tasks, and what a host's rules do to it.

local sides = require "spec.support.sides"

local function run(program, expected)
  assert.equal(
    (expected:gsub("^%s+", ""):gsub("\n%s+", "\n")),
    sides.ours('local tasks = require "bsdsocket.tasks"\n' .. program)
  )
end

describe("bsdsocket.luasocket in a task", function()
  it("parks the calls that wait", function()
    run(
      [[
        local server = core.tcp4()
        server:bind("127.0.0.1", 0)
        server:listen()
        local host, port = server:getsockname()
        tasks.run(function()
          local serving = tasks.spawn(function()
            local client = server:accept()
            repeat
              local line = client:receive()
              if line then client:send(line:upper() .. "\n") end
            until not line
            return "served"
          end)
          local client = assert(core.connect("localhost", port, nil, nil, "inet"))
          client:send "hel"
          tasks.spawn(function() tasks.sleep(0.01) client:send "lo\nmore\n" end)
          show(client:receive())
          show(client:receive(3))
          show(client:receive("*l", "x"))
          client:close()
          show(serving:join())
        end)
      ]],
      [[
        "HELLO" nil nil
        "MOR" nil nil
        "xE" nil nil
        "served"
      ]]
    )
  end)

  it("times out, and returns what was received before", function()
    run(
      [[
        local one, other = pair()
        tasks.run(function()
          one:settimeout(0.3)
          tasks.spawn(function() other:send "ab" tasks.yield() other:send "c" end)
          show(one:receive(10, "p "))
          one:settimeout(0.01)
          show(one:receive(10))
          one:settimeout(nil)
          one:settimeout(0.01, "t")
          show(one:receive "*a")
          one:settimeout(0, "b")
          show(one:receive "*r")
          other:settimeout(0.02)
          local data = ("x"):rep(20000000)
          local last, words, sent = other:send(data)
          show(last, words, sent > 0)
        end)
      ]],
      [[
        nil "timeout" "p abc"
        nil "timeout" ""
        nil "timeout" ""
        nil "timeout" ""
        nil "timeout" true
      ]]
    )
  end)

  it("reads lines that arrive in parts, also behind a call that was cancelled", function()
    run(
      [[
        local one, other = pair()
        tasks.run(function()
          local long = ("0123456789"):rep(5000)
          tasks.spawn(function()
            for first = 1, #long, 997 do other:send(long:sub(first, first + 996)) tasks.sleep(0.0001) end
            other:send "\r" tasks.sleep(0.001) other:send "\nnext\r\nab\nc"
          end)
          show(one:receive() == long)
          show(one:receive())
          local reading = tasks.spawn(function() return one:receive(10) end)
          tasks.sleep(0.02)
          reading:cancel()
          show(reading:join())
          tasks.spawn(function() other:send "d\n" end)
          show(one:receive())
        end)
      ]],
      [[
        true
        "next" nil nil
        nil "Operation canceled" "ab\nc"
        "d" nil nil
      ]]
    )
  end)

  it("moves many bytes", function()
    run(
      [[
        local one, other = pair()
        local data = ("0123456789"):rep(300000)
        tasks.run(function()
          local sending = tasks.spawn(function() return other:send(data) end)
          local all = {}
          for _, size in ipairs { 1, 2048, 16384, 100000, 2881566 } do
            all[#all + 1] = one:receive(size)
          end
          show(sending:join())
          other:close()
          all[#all + 1] = one:receive "*a"
          show(table.concat(all) == data)
        end)
      ]],
      [[
        3000000 nil nil
        true
      ]]
    )
  end)

  it("waits for datagrams and with select, while other tasks run", function()
    run(
      [[
        local one, other = core.udp(), core.udp()
        one:setsockname("127.0.0.1", 0)
        other:setpeername(one:getsockname())
        local client, peer = pair()
        tasks.run(function()
          tasks.spawn(function() tasks.sleep(0.01) other:send "datagram" end)
          show((one:receivefrom()))
          tasks.spawn(function() tasks.sleep(0.01) other:send "again" end)
          local reading, writing, words = core.select({ client, one }, nil, 5)
          show(#reading, reading[1] == one, #writing, words)
          show(one:receive())
          reading, writing, words = core.select({ client, one }, { client }, 5)
          show(#reading, #writing, writing[1] == client, words)
          show(select(3, core.select({ client }, {}, 0.01)))
          show(select(3, core.select({ client }, {}, 0)))
          local begun = core.gettime()
          core.sleep(0.02)
          show(core.gettime() - begun >= 0.018)
        end)
      ]],
      [[
        "datagram"
        1 true 0 nil
        "again"
        0 1 true nil
        "timeout"
        "timeout"
        true
      ]]
    )
  end)

  it("tries one address after the other, and raises each audit event once", function()
    run(
      [[
        local bsdsocket = require "bsdsocket"
        local events = {}
        bsdsocket.addaudithook(function(event, ...)
          if event == "socket.connect" or event == "socket.getaddrinfo" then events[#events + 1] = event end
        end)
        local one, other, server = pair()
        local _, port = server:getsockname()
        events = {}
        tasks.run(function()
          local client = core.tcp()
          show(client:connect("localhost", port))
          show((server:accept()).class)
        end)
        local connects = 0
        for n = 2, #events do connects = connects + (events[n] == "socket.connect" and 1 or 0) end
        show(events[1], connects >= 1 and connects == #events - 1 and connects <= 2)
      ]],
      [[
        1
        "tcp{client}"
        "socket.getaddrinfo" true
      ]]
    )
  end)

  it("fails when another task closes the object", function()
    run(
      [[
        local one, other = pair()
        tasks.run(function()
          tasks.spawn(function() tasks.sleep(0.01) one:close() end)
          show(one:receive())
        end)
      ]],
      'nil "closed" ""\n'
    )
  end)
end)

describe("audit hooks", function()
  it("are called for objects of bsdsocket.luasocket, and forbid what they do", function()
    run(
      [[
        local bsdsocket = require "bsdsocket"
        local one, other, server = pair()
        local host, port = server:getsockname()
        local forbidden
        bsdsocket.addaudithook(function(event)
          if event == forbidden then error("not " .. event, 0) end
        end)
        local udp = core.udp4()
        for event, act in pairs {
          ["socket.__new__"] = function() core.tcp4() end,
          ["socket.connect"] = function() core.tcp():connect(host, port) end,
          ["socket.bind"] = function() core.tcp():bind("127.0.0.1", 0) end,
          ["socket.sendto"] = function() udp:sendto("x", "127.0.0.1", 9) end,
          ["socket.getaddrinfo"] = function() core.connect(host, port) end,
        } do
          forbidden = event
          local done, message = pcall(act)
          assert(not done and message == "not " .. event, event .. ": " .. tostring(message))
          forbidden = nil
          assert(pcall(act))
        end
      ]],
      ""
    )
  end)
end)
