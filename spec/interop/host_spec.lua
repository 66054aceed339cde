-- A host in C: examples/host.c, linked with the static library for the Lua that runs the specs.

local child = require "spec.support.child"
local skip = require "spec.support.skip"
local temporary = require "spec.support.temporary"

local VERSION = _VERSION:match("%d.%d")
local LIBRARY = ("target/%s/lib/libbsdsocket.a"):format(jit and "luajit" or "lua" .. VERSION:gsub("%.", ""))

-- The compiler of each host language, and the name of its Lua in pkg-config.
local HOSTS = { C = { "cc -std=c99", jit and "luajit" or "lua" .. VERSION } }
if not jit then
  HOSTS["C++"] = { "c++ -std=c++17 -x c++", "lua" .. VERSION .. "-c++" }
end

-- What is missing to build a host here, or nil.
local function lacking(compiler, package)
  if temporary.read(LIBRARY) == "" then
    return "there is no " .. LIBRARY
  elseif not (child.has(compiler:match("%S+")) and child.has "pkg-config") then
    return "there is no compiler, or no pkg-config"
  elseif child.output(("pkg-config --exists %s && echo yes"):format(package)) == "" then
    return "pkg-config knows no " .. package
  end
end

-- Invalid arguments that the host's Lua must catch, repeatedly and when a coroutine ends, and then one that it must
-- report.
local MISUSE = [[
local socket = require "bsdsocket"
local one, other = assert(socket.socketpair())
assert(require("bsdsocket.selectors").PollSelector())
for _ = 1, 100 do
  local done, message = pcall(one.recv, one, -1)
  assert(not done and message == "bad argument #1 to 'recv' (size out of range)", message)
  assert(not pcall(coroutine.wrap(function() one:send(one) end)))
end
assert(one:sendall(arg[1]))
print(other:recv(100), arg[2])
one:settimeout("soon")
]]

for language, host in pairs(HOSTS) do
  local compiler, package = host[1], host[2]
  local reason = lacking(compiler, package)

  if reason then
    skip(("a host in %s: %s"):format(language, reason))
  else
    describe("a host in " .. language, function()
      local program

      setup(function()
        program = temporary.path()
        local command = "%s -Wall -Wextra -Werror -Iinclude $(pkg-config --cflags %s) examples/host.c -x none %s"
          .. " $(pkg-config --libs %s) -lm -ldl -lpthread -o %s 2>&1"
        assert.equal("", child.output(command:format(compiler, package, LIBRARY, package, program)))
      end)

      teardown(function()
        temporary.remove(program)
      end)

      it("runs an example", function()
        -- `require` finds nothing in the file system.
        local output, complaints, status =
          child.start(("env LUA_PATH= LUA_CPATH= %s examples/echo.lua"):format(program)):finish()
        assert.same({ "", 0 }, { complaints, status })
        assert.is_truthy(output:find("received\tHello, world\n", 1, true), output)
      end)

      it("catches invalid arguments as Lua errors", function()
        local script = temporary.file(MISUSE)
        local output, complaints, status = child.start(("%s %s hello again"):format(program, script)):finish()
        temporary.remove(script)
        assert.same({ "hello\tagain\n", 1 }, { output, status })
        local message = "bad argument #1 to 'settimeout' (number expected, got string)"
        assert.is_truthy(complaints:find(message, 1, true), complaints)
      end)
    end)
  end
end

-- What each mod of examples/game.cpp gets for what it does, and what a mod gets once the game has ended.
local TOLD = {
  ["waits for data"] = "EAGAIN",
  ["waits for a connection"] = "EAGAIN",
  ["waits for a name"] = "EOPNOTSUPP",
  ["sleeps"] = "timeout",
  ["reads without end"] = "EMSGSIZE",
  ["writes what nobody reads"] = "EAGAIN",
  ["opens sockets without end"] = "EMFILE",
  ["spawns tasks without end"] = "EAGAIN",
  ["reaches into the network"] = "EACCES",
  ["waits in a task"] = "x",
  ["never ends"] = "out of time",
  ["sleeps, cancelled"] = "ECANCELED",
  ["waits in a task, cancelled"] = "ECANCELED",
  ["never ends, cancelled"] = "out of time",
}

local compiler, package = "c++ -std=c++17", jit and "luajit" or "lua" .. VERSION
local reason = lacking(compiler, package)
if reason then
  skip("a game in C++: " .. reason)
else
  describe("a game in C++", function()
    it("goes on whatever its mods do", function()
      local program = temporary.path()
      local command = "%s -Wall -Wextra -Werror -Iinclude $(pkg-config --cflags %s) examples/game.cpp %s"
        .. " $(pkg-config --libs %s) -lm -ldl -lpthread -o %s 2>&1"
      assert.equal("", child.output(command:format(compiler, package, LIBRARY, package, program)))
      local output, complaints, status = child.start(program .. " 10"):finish()
      temporary.remove(program)
      assert.same({ "", 0 }, { complaints, status })
      local told = {}
      for name, what in output:gmatch "([^\n:]+): (%S[^\n(]*)" do
        told[name] = what:match "^(.-) *$"
      end
      for name, what in pairs(TOLD) do
        assert.is_truthy((told[name] or ""):find(what, 1, true), name .. ": " .. tostring(told[name]))
      end
    end)
  end)
end
