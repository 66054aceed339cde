/* Runs PROGRAM in the EMULATOR, with its libraries below ROOT. It is static, so that LD_PRELOAD affects only the
 * emulated program. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int count, char **arguments) {
  char *before[] = {EMULATOR, "-0", arguments[0], "-L", ROOT, PROGRAM};
  size_t length = sizeof before / sizeof *before;
  char **all = calloc(length + count, sizeof *all);
  if (!all)
    return 1;
  memcpy(all, before, sizeof before);
  /* Includes the terminating NULL. */
  memcpy(all + length, arguments + 1, count * sizeof *all);
  execv(EMULATOR, all);
  return 1;
}
