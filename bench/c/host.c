/*
 * host: what a host in C sees of the library. Prints
 *
 *   threads   how much more two threads with a Lua state each do than one, beside the floor
 *   ticks     the longest tick of a program at 60 ticks a second with 1,000 idle connections and scripts that wait:
 *             as the clock has it, other processes included, and as the processor has it
 *   cancel    the longest time from bsdsocket_cancel to the end of each wait
 *
 * or what the argument names of these.
 */
#define _GNU_SOURCE
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include <dlfcn.h>
#include <libgen.h>
#include <limits.h>
#include <netdb.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "bsdsocket.h"

enum { TICKS = 600, ROUNDS = 11, TURNS = 150000, THREADS = 2, REPEATS = 10 };

static char path[PATH_MAX + 16];

static const char PRELUDE[] =
    "socket, tasks = require 'bsdsocket', require 'bsdsocket.tasks'"
    " one, two = assert(socket.socketpair()) big = ('x'):rep(2 ^ 22)";

/* Looks up one name in place of the C library, and takes ten seconds. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
  if (node == NULL || strcmp(node, "slow.example") != 0) {
    int (*next)(const char *, const char *, const struct addrinfo *, struct addrinfo **) =
        (int (*)(const char *, const char *, const struct addrinfo *, struct addrinfo **))dlsym(RTLD_NEXT, "getaddrinfo");
    return next(node, service, hints, found);
  }
  usleep(10000000);
  *found = NULL;
  return EAI_AGAIN;
}

static double clock_of(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec + now.tv_nsec / 1e9;
}

static int compare(const void *one, const void *other) {
  double a = *(const double *)one, b = *(const double *)other;
  return (a > b) - (a < b);
}

static double median(double *values, int count) {
  qsort(values, count, sizeof *values, compare);
  return values[count / 2];
}

/* A Lua state in which `require` finds the modules. */
static lua_State *new_state(void) {
  lua_State *L = luaL_newstate();
  luaL_openlibs(L);
  lua_getglobal(L, "package");
  lua_pushstring(L, path);
  lua_setfield(L, -2, "cpath");
  lua_pop(L, 1);
  return L;
}

static void run(lua_State *L, const char *script) {
  if (luaL_dostring(L, script) != LUA_OK) {
    fprintf(stderr, "host: %s\n", lua_tostring(L, -1));
    exit(EXIT_FAILURE);
  }
}

/* ---- threads ---- */

static const char *const LOOPS[][2] = {
    {"floor", "local floor = require 'floor' local a, b = floor.socketpair()"
              " return function(n) for _ = 1, n do a:send 'x' assert(#b:recv(1) == 1) end end"},
    {"bsdsocket", "local socket = require 'bsdsocket' local a, b = socket.socketpair()"
                  " return function(n) for _ = 1, n do a:send 'x' assert(#b:recv(1) == 1) end end"},
};

struct worker {
  pthread_t thread;
  pthread_barrier_t *barrier;
  const char *script;
  int core;
  double time;
};

static void *work(void *argument) {
  struct worker *worker = argument;
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(worker->core, &cores);
  pthread_setaffinity_np(pthread_self(), sizeof cores, &cores);
  lua_State *L = new_state();
  run(L, worker->script);
  for (int turns = TURNS / 10;; turns = TURNS) {
    lua_pushvalue(L, -1);
    lua_pushinteger(L, turns);
    pthread_barrier_wait(worker->barrier);
    double begun = clock_of(CLOCK_THREAD_CPUTIME_ID);
    if (lua_pcall(L, 1, 0, 0) != LUA_OK) exit(EXIT_FAILURE);
    worker->time = clock_of(CLOCK_THREAD_CPUTIME_ID) - begun;
    if (turns == TURNS) break;
  }
  lua_close(L);
  return NULL;
}

/* Turns of some threads together in a second of the processor's time for each, which other processes take less of. */
static double rate(const char *script, int threads) {
  struct worker workers[THREADS];
  pthread_barrier_t barrier;
  pthread_barrier_init(&barrier, NULL, threads);
  for (int n = 0; n < threads; n++) {
    workers[n] = (struct worker){.barrier = &barrier, .script = script, .core = n};
    pthread_create(&workers[n].thread, NULL, work, &workers[n]);
  }
  double sum = 0;
  for (int n = 0; n < threads; n++) {
    pthread_join(workers[n].thread, NULL);
    sum += TURNS / workers[n].time;
  }
  pthread_barrier_destroy(&barrier);
  return sum;
}

static void measure_threads(void) {
  double gains[2][ROUNDS];
  for (int round = 0; round < ROUNDS; round++) {
    for (int n = 0; n < 2; n++) {
      int which = (n + round) % 2;
      double one = rate(LOOPS[which][1], 1);
      gains[which][round] = rate(LOOPS[which][1], THREADS) / one;
    }
  }
  double floor = median(gains[0], ROUNDS), own = median(gains[1], ROUNDS);
  printf("two threads do %.2f of one's work (floor %.2f), %.2f of double (floor %.2f)\n", own, floor, own / 2, floor / 2);
}

/* ---- ticks ---- */

/* What is asked of the library in each tick, as a script of a state of its own. */
static const char *const PARTS[][2] = {
    {"recv", "return function() one:recv(1) end"},
    {"a look-up", "return function() socket.getaddrinfo('slow.example', 80) end"},
    {"an endless read('a')", "return function() local stream = fed:makefile() stream:read('a') stream:close() end"},
    {"1,000 idle connections, and all three in tasks",
     "local listener = assert(socket.create_server { '127.0.0.1', 0 })"
     " kept = {}"
     " local function idle(s) while s:recv(1) do end end"
     " for n = 1, 1000 do"
     "   local client = assert(socket.create_connection(listener:getsockname()))"
     "   kept[n] = { client, tasks.spawn(idle, assert(listener:accept())) }"
     " end"
     " tasks.spawn(idle, one)"
     " tasks.spawn(function() while true do socket.getaddrinfo('slow.example', 80) end end)"
     " tasks.spawn(function()"
     "   while true do local stream = fed:makefile() stream:read('a') stream:close() tasks.sleep(0.01) end"
     " end)"
     " return function() end"},
};

enum { PART_COUNT = sizeof PARTS / sizeof PARTS[0] };

struct part {
  lua_State *L;
  int fed;
  double longest, longest_cpu;
};

/* Never stops writing. */
static void *feed(void *argument) {
  static const char block[1 << 16];
  struct part *part = argument;
  while (write(part->fed, block, sizeof block) > 0) continue;
  return NULL;
}

static int open_limited(lua_State *L) {
  struct bsdsocket_limits limits = BSDSOCKET_NO_LIMITS;
  limits.max_wait = lua_toboolean(L, 1) ? 0 : 60;
  limits.max_buffered = 1 << 22;
  bsdsocket_open(L, &limits);
  bsdsocket_give(L, lua_tointeger(L, 2));
  lua_setglobal(L, "fed");
  return 0;
}

static void open_part(struct part *part, const char *script, int is_limited) {
  int pair[2];
  part->L = new_state();
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) exit(EXIT_FAILURE);
  part->fed = pair[0];
  lua_pushcfunction(part->L, open_limited);
  lua_pushboolean(part->L, is_limited);
  lua_pushinteger(part->L, pair[1]);
  if (lua_pcall(part->L, 2, 0, 0) != LUA_OK) exit(EXIT_FAILURE);
  run(part->L, PRELUDE);
  run(part->L, script);
  pthread_t feeder;
  pthread_create(&feeder, NULL, feed, part);
  pthread_detach(feeder);
}

static void tick(struct part *part) {
  double begun = clock_of(CLOCK_MONOTONIC), begun_cpu = clock_of(CLOCK_THREAD_CPUTIME_ID);
  bsdsocket_poll(part->L, 0.001);
  lua_settop(part->L, 1);
  lua_pushvalue(part->L, 1);
  if (lua_pcall(part->L, 0, 0, 0) != LUA_OK) exit(EXIT_FAILURE);
  double took = clock_of(CLOCK_MONOTONIC) - begun, took_cpu = clock_of(CLOCK_THREAD_CPUTIME_ID) - begun_cpu;
  if (took > part->longest) part->longest = took;
  if (took_cpu > part->longest_cpu) part->longest_cpu = took_cpu;
}

static void measure_ticks(void) {
  static struct part parts[PART_COUNT];
  for (int n = 0; n < PART_COUNT; n++) open_part(&parts[n], PARTS[n][1], 1);
  for (int n = 0; n < TICKS; n++) {
    double end = clock_of(CLOCK_MONOTONIC) + 1.0 / 60;
    for (int part = 0; part < PART_COUNT; part++) tick(&parts[part]);
    double left = end - clock_of(CLOCK_MONOTONIC);
    if (left > 0) usleep(left * 1e6);
  }
  for (int n = 0; n < PART_COUNT; n++) {
    printf("longest tick with %s: %.2f ms, of the processor %.2f ms\n", PARTS[n][0], parts[n].longest * 1e3,
           parts[n].longest_cpu * 1e3);
  }
}

/* ---- cancel ---- */

static const char *const WAITS[] = {
    "one:recv(1)",
    "one:settimeout(60) one:recv(1)",
    "one:sendall(big)",
    "one:makefile():read('a')",
    "fed:makefile():read('a')",
    "socket.create_server({ '127.0.0.1', 0 }):accept()",
    "socket.getaddrinfo('slow.example', 80)",
    "tasks.sleep(60)",
    "tasks.wait(one, 'r')",
    "local s = require('bsdsocket.selectors').DefaultSelector() s:register(one, 1) s:select()",
    "tasks.run(function() one:recv(1) end)",
    "tasks.run(function() socket.getaddrinfo('slow.example', 80) end)",
    "tasks.run(function() fed:makefile():read('a') end)",
    "tasks.run(function() tasks.group(function(g) for _ = 1, 1000 do g:spawn(tasks.sleep, 60) end end) end)",
};

static void *cancel_later(void *argument) {
  static double cancelled;
  usleep(20000);
  cancelled = clock_of(CLOCK_MONOTONIC);
  bsdsocket_cancel(argument);
  return &cancelled;
}

static int open_switched(lua_State *L) {
  struct bsdsocket_limits limits = BSDSOCKET_NO_LIMITS;
  limits.with_switch = lua_touserdata(L, 1);
  bsdsocket_open(L, &limits);
  bsdsocket_give(L, lua_tointeger(L, 2));
  lua_setglobal(L, "fed");
  return 0;
}

static void measure_cancel(void) {
  for (size_t n = 0; n < sizeof WAITS / sizeof WAITS[0]; n++) {
    double longest = 0;
    for (int repeat = 0; repeat < REPEATS; repeat++) {
      struct bsdsocket_switch *ending = bsdsocket_switch_new();
      struct part part = {.L = new_state()};
      int pair[2];
      if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) exit(EXIT_FAILURE);
      part.fed = pair[0];
      lua_pushcfunction(part.L, open_switched);
      lua_pushlightuserdata(part.L, ending);
      lua_pushinteger(part.L, pair[1]);
      if (lua_pcall(part.L, 2, 0, 0) != LUA_OK) exit(EXIT_FAILURE);
      run(part.L, PRELUDE);
      pthread_t canceller, feeder;
      void *cancelled;
      pthread_create(&feeder, NULL, feed, &part);
      pthread_create(&canceller, NULL, cancel_later, ending);
      (void)luaL_dostring(part.L, WAITS[n]);
      double ended = clock_of(CLOCK_MONOTONIC);
      pthread_join(canceller, &cancelled);
      double took = ended - *(double *)cancelled;
      if (took < 0) {
        fprintf(stderr, "host: %s did not wait: %s\n", WAITS[n], lua_tostring(part.L, -1));
        exit(EXIT_FAILURE);
      }
      if (took > longest) longest = took;
      lua_close(part.L);
      pthread_join(feeder, NULL);
      close(part.fed);
      bsdsocket_switch_free(ending);
    }
    printf("cancel ends %s in at most %.2f ms\n", WAITS[n], longest * 1e3);
  }
}

int main(int argc, char **argv) {
  signal(SIGPIPE, SIG_IGN);
  struct rlimit most;
  getrlimit(RLIMIT_NOFILE, &most);
  most.rlim_cur = most.rlim_max;
  setrlimit(RLIMIT_NOFILE, &most);
  setvbuf(stdout, NULL, _IOLBF, 0);
  const char *what = argc > 1 ? argv[1] : NULL;
  snprintf(path, sizeof path, "%s/lua5.4/?.so", dirname(realpath(argv[0], NULL)));
  if (what == NULL || strcmp(what, "threads") == 0) measure_threads();
  if (what == NULL || strcmp(what, "ticks") == 0) measure_ticks();
  if (what == NULL || strcmp(what, "cancel") == 0) measure_cancel();
  return 0;
}
