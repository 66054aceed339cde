/* Declarations for hosts in C or C++ that link the static library. */

#ifndef BSDSOCKET_H
#define BSDSOCKET_H

#ifdef __cplusplus
extern "C" {
#endif

#include <stddef.h>
#include <stdint.h>

#include <lua.h>

/* Pushes the module table, which the first call in a Lua state creates, and returns 1. It may raise, so call it with
 * lua_pcall, or put it into `package.preload` for `require`. The Lua version must be the one that the library was built
 * for. */
int luaopen_bsdsocket(lua_State *L);

/* The same for the module `bsdsocket.selectors`. */
int luaopen_bsdsocket_selectors(lua_State *L);

/* The same for the module `bsdsocket.tasks`. */
int luaopen_bsdsocket_tasks(lua_State *L);

/* The same for `bsdsocket.luasocket`: pushes LuaSocket's core, and puts `socket.core`, `socket.unix` and `mime.core` into
 * `package.preload`. Ignores SIGPIPE for the process, as LuaSocket does; `bsdsocket_luasocket` does the same without
 * that. */
int luaopen_bsdsocket_luasocket(lua_State *L);
int bsdsocket_luasocket(lua_State *L);

/* The same for the module `bsdsocket.test`. */
int luaopen_bsdsocket_test(lua_State *L);

/* Ends what the scripts of Lua states do with sockets, whatever they catch. A switch that is given to `bsdsocket_open`
 * may be freed before the state is closed, and outlive it. */
struct bsdsocket_switch;

/* Returns a new switch, which is freed with `bsdsocket_switch_free`. */
struct bsdsocket_switch *bsdsocket_switch_new(void);
void bsdsocket_switch_free(struct bsdsocket_switch *s);

/* From any thread: what waits in the states of the switch fails with ECANCELED at once, and so does each call of the
 * library from then on. */
void bsdsocket_cancel(const struct bsdsocket_switch *s);

/* From any thread: has all sockets closed that are open, by the thread of their state, in its wait or at its next call
 * of the library. A call that waits for one of them fails with EBADF. */
void bsdsocket_close_all(const struct bsdsocket_switch *s);

/* What a call of a script has done. The texts are the library's, and end with the call of the function. */
struct bsdsocket_outcome {
  size_t size;
  const char *operation;   /* the name of the function: `connect`, `accept`, `close`, and so on */
  const char *address;     /* that it was about, as messages have it; or NULL */
  const char *message;     /* of a failure; or NULL */
  const char *code;        /* of a failure, such as `ECONNREFUSED`; or NULL */
  double time;             /* how long the call took in seconds; for `close` how long the socket was open */
  uint64_t received, sent; /* bytes before a failure, or by a socket that was closed */
};

/* A function that is told of outcomes, with the `trace_data` of the limits. It may use the Lua state, and is not told of
 * what it does there; an error that it raises is forgotten. It must not throw exceptions. */
typedef void (*bsdsocket_trace)(lua_State *L, const struct bsdsocket_outcome *outcome, void *data);

/* What the scripts of a Lua state may use. Begin with BSDSOCKET_NO_LIMITS and set what is to be limited:
 *
 *     struct bsdsocket_limits limits = BSDSOCKET_NO_LIMITS;
 *     limits.max_sockets = 64;
 *
 * The structure begins with its size, so that a program goes on working with a library that knows more fields. */
struct bsdsocket_limits {
  size_t size;

  /* An audit hook, called before those of scripts with the event and its arguments; it forbids the operation by raising
   * an error. NULL for none. */
  lua_CFunction audit;

  /* Not 0: scripts can use only the sockets that they make and those that the host gives them, and no descriptors. */
  int without_descriptors;

  /* The most sockets, selectors included, that are open at a time: beyond them EMFILE. SIZE_MAX for no limit. */
  size_t max_sockets;

  /* Ends what the scripts do. NULL for none. */
  const struct bsdsocket_switch *with_switch;

  /* Whom scripts may reach: rules such as "allow public port 443", of which the first that fits decides, up to a NULL;
   * what none fits is denied with EACCES. The crate's documentation of `Builder::reach` has all forms. Includes
   * `without_descriptors`. NULL for no rules. */
  const char *const *reach;

  /* The longest time in seconds for which one call of a script may hold up the thread; 0: it never waits. What waits in
   * a task holds nothing up. Negative for no limit. */
  double max_wait;

  /* The most bytes that all streams of the state hold, of what was received and not read and of what was written and
   * not sent: beyond them a read fails with EMSGSIZE, a write with ENOBUFS. SIZE_MAX for no limit. */
  size_t max_buffered;

  /* The most tasks that have not ended: beyond them `spawn` fails with EAGAIN. SIZE_MAX for no limit. */
  size_t max_tasks;

  /* The bytes a second that all sockets of the state send and receive. What is too much the next call waits for, in a
   * task parked; a non-blocking socket fails with EAGAIN. UINT64_MAX for no limit. */
  uint64_t send_rate;
  uint64_t receive_rate;

  /* Not 0: what the sockets do is counted, for `bsdsocket_stats`. Other limits of calls include it. */
  int counters;

  /* Not 0: scripts see what is counted too, by `socket.stats()`. Includes `counters`. */
  int with_stats;

  /* Called after each call of a script that has connected, accepted or closed a socket, and after each that has failed,
   * unless it would only have had to wait. NULL for none. Includes `counters`. */
  bsdsocket_trace trace;
  void *trace_data;
};

#define BSDSOCKET_NO_LIMITS \
  { sizeof(struct bsdsocket_limits), NULL, 0, SIZE_MAX, NULL, NULL, -1, SIZE_MAX, SIZE_MAX, UINT64_MAX, UINT64_MAX, 0, 0, NULL, NULL }

/* Opens the library in a Lua state with limits, before it is opened there in another way, and pushes the module table;
 * returns 1. It may raise, so call it with lua_pcall; scripts must not run in the state then. `limits` may be NULL, and
 * is not used after the call. The limits hold only if scripts have no other way around them: see docs/embedding.md. */
int bsdsocket_open(lua_State *L, const struct bsdsocket_limits *limits);

/* What the sockets of a Lua state have done, and what they hold. */
struct bsdsocket_stats {
  size_t size;             /* set by the caller: sizeof(struct bsdsocket_stats) */
  uint64_t sockets;        /* open sockets */
  uint64_t made, refused;  /* sockets that there were, and that there were not because of `max_sockets` */
  uint64_t received, receives, sent, sends; /* bytes and calls */
  uint64_t waits;          /* of calls outside of tasks */
  double waited;           /* how long in all, in seconds */
  uint64_t buffered;       /* bytes that streams hold */
  uint64_t tasks;          /* tasks that have not ended */
};

/* Fills as much of the structure as its size says. It may raise. */
void bsdsocket_stats(lua_State *L, struct bsdsocket_stats *stats);

/* An open socket. The texts are the library's, and end with the call of the function. */
struct bsdsocket_socket {
  size_t size;
  int family, type, proto;
  const char *laddr, *raddr; /* its own address and its peer's, as messages have them; NULL where there is none */
  uint64_t received, sent;   /* bytes, where they are counted */
  double age;                /* in seconds; negative where nothing is counted */
  uint64_t waiting;          /* tasks that wait for it */
};

/* Calls a function with each open socket of a Lua state and `data`. It may raise, and so may the function. */
void bsdsocket_sockets(lua_State *L, void (*act)(void *data, const struct bsdsocket_socket *socket), void *data);

/* A socket of the system. */
#ifdef _WIN32
typedef uintptr_t bsdsocket_descriptor;
#else
typedef int bsdsocket_descriptor;
#endif

/* Makes a Lua socket of a socket of the host, pushes it and returns 1. The Lua socket owns it then; when the function
 * raises, the socket is closed. */
int bsdsocket_give(lua_State *L, bsdsocket_descriptor fd);

/* Takes the socket of the Lua socket at an index, which behaves as closed then. In blocking mode, unless the timeout of
 * the Lua socket was 0. It may raise. */
bsdsocket_descriptor bsdsocket_take(lua_State *L, int index);

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
