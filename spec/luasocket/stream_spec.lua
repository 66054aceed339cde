local sides = require "spec.support.sides"

local both = sides.with(it)

describe("receive of bsdsocket.luasocket", function()
  it("returns what was received when a finalizer receives meanwhile", function()
    local output = sides.ours [[
      local one, other = pair()
      local two, another = pair()
      local function make_garbage()
        local function receive()
          if another:send(("b"):rep(5000)) then
            two:receive(5000)
          end
        end
        if newproxy then
          getmetatable(newproxy(true)).__gc = receive
        else
          setmetatable({}, { __gc = receive })
        end
      end
      local data, right = ("a"):rep(5000), 0
      for n = 1, 200 do
        assert(other:send(data))
        local prefix = ("p%d"):format(n):rep(5000)
        make_garbage()
        if one:receive(#prefix + #data, prefix) == prefix .. data then
          right = right + 1
        end
      end
      show(right)
    ]]
    assert.equal("200\n", output)
  end)

  both(
    "reads lines without their ends and without any \\r",
    [[
      local one, other = pair()
      other:send "a\rb\r\nc\n\n\r\r\nrest"
      for _ = 1, 4 do show(one:receive()) end
      other:close()
      show(one:receive "*l")
      show(one:receive "*l")
    ]],
    [[
      "ab" nil nil
      "c" nil nil
      "" nil nil
      "" nil nil
      nil "closed" "rest"
      nil "closed" ""
    ]]
  )

  both(
    "reads so many bytes, of which those of the prefix count",
    [[
      local one, other = pair()
      other:send "0123456789"
      show(one:receive(3))
      show(one:receive(2.9))
      show(one:receive("2"))
      show(one:receive(5, "ab"))
      show(one:receive(2, "ab"))
      show(one:receive(1, "ab"))
      show(one:receive(0, "ab"))
      one:settimeout(0)
      show(one:receive(3))
      show(one:receive(0))
      show(one:receive(9, "ab"))
    ]],
    [[
      "012" nil nil
      "34" nil nil
      "56" nil nil
      "ab789" nil nil
      "ab" nil nil
      "ab" nil nil
      "ab" nil nil
      nil "timeout" ""
      nil "timeout" ""
      nil "timeout" "ab"
    ]]
  )

  both(
    "reads all until the end, which has to have something before it",
    [[
      local one, other = pair()
      other:send "all\r\nof it"
      one:settimeout(0.01)
      show(one:receive("*a", "p "))
      other:send "more"
      other:close()
      show(one:receive("*a", "p "))
      show(one:receive("*a", "p "))
    ]],
    [[
      nil "timeout" "p all\r\nof it"
      "p more" nil nil
      nil "closed" "p "
    ]]
  )

  both(
    "reads as many bytes as there are",
    [[
      local one, other = pair()
      local sent = {}
      for n = 1, 70000 do sent[n] = ("%d "):format(n) end
      sent = table.concat(sent)
      local received, place, bytes = {}, 1, 0
      other:settimeout(0)
      while bytes < #sent do
        if place <= #sent then
          local last, _, partial = other:send(sent, place)
          place = (last or partial) + 1
        end
        one:settimeout(place <= #sent and 0 or 5)
        local size = math.min(#received * 977 + 1, #sent - bytes)
        local all, _, part = one:receive(size)
        received[#received + 1] = all or part
        bytes = bytes + #(all or part)
      end
      show(table.concat(received) == sent, one:dirty())
    ]],
    "true false\n"
  )

  both(
    "reads lines of any length",
    [[
      local one, other = pair()
      local lengths = { 0, 1, 2046, 2047, 2048, 2049, 8191, 8192, 16383, 16384, 16385, 50000 }
      for _, ending in ipairs { "\n", "\r\n", "\r\r\n" } do
        for _, length in ipairs(lengths) do
          other:send(("x"):rep(length) .. ending)
        end
      end
      for n = 0, 3 * #lengths - 1 do
        local line = one:receive()
        local length = lengths[n % #lengths + 1]
        if line ~= ("x"):rep(length) then show(n, length, #line) end
      end
      other:close()
      show(one:receive())
    ]],
    'nil "closed" ""\n'
  )

  both(
    "leaves out `\\r` wherever it is, also where one receive ends and the next begins",
    [[
      local lines, pieces, wanted = { "", "\r", "a\rb", "\r\r", ("x"):rep(62), ("y\r"):rep(3000) }, {}, {}
      local one, other = pair()
      -- Ends of lines of all kinds at each place around the sizes that are received at once.
      for _, size in ipairs { 2048, 8192, 16384, 32768 } do
        for before = -2, 2 do
          local place = #table.concat(pieces)
          pieces[#pieces + 1] = ("z"):rep(size - place % size + before) .. "\r\n"
          for n = 1, 40 do
            pieces[#pieces + 1] = lines[n % #lines + 1] .. (n % 3 == 0 and "\n" or "\r\n")
          end
        end
      end
      local text = table.concat(pieces)
      for line in text:gmatch "([^\n]*)\n" do wanted[#wanted + 1] = (line:gsub("\r", "")) end
      local sent = 0
      other:settimeout(0)
      for n, line in ipairs(wanted) do
        if n % 50 == 1 then
          local last, _, partly = other:send(text, sent + 1)
          sent = last or partly
        end
        local prefix = n % 7 == 0 and "prefix " or nil
        local got = one:receive("*l", prefix)
        if got ~= (prefix or "") .. line then show(n, #got, #line) end
      end
      show(sent == #text, one:dirty())
    ]],
    "true false\n"
  )

  both(
    "reads lines of many objects at once",
    [[
      local ones, others, text, wanted = {}, {}, {}, {}
      for n = 1, 20 do
        ones[n], others[n] = pair()
        text[n] = {}
        for line = 1, 400 do text[n][line] = (n .. " " .. line .. " "):rep(line % 20) end
        others[n]:send(table.concat(text[n], "\r\n") .. "\nrest")
      end
      for line = 1, 400 do
        for n = 1, 20 do
          local got = ones[n]:receive()
          if got ~= text[n][line] then show(n, line, got) end
        end
      end
      for n = 1, 20 do
        ones[n]:settimeout(0)
        local _, words, part = ones[n]:receive()
        if words ~= "timeout" or part ~= "rest" then show(n, words, part) end
      end
    ]],
    ""
  )

  it("returns whole lines when a finalizer reads lines of the same object meanwhile", function()
    assert.equal(
      "true true\n",
      sides.ours [[
        local one, other = pair()
        local wanted, got, asked, finalized, count = {}, {}, 0, 0, 4000
        for n = 1, count do wanted[n] = n .. ("x"):rep(n % 100) end
        local function collected()
          if asked < count and finalized < 300 then
            asked, finalized = asked + 1, finalized + 1
            got[one:receive()] = true
          end
        end
        local function garbage()
          if newproxy then
            local proxy = newproxy(true)
            getmetatable(proxy).__gc = collected
          else
            setmetatable({}, { __gc = collected })
          end
          -- Enough for many cycles of the collector.
          return ("y"):rep(1000) .. asked
        end
        other:send(table.concat(wanted, "\n") .. "\n")
        while asked < count do
          asked = asked + 1
          local line = one:receive()
          got[line] = true
          garbage()
        end
        local all = true
        for _, line in ipairs(wanted) do all = all and got[line] end
        show(all, finalized > 0)
      ]]
    )
  end)

  both(
    "knows no other patterns",
    [[
      local one = pair()
      for _, pattern in ipairs { "l", "*x", "", -1, 0 / 0, {}, true } do
        fail(function() one:receive(pattern) end)
      end
      fail(function() one:receive("*l", {}) end)
      one:settimeout(0)
      show(one:receive "*long")
    ]],
    [[
      false "bad argument #1 to 'receive' (invalid receive pattern)"
      false "bad argument #1 to 'receive' (invalid receive pattern)"
      false "bad argument #1 to 'receive' (invalid receive pattern)"
      false "bad argument #1 to 'receive' (invalid receive pattern)"
      false "bad argument #1 to 'receive' (invalid receive pattern)"
      false "bad argument #1 to 'receive' (string expected, got table)"
      false "bad argument #1 to 'receive' (string expected, got boolean)"
      false "bad argument #2 to 'receive' (string expected, got table)"
      nil "timeout" ""
    ]]
  )

  it("reads whatever has arrived with `*r`", function()
    assert.equal(
      '"abc" nil nil\n"p def" nil nil\nnil "timeout" "p "\nnil "closed" ""\n',
      sides.ours [[
        local one, other = pair()
        other:send "abc"
        show(one:receive "*r")
        other:send "x\ndef"
        one:receive()
        show(one:receive("*r", "p "))
        one:settimeout(0.01)
        show(one:receive("*r", "p "))
        other:close()
        show(one:receive "*r")
      ]]
    )
  end)

  both(
    "leaves what was received in the object when it is closed",
    [[
      local one, other = pair()
      other:send "one\ntwo\nthree"
      show(one:receive())
      show(one:dirty())
      one:close()
      show(one:receive())
      show(one:receive())
      show(one:dirty())
      show(one:receive())
    ]],
    [[
      "one" nil nil
      true
      "two" nil nil
      nil "closed" "three"
      false
      nil "closed" ""
    ]]
  )
end)

describe("send of bsdsocket.luasocket", function()
  both(
    "sends a part of a string, and returns the index of its last byte",
    [[
      local one, other = pair()
      local ranges = {
        {}, { 2 }, { 2, 2 }, { 5 }, { -2 }, { 0 }, { -10, 10 }, { 3, 2 }, { 9, 1 }, { 1.7, 2.9 }, { "2" }, { 2, -2 },
      }
      for _, range in ipairs(ranges) do
        show(one:send("abc", unpack(range)))
      end
      show(one:send(123))
      show(one:send "")
      one:close()
      show(other:receive "*a")
    ]],
    [[
      3 nil nil
      3 nil nil
      2 nil nil
      4 nil nil
      3 nil nil
      3 nil nil
      3 nil nil
      2 nil nil
      8 nil nil
      2 nil nil
      3 nil nil
      2 nil nil
      3 nil nil
      0 nil nil
      "abcbcbbcabcabcabbcb123" nil nil
    ]]
  )

  both(
    "returns the index of the last byte that was sent when it fails",
    [[
      local one, other = pair()
      one:settimeout(0)
      local data = ("x"):rep(20000000)
      local last, words, sent = one:send(data, 101)
      show(last, words, sent > 101)
      other:settimeout(5)
      local received = 0
      one:settimeout(0.01)
      one:close()
      repeat
        local all, _, part = other:receive(1000000)
        received = received + #(all or part)
      until not all
      show(received == sent - 100)
      show(one:send("abc", 2))
    ]],
    [[
      nil "timeout" true
      true
      nil "closed" 1
    ]]
  )

  both(
    "takes strings and numbers",
    [[
      local one = pair()
      fail(function() one:send() end)
      fail(function() one:send {} end)
      fail(function() one:send("a", {}) end)
      fail(function() one:send("a", 1, "x") end)
    ]],
    [[
      false "bad argument #1 to 'send' (string expected, got no value)"
      false "bad argument #1 to 'send' (string expected, got table)"
      false "bad argument #2 to 'send' (number expected, got table)"
      false "bad argument #3 to 'send' (number expected, got string)"
    ]]
  )
end)

describe("the timeouts of bsdsocket.luasocket", function()
  both(
    "are kept as they were set",
    [[
      local one = core.tcp()
      show(one:gettimeout())
      for _, arguments in ipairs { { 1.5 }, { 2, "t" }, { 3, "r" }, { -5, "b" }, { "7" }, { nil, "total" } } do
        show(one:settimeout(unpack(arguments, 1, 2)))
        show(one:gettimeout())
      end
      show(one:settimeout())
      show(one:gettimeout())
      fail(function() one:settimeout(1, "x") end)
      fail(function() one:settimeout(1, "") end)
      fail(function() one:settimeout {} end)
      fail(function() one:settimeout(1, {}) end)
    ]],
    [[
      -1 -1
      1
      1.5 -1
      1
      1.5 2
      1
      1.5 3
      1
      -5 3
      1
      7 3
      1
      7 -1
      1
      -1 -1
      false "bad argument #2 to 'settimeout' (invalid timeout mode)"
      false "bad argument #2 to 'settimeout' (invalid timeout mode)"
      false "bad argument #1 to 'settimeout' (number expected, got table)"
      false "bad argument #2 to 'settimeout' (string expected, got table)"
    ]]
  )

  both(
    "end a wait",
    [[
      local one = pair()
      for _, timeout in ipairs { { 0.05 }, { 0.05, "t" }, { 0, "b" }, { 0 / 0, "b" } } do
        one:settimeout(nil) one:settimeout(nil, "t")
        one:settimeout(unpack(timeout))
        local begun = core.gettime()
        show(one:receive())
        local took = core.gettime() - begun
        show(took >= (timeout[1] == timeout[1] and timeout[1] or 0) - 0.002, took < 4)
      end
    ]],
    ('nil "timeout" ""\ntrue true\n'):rep(4)
  )

  it("may be numbers that no clock has", function()
    assert.equal(
      ("true\n"):rep(6),
      sides.ours [[
        local one, other = pair()
        for _, timeout in ipairs { 1e300, 1 / 0, -1 / 0, 2 ^ 63, -1e300, 1e10 } do
          one:settimeout(timeout)
          one:settimeout(timeout, "t")
          other:send "x\n"
          show(one:receive() == "x")
        end
      ]]
    )
  end)
end)
