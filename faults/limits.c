/*
 * limits: opens the library with limits that no scenario reaches, so that the scenarios make their calls as a host has
 * them: they never sleep in the kernel, look up names in threads, and count and tell what they do.
 */
#include "bsdsocket.h"

static void trace(lua_State *L, const struct bsdsocket_outcome *outcome, void *data) {
  (void)L, (void)outcome, (void)data;
}

int luaopen_limits(lua_State *L) {
  struct bsdsocket_limits limits = BSDSOCKET_NO_LIMITS;
  limits.max_sockets = 1000;
  limits.with_switch = bsdsocket_switch_new();
  limits.max_wait = 60;
  limits.max_buffered = 1 << 30;
  limits.max_tasks = 1000;
  limits.send_rate = limits.receive_rate = (uint64_t)1 << 40;
  limits.trace = trace;
  return bsdsocket_open(L, &limits);
}
