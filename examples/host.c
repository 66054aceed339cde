/* Runs a Lua script with the library preloaded, and the tasks that it has spawned: host SCRIPT [ARGUMENT ...]. */

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "bsdsocket.h"

/* Lets scripts `require` the three modules. */
static void preload(lua_State *L) {
  lua_getglobal(L, "package");
  lua_getfield(L, -1, "preload");
  lua_pushcfunction(L, luaopen_bsdsocket);
  lua_setfield(L, -2, "bsdsocket");
  lua_pushcfunction(L, luaopen_bsdsocket_selectors);
  lua_setfield(L, -2, "bsdsocket.selectors");
  lua_pushcfunction(L, luaopen_bsdsocket_tasks);
  lua_setfield(L, -2, "bsdsocket.tasks");
  lua_pop(L, 2);
}

/* Runs tasks until all have ended. A program with a loop of its own would watch more descriptors. */
static int run_tasks(lua_State *L) {
  int count;
  while ((count = bsdsocket_poll(L, 0.01)) > 0) {
    struct pollfd entry = {bsdsocket_fd(L), POLLIN, 0};
    poll(&entry, 1, -1);
  }
  return count;
}

/* The global table `arg`: the script as 0, its arguments from 1. */
static void set_arguments(lua_State *L, int count, char **arguments) {
  lua_newtable(L);
  for (int n = 0; n < count; n++) {
    lua_pushstring(L, arguments[n]);
    lua_rawseti(L, -2, n);
  }
  lua_setglobal(L, "arg");
}

int main(int argc, char **argv) {
  lua_State *L = luaL_newstate();
  if (L == NULL || argc < 2) {
    fprintf(stderr, "usage: host SCRIPT [ARGUMENT ...]\n");
    return EXIT_FAILURE;
  }
  luaL_openlibs(L);
  preload(L);
  set_arguments(L, argc - 1, argv + 1);

  int failed = luaL_loadfile(L, argv[1]) || lua_pcall(L, 0, 0, 0) || run_tasks(L) < 0;
  if (failed) {
    fprintf(stderr, "host: %s\n", lua_tostring(L, -1));
  }
  lua_close(L);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
