local child = require "spec.support.child"
local lua = require "spec.support.lua"
local skip = require "spec.support.skip"
local socket = require "bsdsocket"

-- Runs a Lua program in which nothing of the library has been used, and returns what it prints.
local function run(source)
  local output, complaints = child.run('local socket = require "bsdsocket"\n' .. source)
  assert.equal("", complaints)
  return output
end

-- The names of a table and of the tables in it, sorted, as lines.
local LIST = [[
  local function list(table, prefix, lines)
    for name, value in pairs(table) do
      lines[#lines + 1] = prefix .. tostring(name)
      if type(value) == "table" then
        list(value, prefix .. tostring(name) .. ".", lines)
      end
    end
    return lines
  end
  local lines = list(socket, "", {})
  table.sort(lines)
  return table.concat(lines, "\n") .. "\n"
]]

describe("opening the library", function()
  -- In KiB. Where pairs() looks only into the table itself, the names of the module take most of it.
  local limit = _VERSION ~= "Lua 5.1" and 20 or jit and 73 or 97

  it(("takes at most %d KiB of Lua's memory"):format(limit), function()
    local output = child.run([[
      -- With so many strings, those of the library do not make Lua's table of strings grow.
      local strings = {}
      for n = 1, 2000 do
        strings[n] = "string " .. n
      end
      local function count()
        collectgarbage()
        collectgarbage()
        return collectgarbage("count")
      end
      local before = count()
      local socket = require "bsdsocket"
      print(count() - before, #strings)
    ]])
    local taken = assert(tonumber(output:match "%S+"))
    assert.is_true(taken > 5 and taken <= limit, taken .. " KiB")
  end)

  it("leaves the collector running or stopped", function()
    if not pcall(collectgarbage, "isrunning") then
      return skip "collectgarbage: this Lua does not tell"
    end
    for command, expected in pairs { restart = "true\n", stop = "false\n" } do
      local source = 'collectgarbage(%q) require "bsdsocket" print(collectgarbage "isrunning")'
      assert.equal(expected, (child.run(source:format(command))))
    end
  end)
end)

-- The paths of the libraries of this process; none where the system does not tell.
local LIBRARIES = [[
  local found, maps = {}, io.open "/proc/self/maps"
  for line in maps and maps:lines() or pairs {} do
    local path = line:match "/%S+%.so[%d.]*$"
    if path then
      found[path] = true
    end
  end
  if maps then
    maps:close()
  end
  return found
]]

-- Whether this is x86-64 with glibc.
local function looks_up_unwinder()
  local glibc, amd64 = false, false
  for path in pairs(assert(lua.load(LIBRARIES))()) do
    glibc = glibc or path:find "/libc%.so%.6$" ~= nil
    if path:find "bsdsocket" then
      local file = assert(io.open(path, "rb"))
      amd64 = file:read(20):byte(19) == 62 -- the machine in the header of an ELF file
      file:close()
    end
  end
  return glibc and amd64
end

describe("require", function()
  it("loads no library besides the module: the unwinder is looked up when it is needed", function()
    if not looks_up_unwinder() then
      return skip "the unwinder is linked: this is not x86-64 with glibc"
    end
    local output, complaints = child.run(([[
      local function libraries()
        %s
      end
      local before = libraries()
      require "bsdsocket"
      for path in pairs(libraries()) do
        if not before[path] then
          print((path:gsub(".*/", "")))
        end
      end
    ]]):format(LIBRARIES))
    assert.same({ "libbsdsocket.so\n", "" }, { output, complaints })
  end)
end)

describe("a name of the module", function()
  it("is seen by pairs() before it is used", function()
    local all = assert(lua.load("local socket = ... " .. LIST))(socket)
    local _, count = all:gsub("\n", "")
    assert.is_true(count > 900)
    assert.equal(all, run("io.write((function() " .. LIST .. " end)())"))
  end)

  it("is there for rawget() once it was used", function()
    assert.equal("2\t2\n", run "print(socket.AF_INET, rawget(socket, 'AF_INET'))")
  end)

  for _, case in ipairs({
    { "before it is used", "" },
    { "after it was used", "assert(socket.AF_INET and socket.errno.EPERM)" },
    { "after another one like it was used", "assert(socket.AF_INET6)" },
    { "after all were used", "for _ in pairs(socket) do end" },
  }) do
    it("stays as a script has set it, or absent: " .. case[1], function()
      assert.equal(
        "nil\tnone\tmine\tmore\nnil\tnone\tmine\tmore\n",
        run(([[
          %s
          socket.AF_INET = nil
          socket.AF_UNIX = "none"
          socket.errno = "mine"
          socket.OWN = "more"
          local function show()
            print(socket.AF_INET, socket.AF_UNIX, socket.errno, socket.OWN)
          end
          show()
          for name in pairs(socket) do
            assert(name ~= "AF_INET")
          end
          show()
        ]]):format(case[2]))
      )
    end)
  end

  it("may be of any type", function()
    local source = [[
      print(socket[1], socket[true], socket[print], socket[0.5])
      socket[1], socket[true] = 2, 3
      print(socket[1], socket[true], (pcall(function() socket[nil] = 1 end)))
    ]]
    assert.equal("nil\tnil\tnil\tnil\n2\t3\tfalse\n", run(source))
  end)

  it("is found in each Lua state and coroutine", function()
    assert.equal("2\t10\n", run "print(coroutine.wrap(function() return socket.AF_INET end)(), socket.AF_INET6)")
  end)
end)

describe("the module's metatable", function()
  it("cannot be replaced where it has one", function()
    local has = getmetatable(socket) ~= nil
    assert.equal(_VERSION ~= "Lua 5.1", has)
    if has then
      local _, message = pcall(setmetatable, socket, {})
      assert.equal("cannot change a protected metatable", message)
    end
  end)

  it("does no harm in the hands of the debug library", function()
    local metatable = debug.getmetatable(socket)
    if not metatable then
      return
    end
    assert.equal(2, metatable.__index(nil, "AF_INET"))
    assert.is_nil(metatable.__index())
    local next = metatable.__pairs()
    assert.is_false((pcall(next, 5)))
  end)
end)
