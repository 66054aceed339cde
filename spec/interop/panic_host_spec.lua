-- Panics, and exceptions of C++, that pass through the loadable module in a host. The host's clock can fail, and that
-- panics in Rust's standard library: no special build is needed.

local child = require "spec.support.child"
local hosts = require "spec.support.hosts"
local skip = require "spec.support.skip"
local system = require "spec.support.system"
local temporary = require "spec.support.temporary"

-- Runs the script that it is given. After `clock(n)` its clock fails from the reading after the n-th on; -1 mends it.
-- `throw` throws an exception of C++.
local HOST = [[
#include <errno.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#ifdef __cplusplus
#define NOEXCEPT noexcept
extern "C" {
#else
#define NOEXCEPT
#endif
#include <lua.h>
#include <lauxlib.h>
#include <lualib.h>

static int readings = -1;

/* In place of the C library's, for the module too. */
int clock_gettime(clockid_t clock, struct timespec *time) NOEXCEPT {
  if (readings == 0) {
    errno = EINVAL;
    return -1;
  } else if (readings > 0)
    readings--;
  return syscall(SYS_clock_gettime, clock, time);
}

static int set_clock(lua_State *L) {
  readings = lua_tointeger(L, 1);
  return 0;
}

#ifdef __cplusplus
static int throw_one(lua_State *) {
  throw 1;
}
}
#endif

int main(int count, char **arguments) {
  lua_State *L = luaL_newstate();
  luaL_openlibs(L);
  lua_register(L, "clock", set_clock);
#ifdef __cplusplus
  lua_register(L, "throw", throw_one);
#endif
  lua_createtable(L, 0, 0);
  for (int n = 2; n < count; n++) {
    lua_pushstring(L, arguments[n]);
    lua_rawseti(L, -2, n - 1);
  }
  lua_setglobal(L, "arg");
  if (count < 2 || luaL_loadfile(L, arguments[1]) || lua_pcall(L, 0, 0, 0)) {
    fprintf(stderr, "%s\n", lua_tostring(L, -1));
    return 1;
  }
  lua_close(L);
  return 0;
}
]]

-- Calls that read the clock: each panics at each reading, loses nothing, and works once the clock does.
local PANICS = [[
local socket = require "bsdsocket"
local selectors = require "bsdsocket.selectors"
local tasks = require "bsdsocket.tasks"
local one, other = assert(socket.socketpair())
local server = assert(socket.create_server { "127.0.0.1", 0 })
local selector = assert(selectors.DefaultSelector())
one:settimeout(0.001)
local calls = {
  recv = function()
    return select(3, one:recv(1)) == "timeout"
  end,
  create_connection = function()
    return socket.create_connection(server:getsockname(), { timeout = 10 })
  end,
  select = function()
    return selector:select(0.001)() == nil
  end,
  run = function()
    return tasks.run(function()
      return tasks.sleep(0.001)
    end)
  end,
}
-- The lowest free descriptor.
local function lowest()
  collectgarbage()
  collectgarbage()
  local probe = assert(socket.socket())
  return probe:fileno(), probe:close()
end
for name, call in pairs(calls) do
  assert(call())
  local descriptor, panics, readings, done, message = lowest(), 0, 0, nil, nil
  repeat
    clock(readings)
    done, message = pcall(call)
    clock(-1)
    panics, readings = panics + (done and 0 or 1), readings + 1
    assert(done or tostring(message):find("panic: ", 1, true), message)
    assert(call())
  until done
  assert(panics > 0, name)
  assert(lowest() == descriptor, "a descriptor was lost")
end
print "done"
]]

-- One panic.
local PANIC = [[
local one, other = require("bsdsocket").socketpair()
one:settimeout(1)
clock(0)
print(pcall(one.recv, one, 1))
]]

-- Errors of Lua and exceptions of the host, in calls and in what the library calls.
local EXCEPTIONS = [[
local socket = require "bsdsocket"
local tasks = require "bsdsocket.tasks"
local one, other = assert(socket.socketpair())
local throws = true
socket.addaudithook(function(event)
  if throws and event == "socket.bind" then
    throw()
  end
end)
local function bind()
  local s = assert(socket.socket())
  return s:bind { "127.0.0.1", 0 }, s:close()
end
for _ = 1, 100 do
  local done, message = pcall(one.recv, one, -1)
  assert(not done and message == "bad argument #1 to 'recv' (size out of range)", message)
  assert(not pcall(coroutine.wrap(function() one:send(one) end)))
  assert(not pcall(bind))
  assert(not pcall(tasks.run, bind))
  assert(not pcall(tasks.run, function()
    tasks.sleep(0)
    throw()
  end))
end
throws = false
assert(bind() and tasks.run(bind))
assert(one:send "x" and other:recv(1) == "x")
print "done"
]]

if not system.linux then
  return skip "a host whose clock fails, which needs Linux"
end

for language, host in pairs(hosts.LANGUAGES) do
  local reason = hosts.lacking(host)
  if reason then
    skip(("the module in a host in %s: %s"):format(language, reason))
  else
    describe("the module in a host in " .. language, function()
      local program

      setup(function()
        local source = temporary.file(HOST)
        -- The module finds Lua, and the clock, in the host.
        program = hosts.compile(host, source, "-D_GNU_SOURCE -rdynamic")
        temporary.remove(source)
      end)

      teardown(function()
        temporary.remove(program)
      end)

      -- Runs a script; returns its output, its complaints and its status.
      local function run(text, backtrace)
        local script = temporary.file(text)
        local command = "env RUST_BACKTRACE=%d LUA_CPATH=%s %s %s"
        local path = child.quote(package.cpath)
        local output, complaints, status = child.start(command:format(backtrace, path, program, script)):finish()
        temporary.remove(script)
        return output, complaints, status
      end

      it("turns a panic into a Lua error, wherever a call reads the clock", function()
        local output, complaints, status = run(PANICS, 0)
        assert.same({ "done\n", 0 }, { output, status }, complaints)
        assert.is_truthy(complaints:find("panicked at", 1, true), complaints)
      end)

      it("prints the backtrace of a panic, up to the host", function()
        local output, complaints, status = run(PANIC, 1)
        assert.is_truthy(output:find "^false\t.*panic: ", output)
        assert.equal(0, status)
        assert.is_truthy(complaints:find "stack backtrace:\n.*: main\n", complaints)
      end)

      if language == "C++" then
        it("lets errors and exceptions pass", function()
          assert.same({ "done\n", "", 0 }, { run(EXCEPTIONS, 0) })
        end)
      end
    end)
  end
end
