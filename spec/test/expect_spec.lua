local library = require "spec.support.library"
local socket = require "bsdsocket"
local test = require "bsdsocket.test"
local testing = require "spec.support.testing"

local expectation, failure, results = testing.expectation, testing.failure, testing.results

-- Whether a failure begins with this line of this file and these words.
local function begins(text, message)
  local _, line = text:find("^%.?/?spec/.-_spec%.lua:%d+: ")
  if not line then
    _, line = text:find "^[^\n]-testing%.lua:%d+: "
  end
  assert.equal(message, text:sub((line or 0) + 1, (line or 0) + #message))
end

describe("expect", function()
  it("takes bytes, numbers, lines, ends and functions, and leaves the rest", function()
    assert.same({ n = 1, "ab", left = "cd" }, results("abcd", "ab"))
    assert.same({ n = 1, "abc", left = "d" }, results("abcd", 3))
    assert.same({ n = 1, "one", left = "two\n" }, results("one\r\ntwo\n", test.line()))
    assert.same({ n = 2, "HELO", "me", left = "" }, results("HELO me\n", test.line "(%u+) (%l+)"))
    assert.same({ n = 1, "a", left = "b" }, results("a\r\n\r\nb", test.upto "\r\n\r\n"))
    assert.same({ n = 2, 2, "cd", left = "" }, results("cd", test.any { "cx", "cd", 2 }))
    assert.same({ n = 3, 1, "250", "ok", left = "\n" }, results("250 ok\n\n", test.any { test.line "(%d+) (.*)", 1 }))
    local function sized(bytes)
      local size = tonumber(bytes:sub(1, 1))
      if #bytes > size then
        return size + 1, bytes:sub(2, size + 1), size
      end
    end
    assert.same({ n = 2, "abc", 3, left = "d" }, results("3abcd", sized))
  end)

  it("fails at the first wrong byte, without waiting for the others", function()
    local text = failure(function()
      local one, other = assert(socket.socketpair())
      test.wrap(one):send "250-on"
      test.wrap(other, "client"):expect "250 ok\r\n"
    end)
    begins(text, 'client expected "250 ok\\r\\n"\n  byte 4 differs, at byte 1 of the stream\n')
    assert.is_truthy(text:find(
      [[
  expected (8 bytes):
    00000000  32 35 30 20 6f 6b 0d 0a                           |250 ok..|
                       ^^
  received (6 bytes):
    00000000  32 35 30 2d 6f 6e                                 |250-on|
                       ^^
  transcript:
]],
      1,
      true
    ))
    assert.is_truthy(text:find '%d%.%d%d%d ← "250%-on"')
  end)

  it("names the line of the test", function()
    local line
    local text = failure(function()
      local one, other = assert(socket.socketpair())
      test.wrap(one):send "x"
      line = debug.getinfo(1, "l").currentline + 1
      test.wrap(other):expect "y"
    end)
    assert.equal("expect_spec.lua:" .. line .. ": peer expected", text:match "([%w_]+%.lua:%d+: peer expected)")
  end)

  it("counts the bytes of the stream before the failure, and shows the rows around it", function()
    local text = expectation(("x"):rep(1000) .. "abc", ("x"):rep(990) .. "y" .. ("x"):rep(9))
    begins(text, "receiver expected")
    assert.is_truthy(text:find("byte 991 differs, at byte 1 of the stream", 1, true))
    assert.is_truthy(text:find("…944 bytes before", 1, true))
    assert.is_truthy(text:find("000003d0  ", 1, true))
    assert.is_truthy(text:find("\n  expected (1000 bytes):", 1, true))
  end)

  it("distinguishes the end, a reset and a timeout", function()
    begins(expectation("ab", "abc"), 'receiver expected "abc"\n  the stream ended, at byte 1 of the stream\n')
    begins(expectation("", 2), "receiver expected 2 bytes\n  the stream ended")
    begins(expectation("a", test.EOF), "receiver expected the end of the stream\n  bytes came instead")
    begins(expectation("", test.RESET), "receiver expected a reset of the connection\n  the stream ended without one")
    local function against(action, what, seconds)
      return failure(function()
        local server = test.server(action)
        local client = test.connect(server.address)
        client:expect(what, seconds)
      end, 0.3)
    end
    begins(
      against(function(peer)
        peer:reset()
      end, test.EOF),
      "client expected the end of the stream\n  the connection was reset"
    )
    begins(
      against(function(peer)
        peer:sleep(9)
      end, test.EOF, 0.01),
      "client expected the end of the stream\n  nothing more came in time"
    )
  end)

  it("expects the end and a reset", function()
    test.run(function()
      local server = test.server(function(peer)
        peer:expect "bye"
        peer:reset()
      end)
      local client = test.connect(server.address)
      client:send "bye"
      client:expect(test.RESET)
    end)
    assert.same({ n = 0, left = "" }, results("", test.EOF))
  end)

  it("shows the line that does not match", function()
    local text = expectation("\r\nLenght: 5\r\n", test.line "Length: (%d+)")
    begins(text, 'receiver expected a line that matches "Length: (%d+)"\n  the line is ""')
  end)

  it("reports what a matcher did wrong", function()
    local function raises(bytes)
      return nil .. bytes
    end
    assert.is_truthy(expectation("x", raises):find "the matcher raised: .-_spec.lua:%d+: attempt to concatenate")
    assert.is_truthy(expectation("x", function()
      return 7
    end):find("the matcher took 7 of 1 bytes", 1, true))
    assert.is_truthy(expectation("x", function()
      return false, "not a frame"
    end):find("\n  not a frame, at byte 1", 1, true))
    assert.is_truthy(expectation("x", function()
      return false
    end):find("\n  the matcher refused it", 1, true))
  end)

  it("waits for an earlier choice that may still match", function()
    local choices = test.any { test.upto "\n\n", test.line() }
    assert.same({ n = 2, 1, "a", left = "" }, results("a\n\n", choices))
    assert.same({ n = 2, 2, "a", left = "b" }, results("a\nb", choices))
    assert.is_truthy(expectation("x", test.any { "a", "b" }):find('expected any of "a", "b"\n  none of them', 1, true))
  end)

  it("expects silence", function()
    test.run(function()
      local one, other = assert(socket.socketpair())
      local sender, receiver = test.wrap(one), test.wrap(other)
      receiver:expect_silence(0.01)
      sender:send "x"
      receiver:expect "x"
    end)
    local text = failure(function()
      local one, other = assert(socket.socketpair())
      test.wrap(one):send "x"
      test.wrap(other):expect_silence(1)
    end)
    begins(text, "peer expected silence for 1 s\n  received (1 bytes):")
  end)

  it("takes one datagram at a time", function()
    local function exchange(sent, what)
      local server = test.server(function(peer)
        peer:expect(what)
        peer:send "got it"
      end, { type = socket.SOCK_DGRAM, name = "resolver" })
      local client = test.connect(server.address, { type = socket.SOCK_DGRAM })
      client:send(sent)
      client:expect "got it"
    end
    for _, what in ipairs { "ping", 4, test.any { "pong", "ping" } } do
      test.run(function()
        exchange("ping", what)
      end)
    end
    local text = failure(function()
      exchange("ping!", "ping")
    end)
    begins(text, 'resolver expected "ping"\n  byte 5 differs\n  expected (4 bytes):')
    begins(
      failure(function()
        exchange("pin", "ping")
      end),
      'resolver expected "ping"\n  the datagram is too short'
    )
  end)

  it("rejects invalid arguments, and names the line", function()
    local here = "_spec%.lua:%d+: "
    assert.is_truthy(failure(function()
      test.wrap((assert(socket.socketpair()))):expect(true)
    end):find(here .. "expect: cannot expect a value of type boolean"))
    assert.is_truthy(failure(function()
      test.wrap((assert(socket.socketpair()))):expect(-1)
    end):find(here .. "expect: number of bytes: %-1 is out of range"))
    for call, message in pairs {
      [function()
        test.line "("
      end] = "line: .*unfinished capture",
      [function()
        test.upto ""
      end] = "upto: an empty delimiter",
      [function()
        test.any {}
      end] = "any: no choices",
      [function()
        test.case(5)
      end] = "case: function expected, got number",
      [function()
        test.random "x"
      end] = "random: seed: number expected, got string",
      [function()
        test.server(print)
      end] = "server: not within test.case or test.run",
    } do
      local ok, reason = pcall(call)
      assert.is_false(ok)
      assert.is_truthy(tostring(reason):find(here .. message), tostring(reason))
    end
  end)

  it("raises an error for a peer that has ended", function()
    local kept
    test.run(function()
      local one = assert(socket.socketpair())
      kept = test.wrap(one, "client")
    end)
    local ok, reason = pcall(kept.send, kept, "x")
    assert.is_false(ok)
    assert.is_truthy(tostring(reason):find "_spec%.lua:%d+: send: the peer 'client' is closed: its test has ended")
  end)

  if library.has "lpeg" then
    it("takes LPeg patterns", function()
      ---@diagnostic disable-next-line: unresolved-require
      local lpeg = require "lpeg"
      local number = lpeg.C(lpeg.R "09" ^ 1) * ";"
      assert.same({ n = 1, "12", left = "3" }, results("12;3", number))
      assert.is_truthy(expectation("x", number):find("the pattern does not match", 1, true))
    end)
  end
end)

describe("assert.bytes", function()
  it("shows the first byte that differs", function()
    assert.bytes("abc", "abc")
    local ok, reason = pcall(assert.bytes, "abc", "abd")
    assert.is_false(ok)
    assert.is_truthy(tostring(reason):find("Byte 3 differs.\nExpected (3 bytes):\n  00000000  61 62 63", 1, true))
    assert.is_false(pcall(assert.bytes, "abc", nil))
  end)
end)

describe("hexdump", function()
  it("shows rows of 16 bytes", function()
    assert.equal(
      "00000000  00 01 02 03 04 05 06 07  08 09 0a 0b 0c 0d 0e 0f  |................|\n"
        .. "00000010  41                                                |A|",
      test.hexdump "\0\1\2\3\4\5\6\7\8\9\10\11\12\13\14\15A"
    )
  end)
end)

describe("random", function()
  it("gives the same numbers on every Lua", function()
    local random, list = test.random(7), {}
    for n = 1, 6 do
      list[n] = random(100)
    end
    assert.same({ 14, 75, 52, 12, 19, 11 }, list)
    local between = test.random(7)()
    assert.is_true(between >= 0 and between < 1)
  end)
end)
