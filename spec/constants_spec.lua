local beyond = require "spec.fixtures.linux-beyond"
local facts = require "spec.fixtures.linux-names"
local meanings = require "types.meanings"
local skip = require "spec.support.skip"
local socket = require "bsdsocket"
local tables = require "types.constants"

-- The names of the numbers and strings of the module: its constants. Names that begin with an underscore are not.
local function names()
  local found = {}
  for name, value in pairs(socket) do
    if (type(value) == "number" or type(value) == "string") and not name:find "^_" then
      found[#found + 1] = name
    end
  end
  table.sort(found)
  return found
end

local function keys(map)
  local found = {}
  for key in pairs(map) do
    found[#found + 1] = key
  end
  table.sort(found)
  return found
end

local function contents(path)
  local file = assert(io.open(path))
  local text = file:read "*a"
  file:close()
  return text
end

-- The documented constants of this system; nil and the reason if they are unknown.
local function documented()
  local maps = io.open "/proc/self/maps"
  if not maps then
    return nil, "the documented values are those of Linux"
  end
  local libraries = maps:read "*a"
  maps:close()
  if not libraries:find "/libc%.so%.6" and not libraries:find "/libc%-2%." then
    -- What differs on musl.
    facts.constants.NI_IDN = nil
    facts.constants.NI_MAXHOST = 255
    facts.constants.SOMAXCONN = 128
  end
  return facts.constants
end

local enumerations = { AddressFamily = "AF_", AddressInfo = "AI_", MsgFlag = "MSG_", SocketKind = "SOCK_" }

describe("a constant", function()
  it("is nil if the system lacks it", function()
    ---@diagnostic disable-next-line: undefined-field
    assert.is_nil(socket.AF_NOWHERE)
    ---@diagnostic disable-next-line: undefined-field
    assert.is_nil(socket.IntEnum)
    ---@diagnostic disable-next-line: undefined-field
    assert.is_nil(socket._LOCALHOST)
  end)

  it("is an integer", function()
    for _, name in ipairs(names()) do
      local value = socket[name]
      if type(value) == "number" then
        assert.equal(0, value % 1, name)
        assert.equal(math.type and "integer", math.type and math.type(value), name)
      end
    end
  end)

  it("names a documented exception by the exception's own name", function()
    for _, name in ipairs { "error", "gaierror", "herror", "timeout" } do
      assert.equal(name, socket[name])
    end
  end)
end)

describe("an enumeration", function()
  it("maps each name to its number, and each number to one of its names", function()
    for enumeration, prefix in pairs(enumerations) do
      ---@type any
      local map = socket[enumeration]
      local count = 0
      for _, name in ipairs(names()) do
        if name:sub(1, #prefix) == prefix and name == name:upper() then
          assert.equal(socket[name], map[name], name)
          assert.equal(socket[name], map[map[socket[name]]], name)
          count = count + 1
        end
      end
      for key in pairs(map) do
        count = type(key) == "string" and count - 1 or count
      end
      assert.equal(0, count, enumeration .. " has other members")
    end
  end)

  it("has the usual names", function()
    assert.equal("AF_INET", socket.AddressFamily[socket.AF_INET])
    assert.equal("AI_PASSIVE", socket.AddressInfo[socket.AI_PASSIVE])
    assert.equal("MSG_PEEK", socket.MsgFlag[socket.MSG_PEEK])
    assert.equal("SOCK_STREAM", socket.SocketKind[socket.SOCK_STREAM])
    assert.equal(socket.SOCK_DGRAM, socket.SocketKind.SOCK_DGRAM)
  end)

  it("maps an unknown number to nil", function()
    assert.is_nil(socket.AddressFamily[-1])
    assert.is_nil(socket.SocketKind.AF_INET)
  end)
end)

local constants, reason = documented()
if constants then
  describe("on Linux", function()
    it("the module has all documented constants, with the documented values, those beyond, and no others", function()
      local found = {}
      for _, name in ipairs(names()) do
        -- The documentation does not count the exceptions, whose values are their names, as constants.
        found[name] = socket[name] ~= name and socket[name] or nil
      end
      for name, value in pairs(beyond) do
        assert.is_nil(constants[name], name .. " is documented")
        assert.equal(value, found[name], name)
        found[name] = nil
      end
      assert.same(keys(constants), keys(found))
      for name, value in pairs(constants) do
        assert.equal(value, found[name], name)
      end
    end)

    it("an enumeration has the documented members, and a number maps to the first of its names", function()
      for enumeration, members in pairs(facts.enums) do
        local found, first = {}, {}
        for key in pairs(socket[enumeration]) do
          found[#found + 1] = type(key) == "string" and key or nil
        end
        table.sort(found)
        assert.same(members, found)
        for _, name in ipairs(members) do
          local value = constants[name]
          first[value] = first[value] or name
          assert.equal(first[value], socket[enumeration][value])
        end
      end
    end)
  end)
else
  skip(reason)
end

describe("the tables of constants", function()
  it("have in the module what they have everywhere", function()
    for _, group in ipairs(tables.integers()) do
      for _, row in ipairs(group.rows) do
        assert.is_true(row.where ~= "everywhere" or type(socket[row.name]) == "number", row.name)
      end
    end
  end)
end)

describe("types/constants.d.lua", function()
  local text = contents "types/constants.d.lua"

  it("lists every constant of the module, with its type", function()
    for _, name in ipairs(names()) do
      if name ~= name:lower() then
        local kind = type(socket[name]) == "number" and "integer" or "string"
        local meaning = meanings[name] and " " .. meanings[name] or ""
        assert.truthy(text:find(("\n---@field %s %s%s\n"):format(name, kind, meaning), 1, true), name)
      end
    end
    -- A comment before the class would describe the whole module.
    assert.is_truthy(text:find "\n\n%-%-%-@class bsdsocket\n")
    for enumeration in pairs(enumerations) do
      assert.truthy(text:find("\n---@field " .. enumeration .. " ", 1, true), enumeration)
    end
  end)
end)
