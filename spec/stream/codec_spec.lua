local descriptors = require "spec.support.descriptors"
local expect = require "spec.support.expect"
local lua = require "spec.support.lua"
local network = require "spec.support.network"
local socket = require "bsdsocket"
local streams = require "spec.support.streams"

local UNFIT = "bytes do not fit the encoding"

descriptors.watch(setup, teardown)

-- What a stream reads from `bytes` up to its end.
local function decoded(bytes, encoding, errors)
  local stream = streams.holding(bytes, { encoding = encoding, errors = errors })
  local results = lua.pack(stream:read("a"))
  stream:close()
  return lua.unpack(results, 1, results.n)
end

-- The bytes sent for a text.
local function encoded(text, encoding, errors)
  local stream, peer, own = streams.pair("w", { encoding = encoding, errors = errors })
  local results = lua.pack(stream:write(text))
  local done = results[1] == stream
  assert(stream:flush())
  local bytes = streams.arrived(peer)
  network.close(stream, peer, own)
  if done then
    return bytes
  end
  assert.equal("", bytes)
  return lua.unpack(results, 1, results.n)
end

describe("an encoding", function()
  -- The encoding, a text, and its bytes; `reads` if it can only be read.
  local CASES = {
    { "utf-8", "aé€😀", "aé€😀" },
    { "ascii", "abc\n", "abc\n" },
    { "us-ascii", "abc", "abc" },
    { "latin-1", "aéÿ\194\128", "a\233\255\128" },
    { "latin1", "é", "\233" },
    { "iso-8859-1", "é", "\233" },
    { "iso8859-1", "é", "\233" },
    { "cp1252", "a€é“", "a\128\233\147" },
    { "windows-1252", "€", "\128" },
    { "iso-8859-15", "€", "\164" },
    { "koi8-r", "да", "\196\193" },
    { "shift_jis", "aあ日本", "a\130\160\147\250\150\123" },
    { "euc-jp", "日本", "\198\252\203\220" },
    { "gbk", "中文", "\214\208\206\196" },
    { "big5", "中文", "\164\164\164\229" },
    { "utf-16", "aé€😀", "\255\254a\0\233\0\172\32\61\216\0\222", reads = true },
    { "utf-16", "ab", "\254\255\0a\0b", reads = true },
    { "utf-16", "ab", "a\0b\0", reads = true },
    { "utf-16le", "é€", "\233\0\172\32", reads = true },
    { "utf-16be", "é€", "\0\233\32\172", reads = true },
    { "utf-8-sig", "é", "\239\187\191é", reads = true },
    -- The byte order mark of another encoding is text.
    { "utf-16", "\235\175\175aA", "\239\187a\0A\0", reads = true },
    { "utf-16", "\235\175\175\198\191", "\239\187\191\1", reads = true },
    { "utf-16", "\239\187\191a", "\255\254\255\254a\0", reads = true },
    { "utf-16", "\239\187\191a", "\254\255\254\255\0a", reads = true },
    { "utf-16le", "\239\187\191a", "\255\254a\0", reads = true },
    { "utf-16-be", "\239\187\191a", "\254\255\0a", reads = true },
    { "utf-8-sig", "\239\187\191é", "\239\187\191\239\187\191é", reads = true },
    { "utf-8-sig", "é", "é" },
    { "utf-8", "\239\187\191é", "\239\187\191é" },
  }
  for _, case in ipairs(CASES) do
    local name, text, bytes = case[1], case[2], case[3]
    local shown = ("%s, %d bytes"):format(name, #bytes)

    it("decodes: " .. shown, function()
      assert.same({ text, n = 1 }, lua.pack(decoded(bytes, name)))
    end)

    it("decodes, however the bytes are split: " .. shown, function()
      for size = 1, 3 do
        local values = streams.in_pieces(bytes, size, { encoding = name }, function(stream)
          return stream:read(1)
        end)
        assert.equal(text, table.concat(values))
      end
    end)

    if not case.reads then
      it("encodes: " .. shown, function()
        assert.same({ bytes, n = 1 }, lua.pack(encoded(text, name)))
      end)
    end
  end

  it("has a name without regard to case and underscores", function()
    for _, name in ipairs({ "Latin-1", "LATIN_1", "ISO_8859-1", "Cp1252", "UTF-8", "utf_8", "Shift-JIS" }) do
      assert.equal("a", (decoded("a", name)))
    end
  end)

  it("is not applied if none is given: bytes are unchanged", function()
    local bytes = {}
    for byte = 0, 255 do
      bytes[byte + 1] = string.char(byte)
    end
    local all = table.concat(bytes)
    assert.equal(all, (decoded(all)))
    assert.equal(all, (encoded(all)))
    assert.equal(all, (decoded(all, nil, "strict")))
  end)

  it("applies before lines, numbers and counts, which are of UTF-8 bytes", function()
    local stream = streams.holding("\233t\233\n42\n\233\233", { encoding = "latin-1" })
    assert.equal("été", stream:read("l"))
    assert.equal(42, stream:read("n"))
    assert.equal("\n", stream:read("L"))
    assert.equal("\195", stream:read(1))
    assert.equal("\169é", stream:read(10))
    assert.same({ n = 1 }, lua.pack(stream:read("l")))
    stream:close()
    stream = streams.holding("a\0\n\0b\0", { encoding = "utf-16" })
    assert.same({ "a", "b" }, { stream:read("l", "l") })
    stream:close()
  end)

  it("can be combined with newline", function()
    local stream, peer, own = streams.pair("rw", { encoding = "latin-1", newline = "\r\n" })
    assert(stream:write("é\nè\n"))
    assert(stream:flush())
    assert.equal("\233\r\n\232\r\n", streams.arrived(peer))
    assert(peer:sendall("\224\r\n\225\n\r\n"))
    assert.same({ "à", "á\n" }, { stream:read("l", "l") })
    network.close(stream, peer, own)
  end)

  it("waits for incomplete characters, and loses no byte of them", function()
    local stream, peer, own = streams.pair("r", { encoding = "shift_jis" })
    own:settimeout(0.01)
    assert(peer:sendall("a\130"))
    assert.same({ nil, "read: timed out", "timeout", "a", n = 4 }, lua.pack(stream:read("l")))
    assert.equal("a", stream:read(1))
    assert.same({ nil, "read: timed out", "timeout", "", n = 4 }, lua.pack(stream:read(1)))
    assert(peer:sendall("\160\n"))
    assert.equal("あ", stream:read("l"))
    network.close(stream, peer, own)
  end)

  it("works without a buffer", function()
    local stream, peer, own = streams.pair("r", { encoding = "latin-1", buffering = 0 })
    assert(peer:sendall("\233\n\233"))
    assert.equal("é", stream:read("l"))
    assert.equal("\233", own:recv(10))
    network.close(stream, peer, own)
  end)
end)

describe("bytes that are invalid in the encoding", function()
  -- The encoding, the bytes, the text before the invalid ones, and the whole text with errors "ignore" and "replace".
  local CASES = {
    { "utf-8", "ab\255cd", "ab", "abcd", "ab\239\191\189cd" },
    { "utf-8", "ab\195", "ab", "ab", "ab\239\191\189" },
    { "utf-8", "ab\237\160\128", "ab", "ab", "ab" .. ("\239\191\189"):rep(3) },
    { "ascii", "ab\200cd", "ab", "abcd", "ab\239\191\189cd" },
    { "shift_jis", "ab\130", "ab", "ab", "ab\239\191\189" },
    { "utf-16", "a\0b", "a", "a", "a\239\191\189" },
    { "utf-16le", "a\0\0\216b\0", "a", "ab", "a\239\191\189b" },
  }
  for _, case in ipairs(CASES) do
    local name, bytes, before, ignored, replaced = lua.unpack(case)
    local shown = ("%s, %q"):format(name, bytes)

    it("are skipped with errors = ignore: " .. shown, function()
      assert.equal(ignored, (decoded(bytes, name, "ignore")))
    end)

    it("are replaced with errors = replace: " .. shown, function()
      assert.equal(replaced, (decoded(bytes, name, "replace")))
    end)

    it("fail with errors = strict, and the text before them stays readable: " .. shown, function()
      for _, errors in ipairs({ "strict", false }) do
        local stream = streams.holding(bytes, { encoding = name, errors = errors or nil })
        local failure = { nil, "read: " .. UNFIT, "EILSEQ", before, n = 4 }
        assert.same(failure, lua.pack(stream:read("l")))
        assert.same(failure, lua.pack(stream:read("a")))
        assert.equal(before, stream:read(#before))
        failure[4] = ""
        assert.same(failure, lua.pack(stream:read("a")))
        assert.same(failure, lua.pack(stream:read(1)))
        stream:close()
      end
    end)
  end

  -- Whether or not everything arrives in one packet.
  it("do not affect the lines before them", function()
    for _, text in ipairs({ "one\ntwo\nth\255ree\nfour\n", "one\ntwo\nth\255", "one\ntwo\nth\255\n" }) do
      local stream = streams.holding(text, { encoding = "utf-8" })
      assert.equal("one", (stream:read("l")))
      assert.equal("two\n", (stream:read("L")))
      assert.same({ nil, "read: " .. UNFIT, "EILSEQ", "th", n = 4 }, lua.pack(stream:read("l")))
      stream:close()
    end
    local stream = streams.holding("ab 42 \200", { encoding = "ascii" })
    assert.same({ "ab", 42, n = 2 }, lua.pack(stream:read(2, "n")))
    stream:close()
  end)

  it("fail at once, without waiting for more data", function()
    local stream, peer, own = streams.pair("r", { encoding = "utf-8" })
    own:setblocking(false)
    assert(peer:sendall("a\255"))
    assert.same({ nil, "read: " .. UNFIT, "EILSEQ", "a", n = 4 }, lua.pack(stream:read("l")))
    assert.same({ nil, "read: " .. UNFIT, "EILSEQ", "a", n = 4 }, lua.pack(stream:read("l")))
    assert(peer:sendall("more"))
    assert.same({ nil, "read: " .. UNFIT, "EILSEQ", "a", n = 4 }, lua.pack(stream:read("l")))
    network.close(stream, peer, own)
  end)

  it("are raised by a loop over lines", function()
    local stream = streams.holding("one\n\255", { encoding = "utf-8" })
    local next_line = stream:lines()
    assert.equal("one", next_line())
    expect.misuse("lines: " .. UNFIT, next_line)
    stream:close()
  end)
end)

describe("a text that the encoding cannot represent", function()
  -- The encoding, the text, and its bytes with errors "ignore" and "replace".
  local CASES = {
    { "ascii", "aéb", "ab", "a?b" },
    { "latin-1", "é€é", "\233\233", "\233?\233" },
    { "cp1252", "€→€", "\128\128", "\128?\128" },
    { "shift_jis", "あ😀", "\130\160", "\130\160?" },
    { "ascii", "a\255b", "ab", "a?b" },
    { "utf-8", "a\255b\195", "ab", "a\239\191\189b\239\191\189" },
  }
  for _, case in ipairs(CASES) do
    local name, text, ignored, replaced = lua.unpack(case)

    it(("fails to be written with errors = strict: %s, %q"):format(name, text), function()
      local failure = { nil, "write: " .. UNFIT, "EILSEQ", n = 3 }
      assert.same(failure, lua.pack(encoded(text, name)))
      assert.same(failure, lua.pack(encoded(text, name, "strict")))
    end)

    it(("is written without the characters with errors = ignore: %s, %q"):format(name, text), function()
      assert.equal(ignored, (encoded(text, name, "ignore")))
    end)

    it(("is written with replacements with errors = replace: %s, %q"):format(name, text), function()
      assert.equal(replaced, (encoded(text, name, "replace")))
    end)
  end

  it("includes a byte order mark of another encoding", function()
    assert.same({ nil, "read: " .. UNFIT, "EILSEQ", "", n = 4 }, lua.pack(decoded("\255\254a\0", "utf-8-sig")))
  end)

  it("makes the whole write fail, and affects nothing else", function()
    local stream, peer, own = streams.pair("w", { encoding = "ascii" })
    assert(stream:write("one "))
    expect.failure("write: " .. UNFIT, "EILSEQ", stream:write("two ", "é", "three "))
    assert(stream:write("four"))
    assert(stream:flush())
    assert.equal("one four", streams.arrived(peer))
    network.close(stream, peer, own)
  end)

  it("ends a large write, which returns how much was sent before", function()
    local stream, peer, own = streams.pair("w", { encoding = "ascii" })
    assert(own:setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4000000))
    local much = ("x"):rep(1048576)
    own:settimeout(0.01)
    local results, arrived = lua.pack(stream:write(much, "yé")), ""
    -- The maximum of unsent data was reached, and sending succeeded or timed out.
    if results[3] == "EILSEQ" then
      assert.same({ nil, "write: " .. UNFIT, "EILSEQ", 1048576, n = 4 }, results)
    else
      assert.same({ nil, "write: timed out", "timeout", 1048576, n = 4 }, results)
    end
    repeat
      arrived = arrived .. streams.arrived(peer)
    until stream:flush()
    arrived = arrived .. streams.arrived(peer)
    assert.is_true(arrived == much, #arrived)
    network.close(stream, peer, own)
  end)
end)

describe("a character written in parts", function()
  it("is encoded as a whole", function()
    for _, name in ipairs({ "utf-8", "gb18030", "latin-1", "shift_jis" }) do
      local text = name == "latin-1" and "aéÿb" or name == "shift_jis" and "aあ日" or "aé€😀"
      local expected = encoded(text, name)
      for size = 1, 3 do
        for _, buffering in ipairs({ -1, 0 }) do
          local stream, peer, own = streams.pair("w", { encoding = name, buffering = buffering })
          local parts = {}
          for first = 1, #text, size do
            parts[#parts + 1] = text:sub(first, first + size - 1)
          end
          assert(stream:write(lua.unpack(parts)))
          for _, part in ipairs(parts) do
            assert(stream:write(part))
          end
          expect.done(stream:flush())
          assert.equal(expected .. expected, streams.arrived(peer))
          network.close(stream, peer, own)
        end
      end
    end
  end)

  it("is sent once it is complete", function()
    local stream, peer, own = streams.pair("w", { encoding = "utf-8", buffering = 0 })
    assert(stream:write("a\226\130"))
    assert.equal("a", streams.arrived(peer))
    assert(stream:write("\172b"))
    assert.equal("€b", streams.arrived(peer))
    network.close(stream, peer, own)
  end)

  it("is invalid if something else follows", function()
    local CASES = { strict = false, ignore = "ab", replace = "a\239\191\189b" }
    for errors, expected in pairs(CASES) do
      local stream, peer, own = streams.pair("w", { encoding = "utf-8", errors = errors })
      assert(stream:write("a\226\130"))
      if expected then
        assert(stream:write("b"):flush())
        assert.equal(expected, streams.arrived(peer))
      else
        -- The failed call writes nothing; the one before did.
        expect.failure("write: " .. UNFIT, "EILSEQ", stream:write("b"))
        assert(stream:write("\172"):flush())
        assert.equal("a€", streams.arrived(peer))
      end
      network.close(stream, peer, own)
    end
  end)

  it("is invalid at the end of the text, in flush and close", function()
    for _, name in ipairs({ "flush", "close" }) do
      for errors, expected in pairs({ strict = "a", ignore = "a", replace = "a\239\191\189" }) do
        local stream, peer, own = streams.pair("w", { encoding = "utf-8", errors = errors })
        assert(stream:write("a\226\130"))
        if errors == "strict" then
          expect.failure(name .. ": " .. UNFIT, "EILSEQ", stream[name](stream))
        else
          expect.done(stream[name](stream))
        end
        assert.equal(expected, streams.arrived(peer))
        network.close(stream, peer, own)
      end
    end
  end)

  it("is sent by the finalizer as far as possible", function()
    local stream, peer, own = streams.pair("w", { encoding = "utf-8", errors = "replace" })
    assert(stream:write("a\226\130"))
    stream = nil
    for _ = 1, 4 do
      collectgarbage()
    end
    assert.is_nil(stream)
    assert.equal("a\239\191\189", streams.arrived(peer))
    network.close(peer, own)
  end)
end)
