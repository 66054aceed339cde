local child = require "spec.support.child"
local expect = require "spec.support.expect"
local lua = require "spec.support.lua"
local pack = require "spec.support.pack"
local skip = require "spec.support.skip"
local socket = require "bsdsocket"

-- The bytes of values in a format, all of which are read again.
local CASES = {
  { "b", "ff", -1 },
  { "B", "ff", 255 },
  { "<hHiI", "feff feff feffffff feffffff", -2, 65534, -2, 4294967294 },
  { ">hHiI", "fffe fffe fffffffe fffffffe", -2, 65534, -2, 4294967294 },
  { "<i3I3", "ffff80 000080", -8323073, 8388608 },
  { "<j>J", "0000000000002000 0020000000000000", 2 ^ 53, 2 ^ 53 },
  { "<i16>i9", "feffffffffffffffffffffffffffffff ffffffffffffffffff", -2, -1 },
  { ">I16", "00000000000000000000000000000007", 7 },
  { "<fd>fn", "0000c03f 000000000000f8bf 3fc00000 bff8000000000000", 1.5, -1.5, 1.5, -1.5 },
  { "<s1s2>s4", "026162 01006100 000000", "ab", "a", "" },
  { "c3zc0", "610000 6200", "a\0\0", "b", "" },
  { "<!4 b i h", "01 000000 02000000 0300", 1, 2, 3 },
  { "<!bj", "01 00000000000000 0200000000000000", 1, 2 },
  { "<!2 b !4 Xi b", "01 000000 02", 1, 2 },
  { "<bxxXhb", "01 0000 02", 1, 2 },
  { "", "" },
}

-- Errors: the function, its arguments, the message without the function's name.
local ERRORS = {
  { "pack", { "b", 128 }, "bad argument #2 to 'pack' (integer overflow)" },
  { "pack", { "b", -129 }, "bad argument #2 to 'pack' (integer overflow)" },
  { "pack", { "BB", 0, 256 }, "bad argument #3 to 'pack' (unsigned overflow)" },
  { "pack", { "B", -1 }, "bad argument #2 to 'pack' (unsigned overflow)" },
  { "pack", { "i", 1.5 }, "bad argument #2 to 'pack' (number has no integer representation)" },
  { "pack", { "i", "x" }, "bad argument #2 to 'pack' (number expected, got string)" },
  { "pack", { "i" }, "bad argument #2 to 'pack' (number expected, got nil)" },
  { "pack", { "d", true }, "bad argument #2 to 'pack' (number expected, got boolean)" },
  { "pack", { "z", "a\0" }, "bad argument #2 to 'pack' (string contains zeros)" },
  { "pack", { "c2", "abc" }, "bad argument #2 to 'pack' (string longer than given size)" },
  { "pack", { "s1", ("x"):rep(256) }, "bad argument #2 to 'pack' (string length does not fit in given size)" },
  { "pack", { "q" }, "invalid format option 'q'" },
  { "pack", { "c" }, "missing size for format option 'c'" },
  { "pack", { "i17" }, "integral size (17) out of limits [1,16]" },
  { "pack", { "!3i3", 1 }, "bad argument #1 to 'pack' (format asks for alignment not power of 2)" },
  { "pack", { "X" }, "bad argument #1 to 'pack' (invalid next option for option 'X')" },
  { "pack", { "Xz" }, "bad argument #1 to 'pack' (invalid next option for option 'X')" },
  { "pack", {}, "bad argument #1 to 'pack' (string expected, got no value)" },
  { "unpack", { "i", "abc" }, "bad argument #2 to 'unpack' (data string too short)" },
  { "unpack", { "s1", "\2a" }, "bad argument #2 to 'unpack' (data string too short)" },
  { "unpack", { "z", "abc" }, "bad argument #2 to 'unpack' (unfinished string for format 'z')" },
  { "unpack", { "b", "abc", 5 }, "bad argument #3 to 'unpack' (initial position out of string)" },
  { "unpack", { "I9", ("\1"):rep(9) }, "9-byte integer does not fit into Lua Integer" },
  { "packsize", { "s" }, "bad argument #1 to 'packsize' (variable-length format)" },
  { "packsize", { ("c214748364"):rep(10) .. "c8" }, "bad argument #1 to 'packsize' (format result too large)" },
}

describe("socket.pack", function()
  for _, case in ipairs(CASES) do
    it("and unpack know the format " .. lua.show(case[1]), function()
      local values = { lua.unpack(case, 3) }
      local bytes = socket.pack(case[1], lua.unpack(values))
      assert.equal(pack.hex(case[2]), bytes)
      assert.same(values, { pack.unpack(case[1], bytes) })
      assert.equal(#bytes + 1, (select(-1, socket.unpack(case[1], bytes))))
    end)
  end

  it("uses the byte order of this machine by default", function()
    local number = socket.pack("=H", 1)
    assert.equal(socket.htons(1) == 1 and "\0\1" or "\1\0", number)
    assert.equal(number, socket.pack("H", 1))
    assert.equal(number, socket.pack("<>=H", 1))
  end)

  it("pads a string of fixed length", function()
    assert.equal("ab\0\0", socket.pack("c4", "ab"))
  end)

  it("converts numbers and strings as Lua does", function()
    assert.equal("\5\00012", socket.pack("<Hz", "5", 12):sub(1, -2))
  end)
end)

describe("socket.unpack", function()
  it("begins at a place, from the end if it is negative", function()
    assert.same({ 3, 4 }, { socket.unpack("B", "\1\2\3", 3) })
    assert.same({ 2, 3 }, { socket.unpack("B", "\1\2\3", -2) })
    assert.same({ 4 }, { socket.unpack("", "\1\2\3", 4) })
  end)

  it("raises an error for an integer that is no number of this Lua", function()
    local bytes = socket.pack("<I4I4", 1, 2 ^ 21)
    if math.type then
      assert.equal("9007199254740993", tostring((socket.unpack("<j", bytes))))
    else
      expect.misuse("8-byte integer does not fit into Lua Integer", socket.unpack, "<j", bytes)
    end
  end)
end)

describe("socket.packsize", function()
  it("returns the size of a format", function()
    assert.equal(0, socket.packsize "")
    assert.equal(12, socket.packsize "!4 b i h xx")
    assert.equal(#socket.pack("lT", 0, 0), socket.packsize "lT")
  end)
end)

local own = string.pack --[[@as function?]]

if own then
  describe("Lua's own functions", function()
    it("are those of the module", function()
      for _, name in ipairs { "pack", "unpack", "packsize" } do
        assert.equal(string[name], socket[name])
      end
    end)
  end)
else
  describe("a wrong argument", function()
    for _, case in ipairs(ERRORS) do
      it("raises: " .. case[3], function()
        expect.misuse(case[3], socket[case[1]], lua.unpack(case[2]))
      end)
    end
  end)
end

-- Calls both functions of each name with many random formats and values, the module's own where `string` has none.
local COMPARISON = [[
  local theirs = { pack = string.pack, unpack = string.unpack, packsize = string.packsize }
  string.pack, string.unpack, string.packsize = nil, nil, nil
  local ours = require "bsdsocket"
  assert(ours.pack ~= theirs.pack)
  math.randomseed(%d)
  local OPTIONS = { "b", "B", "h", "H", "i", "I", "l", "L", "j", "J", "T", "f", "d", "n", "s", "z", "x", "X", " ", "<",
    ">", "=", "!", "c", "q", "i1", "i3", "i7", "i8", "i9", "i16", "I1", "I3", "I8", "I12", "s1", "s2", "c0", "c3",
    "c10", "!1", "!2", "!4", "!16", "i0", "i17", "!3", "Xi4", "Xj", "Xd", "Xi3", "Xc1", "XX", "Xz", "I99999999999" }
  local VALUES = { 0, 1, -1, 127, 128, 255, 256, -129, 65536, 2^31, 2^53, math.maxinteger, math.mininteger, 1.5, "x",
    "10", "a\0b", "", ("y"):rep(300), true, 2^63, 0/0, 1/0, "1.5", -5, "\255\255\255\255\255\255\255\255\255\0\1" }
  local PLACES = { 1, 2, -1, 0, 5, -100, 100, "2", 1.5 }
  local function any(list)
    return list[math.random(#list)]
  end
  -- The results as text; of an error the message without the position and the name.
  local function told(...)
    local results = table.pack(pcall(...))
    local failed = not results[1]
    for n = 1, results.n do
      local value = results[n]
      if failed and n == 2 then
        value = value:gsub("^[^ ]*:%%d+: ", ""):gsub("to '[^']*'", "to ?")
      end
      results[n] = (math.type(value) or "") .. tostring(value)
    end
    return table.concat(results, "|")
  end
  local function compare(name, ...)
    local one, other = told(theirs[name], ...), told(ours[name], ...)
    if one ~= other then
      print(name, ..., one, other)
    end
  end
  for _ = 1, 20000 do
    local options, values = {}, {}
    for n = 1, math.random(0, 6) do
      options[n], values[n] = any(OPTIONS), any(VALUES)
    end
    local format = table.concat(options)
    compare("pack", format, table.unpack(values))
    compare("packsize", format)
    local packed, bytes = pcall(theirs.pack, format, table.unpack(values))
    bytes = packed and bytes or any(VALUES)
    bytes = type(bytes) == "string" and bytes:sub(1, math.random(3) == 1 and -2 or -1) or "\1\2\3\0\5"
    compare("unpack", format, bytes, math.random(2) == 1 and any(PLACES) or nil)
  end
  print "done"
]]

if not own or _VERSION ~= "Lua 5.4" then
  skip "random formats: they are compared with Lua 5.4's own functions"
else
  describe("the module's own functions", function()
    it("do what Lua 5.4's do, with random formats", function()
      local seed = os.time()
      local output, complaints = child.run(COMPARISON:format(seed))
      assert.same({ "done\n", "" }, { output, complaints }, "seed " .. seed)
    end)
  end)
end
