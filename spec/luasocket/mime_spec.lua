local child = require "spec.support.child"
local library = require "spec.support.library"

-- The beginning of each program: `mime` of `bsdsocket.luasocket`, which ignores SIGPIPE for the process.
local BEGINNING = [[
local has_theirs, theirs = pcall(require, "mime.core")
require "bsdsocket.luasocket"
local mime = package.preload["mime.core"]("mime.core")

local function pack(...)
  return { n = select("#", ...), ... }
end

local function show(values)
  local shown = {}
  for n = 1, values.n do
    local value = values[n]
    shown[n] = type(value) == "string" and ("%q"):format(value) or type(value) == "number" and ("%d"):format(value) or
      tostring(value)
  end
  return table.concat(shown, " ")
end
]]

-- Runs a program, which must neither fail nor print anything.
local function run(program)
  assert.same({ "", "", 0 }, { child.run(BEGINNING .. program) })
end

-- Calls, and what they return.
local CALLS = [[
for _, case in ipairs {
  { "b64", { "" }, { nil, nil } },
  { "b64", { nil, "x" }, { nil, nil } },
  { "b64", { "abcd" }, { "YWJjZA==", nil } },
  { "b64", { "abcde" }, { "YWJjZGU=", nil } },
  { "b64", { "abcd", "" }, { "YWJj", "d" } },
  { "b64", { "d", "efgh" }, { "ZGVm", "gh" } },
  { "b64", { "", "" }, { "", "" } },
  { "b64", { 12, 3 }, { "MTIz", "" } },
  { "unb64", { "YWJjZA==" }, { "abcd", nil } },
  { "unb64", { "YW\r\n-Jj", "ZG" }, { "abc", "ZG" } },
  { "unb64", { "AAAA" }, { "\0\0\0", nil } },
  { "unb64", { "YWJ" }, { nil, nil } },
  { "unb64", { "====" }, { "\0", nil } },
  { "qp", { "a = b\r\n" }, { "a =3D b\r\n", nil } },
  { "qp", { "a \r\nb", "", "[end]" }, { "a=20[end]b", "" } },
  { "qp", { "a \r", "" }, { "a", " \r" } },
  { "qp", { " \r", "x" }, { " =0Dx", "" } },
  { "qp", { "a\n\200" }, { "a=0A=C8", nil } },
  { "qp", { "a " }, { "a=20=\r\n", nil } },
  { "qp", { "\r\n", nil, "x\0y" }, { "x", nil } },
  { "unqp", { "a =3D=3d b=\r\nc\r\n" }, { "a == bc\r\n", nil } },
  { "unqp", { "=G0\1\r.\127\t", "=4" }, { "=G0\t", "=4" } },
  { "unqp", { "x=" }, { "x", nil } },
  { "wrp", { 3, "abcdef", 2 }, { "abc\r\nde\r\nf", 1 } },
  { "wrp", { 3, "a\r\nb\nc", 2 }, { "a\r\nb\r\nc", 1 } },
  { "wrp", { 76, nil }, { nil, 76 } },
  { "wrp", { 75, nil }, { "\r\n", 76 } },
  { "wrp", { 0, "a", 0 }, { "\r\na", -1 } },
  { "qpwrp", { 6, "ab=20c", 6 }, { "ab=20=\r\nc", 5 } },
  { "qpwrp", { 4, "ab=20c", 5 }, { "ab=\r\n=20c", 1 } },
  { "qpwrp", { 3, nil }, { "=\r\n", 76 } },
  { "eol", { 0, "a\r\nb\rc\nd\n\r\r\r" }, { "a\r\nb\r\nc\r\nd\r\n\r\n\r\n", 0 } },
  { "eol", { 13, "\nx\r", "\n" }, { "x\n", 13 } },
  { "eol", { 7, nil }, { nil, 0 } },
  { "dot", { 2, ".a\r\n.\r\n..\n." }, { "..a\r\n..\r\n...\n.", 0 } },
  { "dot", { 2, "\r" }, { "\r", 1 } },
  { "dot", { 0, nil }, { nil, 2 } },
} do
  local name, arguments, expected = unpack(case, 1, 3)
  arguments.n, expected.n = 3, 2
  local expected, call = show(expected), ("%s(%s)"):format(name, show(arguments))
  for whose, functions in pairs { ours = mime, theirs = has_theirs and theirs or nil } do
    local found = show(pack(functions[name](unpack(arguments, 1, 3))))
    if found ~= expected then
      print(whose, call, found, "expected", expected)
    end
  end
end
]]

-- The same calls with random arguments.
local RANDOM = [[
math.randomseed(tonumber(arg and arg[1]) or 20)
local random = math.random
local LETTERS =
  { "\r", "\n", "\r\n", " ", "\t", "=", "=3D", "=3", "A", "Qb9+/", ".", "\0", "\127", "\200", "\255", "-" }
local function text(longest)
  local parts = {}
  for n = 1, random(0, longest) do
    parts[n] = random(4) > 1 and LETTERS[random(#LETTERS)] or string.char(random(0, 255))
  end
  return table.concat(parts)
end
local function maybe(value)
  if random(4) > 1 then
    return value
  end
end
local BLOCKS = { b64 = true, unb64 = true, qp = true, unqp = true }
local NAMES = { "b64", "unb64", "qp", "unqp", "wrp", "qpwrp", "eol", "dot" }
for _ = 1, 4000 do
  local name = NAMES[random(#NAMES)]
  local arguments
  if BLOCKS[name] then
    arguments = { maybe(text(30)), maybe(text(9)), name == "qp" and maybe(text(3)) or nil }
  else
    local first = name == "eol" and (random(3) > 1 and 10 or 13) or random(-1, name == "dot" and 3 or 9)
    arguments = { name == "dot" and math.max(first, 0) or first, maybe(text(30)),
      maybe(name == "eol" and text(3) or random(-1, 9)) }
  end
  local expected = show(pack(theirs[name](unpack(arguments, 1, 3))))
  local found = show(pack(mime[name](unpack(arguments, 1, 3))))
  -- LuaSocket loses a last block of decoded text that begins with a zero.
  if found ~= expected and not (name == "unqp" and expected == "nil nil" and found:find("^\"\\0")) then
    arguments.n = 3
    print(("%s(%s)"):format(name, show(arguments)), found, "expected", expected)
  end
end
]]

local UNPACK = "local unpack = table.unpack or unpack\n"

describe("mime.core", function()
  it("encodes and decodes blocks of a stream", function()
    run(UNPACK .. CALLS)
  end)

  if library.has "mime.core" then
    it("returns what LuaSocket's returns", function()
      run(UNPACK .. RANDOM)
    end)
  end

  it("keeps a last block that begins with a zero", function()
    run [[assert(mime.unqp("=00a") == "\0a")]]
  end)

  it("returns integers", function()
    run [[
      local kind = math.type or function() return "integer" end
      for _, call in ipairs { "wrp", "qpwrp", "eol", "dot" } do
        local _, number = mime[call](1, "a")
        assert(kind(number) == "integer", call)
      end
    ]]
  end)

  -- Wrong arguments and the error messages.
  for call, message in pairs {
    ["b64({})"] = "bad argument #1 to 'b64' (string expected, got table)",
    ["unb64('', print)"] = "bad argument #2 to 'unb64' (string expected, got function)",
    ["qp('', '', {})"] = "bad argument #3 to 'qp' (string expected, got table)",
    ["wrp()"] = "bad argument #1 to 'wrp' (number expected, got no value)",
    ["qpwrp(1, 'a', 'b')"] = "bad argument #3 to 'qpwrp' (number expected, got string)",
    ["eol('x')"] = "bad argument #1 to 'eol' (number expected, got string)",
    ["dot(nil)"] = "bad argument #1 to 'dot' (number expected, got nil)",
  } do
    it("refuses " .. call, function()
      run(([[
        local ok, message = pcall(function() mime.%s end)
        message = message:gsub("^.-:%%d+: ", "")
        assert(not ok and message == %q, message)
      ]]):format(call, message))
    end)
  end

  it("takes odd numbers as LuaSocket does", function()
    run [[
      for _, number in ipairs { 0, -1, 2^31, -2^31, 2^53, 1e300, -1e300, 1/0, -1/0, 0/0, 0.5 } do
        mime.wrp(number, "abc\n", 76)
        mime.qpwrp(76, "a=b\n", number)
        mime.dot(number, ".\r\n.")
      end
      assert(mime.wrp(-2^31, "abc", -2^31))
    ]]
  end)

  it("bounds what a marker makes of a block", function()
    run [[
      local ends, marker = ("\n"):rep(2 ^ 16), ("x"):rep(2 ^ 16)
      local ok, message = pcall(mime.eol, 0, ends, marker)
      assert(not ok and message:find("^eol: "), message)
      assert(#mime.eol(0, ends, ("x"):rep(100)) == 100 * 2 ^ 16)
    ]]
  end)
end)
