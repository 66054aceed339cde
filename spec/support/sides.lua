-- Runs the same program on LuaSocket's C core, where this Lua has it, and on the library's.

local child = require "spec.support.child"
local library = require "spec.support.library"

local BEGINNING = [[
%s
local core, unix = require "socket.core", require "socket.unix"
local unpack = table.unpack or unpack
-- Prints values, which LuaSocket returns as floats where they are integers.
local function show(...)
  local shown = { n = select("#", ...), ... }
  for n = 1, shown.n do
    local value = shown[n]
    if type(value) == "number" and value == math.floor(value) then
      value = ("%%d"):format(value)
    elseif type(value) == "string" then
      value = ("%%q"):format(value):gsub("\\\n", "\\n"):gsub("\r", "\\r"):gsub("\\13", "\\r")
    end
    shown[n] = tostring(value):gsub("0x%%x+", "ADDRESS")
  end
  print(table.concat(shown, " "))
end
-- The error of a call without its place, and with the same name of the function on every Lua.
local function fail(f, ...)
  local done, message = pcall(f, ...)
  show(done, (tostring(message):gsub("^.-:%%d+: ", ""):gsub("socket%%.core%%.", "")))
end
-- Two objects that are connected to each other, and the server. None of them is collected.
local kept = {}
local function pair()
  local server = assert(core.tcp4())
  assert(server:bind("127.0.0.1", 0))
  assert(server:listen())
  local client = assert(core.tcp4())
  assert(client:connect(server:getsockname()))
  local accepted = assert(server:accept())
  kept[#kept + 1] = { client, accepted, server }
  return client, accepted, server
end
]]

local OURS, THEIRS = 'require "bsdsocket.luasocket"', ""

---@diagnostic disable-next-line: unresolved-require
local assert = require "luassert"

local sides = {}

---The output of a program on the library's core.
---@param program string
---@return string
function sides.ours(program)
  local out, err, status = child.run(BEGINNING:format(OURS) .. program)
  assert.same({ "", 0 }, { err, status })
  return out
end

local has = library.has "socket"

-- Text without the indentation of its lines.
local function flush(text)
  return (text:gsub("^%s+", ""):gsub("\n%s+", "\n"))
end

---What adds a spec for each core, with the `it` of a file: the program prints what is expected. `differs` is what
---LuaSocket prints in its place, and `because` says why the two are not the same.
---@param it fun(title: string, body: function)
---@return fun(title: string, program: string, expected: string, differs?: string, because?: string)
function sides.with(it)
  return function(title, program, expected, differs, because)
    assert((differs == nil) == (because == nil))
    it(title, function()
      assert.equal(flush(expected), sides.ours(program))
    end)
    if has then
      it(title .. (because and ", but not with LuaSocket: " .. because or ", with LuaSocket too"), function()
        local out, err, status = child.run(BEGINNING:format(THEIRS) .. program)
        assert.same({ flush(differs or expected), "", 0 }, { out, err, status })
      end)
    end
  end
end

return sides
