// An interpreter for the specs, where no package provides one: runs the given program, with its arguments in `arg`, on
// Windows also with the process id in `arg.pid`.

#define _POSIX_C_SOURCE 200809L

#include <signal.h>
#include <stdio.h>

#ifdef _WIN32
#include <process.h>
#endif

#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"

static lua_State *running;

// As in Lua's own interpreter: SIGINT raises an error at the next instruction.
static void interrupt(lua_State *lua, lua_Debug *unused) {
  (void)unused;
  lua_sethook(lua, NULL, 0, 0);
  luaL_error(lua, "interrupted!");
}

// Without SA_RESTART, so that the signal interrupts system calls; `signal` would set it.
static void on_interruption(void (*handler)(int)) {
#ifdef _WIN32
  signal(SIGINT, handler);
#else
  struct sigaction action = {0};
  action.sa_handler = handler;
  sigaction(SIGINT, &action, NULL);
#endif
}

static void on_signal(int number) {
  (void)number;
  on_interruption(SIG_DFL);
  lua_sethook(running, interrupt, LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT, 1);
}

static int traceback(lua_State *lua) {
  luaL_traceback(lua, lua, luaL_tolstring(lua, 1, NULL), 1);
  return 1;
}

int main(int count, char **arguments) {
  lua_State *lua = luaL_newstate();
  if (lua == NULL || count < 2) {
    fprintf(stderr, "usage: lua program [argument ...]\n");
    return 2;
  }
  luaL_openlibs(lua);
  lua_newtable(lua);
  for (int n = 0; n < count; n++) {
    lua_pushstring(lua, arguments[n]);
    lua_rawseti(lua, -2, n - 1);
  }
#ifdef _WIN32
  lua_pushinteger(lua, _getpid());
  lua_setfield(lua, -2, "pid");
#endif
  lua_setglobal(lua, "arg");
  lua_pushcfunction(lua, traceback);
  int failed = luaL_loadfile(lua, arguments[1]);
  luaL_checkstack(lua, count, "too many arguments");
  for (int n = 2; n < count && !failed; n++) {
    lua_pushstring(lua, arguments[n]);
  }
  running = lua;
  on_interruption(on_signal);
  failed = failed || lua_pcall(lua, count - 2, 0, 1);
  on_interruption(SIG_DFL);
  if (failed) {
    fprintf(stderr, "lua: %s\n", lua_tostring(lua, -1));
  }
  lua_close(lua);
  return failed;
}
