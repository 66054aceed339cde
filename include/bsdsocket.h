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

/* The functions below run the tasks of scripts. They never raise. L has room for three values (lua_checkstack). */

/* Runs the tasks that are ready until none is, or so many seconds are over, and never waits: a program with frames calls
 * it once in each. What is left is the first to run at the next call. A task that runs is not interrupted. Returns how
 * many tasks have not ended; -1 when it failed, and then pushes the message. */
int bsdsocket_poll(lua_State *L, double budget);

/* Returns how many seconds a program may wait until it calls bsdsocket_poll again, unless a socket becomes ready before:
 * 0 when a task is ready; a negative number when no task waits for a time. */
double bsdsocket_timeout(lua_State *L);

/* Returns the descriptor that is ready to read when bsdsocket_poll has something to do, for a program with a loop of its
 * own, which may watch it level-triggered or edge-triggered; nothing is read from it. -1 on systems without epoll or
 * kqueue, and when there are no descriptors left. luaopen_bsdsocket was called before. The descriptor is closed with the
 * Lua state; after a fork the child asks for it again. */
int bsdsocket_fd(lua_State *L);

#ifdef __cplusplus
}
#endif

#endif
