local sides = require "spec.support.sides"

local both = sides.with(it)

describe("options of bsdsocket.luasocket", function()
  both(
    "are set and got",
    [[
      local function try(object, name, value)
        show(name, object:setoption(name, value), object:getoption(name))
      end
      for _, name in ipairs { "keepalive", "reuseaddr", "reuseport", "tcp-nodelay" } do
        try(core.tcp4(), name, true)
      end
      try(core.tcp4(), "tcp-keepidle", 11)
      try(core.tcp4(), "tcp-keepcnt", 3)
      try(core.tcp4(), "tcp-keepintvl", 7)
      for _, name in ipairs { "dontroute", "broadcast", "reuseaddr", "reuseport" } do
        try(core.udp4(), name, true)
      end
      try(core.udp4(), "ip-multicast-if", "127.0.0.1")
      try(core.udp4(), "ip-multicast-if", "*")
      try(core.udp4(), "ip-multicast-loop", false)
      try(core.udp6(), "ipv6-multicast-loop", false)
      try(core.udp6(), "ipv6-unicast-hops", 9)
      try(core.udp6(), "ipv6-v6only", false)
      try(core.udp4(), "recv-buffer-size", 8192)
      try(core.tcp4(), "send-buffer-size", 8192)
      local linger = core.tcp4()
      show(linger:getoption("linger").on, linger:getoption("linger").timeout)
      show(linger:setoption("linger", { on = true, timeout = 3 }))
      show(linger:getoption("linger").on, linger:getoption("linger").timeout)
    ]],
    [[
      "keepalive" 1 true
      "reuseaddr" 1 true
      "reuseport" 1 true
      "tcp-nodelay" 1 true
      "tcp-keepidle" 1 11
      "tcp-keepcnt" 1 3
      "tcp-keepintvl" 1 7
      "dontroute" 1 true
      "broadcast" 1 true
      "reuseaddr" 1 true
      "reuseport" 1 true
      "ip-multicast-if" 1 "127.0.0.1"
      "ip-multicast-if" 1 "0.0.0.0"
      "ip-multicast-loop" 1 false
      "ipv6-multicast-loop" 1 false
      "ipv6-unicast-hops" 1 9
      "ipv6-v6only" 1 false
      "recv-buffer-size" 1 16384
      "send-buffer-size" 1 16384
      false 0
      1
      true 3
    ]]
  )

  both(
    "that can only be set",
    [[
      show(core.tcp4():setoption("tcp-fastopen", 5))
      show(core.tcp4():setoption("tcp-fastopen-connect", 1))
      show(core.tcp4():setoption("tcp-defer-accept", 1))
      show(core.tcp6():setoption("ipv6-v6only", true))
      show(core.udp4():setoption("ip-multicast-ttl", 5))
      local group = { multiaddr = "239.1.2.3", interface = "127.0.0.1" }
      local one = core.udp4()
      show(one:setoption("ip-add-membership", group))
      show(one:setoption("ip-drop-membership", group))
      show(one:setoption("ip-drop-membership", group))
      show(unix.stream():setoption("keepalive", true))
      show(unix.stream():setoption("linger", { on = false, timeout = 0 }))
      show(unix.dgram():setoption("reuseaddr", true))
      for _, name in ipairs { "tcp-fastopen", "tcp-defer-accept", "ipv6-v6only" } do
        fail(function() core.tcp4():getoption(name) end)
      end
      fail(function() core.udp4():getoption "ip-multicast-ttl" end)
    ]],
    [[
      1
      1
      1
      1
      1
      1
      1
      nil "setsockopt failed"
      1
      1
      1
      false "bad argument #1 to 'getoption' (unsupported option `tcp-fastopen')"
      false "bad argument #1 to 'getoption' (unsupported option `tcp-defer-accept')"
      false "bad argument #1 to 'getoption' (unsupported option `ipv6-v6only')"
      false "bad argument #1 to 'getoption' (unsupported option `ip-multicast-ttl')"
    ]]
  )

  both(
    "tell the last failure",
    [[
      show(core.tcp4():getoption "error")
      local one = core.udp4()
      one:setpeername("127.0.0.1", 1)
      one:send "x"
      core.select({ one }, nil, 5)
      show(one:getoption "error")
      show(one:getoption "error")
    ]],
    [[
      nil
      "connection refused"
      nil
    ]]
  )

  both(
    "refuse other values",
    [[
      local one, other = core.tcp4(), core.udp4()
      for _, value in ipairs { 1, "x", {} } do
        fail(function() one:setoption("keepalive", value) end)
        fail(function() one:setoption("linger", value) end)
      end
      fail(function() one:setoption("linger", { on = true }) end)
      show(one:setoption("tcp-keepidle", "x"))
      show(one:setoption("tcp-keepidle", 0))
      fail(function() other:setoption("ip-multicast-if", {}) end)
      fail(function() other:setoption("ip-multicast-if", "x") end)
      fail(function() other:setoption("ip-add-membership", 1) end)
      fail(function() other:setoption("ip-add-membership", {}) end)
      fail(function() other:setoption("ip-add-membership", { multiaddr = "x" }) end)
      fail(function() other:setoption("ip-add-membership", { multiaddr = "239.1.2.3" }) end)
      fail(function() other:setoption("ip-add-membership", { multiaddr = "239.1.2.3", interface = "x" }) end)
      fail(function() other:setoption("ipv6-add-membership", { multiaddr = "x" }) end)
      show(other:setoption("ipv6-add-membership", { multiaddr = "ff02::1" }))
      fail(function() one:setoption() end)
      fail(function() one:setoption("nothing", 1) end)
      fail(function() one:getoption(("x"):rep(50)) end)
      show(core.tcp():setoption("keepalive", true))
      show(core.tcp():getoption "keepalive")
    ]],
    [[
      false "bad argument #2 to 'setoption' (boolean expected, got number)"
      false "bad argument #2 to 'setoption' (table expected, got number)"
      false "bad argument #2 to 'setoption' (boolean expected, got string)"
      false "bad argument #2 to 'setoption' (table expected, got string)"
      false "bad argument #2 to 'setoption' (boolean expected, got table)"
      false "bad argument #2 to 'setoption' (boolean 'on' field expected)"
      false "bad argument #2 to 'setoption' (number 'timeout' field expected)"
      nil "setsockopt failed"
      nil "setsockopt failed"
      false "bad argument #2 to 'setoption' (string expected, got table)"
      false "bad argument #2 to 'setoption' (ip expected)"
      false "bad argument #2 to 'setoption' (table expected, got number)"
      false "bad argument #2 to 'setoption' (string 'multiaddr' field expected)"
      false "bad argument #2 to 'setoption' (invalid 'multiaddr' ip address)"
      false "bad argument #2 to 'setoption' (string 'interface' field expected)"
      false "bad argument #2 to 'setoption' (invalid 'interface' ip address)"
      false "bad argument #2 to 'setoption' (invalid 'multiaddr' ip address)"
      nil "setsockopt failed"
      false "bad argument #1 to 'setoption' (string expected, got no value)"
      false "bad argument #1 to 'setoption' (unsupported option `nothing')"
      false "bad argument #1 to 'getoption' (unsupported option `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx')"
      nil "setsockopt failed"
      nil "getsockopt failed"
    ]]
  )

  both(
    "of IPv6 multicast hops are its own",
    [[
      local one = core.udp6()
      show(one:setoption("ipv6-multicast-hops", 5))
      show(one:getoption "ipv6-unicast-hops")
    ]],
    "1\n64\n",
    "1\n5\n",
    "it sets the unicast hops"
  )
end)
