/* What a host in C or C++ needs of the static library. */

#ifndef BSDSOCKET_H
#define BSDSOCKET_H

#ifdef __cplusplus
extern "C" {
#endif

#include <lua.h>

/* Pushes the module table, which is made at the first call in a Lua state, and returns 1. It may raise: it is called by
 * `require`, once it is in `package.preload`, or by `lua_pcall`. The Lua has to be the one that the library was built
 * for. */
int luaopen_bsdsocket(lua_State *L);

/* The same for the module `bsdsocket.selectors`. */
int luaopen_bsdsocket_selectors(lua_State *L);

/* The same for the module `bsdsocket.tasks`. */
int luaopen_bsdsocket_tasks(lua_State *L);

#ifdef __cplusplus
}
#endif

#endif
