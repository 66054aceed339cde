// An interpreter for the specs: runs the given program, with its arguments in `arg` and the process id in `arg.pid`.

#include <process.h>
#include <stdio.h>

#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"

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
  lua_pushinteger(lua, _getpid());
  lua_setfield(lua, -2, "pid");
  lua_setglobal(lua, "arg");
  lua_pushcfunction(lua, traceback);
  int failed = luaL_loadfile(lua, arguments[1]);
  for (int n = 2; n < count && !failed; n++) {
    lua_pushstring(lua, arguments[n]);
  }
  failed = failed || lua_pcall(lua, count - 2, 0, 1);
  if (failed) {
    fprintf(stderr, "lua: %s\n", lua_tostring(lua, -1));
  }
  lua_close(lua);
  return failed;
}
