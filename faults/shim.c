/* Wraps C library functions, and makes calls of the library fail on request.

   It is preloaded (LD_PRELOAD), and loaded again by Lua for `start`, `stop`, `host`, `census` and `fresh`. Only
   calls that bsdsocket.so itself makes are affected, not those of Lua and of the C library. For the library time
   passes only in waits that time out, so that the calls that it makes do not depend on how long others take. A Lua
   integer is assumed to have the size of a long, which holds for every Lua on 64-bit systems, so that no Lua header
   is needed. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <link.h>
#include <malloc.h>
#include <net/if.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/futex.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

const char *luaL_checklstring(void *lua, int index, size_t *length);
long luaL_checkinteger(void *lua, int index);
typedef void *allocator(void *data, void *block, size_t old, size_t size);
allocator *lua_getallocf(void *lua, void **data);
void lua_setallocf(void *lua, allocator *function, void *data);
void lua_pushinteger(void *lua, long value);
void lua_pushstring(void *lua, const char *text);
const char *lua_tolstring(void *lua, int index, size_t *length);
void lua_settop(void *lua, int index);
void *luaL_newstate(void);
void luaL_openlibs(void *lua);
int luaL_loadstring(void *lua, const char *code);
void lua_close(void *lua);
/* The one is of Lua 5.1 and LuaJIT, the other of later versions. */
#pragma weak lua_pcall
#pragma weak lua_pcallk
int lua_pcall(void *lua, int arguments, int results, int handler);
int lua_pcallk(void *lua, int arguments, int results, int handler, intptr_t context, void *next);

/* NOTHING; FAIL: the call is not made and fails with errno `value`; LATE: it is made, and then fails; SHORT: it
   transfers at most `value` bytes; GIVE: it returns `value`; STARVE: Lua gets no memory any more; CONFINE: the library
   gets no block of `value` bytes or more. */
enum kind { NOTHING, FAIL, LATE, SHORT, GIVE, STARVE, CONFINE };

/* The faults of a case: the number of the call, counted from `start`, and the name of the function. The calls of other
   threads, which look up names, are counted apart, as -1, -2 and so on. */
static struct fault { long place; char name[32]; enum kind kind; long value; } faults[2], none;

/* Calls that were met, by name. */
struct calls { long met; char trace[1 << 14]; };
static struct calls own, others;

static volatile int started, waits, busy;
static __thread int is_other;
static int unread_error, struck;
static long allocations;
static char name_of_case[256];
static uintptr_t library_start, library_end;

static int find_library(struct dl_phdr_info *object, size_t size, void *data) {
  (void)size;
  if (strstr(object->dlpi_name, "bsdsocket.so") == NULL) return 0;
  if (data != NULL) *(void **)data = dlopen(object->dlpi_name, RTLD_NOW | RTLD_NOLOAD);
  for (int n = 0; n < object->dlpi_phnum; n++) {
    const ElfW(Phdr) *part = &object->dlpi_phdr[n];
    uintptr_t start = object->dlpi_addr + part->p_vaddr, end = start + part->p_memsz;
    if (part->p_type != PT_LOAD) continue;
    if (library_start == 0 || start < library_start) library_start = start;
    if (end > library_end) library_end = end;
  }
  return 1;
}

static int by_library(void *caller) {
  return (uintptr_t)caller >= library_start && (uintptr_t)caller < library_end;
}

/* Records a call of the library, and returns its fault, if any. */
static struct fault meet(const char *name, void *caller) {
  if (!started || !by_library(caller)) return none;
  struct calls *calls = is_other ? &others : &own;
  calls->met++;
  if (strlen(calls->trace) + strlen(name) + 2 < sizeof calls->trace) strcat(strcat(calls->trace, name), " ");
  for (int n = 0; n < 2; n++)
    if (faults[n].place == (is_other ? -calls->met : calls->met) && strcmp(faults[n].name, name) == 0)
      return struck++, faults[n];
  return none;
}

#define REAL(name) \
  static __typeof__(name) *real; \
  if (real == NULL) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

/* Defines the wrapper of a function that returns `failed` and sets errno if it fails; `cut` shortens the call. */
#define WRAP(type, name, parameters, arguments, failed, cut) \
  type name parameters { \
    REAL(name); \
    struct fault fault = meet(#name, __builtin_return_address(0)); \
    if (fault.kind == FAIL) return errno = (int)fault.value, failed; \
    if (fault.kind == GIVE) return (type)(long)fault.value; \
    if (fault.kind == SHORT) { cut; } \
    type result = real arguments; \
    if (fault.kind == LATE) return errno = (int)fault.value, failed; \
    return result; \
  }

#define CUT(length) if ((length) > (size_t)fault.value) length = (size_t)fault.value
#define WHOLE (void)0

WRAP(int, accept4, (int fd, struct sockaddr *a, socklen_t *n, int flags), (fd, a, n, flags), -1, WHOLE)
WRAP(int, bind, (int fd, const struct sockaddr *a, socklen_t n), (fd, a, n), -1, WHOLE)
WRAP(int, close, (int fd), (fd), -1, WHOLE)
WRAP(int, connect, (int fd, const struct sockaddr *a, socklen_t n), (fd, a, n), -1, WHOLE)
WRAP(int, dup3, (int fd, int to, int flags), (fd, to, flags), -1, WHOLE)
WRAP(int, epoll_create1, (int flags), (flags), -1, WHOLE)
WRAP(int, epoll_ctl, (int epfd, int op, int fd, struct epoll_event *e), (epfd, op, fd, e), -1, WHOLE)
WRAP(int, eventfd, (unsigned value, int flags), (value, flags), -1, WHOLE)
WRAP(int, fflush, (FILE *file), (file), EOF, WHOLE)
WRAP(int, fseeko, (FILE *file, off_t place, int from), (file, place, from), -1, WHOLE)
WRAP(off_t, ftello, (FILE *file), (file), -1, WHOLE)
WRAP(int, fstat, (int fd, struct stat *status), (fd, status), -1, WHOLE)
WRAP(int, getaddrinfo, (const char *h, const char *s, const struct addrinfo *i, struct addrinfo **r), (h, s, i, r),
             EAI_SYSTEM, WHOLE)
WRAP(int, gethostname, (char *name, size_t n), (name, n), -1, WHOLE)
WRAP(int, getifaddrs, (struct ifaddrs **list), (list), -1, WHOLE)
WRAP(int, getnameinfo,
             (const struct sockaddr *a, socklen_t n, char *h, socklen_t hn, char *s, socklen_t sn, int flags),
             (a, n, h, hn, s, sn, flags), EAI_SYSTEM, WHOLE)
WRAP(int, getpeername, (int fd, struct sockaddr *a, socklen_t *n), (fd, a, n), -1, WHOLE)
WRAP(int, getsockname, (int fd, struct sockaddr *a, socklen_t *n), (fd, a, n), -1, WHOLE)
WRAP(int, getsockopt, (int fd, int l, int o, void *v, socklen_t *n), (fd, l, o, v, n), -1, WHOLE)
WRAP(char *, if_indextoname, (unsigned index, char name[IF_NAMESIZE]), (index, name), NULL, WHOLE)
WRAP(struct if_nameindex *, if_nameindex, (void), (), NULL, WHOLE)
WRAP(unsigned, if_nametoindex, (const char *name), (name), 0, WHOLE)
WRAP(int, listen, (int fd, int backlog), (fd, backlog), -1, WHOLE)
/* A thread of the library. It begins when the first thread waits, whose wait ends when this one has ended, so that the
   calls of both come in one order. */
struct beginning { void *(*work)(void *); void *argument; };

static void *begin(void *data) {
  struct beginning beginning = *(struct beginning *)data;
  free(data);
  is_other = 1;
  while (started && !waits) usleep(100);
  void *result = beginning.work(beginning.argument);
  __atomic_sub_fetch(&busy, 1, __ATOMIC_SEQ_CST);
  return result;
}

int pthread_create(pthread_t *thread, const pthread_attr_t *how, void *(*work)(void *), void *argument) {
  REAL(pthread_create);
  void *caller = __builtin_return_address(0);
  struct fault fault = meet("pthread_create", caller);
  if (fault.kind == FAIL) return (int)fault.value;
  if (!by_library(caller)) return real(thread, how, work, argument);
  struct beginning *beginning = malloc(sizeof *beginning);
  *beginning = (struct beginning){work, argument};
  __atomic_add_fetch(&busy, 1, __ATOMIC_SEQ_CST);
  int failed = real(thread, how, begin, beginning);
  if (failed) __atomic_sub_fetch(&busy, 1, __ATOMIC_SEQ_CST);
  return failed;
}

/* Waits for the ends of all other threads, so that each case begins without any. */
static void retire(void) {
  struct stat threads;
  while (stat("/proc/self/task", &threads) == 0 && threads.st_nlink > 3) usleep(100);
}

WRAP(ssize_t, recv, (int fd, void *d, size_t n, int flags), (fd, d, n, flags), -1, CUT(n))
WRAP(ssize_t, recvfrom, (int fd, void *d, size_t n, int flags, struct sockaddr *a, socklen_t *an),
             (fd, d, n, flags, a, an), -1, CUT(n))
WRAP(ssize_t, send, (int fd, const void *d, size_t n, int flags), (fd, d, n, flags), -1, CUT(n))
WRAP(ssize_t, sendfile, (int fd, int file, off_t *place, size_t n), (fd, file, place, n), -1, CUT(n))
WRAP(ssize_t, sendto, (int fd, const void *d, size_t n, int flags, const struct sockaddr *a, socklen_t an),
             (fd, d, n, flags, a, an), -1, CUT(n))
WRAP(int, sethostname, (const char *name, size_t n), (name, n), -1, WHOLE)
WRAP(int, setsockopt, (int fd, int l, int o, const void *v, socklen_t n), (fd, l, o, v, n), -1, WHOLE)
WRAP(int, shutdown, (int fd, int how), (fd, how), -1, WHOLE)
WRAP(int, socket, (int family, int type, int proto), (family, type, proto), -1, WHOLE)
WRAP(int, socketpair, (int family, int type, int proto, int ends[2]), (family, type, proto, ends), -1, WHOLE)
WRAP(int, timerfd_create, (clockid_t clock, int flags), (clock, flags), -1, WHOLE)
WRAP(int, timerfd_settime, (int fd, int flags, const struct itimerspec *n, struct itimerspec *old), (fd, flags, n, old),
             -1, WHOLE)

/* The time at `start`, and the nanoseconds that the library has waited for since. */
static struct timespec beginning;
static long waited;

/* Called before a wait of the library, which is none if it has no time. */
static void begin_wait(long time, void *caller) {
  if (started && !is_other && time != 0 && by_library(caller)) waits = 1;
}

/* Called after it, or when it was not made: waits for the other thread. */
static void end_wait(void) {
  int error = errno;
  for (int n = 0; waits && busy && !is_other && n < 10000; n++) usleep(100);
  if (!is_other) waits = 0;
  errno = error;
}

/* Called after a wait of the library: its whole time has passed unless it ended before. */
static int has_waited(int result, long nanoseconds, void *caller) {
  end_wait();
  if (result == 0 && nanoseconds > 0 && by_library(caller)) waited += nanoseconds;
  return result;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  REAL(clock_gettime);
  if (!started || clock != CLOCK_MONOTONIC || !by_library(__builtin_return_address(0))) return real(clock, time);
  long nanoseconds = beginning.tv_nsec + waited;
  time->tv_sec = beginning.tv_sec + nanoseconds / 1000000000;
  time->tv_nsec = nanoseconds % 1000000000;
  return 0;
}

#define WRAP_WAIT(name, parameters, arguments) \
  int name parameters { \
    REAL(name); \
    void *caller = __builtin_return_address(0); \
    struct fault fault = meet(#name, caller); \
    begin_wait(timeout, caller); \
    if (fault.kind == FAIL) return end_wait(), errno = (int)fault.value, -1; \
    if (fault.kind == GIVE) return end_wait(), (int)fault.value; \
    return has_waited(real arguments, timeout * 1000000L, caller); \
  }

WRAP_WAIT(epoll_wait, (int epfd, struct epoll_event *e, int n, int timeout), (epfd, e, n, timeout))
WRAP_WAIT(poll, (struct pollfd *p, nfds_t n, int timeout), (p, n, timeout))

/* The library calls epoll_pwait2(2) so, which has the faults of epoll_wait. A thread that waits for the next look-up is
   told at once that its time is over, so that each look-up has a thread of its own. */
long syscall(long number, ...) {
  REAL(syscall);
  void *caller = __builtin_return_address(0);
  long given[6];
  va_list rest;
  va_start(rest, number);
  for (int n = 0; n < 6; n++) given[n] = va_arg(rest, long);
  va_end(rest);
  if (number == SYS_futex && is_other && given[3] != 0) return errno = ETIMEDOUT, -1;
  if (number != SYS_epoll_pwait2) return real(number, given[0], given[1], given[2], given[3], given[4], given[5]);
  struct fault fault = meet("epoll_wait", caller);
  const int64_t *time = (const int64_t *)given[3];
  begin_wait(1, caller);
  if (fault.kind == FAIL) return end_wait(), errno = (int)fault.value, -1;
  if (fault.kind == GIVE) return end_wait(), fault.value;
  long result = real(number, given[0], given[1], given[2], given[3], given[4], given[5]);
  return has_waited((int)result, time[0] * 1000000000 + time[1], caller);
}

int fcntl(int fd, int command, ...) {
  REAL(fcntl);
  va_list rest;
  va_start(rest, command);
  long argument = va_arg(rest, long);
  va_end(rest);
  struct fault fault = meet("fcntl", __builtin_return_address(0));
  if (fault.kind == FAIL) return errno = (int)fault.value, -1;
  return real(fd, command, argument);
}

int ioctl(int fd, unsigned long request, ...) {
  REAL(ioctl);
  va_list rest;
  va_start(rest, request);
  void *argument = va_arg(rest, void *);
  va_end(rest);
  struct fault fault = meet("ioctl", __builtin_return_address(0));
  if (fault.kind == FAIL) return errno = (int)fault.value, -1;
  return real(fd, request, argument);
}

int open64(const char *path, int flags, ...) {
  REAL(open64);
  va_list rest;
  va_start(rest, flags);
  mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  struct fault fault = meet("open64", __builtin_return_address(0));
  if (fault.kind == FAIL) return errno = (int)fault.value, -1;
  return real(path, flags, mode);
}

/* Shortens a message to the first `length` bytes of its first non-empty buffer. */
static void cut_message(struct msghdr *message, struct iovec *piece, size_t length) {
  for (size_t n = 0; n < message->msg_iovlen; n++) {
    if (message->msg_iov[n].iov_len == 0) continue;
    *piece = message->msg_iov[n];
    if (piece->iov_len > length) piece->iov_len = length;
    message->msg_iov = piece;
    message->msg_iovlen = 1;
    return;
  }
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
  REAL(sendmsg);
  struct fault fault = meet("sendmsg", __builtin_return_address(0));
  if (fault.kind == FAIL) return errno = (int)fault.value, -1;
  struct msghdr changed = *message;
  struct iovec piece;
  if (fault.kind == SHORT) cut_message(&changed, &piece, (size_t)fault.value);
  return real(fd, &changed, flags);
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags) {
  REAL(recvmsg);
  struct fault fault = meet("recvmsg", __builtin_return_address(0));
  if (fault.kind == FAIL) return errno = (int)fault.value, -1;
  struct msghdr before = *message;
  struct iovec piece;
  if (fault.kind == SHORT) cut_message(message, &piece, (size_t)fault.value);
  ssize_t count = real(fd, message, flags);
  message->msg_iov = before.msg_iov, message->msg_iovlen = before.msg_iovlen;
  return count;
}

size_t fread(void *data, size_t size, size_t count, FILE *file) {
  REAL(fread);
  struct fault fault = meet("fread", __builtin_return_address(0));
  if (fault.kind == FAIL) return unread_error = 1, errno = (int)fault.value, 0;
  if (fault.kind == SHORT) CUT(count);
  return real(data, size, count, file);
}

int ferror(FILE *file) {
  REAL(ferror);
  if (unread_error) return unread_error = 0, 1;
  return real(file);
}

/* The netdb functions: a fault's value is the return value, or, above 1000, 1000 more than h_errno. */
#define DATABASE(name, parameters, arguments, tell) \
  int name parameters { \
    REAL(name); \
    struct fault fault = meet(#name, __builtin_return_address(0)); \
    if (fault.kind == NOTHING) return real arguments; \
    *result = NULL; \
    if (fault.value > 1000) { tell; return fault.value == 1000 + TRY_AGAIN ? EAGAIN : ENOENT; } \
    return (int)fault.value; \
  }

#define ROOM char *room, size_t size
DATABASE(gethostbyname_r, (const char *h, struct hostent *e, ROOM, struct hostent **result, int *error),
         (h, e, room, size, result, error), *error = (int)fault.value - 1000)
DATABASE(gethostbyaddr_r,
         (const void *a, socklen_t n, int f, struct hostent *e, ROOM, struct hostent **result, int *error),
         (a, n, f, e, room, size, result, error), *error = (int)fault.value - 1000)
DATABASE(getprotobyname_r, (const char *n, struct protoent *e, ROOM, struct protoent **result),
         (n, e, room, size, result), WHOLE)
DATABASE(getservbyname_r, (const char *n, const char *p, struct servent *e, ROOM, struct servent **result),
         (n, p, e, room, size, result), WHOLE)
DATABASE(getservbyport_r, (int n, const char *p, struct servent *e, ROOM, struct servent **result),
         (n, p, e, room, size, result), WHOLE)

#ifndef PLAIN_MEMORY
/* The memory that the library and Lua allocate. These names of the C library need no dlsym, which would allocate
   memory itself. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *block);

static void *blocks[4096];
static size_t block_count;
static volatile char blocks_locked;

static void lock(void) {
  while (__atomic_test_and_set(&blocks_locked, __ATOMIC_ACQUIRE)) {}
}

static void unlock(void) {
  __atomic_clear(&blocks_locked, __ATOMIC_RELEASE);
}

static void *note(void *block, void *caller) {
  if (block == NULL || !by_library(caller)) return block;
  lock();
  if (block_count < sizeof blocks / sizeof *blocks) blocks[block_count++] = block;
  unlock();
  return block;
}

static int forget(void *block) {
  int found = 0;
  lock();
  for (size_t n = block_count; n > 0 && !found; n--) {
    if (blocks[n - 1] != block) continue;
    blocks[n - 1] = blocks[--block_count];
    found = 1;
  }
  unlock();
  return found;
}

/* Whether this allocation of the library must fail. */
static int confined(size_t size, void *caller) {
  if (!started || faults[0].kind != CONFINE || size < (size_t)faults[0].value || !by_library(caller)) return 0;
  return ++struck;
}

void *malloc(size_t size) {
  void *caller = __builtin_return_address(0);
  return confined(size, caller) ? NULL : note(__libc_malloc(size), caller);
}

void *calloc(size_t count, size_t size) {
  void *caller = __builtin_return_address(0);
  return confined(count * size, caller) ? NULL : note(__libc_calloc(count, size), caller);
}

void free(void *block) {
  if (block != NULL) forget(block);
  __libc_free(block);
}

int posix_memalign(void **block, size_t alignment, size_t size) {
  void *caller = __builtin_return_address(0);
  *block = confined(size, caller) ? NULL : note(__libc_memalign(alignment, size), caller);
  return *block == NULL ? ENOMEM : 0;
}

void *realloc(void *block, size_t size) {
  void *caller = __builtin_return_address(0);
  if (confined(size, caller)) return NULL;
  int known = block != NULL && forget(block);
  void *moved = __libc_realloc(block, size);
  if (moved == NULL && known && size > 0) return note(block, (void *)library_start), NULL;
  return note(moved, caller);
}
#else
static size_t block_count;
#endif

/* Wraps Lua's allocator, which makes all its allocations. Shrinking a block never fails. */
static allocator *own_allocator;

static void *allocate(void *data, void *block, size_t old, size_t size) {
  if (started && size > 0 && (block == NULL || size > old)) {
    allocations++;
    if (faults[0].kind == STARVE && allocations >= faults[0].place) return struck++, NULL;
  }
  return own_allocator(data, block, old, size);
}

static void say_case(int number) {
  static const char words[] = " hung or ended the process: ";
  ssize_t ignored = write(2, words, sizeof words - 1);
  ignored = write(2, name_of_case, strlen(name_of_case));
  ignored = write(2, "\n", 1);
  (void)ignored;
  signal(number, SIG_DFL);
  raise(number);
}

/* start(case, place, name, kind, value, place, name, kind, value): starts to record calls, and to make them fail. */
int start(void *lua) {
  size_t length;
  const char *name = luaL_checklstring(lua, 1, &length);
  snprintf(name_of_case, sizeof name_of_case, "%s", name);
  for (int n = 0; n < 2; n++) {
    faults[n].place = luaL_checkinteger(lua, 4 * n + 2);
    snprintf(faults[n].name, sizeof faults[n].name, "%s", luaL_checklstring(lua, 4 * n + 3, &length));
    faults[n].kind = (enum kind)luaL_checkinteger(lua, 4 * n + 4);
    faults[n].value = luaL_checkinteger(lua, 4 * n + 5);
  }
  if (library_start == 0) dl_iterate_phdr(find_library, NULL);
  if (own_allocator == NULL) {
    void *data;
    own_allocator = lua_getallocf(lua, &data);
    lua_setallocf(lua, allocate, data);
  }
  signal(SIGALRM, say_case), signal(SIGABRT, say_case), signal(SIGSEGV, say_case);
  own.met = others.met = allocations = waited = 0, struck = 0, unread_error = 0, waits = 0;
  own.trace[0] = others.trace[0] = 0;
  clock_gettime(CLOCK_MONOTONIC, &beginning);
  alarm(20);
  started = 1;
  return 0;
}

/* stop(): stops; returns the names of the calls, how many faults occurred, how many times Lua allocated memory, and the
   names of the calls in other threads. */
int stop(void *lua) {
  started = 0;
  retire();
  alarm(0);
  lua_pushstring(lua, own.trace);
  lua_pushinteger(lua, struck);
  lua_pushinteger(lua, allocations);
  lua_pushstring(lua, others.trace);
  return 4;
}

/* host(): has the library make what only hosts use, whose first call makes it. */
int host(void *lua) {
  void *library = NULL;
  dl_iterate_phdr(find_library, &library);
  double (*timeout)(void *lua) = (double (*)(void *))dlsym(library, "bsdsocket_timeout");
  timeout(lua);
  return 0;
}

/* census(): the number of open descriptors of the process, and of memory blocks of the library. */
int census(void *lua) {
  long count = 0;
  for (int fd = 0; fd < 1024; fd++) count += fcntl(fd, F_GETFD, 0) >= 0;
  lua_pushinteger(lua, count);
  lua_pushinteger(lua, (long)block_count);
  return 2;
}

/* fresh(code): runs code in a state of its own. Returns three results as strings; after an error nil and the message. */
int fresh(void *lua) {
  size_t length;
  const char *code = luaL_checklstring(lua, 1, &length);
  void *own = luaL_newstate();
  luaL_openlibs(own);
  int failed = luaL_loadstring(own, code);
  if (!failed) failed = lua_pcallk ? lua_pcallk(own, 0, 3, 0, 0, NULL) : lua_pcall(own, 0, 3, 0);
  if (failed) lua_pushstring(lua, NULL);
  for (int n = 1; n <= (failed ? 1 : 3); n++) lua_pushstring(lua, lua_tolstring(own, n, NULL));
  lua_close(own);
  return failed ? 2 : 3;
}
