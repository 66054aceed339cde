local lua = require "spec.support.lua"
local sides = require "spec.support.sides"

local both = sides.with(it)

describe("the classes of bsdsocket.luasocket", function()
  both(
    "change when an object listens or connects",
    [[
      local function class(object)
        return object.class, (tostring(object):gsub(": .*", ""))
      end
      show(class(core.tcp()))
      show(class(core.tcp4()))
      local one, other, server = pair()
      show(class(one))
      show(class(other))
      show(class(server))
      local lost = core.tcp()
      show(lost:connect("127.0.0.1", 1))
      show(class(lost))
      local datagrams = core.udp()
      show(class(datagrams))
      datagrams:setpeername("127.0.0.1", 9)
      show(class(datagrams))
      show(datagrams:setpeername "*")
      show(class(datagrams))
      show(class(unix.stream()))
      show(class(unix()))
      show(class(unix.udp()))
    ]],
    [[
      "tcp{master}" "tcp{master}"
      "tcp{master}" "tcp{master}"
      "tcp{client}" "tcp{client}"
      "tcp{client}" "tcp{client}"
      "tcp{server}" "tcp{server}"
      nil "connection refused"
      "tcp{client}" "tcp{client}"
      "udp{unconnected}" "udp{unconnected}"
      "udp{connected}" "udp{connected}"
      1
      "udp{unconnected}" "udp{unconnected}"
      "unixstream{master}" "unixstream{master}"
      "unixstream{master}" "unixstream{master}"
      "unixdgram{unconnected}" "unixdgram{unconnected}"
    ]]
  )

  both(
    "have methods that refuse other objects",
    [[
      local tcp, udp, stream, dgram = core.tcp(), core.udp(), unix.stream(), unix.dgram()
      local one, _, server = pair()
      fail(function() tcp:receive() end)
      fail(function() server:send "x" end)
      fail(function() tcp:accept() end)
      fail(function() one:listen() end)
      fail(function() one:bind("127.0.0.1", 0) end)
      fail(function() tcp:shutdown() end)
      fail(function() tcp:getstats() end)
      fail(function() udp:send "x" end)
      fail(function() udp:getpeername() end)
      fail(function() stream:receive() end)
      fail(function() stream:accept() end)
      fail(function() dgram:send "x" end)
      local connected = core.udp()
      connected:setpeername("127.0.0.1", 9)
      fail(function() connected:sendto("x", "127.0.0.1", 9) end)
      fail(function() connected:setsockname("*", 0) end)
      fail(function() connected:receivefrom() end)
    ]],
    [[
      false "calling 'receive' on bad self (tcp{client} expected)"
      false "calling 'send' on bad self (tcp{client} expected)"
      false "calling 'accept' on bad self (tcp{server} expected)"
      false "calling 'listen' on bad self (tcp{master} expected)"
      false "calling 'bind' on bad self (tcp{master} expected)"
      false "calling 'shutdown' on bad self (tcp{client} expected)"
      false "calling 'getstats' on bad self (tcp{client} expected)"
      false "calling 'send' on bad self (udp{connected} expected)"
      false "calling 'getpeername' on bad self (udp{connected} expected)"
      false "calling 'receive' on bad self (unixstream{client} expected)"
      false "calling 'accept' on bad self (unixstream{server} expected)"
      false "calling 'send' on bad self (unixdgram{connected} expected)"
      false "calling 'sendto' on bad self (udp{unconnected} expected)"
      false "calling 'setsockname' on bad self (udp{unconnected} expected)"
      false "calling 'receivefrom' on bad self (udp{unconnected} expected)"
    ]]
  )

  both(
    "have methods that can be called as functions",
    [[
      local settimeout = core.tcp().settimeout
      show(settimeout(core.tcp(), 3))
      fail(function() settimeout(io.stdout) end)
    ]],
    [[
      1
      false "calling 'settimeout' on bad self (tcp{any} expected)"
    ]],
    [[
      1
      false "bad argument #1 to 'settimeout' (tcp{any} expected)"
    ]],
    "the words for a method that is called as a function"
  )

  both(
    "have a table of methods that programs find",
    [[
      local seen = {}
      for _, object in ipairs { core.tcp(), core.udp(), unix.stream(), unix.dgram() } do
        local names = {}
        for name, method in pairs(getmetatable(object).__index) do
          if name ~= "__gc" and name ~= "__tostring" then names[#names + 1] = name end
        end
        table.sort(names)
        print(table.concat(names, " ", 1, 12))
        print(table.concat(names, " ", 13))
      end
      local one = core.tcp()
      local settimeout = getmetatable(core.tcp()).__index.settimeout
      show(settimeout(one, 3))
      show(one:gettimeout())
      getmetatable(one).__index.mine = function(self) return self == one end
      show(one:mine())
    ]],
    [[
      accept bind class close connect dirty getfamily getfd getoption getpeername getsockname getstats
      gettimeout listen receive send setfd setoption setpeername setsockname setstats settimeout shutdown
      class close dirty getfamily getfd getoption getpeername getsockname gettimeout receive receivefrom send
      sendto setfd setoption setpeername setsockname settimeout
      accept bind class close connect dirty getfd getsockname getstats listen receive send
      setfd setoption setpeername setsockname setstats settimeout shutdown
      bind class close connect dirty getfd getsockname gettimeout receive receivefrom send sendto
      setfd setoption setpeername setsockname settimeout
      1
      3 -1
      true
    ]]
  )
end)

describe("addresses of bsdsocket.luasocket", function()
  both(
    "are a host, a port and a family",
    [[
      local one, other, server = pair()
      for _, object in ipairs { one, other, server } do
        local host, port, family = object:getsockname()
        show(host, tonumber(port) > 0, family)
      end
      show(tonumber((select(2, one:getpeername()))) == tonumber((select(2, server:getsockname()))))
      show(core.tcp():getsockname())
      show(core.tcp():getpeername())
      show(core.tcp4():getpeername())
      show(core.tcp():getfamily())
      show(core.tcp4():getfamily())
      show(core.tcp6():getfamily())
      local any = core.tcp()
      show(any:bind("*", 0))
      show((any:getsockname()))
      show(any:bind("*", 0))
    ]],
    [[
      "127.0.0.1" true "inet"
      "127.0.0.1" true "inet"
      "127.0.0.1" true "inet"
      true
      nil "Bad file descriptor"
      nil "Bad file descriptor"
      nil "Transport endpoint is not connected"
      "inet4"
      "inet4"
      "inet6"
      1
      "0.0.0.0"
      nil "Invalid argument"
    ]]
  )

  both(
    "of IPv6 are the same with their own family",
    [[
      local server = core.tcp6()
      show(server:bind("::1", 0))
      show(server:listen())
      show((server:getsockname()))
      show(select(3, server:getsockname()))
      local client = core.tcp()
      local _, port = server:getsockname()
      show(client:connect("::1", port))
      show(client:getfamily())
      show(select(3, client:getpeername()))
    ]],
    [[
      1
      1
      "::1"
      "inet6"
      1
      "inet6"
      "inet6"
    ]]
  )

  both(
    "that are wrong are told in LuaSocket's words",
    [[
      show(core.tcp():bind("127.0.0.1", "nosuchservice"))
      show(core.tcp():bind("127.0.0.1", -1))
      show(core.tcp():connect("127.0.0.1", "1.5"))
      show(core.tcp():connect("127.0.0.1", 1.5))
      show(core.tcp4():bind("::1", 0))
      show(core.tcp6():connect("127.0.0.1", 1))
      show(core.tcp():bind("192.0.2.1", 0))
      local one, other, server = pair()
      show(core.tcp():bind(server:getsockname()))
      show(core.tcp():listen())
      fail(function() core.tcp():connect() end)
      fail(function() core.tcp():connect("127.0.0.1") end)
      fail(function() core.tcp():bind("127.0.0.1", {}) end)
      show(core.connect("127.0.0.1", 1))
    ]],
    [[
      nil "service not supported for socket type"
      nil "service not supported for socket type"
      nil "service not supported for socket type"
      nil "service not supported for socket type"
      nil "Address family for hostname not supported"
      nil "Address family for hostname not supported"
      nil "Cannot assign requested address"
      nil "address already in use"
      nil "Bad file descriptor"
      false "bad argument #1 to 'connect' (string expected, got no value)"
      false "bad argument #2 to 'connect' (string expected, got no value)"
      false "bad argument #2 to 'bind' (string expected, got table)"
      nil "connection refused"
    ]]
  )
end)

describe("ports of bsdsocket.luasocket", function()
  both(
    "are numbers",
    [[
      local one = pair()
      show(type(select(2, one:getsockname())), type(select(2, one:getpeername())))
    ]],
    '"number" "number"\n',
    '"string" "number"\n',
    "that of getsockname is a string"
  )
end)

describe("connections of bsdsocket.luasocket", function()
  both(
    "are made from an address, if one is given",
    [[
      local one, other, server = pair()
      local host, port = server:getsockname()
      local client = assert(core.connect(host, port, "127.0.0.2", 0))
      show((client:getsockname()))
      show((client:getpeername()))
      local accepted = server:accept()
      show((accepted:getpeername()))
      show(accepted:gettimeout())
    ]],
    [[
      "127.0.0.2"
      "127.0.0.1"
      "127.0.0.2"
      -1 -1
    ]]
  )

  both(
    "that are there already are told at the second attempt",
    [[
      local one, other, server = pair()
      show(one:connect(server:getsockname()))
    ]],
    'nil "already connected"\n',
    "1\n",
    "Linux reports success once more for a socket that does not block"
  )

  both(
    "are begun with the timeout 0, and finished by a later call",
    [[
      local server = core.tcp4()
      server:bind("127.0.0.1", 0)
      server:listen()
      local client = core.tcp4()
      client:settimeout(0)
      show(client:connect(server:getsockname()))
      show(#select(2, core.select(nil, { client }, 5)))
      local done, words = client:connect(server:getsockname())
      show(done or words == "already connected" and 1)
      show(client:send "x")
    ]],
    [[
      nil "timeout"
      1
      1
      1 nil nil
    ]]
  )

  both(
    "are shut down in one direction or in both",
    [[
      local one, other = pair()
      fail(function() one:shutdown "x" end)
      show(one:shutdown "send")
      show(other:receive "*a")
      show(other:send "still")
      show(one:receive(5))
      show(one:shutdown())
      show(one:send "x")
    ]],
    [[
      false "bad argument #1 to 'shutdown' (invalid option 'x')"
      1
      nil "closed" ""
      5 nil nil
      "still" nil nil
      1
      nil "closed" 0
    ]]
  )

  both(
    "count their bytes, and how old they are",
    [[
      local one, other = pair()
      other:send "hello world"
      one:send "abc"
      one:receive(5)
      local received, sent, age = one:getstats()
      show(received, sent, age >= 0 and age < 20)
      show(one:setstats(10, 20, 30))
      received, sent, age = one:getstats()
      show(received, sent, age >= 30 and age < 50)
      one:receive(1)
      show((one:getstats()))
      show(one:setstats())
      show((one:getstats()))
    ]],
    [[
      5 3 true
      1
      10 20 true
      11
      1
      11
    ]]
  )

  both(
    "fail when they are closed",
    [[
      local one, other, server = pair()
      show(one:close())
      show(one:close())
      show(one:getfd())
      show(one:send "x")
      show(one:send "")
      show(one:receive())
      show(one:receive "*a")
      show(one:receive(3, "ab"))
      show(one:getsockname())
      show(one:getpeername())
      show(one:setoption("keepalive", true))
      show(one:getoption "keepalive")
      show(one:shutdown())
      show(one:dirty())
      server:close()
      show(server:accept())
    ]],
    [[
      1
      1
      -1
      nil "closed" 0
      0 nil nil
      nil "closed" ""
      nil "closed" ""
      nil "closed" "ab"
      nil "Bad file descriptor"
      nil "Bad file descriptor"
      nil "setsockopt failed"
      nil "getsockopt failed"
      1
      false
      nil "closed"
    ]]
  )

  if lua.closes then
    it("are closed at the end of a block", function()
      assert.equal(
        '-1\nnil "closed" ""\n',
        sides.ours [[
          local one, other = pair()
          do
            local closing <close> = one
          end
          show(one:getfd())
          show(other:receive())
        ]]
      )
    end)
  end

  both(
    "are given from one object to another by their descriptors",
    [[
      local one, other = pair()
      local taker = core.tcp()
      taker:connect("127.0.0.1", 1)
      taker:close()
      show(select("#", taker:setfd(one:getfd())))
      show(select("#", one:setfd(-1)))
      show(one:getfd())
      show(one:send "x")
      taker:send "moved"
      show(other:receive(5))
      fail(function() one:setfd() end)
    ]],
    [[
      0
      0
      -1
      nil "closed" 0
      "moved" nil nil
      false "bad argument #1 to 'setfd' (number expected, got no value)"
    ]]
  )
end)
