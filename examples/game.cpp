// A game with mods: each mod is a Lua state of its own, and misbehaves in a way of its own. The game goes on at 60 ticks
// a second. Usage: game [TICKS]

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include <sys/socket.h>
#include <unistd.h>

extern "C" {
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
}

#include "bsdsocket.h"

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

struct Mod {
  const char *name;
  // Runs once; the function that it returns runs in each tick, and returns what became of it.
  const char *script;
  lua_State *L = nullptr;
  // The game's end of a connection, whose other end is the global `game` of the mod.
  int connection = -1;
  const char *told = "";
  int failures = 0;
};

static const char *const prelude = R"(
  local socket, tasks = require "bsdsocket", require "bsdsocket.tasks"
  one, other = assert(socket.socketpair())
  local function code(...) return (select(3, ...)) end
)";

static std::vector<Mod> mods = {
    {"waits for data", "return function() return code(one:recv(1)) end"},
    {"waits for a connection",
     "local s = assert(socket.create_server { '127.0.0.1', 0 }) return function() return code(s:accept()) end"},
    {"waits for a name", "return function() return code(socket.getaddrinfo('slow.example', 80)) end"},
    {"sleeps", "return function() return code(tasks.sleep(3600)) end"},
    {"reads without end", R"(
      local stream = other:makefile()
      one:setblocking(false)
      return function()
        repeat until not one:send(("x"):rep(4096))
        return code(stream:read "a")
      end
    )"},
    {"writes what nobody reads", R"(
      local stream = one:makefile "w"
      stream:setvbuf("full", 2 ^ 30)
      return function() return code(stream:write(("x"):rep(2 ^ 16))) end
    )"},
    {"opens sockets without end", R"(
      local kept = {}
      return function()
        for _ = 1, 100 do kept[#kept + 1] = socket.socket() end
        return code(socket.socket())
      end
    )"},
    {"spawns tasks without end", R"(
      return function()
        for _ = 1, 100 do tasks.spawn(tasks.sleep, 3600) end
        return code(tasks.spawn(tasks.sleep, 3600))
      end
    )"},
    {"reaches into the network", "return function() return code(socket.create_connection { '192.168.0.1', 80 }) end"},
    {"catches every error", R"(
      return function()
        local failed
        for _ = 1, 20 do
          local ok, message = pcall(function() return assert(one:recv(1)) end)
          failed = message
        end
        return failed
      end
    )"},
    {"waits in a task", R"(
      local received
      tasks.spawn(function()
        repeat
          local data, _, failed = game:recv(1)
          received = data or failed
        until not data
      end)
      return function() return received end
    )"},
    {"never ends", "return function() while true do pcall(one.recv, one, 1) end end"},
};

// Lets scripts `require` a module.
static void preload(lua_State *L, const char *name, lua_CFunction open) {
  lua_getglobal(L, "package");
  lua_getfield(L, -1, "preload");
  lua_pushcfunction(L, open);
  lua_setfield(L, -2, name);
  lua_pop(L, 2);
}

// Ends a mod that computes for too long: sockets cannot hold it up, a loop can. It raises again in each instruction, so
// that no pcall of the mod helps.
static void interrupt(lua_State *L, lua_Debug *) {
  lua_sethook(L, interrupt, LUA_MASKCOUNT, 1);
  luaL_error(L, "out of time");
}

// Opens the library in a Lua state, in a protected call, and gives it a connection.
static int open_with_limits(lua_State *L) {
  bsdsocket_open(L, static_cast<const bsdsocket_limits *>(lua_touserdata(L, 1)));
  auto *mod = static_cast<Mod *>(lua_touserdata(L, 2));
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) {
    return luaL_error(L, "no connection");
  }
  mod->connection = pair[0];
  bsdsocket_give(L, pair[1]);
  lua_setglobal(L, "game");
  return 0;
}

// Takes the connection back, in a protected call.
static int take_connection(lua_State *L) {
  lua_getglobal(L, "game");
  close(bsdsocket_take(L, -1));
  return 0;
}

// Counts the calls of a mod that have failed.
static void count_failure(lua_State *, const bsdsocket_outcome *outcome, void *mod) {
  static_cast<Mod *>(mod)->failures += outcome->code != nullptr;
}

// What the sockets of a mod have received, and how many tasks wait for them.
struct Sum {
  uint64_t received = 0, waiting = 0;
};

static void add_socket(void *data, const bsdsocket_socket *socket) {
  auto *sum = static_cast<Sum *>(data);
  sum->received += socket->received;
  sum->waiting += socket->waiting;
}

static bool start(Mod &mod, bsdsocket_limits &limits) {
  limits.trace = count_failure;
  limits.trace_data = &mod;
  lua_State *L = mod.L = luaL_newstate();
  luaL_openlibs(L);
  lua_pushcfunction(L, open_with_limits);
  lua_pushlightuserdata(L, &limits);
  lua_pushlightuserdata(L, &mod);
  if (lua_pcall(L, 2, 0, 0) == 0) {
    preload(L, "bsdsocket", luaopen_bsdsocket);
    preload(L, "bsdsocket.tasks", luaopen_bsdsocket_tasks);
    lua_pushfstring(L, "%s%s", prelude, mod.script);
    if (luaL_loadstring(L, lua_tostring(L, -1)) == 0 && lua_pcall(L, 0, 1, 0) == 0) {
      lua_setglobal(L, "tick");
      return true;
    }
  }
  std::fprintf(stderr, "%s: %s\n", mod.name, lua_tostring(L, -1));
  return false;
}

static void tick(Mod &mod) {
  lua_State *L = mod.L;
  lua_sethook(L, interrupt, LUA_MASKCOUNT, 1000);
  lua_settop(L, 0);
  bsdsocket_poll(L, 0.001);
  lua_settop(L, 0);
  lua_getglobal(L, "tick");
  lua_pcall(L, 0, 1, 0);
  mod.told = lua_tostring(L, -1) ? lua_tostring(L, -1) : "nothing";
}

int main(int argc, char **argv) {
  const int ticks = argc > 1 ? std::atoi(argv[1]) : 120;
  bsdsocket_switch *ending = bsdsocket_switch_new();
  const char *const rules[] = {"allow loopback", "allow bind loopback", "allow host *", nullptr};
  bsdsocket_limits limits = BSDSOCKET_NO_LIMITS;
  limits.max_sockets = 8;
  limits.max_tasks = 50;
  limits.max_buffered = 1 << 18;
  limits.max_wait = 0;
  limits.reach = rules;
  limits.with_switch = ending;
  for (Mod &mod : mods) {
    if (!start(mod, limits)) {
      return EXIT_FAILURE;
    }
  }

  const auto frame = std::chrono::microseconds(1000000 / 60);
  std::vector<double> longest(mods.size());
  for (int n = 0; n < ticks; n++) {
    const auto end = Clock::now() + frame;
    for (size_t m = 0; m < mods.size(); m++) {
      (void)!write(mods[m].connection, "x", 1);
      const auto begin = Clock::now();
      tick(mods[m]);
      longest[m] = std::max(longest[m], Milliseconds(Clock::now() - begin).count());
    }
    std::this_thread::sleep_until(end);
  }
  for (size_t m = 0; m < mods.size(); m++) {
    struct bsdsocket_stats stats = {};
    stats.size = sizeof stats;
    bsdsocket_stats(mods[m].L, &stats);
    Sum sum;
    bsdsocket_sockets(mods[m].L, add_socket, &sum);
    std::printf("%s: %s (%.2f ms, %d sockets, %d tasks, %d bytes buffered, %d received, %d tasks waiting, %d failures)\n",
                mods[m].name, mods[m].told, longest[m], static_cast<int>(stats.sockets), static_cast<int>(stats.tasks),
                static_cast<int>(stats.buffered), static_cast<int>(sum.received), static_cast<int>(sum.waiting),
                mods[m].failures);
  }

  // The game ends, which another thread finds out.
  std::thread([ending] { bsdsocket_cancel(ending); }).join();
  for (Mod &mod : mods) {
    tick(mod);
    std::printf("%s, cancelled: %s\n", mod.name, mod.told);
  }
  bsdsocket_switch_free(ending);
  for (Mod &mod : mods) {
    lua_pushcfunction(mod.L, take_connection);
    lua_pcall(mod.L, 0, 0, 0);
    lua_close(mod.L);
    close(mod.connection);
  }
  std::printf("longest tick of a mod: %.2f ms\n", *std::max_element(longest.begin(), longest.end()));
}
