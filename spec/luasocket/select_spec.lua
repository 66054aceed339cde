local sides = require "spec.support.sides"

local both = sides.with(it)

describe("select of bsdsocket.luasocket", function()
  both(
    "returns what is ready, as arrays and as maps",
    [[
      local one, other, server = pair()
      local function told(list, names)
        local all = {}
        for n, object in ipairs(list) do
          all[n] = names[object]
          assert(list[object] == n)
        end
        return table.concat(all, " ")
      end
      local names = { [one] = "one", [other] = "other", [server] = "server" }
      local reading, writing, words = core.select({ one, other, server }, { other, one }, 5)
      show(told(reading, names), #writing, writing[one] ~= nil, writing[other] ~= nil, words)
      other:send "x\ny\n"
      reading, writing, words = core.select({ one, other, server }, nil, 5)
      show(told(reading, names), #writing, words)
      one:receive()
      show(one:dirty())
      reading, writing, words = core.select({ other, one }, { other }, 5)
      show(told(reading, names), told(writing, names), words)
      one:receive()
      local third = core.tcp4()
      third:connect(server:getsockname())
      reading, writing, words = core.select({ one, other, server, one }, {}, 5)
      show(told(reading, names), #writing, words)
    ]],
    [[
      "" 2 true true nil
      "one" 0 nil
      true
      "one" "other" nil
      "server" 0 nil
    ]]
  )

  both(
    "waits no longer than it was told",
    [[
      local one = pair()
      for _, time in ipairs { 0, 0.03 } do
        local begun = core.gettime()
        local reading, writing, words = core.select({ one }, nil, time)
        local took = core.gettime() - begun
        show(#reading, #writing, words, took >= time - 0.002, took < 4)
      end
      show(select(3, core.select(nil, nil, 0.001)))
      show(select("#", core.select({}, {}, 0)))
    ]],
    [[
      0 0 "timeout" true true
      0 0 "timeout" true true
      "timeout"
      3
    ]]
  )

  both(
    "takes any object that has a descriptor",
    [[
      local one, other = pair()
      other:send "x"
      local object = { getfd = function(self) assert(self.own) return one:getfd() end, own = true }
      show(core.select({ object }, nil, 5)[1] == object)
      object.dirty = function(self) return self.own end
      show(core.select({ other, object }, nil, 5)[1] == object)
      local without = setmetatable({}, { __index = function() end })
      show(#core.select({ without, one }, nil, 5))
      local function closed() return -1 end
      show(#core.select({ { getfd = closed }, { getfd = function() return "x" end }, {}, "x" }, nil, 0))
      one:close()
      show(#core.select({ one, core.tcp() }, nil, 0))
      show(#core.select({ other, nil, other }, nil, 0))
      show(#core.select(setmetatable({}, { __index = function(_, n) return n < 3 and other or nil end }), nil, 0))
    ]],
    [[
      true
      true
      1
      0
      0
      1
      1
    ]]
  )

  both(
    "passes on the errors of other objects",
    [[
      local one = pair()
      for _, object in ipairs { { getfd = function() error("no", 0) end }, { getfd = 5 }, { getfd = {} } } do
        fail(core.select, { one, object }, nil, 0)
      end
      local dirty = { getfd = function() return one:getfd() end, dirty = function() error("dirty", 0) end }
      fail(core.select, { dirty }, nil, 0)
      show(#core.select(nil, { dirty }, 0))
      fail(function() core.select(1) end)
      fail(function() core.select({}, "x") end)
      fail(core.select, { 1 }, nil, 0)
      fail(core.select, { true }, nil, 0)
    ]],
    [[
      false "no"
      false "attempt to call a number value"
      false "attempt to call a table value"
      false "dirty"
      0
      false "bad argument #1 to 'select' (table expected, got number)"
      false "bad argument #2 to 'select' (table expected, got string)"
      false "attempt to index a number value"
      false "attempt to index a boolean value"
    ]]
  )

  it("holds against objects that close sockets, change the lists or yield", function()
    assert.equal(
      '0 "timeout"\n1 "timeout"\nfalse true\n"bad descriptor" true\n',
      sides.ours [[
        local one, other = pair()
        other:send "x"
        local closing = { getfd = function() one:close() return -1 end }
        local reading, _, words = core.select({ one, closing }, nil, 0)
        show(#reading, words)
        local one, other = pair()
        local list = {}
        list[1] = { getfd = function() for n = 1, 5 do list[n] = nil end collectgarbage() return -1 end }
        list[2], list[3] = one, other
        local _, _, words = core.select(list, nil, 0)
        show(1, words)
        local thread = coroutine.create(function()
          return core.select({ { getfd = function() coroutine.yield() end } }, nil, 0)
        end)
        local done, message = coroutine.resume(thread)
        show(done, type(message) == "string")
        local gone = { getfd = function() return 987 end }
        local done, message = pcall(core.select, { gone }, nil, 5)
        show("bad descriptor", not done and message:find "select failed" ~= nil)
      ]]
    )
  end)

  it("waits for 4,000 objects, whatever the numbers of their descriptors", function()
    assert.equal(
      "true\n",
      sides.ours [[
        if core._SETSIZE < 4200 then
          show(true)
          os.exit()
        end
        local objects = {}
        for n = 1, 4000 do
          objects[n] = assert(core.udp4())
        end
        local last = objects[4000]
        assert(last:setsockname("127.0.0.1", 0))
        assert(last:getfd() > 1024)
        objects[1]:sendto("x", last:getsockname())
        local reading, writing = core.select(objects, objects, 5)
        show(#reading == 1 and reading[1] == last and reading[last] == 1 and #writing == 4000)
      ]]
    )
  end)
end)

describe("an object of bsdsocket.luasocket", function()
  it("takes at most 600 bytes when it has nothing to do", function()
    local used = sides.ours [[
      local objects = {}
      for n = 1, 200 do objects[n] = false end
      local one, other, server = pair()
      local host, port = server:getsockname()
      collectgarbage() collectgarbage()
      local before = collectgarbage "count"
      for n = 1, 100 do
        objects[n] = assert(core.tcp4())
        objects[n]:connect(host, port)
        objects[100 + n] = server:accept()
        objects[n]:send "line\nmore\n"
        objects[100 + n]:receive()
        objects[100 + n]:receive()
      end
      collectgarbage() collectgarbage()
      show((collectgarbage "count" - before) * 1024 / 200 <= 600)
    ]]
    assert.equal("true\n", used)
  end)

  it("keeps no large buffer for a few bytes", function()
    local grown = sides.ours [[
      local function resident()
        collectgarbage()
        collectgarbage()
        local statm = io.open "/proc/self/statm"
        if not statm then return 0 end
        local pages = statm:read "*l":match "^%d+ (%d+)"
        statm:close()
        return 4096 * pages
      end
      local objects, others = {}, {}
      for n = 1, 200 do objects[n], others[n] = pair() end
      local function read(first, last)
        for n = first, last do
          others[n]:send(("x"):rep(15000) .. "\nrest")
          assert(#objects[n]:receive() == 15000)
        end
      end
      read(1, 50)
      local before = resident()
      read(51, 200)
      print(resident() - before)
    ]]
    assert.is_true(tonumber(grown) < 150 * 8192, grown)
  end)
end)
