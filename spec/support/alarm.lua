-- Interrupts a child process every ten milliseconds with a signal whose handler does nothing.

local preload = require "spec.support.preload"

local SOURCE = [[
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>

static volatile sig_atomic_t count;

static void handle(int number) { (void)number; count++; }

__attribute__((constructor)) static void start(void) {
  struct sigaction action = {0};
  struct itimerval every = {{0, 10000}, {0, 10000}};
  action.sa_handler = handle;
  sigaction(SIGALRM, &action, NULL);
  setitimer(ITIMER_REAL, &every, NULL);
}

__attribute__((destructor)) static void report(void) { fprintf(stderr, "interrupted %d times", (int)count); }
]]

local alarm = {}

-- The path of the preloaded library that does this, or nil if it cannot be built.
function alarm.build()
  return preload.build(SOURCE, "calls that signals interrupt")
end

-- How many times a child was interrupted, as it reported at exit.
function alarm.count(complaints)
  return tonumber(complaints:match("interrupted (%d+) times$")) or 0
end

return alarm
