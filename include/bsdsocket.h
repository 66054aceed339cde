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

/* The functions below run the tasks of scripts. They never raise. L has room for three values (lua_checkstack). */

/* Runs tasks until none is ready or the seconds are over, and never waits; a program that draws frames calls it in each
 * frame. The tasks that are left run first in the next call. A running task is not interrupted. Returns how many tasks
 * have not ended. On failure returns -1 and pushes the message. */
int bsdsocket_poll(lua_State *L, double budget);

/* Returns how many seconds a program may wait before it calls bsdsocket_poll again, if no socket becomes ready: 0 if a
 * task is ready, a negative number if no task waits with a timeout. */
double bsdsocket_timeout(lua_State *L);

/* Returns a descriptor for an event loop, which is readable when bsdsocket_poll has something to do. It may be watched
 * level-triggered or edge-triggered; do not read from it. Returns -1 on systems without epoll or kqueue, and if too many
 * descriptors are open. Call luaopen_bsdsocket before. The descriptor is closed with the Lua state. A forked process
 * must call this again. */
int bsdsocket_fd(lua_State *L);

#ifdef __cplusplus
}
#endif

#endif
