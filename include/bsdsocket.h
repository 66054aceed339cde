/* Declarations for hosts in C or C++ that link the static library. */

#ifndef BSDSOCKET_H
#define BSDSOCKET_H

#ifdef __cplusplus
extern "C" {
#endif

#include <lua.h>

/* Pushes the module table, which the first call in a Lua state creates, and returns 1. It may raise, so call it with
 * lua_pcall, or put it into `package.preload` for `require`. The Lua version must be the one that the library was built
 * for. */
int luaopen_bsdsocket(lua_State *L);

/* The same for the module `bsdsocket.selectors`. */
int luaopen_bsdsocket_selectors(lua_State *L);

/* The same for the module `bsdsocket.tasks`. */
int luaopen_bsdsocket_tasks(lua_State *L);

/* The same for the module `bsdsocket.test`. */
int luaopen_bsdsocket_test(lua_State *L);

#ifdef __cplusplus
}
#endif

#endif
