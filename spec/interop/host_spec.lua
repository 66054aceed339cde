-- A host in C: examples/host.c, linked with the static library for the Lua that runs the specs.

local child = require "spec.support.child"
local hosts = require "spec.support.hosts"
local skip = require "spec.support.skip"
local temporary = require "spec.support.temporary"

local VERSION = _VERSION:match("%d.%d")
local LIBRARY = ("target/%s/lib/libbsdsocket.a"):format(jit and "luajit" or "lua" .. VERSION:gsub("%.", ""))

-- What is missing to build a host here, or nil.
local function lacking(host)
  return temporary.read(LIBRARY) == "" and "there is no " .. LIBRARY or hosts.lacking(host)
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

-- Tasks that the host runs once the script is over: one that waits for a time and one that waits for a socket.
local TASKS = [[
local socket = require "bsdsocket"
local tasks = require "bsdsocket.tasks"
local one, other = assert(socket.socketpair())
tasks.spawn(function()
  print("received", one:recv(100))
  other:close()
  print("ended", (one:recv(100)))
end)
tasks.spawn(function()
  assert(tasks.sleep(0.01))
  assert(other:sendall "hello")
end)
print "spawned"
]]

-- What the three functions return at each time: a library that scripts call, which is a host.
local DRIVER = [[
#include <stdio.h>
#include <lauxlib.h>
#include <lualib.h>
#include "bsdsocket.h"

static int inside(lua_State *L) {
  lua_pushinteger(L, bsdsocket_poll(L, 1));
  lua_insert(L, -2);
  return 2;
}

int main(void) {
  lua_State *L = luaL_newstate();
  luaL_openlibs(L);
  printf("closed %d %g %d\n", bsdsocket_poll(L, 1), bsdsocket_timeout(L), bsdsocket_fd(L));
  lua_getglobal(L, "package");
  lua_getfield(L, -1, "preload");
  lua_pushcfunction(L, luaopen_bsdsocket_tasks);
  lua_setfield(L, -2, "bsdsocket.tasks");
  lua_pop(L, 2);
  lua_pushcfunction(L, inside);
  lua_setglobal(L, "inside");
  if (luaL_loadstring(L,
      "local tasks = require 'bsdsocket.tasks' "
      "tasks.spawn(function() print(inside()) end) "
      "tasks.spawn(function() tasks.sleep(60) end) "
      "sleeper = tasks.spawn(function() while true do tasks.yield() end end) "
      "function cancel() return sleeper:cancel() end") || lua_pcall(L, 0, 0, 0))
    return 1;
  printf("ready %g %d\n", bsdsocket_timeout(L), bsdsocket_fd(L) >= 0);
  fflush(stdout);
  printf("left %d %g\n", bsdsocket_poll(L, 0), bsdsocket_timeout(L));
  printf("left %d %g\n", bsdsocket_poll(L, 0.001), bsdsocket_timeout(L));
  if (luaL_loadstring(L, "sleeper:cancel() sleeper = nil") || lua_pcall(L, 0, 0, 0)) return 1;
  for (int n = 0; n < 200 && bsdsocket_poll(L, 0.001) > 1; n++) {}
  printf("left %d %d\n", bsdsocket_poll(L, 1), bsdsocket_timeout(L) > 50);
  printf("stack %d\n", lua_gettop(L));
  lua_close(L);
  return 0;
}
]]

for language, host in pairs(hosts.LANGUAGES) do
  local reason = lacking(host)

  if reason then
    skip(("a host in %s: %s"):format(language, reason))
  else
    describe("a host in " .. language, function()
      local program

      setup(function()
        program = hosts.compile(host, "examples/host.c", LIBRARY)
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

      it("runs the tasks of a script", function()
        local script = temporary.file(TASKS)
        local output, complaints, status = child.start(("%s %s"):format(program, script)):finish()
        temporary.remove(script)
        assert.same({ "spawned\nreceived\thello\nended\t\n", "", 0 }, { output, complaints, status })
      end)

      it("learns what there is to do for tasks", function()
        local source = temporary.file(DRIVER)
        local driver = hosts.compile(host, source, LIBRARY)
        local output, complaints, status = child.start(driver):finish()
        temporary.remove(source, driver)
        assert.same({ "", 0 }, { complaints, status })
        local expected = "closed 0 -1 -1\nready 0 1\n-1\tpoll: tasks are already running\n"
          .. "left 2 0\nleft 2 0\nleft 1 1\nstack 0\n"
        assert.equal(expected, output)
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

-- Its Lua is one that is built as C.
local game = { compiler = "c++ -std=c++17 -x c++", lua = hosts.LANGUAGES.C.lua }
local reason = lacking(game)
if reason then
  skip("a game in C++: " .. reason)
else
  describe("a game in C++", function()
    it("goes on whatever its mods do", function()
      local program = hosts.compile(game, "examples/game.cpp", LIBRARY)
      local output, complaints, status = child.start(program .. " 10"):finish()
      temporary.remove(program)
      assert.same({ "", 0 }, { complaints, status })
      local told = {}
      for name, what in output:gmatch "([^\n:]+): (%S[^\n(]*)" do
        told[name] = what:match "^(.-) *$"
      end
      -- A name server that answers at once is no reason to wait.
      local looked_up = told["waits for a name"] or ""
      assert.is_truthy(looked_up == "timeout" or looked_up:find "^EAI_", looked_up)
      for name, what in pairs(TOLD) do
        assert.is_truthy((told[name] or ""):find(what, 1, true), name .. ": " .. tostring(told[name]))
      end
      assert.is_truthy(output:find("waits in a task: x %([^\n]*, 10 received, 1 tasks waiting, 0 failures%)"), output)
      assert.is_truthy(output:find "sleeps: timeout %([^\n]*, 0 received, 0 tasks waiting, 10 failures%)", output)
    end)
  end)
end
