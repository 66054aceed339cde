local sides = require "spec.support.sides"

local both = sides.with(it)

describe("UDP of bsdsocket.luasocket", function()
  both(
    "sends and receives datagrams",
    [[
      local one, other = core.udp(), core.udp()
      show(one:getfd())
      show(one:getsockname())
      show(one:setsockname("127.0.0.1", 0))
      local host, port = one:getsockname()
      show(other:sendto("hello", host, port))
      local data, from, back = one:receivefrom()
      show(data, from, type(back))
      show(one:sendto("answer", from, back))
      show(other:receive())
      show(other:setpeername(host, port))
      show((other:getpeername()))
      show(other:send "12345")
      show(one:receive(3))
      show(other:send "")
      show(one:receive())
      show(other:send "678")
      show(one:receive(0))
      one:settimeout(0)
      show(one:receive())
      show(one:receivefrom())
      show(other:setpeername "*")
      show(other:sendto("z", host, port))
      show(one:dirty())
    ]],
    [[
      -1
      nil "Bad file descriptor"
      1
      5
      "hello" "127.0.0.1" "number"
      6
      "answer"
      1
      "127.0.0.1"
      5
      "123"
      0
      ""
      3
      ""
      nil "timeout"
      nil "timeout"
      1
      1
      false
    ]]
  )

  both(
    "of IPv6 works alike",
    [[
      local one, other = core.udp6(), core.udp()
      show(one:setsockname("::1", 0))
      local host, port = one:getsockname()
      show(other:sendto("hello", host, port))
      show((select(2, one:receivefrom())))
      show(other:getfamily())
      show(other:sendto("x", "127.0.0.1", 9))
    ]],
    [[
      1
      5
      "::1"
      "inet6"
      nil "Address family for hostname not supported"
    ]]
  )

  both(
    "takes numeric hosts and ports only",
    [[
      local one = core.udp()
      show(one:sendto("x", "localhost", 9))
      show(one:sendto("x", "127.0.0.1", "domain"))
      show(one:sendto("x", "127.1", "9"))
      show(one:getfamily())
      fail(function() one:sendto "x" end)
      fail(function() one:sendto("x", "127.0.0.1") end)
      fail(function() one:sendto({}, "127.0.0.1", 1) end)
    ]],
    [[
      nil "Name or service not known"
      nil "Name or service not known"
      1
      "inet4"
      false "bad argument #2 to 'sendto' (string expected, got no value)"
      false "bad argument #3 to 'sendto' (string expected, got no value)"
      false "bad argument #1 to 'sendto' (string expected, got table)"
    ]]
  )

  both(
    "tells why it fails",
    [[
      local one = core.udp()
      one:setsockname("127.0.0.1", 0)
      local host, port = one:getsockname()
      show(core.udp():sendto(("x"):rep(70000), host, port))
      show(one:setsockname("127.0.0.1", 0))
      show(one:receive(-1))
      show(one:receive(1e15))
      fail(function() one:receive {} end)
      fail(function() one:setpeername "127.0.0.1" end)
      fail(function() one:setsockname "127.0.0.1" end)
      local refused = core.udp4()
      show(refused:setpeername("127.0.0.1", 1))
      refused:settimeout(5)
      show(refused:send "x")
      show(refused:receive())
    ]],
    [[
      nil "Message too long"
      nil "Invalid argument"
      nil "out of memory"
      nil "out of memory"
      false "bad argument #1 to 'receive' (number expected, got table)"
      false "bad argument #2 to 'setpeername' (string expected, got no value)"
      false "bad argument #2 to 'setsockname' (string expected, got no value)"
      1
      1
      nil "connection refused"
    ]]
  )

  both(
    "fails when it is closed",
    [[
      local one = core.udp4()
      show(one:close())
      show(one:close())
      show(one:receive())
      show(one:receivefrom())
      show(one:sendto("x", "127.0.0.1", 9))
    ]],
    [[
      1
      1
      nil "closed"
      nil "closed"
      nil "refused"
    ]],
    [[
      1
      1
      ""
      nil "ai_family not supported"
      nil "refused"
    ]],
    "it returns an empty datagram, and the words for an address that it did not receive"
  )
end)

describe("socket.unix of bsdsocket.luasocket", function()
  both(
    "has streams",
    [[
      local path = os.tmpname()
      os.remove(path)
      local server, one = unix.stream(), unix()
      show(server:bind(path))
      show(server:getsockname() == path)
      show(server:listen())
      show(one:connect(path))
      local other = server:accept()
      show(other.class)
      show(other:send "line\nrest")
      show(one:receive())
      show(one:receive(4))
      show(one:getsockname())
      show(select("#", one:getstats()))
      show(one:shutdown())
      show(other:receive())
      show(server:setoption("reuseaddr", true))
      fail(function() server:setoption("tcp-nodelay", true) end)
      os.remove(path)
    ]],
    [[
      1
      true
      1
      1
      "unixstream{client}"
      9 nil nil
      "line" nil nil
      "rest" nil nil
      ""
      3
      1
      nil "closed" ""
      1
      false "bad argument #1 to 'setoption' (unsupported option `tcp-nodelay')"
    ]]
  )

  both(
    "has datagrams",
    [[
      local path = os.tmpname()
      os.remove(path)
      local one, other = unix.dgram(), unix.udp()
      show(one:bind(path))
      show(other:sendto("abc", path))
      show(one:receivefrom())
      show(other:connect(path))
      show(other.class)
      show(other:send "xyz")
      show(one:receive(2))
      show(other:send "")
      show(one:receive())
      show(one:getsockname() == path)
      one:settimeout(0)
      show(one:receive())
      one:close()
      show(other:send "x")
      os.remove(path)
    ]],
    [[
      1
      3
      "abc" ""
      1
      "unixdgram{connected}"
      3
      "xy"
      0
      ""
      true
      nil "timeout"
      nil "connection refused"
    ]]
  )

  both(
    "tells why it fails",
    [[
      show(unix.stream():connect "/nonexistent/path")
      show(unix.stream():bind "/nonexistent/path")
      show(unix.stream():bind(("x"):rep(200)))
      show(unix.dgram():connect "/nonexistent/path")
      show(unix.dgram():sendto("x", "/nonexistent/path"))
      show(unix.dgram():sendto("x", ("x"):rep(200)))
      fail(function() unix.stream():connect() end)
      show(unix.stream().gettimeout)
    ]],
    [[
      nil "No such file or directory"
      nil "No such file or directory"
      nil "path too long"
      nil "No such file or directory"
      nil "No such file or directory"
      nil "path too long"
      false "bad argument #1 to 'connect' (string expected, got no value)"
      nil
    ]]
  )
end)
