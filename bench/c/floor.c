/*
 * floor: a hand-written C socket module, the least a Lua binding can cost.
 *
 * It is no library: no names are resolved, only IPv4 and socketpair are known,
 * and only what the benchmark calls is here. What makes it fast:
 *
 *   - self is checked against the metatable kept as upvalue 1 of every method,
 *   - recv reads into a 2 KiB stack buffer, larger sizes into one static buffer
 *     that only grows, and the string is made once, from the bytes received,
 *   - an IPv4 host is formatted by hand.
 *
 * Builds for Lua 5.1 to 5.4 and LuaJIT.
 */
#define _GNU_SOURCE
#include <lua.h>
#include <lauxlib.h>
#include <lualib.h>

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SOCKET_TYPE "floor.socket"
#define BUFFER_TYPE "floor.buffer"
#define STACK_BUFFER_SIZE 2048
#define ANY_TIME (-1) /* no timeout: the socket may block for ever */

typedef struct {
  int fd;
  int family;
  int type;
  int proto;
  double timeout;
} Socket;

typedef struct {
  size_t size;
  unsigned char data[];
} Buffer;

/* ---- Lua versions ---- */

static void *new_userdata(lua_State *L, size_t size) {
#if LUA_VERSION_NUM >= 504
  return lua_newuserdatauv(L, size, 0);
#else
  return lua_newuserdata(L, size);
#endif
}

/* Fills the table below the upvalues with functions that share them; pops the upvalues. */
static void set_functions(lua_State *L, const luaL_Reg *functions, int upvalues) {
  for (; functions->name; functions++) {
    for (int i = 0; i < upvalues; i++) lua_pushvalue(L, -upvalues);
    lua_pushcclosure(L, functions->func, upvalues);
    lua_setfield(L, -(upvalues + 2), functions->name);
  }
  lua_pop(L, upvalues);
}

/* ---- self, failure, waiting ---- */

static Socket *check_socket(lua_State *L) {
  Socket *s = lua_touserdata(L, 1);
  if (s && lua_getmetatable(L, 1)) {
    int is_socket = lua_rawequal(L, -1, lua_upvalueindex(1));
    lua_pop(L, 1);
    if (is_socket) return s;
  }
  luaL_argerror(L, 1, "socket expected");
  return NULL;
}

static int failure(lua_State *L) {
  int code = errno;
  lua_pushnil(L);
  lua_pushstring(L, strerror(code));
  lua_pushinteger(L, code);
  return 3;
}

static int success(lua_State *L) {
  lua_pushboolean(L, 1);
  return 1;
}

/* After a failed call: 1 to try again, 0 to return errno. */
static int try_again(const Socket *s, short events) {
  if (errno == EINTR) return 1;
  if ((errno == EAGAIN || errno == EWOULDBLOCK) && s->timeout > 0) {
    struct pollfd poll_fd = {s->fd, events, 0};
    int ready = poll(&poll_fd, 1, (int)(s->timeout * 1000));
    if (ready > 0) return 1;
    if (ready == 0) errno = ETIMEDOUT;
  }
  return 0;
}

/* ---- addresses: IPv4 only ---- */

static void check_address(lua_State *L, int host_index, int port_index, struct sockaddr_in *address) {
  memset(address, 0, sizeof *address);
  address->sin_family = AF_INET;
  address->sin_port = htons((unsigned short)luaL_checkinteger(L, port_index));
  if (inet_pton(AF_INET, luaL_checkstring(L, host_index), &address->sin_addr) != 1) luaL_error(L, "bad address");
}

static char *put_byte(char *out, unsigned value) {
  if (value >= 100) {
    *out++ = (char)('0' + value / 100);
    value %= 100;
    *out++ = (char)('0' + value / 10);
    value %= 10;
  } else if (value >= 10) {
    *out++ = (char)('0' + value / 10);
    value %= 10;
  }
  *out++ = (char)('0' + value);
  return out;
}

static void push_host(lua_State *L, const struct sockaddr_in *address) {
  const unsigned char *bytes = (const unsigned char *)&address->sin_addr;
  char text[16];
  char *end = text;
  for (int i = 0; i < 4; i++) {
    end = put_byte(end, bytes[i]);
    *end++ = '.';
  }
  lua_pushlstring(L, text, (size_t)(end - text) - 1);
}

static void push_port(lua_State *L, const struct sockaddr_in *address) {
  lua_pushinteger(L, ntohs(address->sin_port));
}

/* A table with a metatable, which a library would have for the fields by name. */
static void push_address_table(lua_State *L, const struct sockaddr_in *address) {
  lua_createtable(L, 2, 0);
  push_host(L, address);
  lua_rawseti(L, -2, 1);
  push_port(L, address);
  lua_rawseti(L, -2, 2);
  luaL_getmetatable(L, BUFFER_TYPE);
  lua_setmetatable(L, -2);
}

/* ---- options and timeout ---- */

static int socket_gettimeout(lua_State *L) {
  Socket *s = check_socket(L);
  if (s->timeout < 0) lua_pushnil(L);
  else lua_pushnumber(L, s->timeout);
  return 1;
}

static int socket_settimeout(lua_State *L) {
  Socket *s = check_socket(L);
  s->timeout = lua_isnoneornil(L, 2) ? ANY_TIME : luaL_checknumber(L, 2);
  return 0;
}

static int socket_getsockopt(lua_State *L) {
  Socket *s = check_socket(L);
  int level = (int)luaL_checkinteger(L, 2);
  int option = (int)luaL_checkinteger(L, 3);
  int value = 0;
  socklen_t size = sizeof value;
  if (getsockopt(s->fd, level, option, &value, &size) < 0) return failure(L);
  lua_pushinteger(L, value);
  return 1;
}

/* SO_LINGER on, 0 seconds: close resets the connection, so that no port stays in TIME_WAIT. */
static int socket_linger0(lua_State *L) {
  Socket *s = check_socket(L);
  struct linger value = {1, 0};
  setsockopt(s->fd, SOL_SOCKET, SO_LINGER, &value, sizeof value);
  return 0;
}

/* ---- streams ---- */

static int socket_send(lua_State *L) {
  Socket *s = check_socket(L);
  size_t size;
  const char *data = luaL_checklstring(L, 2, &size);
  int flags = (int)luaL_optinteger(L, 3, 0);
  ssize_t sent;
  do sent = send(s->fd, data, size, flags | MSG_NOSIGNAL);
  while (sent < 0 && try_again(s, POLLOUT));
  if (sent < 0) return failure(L);
  lua_pushinteger(L, sent);
  return 1;
}

/* The one buffer of every recv larger than the stack buffer. */
static char *large_buffer(lua_State *L, size_t size) {
  static char *buffer;
  static size_t capacity;
  if (size > capacity) {
    char *larger = realloc(buffer, size);
    if (!larger) luaL_error(L, "not enough memory");
    buffer = larger;
    capacity = size;
  }
  return buffer;
}

static int socket_recv(lua_State *L) {
  Socket *s = check_socket(L);
  size_t size = (size_t)luaL_checkinteger(L, 2);
  int flags = (int)luaL_optinteger(L, 3, 0);
  char stack_buffer[STACK_BUFFER_SIZE];
  char *data = size <= sizeof stack_buffer ? stack_buffer : large_buffer(L, size);
  ssize_t received;
  do received = recv(s->fd, data, size, flags);
  while (received < 0 && try_again(s, POLLIN));
  if (received < 0) return failure(L);
  lua_pushlstring(L, data, (size_t)received);
  return 1;
}

static int socket_recv_into(lua_State *L) {
  Socket *s = check_socket(L);
  Buffer *buffer = luaL_checkudata(L, 2, BUFFER_TYPE);
  size_t size = (size_t)luaL_optinteger(L, 3, (lua_Integer)buffer->size);
  if (size > buffer->size) size = buffer->size;
  ssize_t received;
  do received = recv(s->fd, buffer->data, size, 0);
  while (received < 0 && try_again(s, POLLIN));
  if (received < 0) return failure(L);
  lua_pushinteger(L, received);
  return 1;
}

/* ---- datagrams ---- */

/* Pushes the data and returns 0, or pushes a failure and returns its length. */
static int receive_datagram(lua_State *L, struct sockaddr_storage *from) {
  Socket *s = check_socket(L);
  size_t size = (size_t)luaL_checkinteger(L, 2);
  char data[STACK_BUFFER_SIZE];
  if (size > sizeof data) size = sizeof data;
  ssize_t received;
  do {
    socklen_t from_size = sizeof *from;
    received = recvfrom(s->fd, data, size, 0, (struct sockaddr *)from, &from_size);
  } while (received < 0 && try_again(s, POLLIN));
  if (received < 0) return failure(L);
  lua_pushlstring(L, data, (size_t)received);
  return 0;
}

/* s:recvfrom(size) -> data, host, port */
static int socket_recvfrom(lua_State *L) {
  struct sockaddr_storage from;
  int failed = receive_datagram(L, &from);
  if (failed) return failed;
  push_host(L, (struct sockaddr_in *)&from);
  push_port(L, (struct sockaddr_in *)&from);
  return 3;
}

/* s:recvfrom_table(size) -> data, {host, port} */
static int socket_recvfrom_table(lua_State *L) {
  struct sockaddr_storage from;
  int failed = receive_datagram(L, &from);
  if (failed) return failed;
  push_address_table(L, (struct sockaddr_in *)&from);
  return 2;
}

static int send_datagram(lua_State *L, Socket *s, const char *data, size_t size, const struct sockaddr_in *to) {
  ssize_t sent;
  do sent = sendto(s->fd, data, size, MSG_NOSIGNAL, (const struct sockaddr *)to, sizeof *to);
  while (sent < 0 && try_again(s, POLLOUT));
  if (sent < 0) return failure(L);
  lua_pushinteger(L, sent);
  return 1;
}

/* s:sendto(data, host, port) */
static int socket_sendto(lua_State *L) {
  Socket *s = check_socket(L);
  size_t size;
  const char *data = luaL_checklstring(L, 2, &size);
  struct sockaddr_in to;
  check_address(L, 3, 4, &to);
  return send_datagram(L, s, data, size, &to);
}

/* s:sendto_table(data, {host, port}) */
static int socket_sendto_table(lua_State *L) {
  Socket *s = check_socket(L);
  size_t size;
  const char *data = luaL_checklstring(L, 2, &size);
  struct sockaddr_in to;
  luaL_checktype(L, 3, LUA_TTABLE);
  lua_rawgeti(L, 3, 1);
  lua_rawgeti(L, 3, 2);
  check_address(L, -2, -1, &to);
  return send_datagram(L, s, data, size, &to);
}

/* ---- connections ---- */

static int socket_bind(lua_State *L) {
  Socket *s = check_socket(L);
  struct sockaddr_in address;
  int on = 1;
  check_address(L, 2, 3, &address);
  setsockopt(s->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(s->fd, (struct sockaddr *)&address, sizeof address) < 0) return failure(L);
  return success(L);
}

static int socket_connect(lua_State *L) {
  Socket *s = check_socket(L);
  struct sockaddr_in address;
  check_address(L, 2, 3, &address);
  if (connect(s->fd, (struct sockaddr *)&address, sizeof address) < 0) return failure(L);
  return success(L);
}

static int socket_listen(lua_State *L) {
  Socket *s = check_socket(L);
  if (listen(s->fd, 128) < 0) return failure(L);
  return success(L);
}

/* s:port() -> the local port */
static int socket_port(lua_State *L) {
  Socket *s = check_socket(L);
  struct sockaddr_in address;
  socklen_t size = sizeof address;
  if (getsockname(s->fd, (struct sockaddr *)&address, &size) < 0) return failure(L);
  push_port(L, &address);
  return 1;
}

static Socket *push_socket(lua_State *L, int fd, int family, int type) {
  Socket *s = new_userdata(L, sizeof *s);
  s->fd = fd;
  s->family = family;
  s->type = type;
  s->proto = 0;
  s->timeout = ANY_TIME;
  return s;
}

/* Pushes the socket and returns 0, or pushes a failure and returns its length. */
static int accept_connection(lua_State *L, struct sockaddr_storage *from) {
  Socket *s = check_socket(L);
  socklen_t from_size = sizeof *from;
  int fd;
  do fd = accept4(s->fd, (struct sockaddr *)from, &from_size, SOCK_CLOEXEC);
  while (fd < 0 && try_again(s, POLLIN));
  if (fd < 0) return failure(L);
  push_socket(L, fd, AF_INET, SOCK_STREAM);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_setmetatable(L, -2);
  return 0;
}

/* s:accept() -> socket, host, port */
static int socket_accept(lua_State *L) {
  struct sockaddr_storage from;
  int failed = accept_connection(L, &from);
  if (failed) return failed;
  push_host(L, (struct sockaddr_in *)&from);
  push_port(L, (struct sockaddr_in *)&from);
  return 3;
}

/* s:accept_table() -> socket, {host, port} */
static int socket_accept_table(lua_State *L) {
  struct sockaddr_storage from;
  int failed = accept_connection(L, &from);
  if (failed) return failed;
  push_address_table(L, (struct sockaddr_in *)&from);
  return 2;
}

static void close_once(Socket *s) {
  if (s->fd >= 0) {
    close(s->fd);
    s->fd = -1;
  }
}

static int socket_close(lua_State *L) {
  close_once(check_socket(L));
  return 0;
}

static int socket_gc(lua_State *L) {
  close_once(lua_touserdata(L, 1));
  return 0;
}

/* ---- module functions ---- */

static void push_typed_socket(lua_State *L, int fd, int family, int type) {
  push_socket(L, fd, family, type);
  luaL_getmetatable(L, SOCKET_TYPE);
  lua_setmetatable(L, -2);
}

/* floor.new([type]) -> an AF_INET socket */
static int floor_new(lua_State *L) {
  int type = (int)luaL_optinteger(L, 1, SOCK_STREAM);
  int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
  if (fd < 0) return failure(L);
  push_typed_socket(L, fd, AF_INET, type);
  return 1;
}

/* floor.socketpair() -> two connected AF_UNIX stream sockets */
static int floor_socketpair(lua_State *L) {
  int fds[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0) return failure(L);
  push_typed_socket(L, fds[0], AF_UNIX, SOCK_STREAM);
  push_typed_socket(L, fds[1], AF_UNIX, SOCK_STREAM);
  return 2;
}

/* floor.buf(size) -> writable memory for recv_into */
static int floor_buf(lua_State *L) {
  size_t size = (size_t)luaL_checkinteger(L, 1);
  Buffer *buffer = new_userdata(L, sizeof *buffer + size);
  buffer->size = size;
  memset(buffer->data, 0, size);
  luaL_getmetatable(L, BUFFER_TYPE);
  lua_setmetatable(L, -2);
  return 1;
}

/* floor.now() -> seconds of the monotonic clock, the benchmark's own clock */
static int floor_now(lua_State *L) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  lua_pushnumber(L, (lua_Number)time.tv_sec + (lua_Number)time.tv_nsec * 1e-9);
  return 1;
}

static const luaL_Reg methods[] = {
  {"accept", socket_accept},
  {"accept_table", socket_accept_table},
  {"bind", socket_bind},
  {"close", socket_close},
  {"connect", socket_connect},
  {"getsockopt", socket_getsockopt},
  {"gettimeout", socket_gettimeout},
  {"linger0", socket_linger0},
  {"listen", socket_listen},
  {"port", socket_port},
  {"recv", socket_recv},
  {"recv_into", socket_recv_into},
  {"recvfrom", socket_recvfrom},
  {"recvfrom_table", socket_recvfrom_table},
  {"send", socket_send},
  {"sendto", socket_sendto},
  {"sendto_table", socket_sendto_table},
  {"settimeout", socket_settimeout},
  {NULL, NULL},
};

/* The bytes of a Lua state that are no garbage. */
static lua_Number floor_heap(lua_State *L) {
  lua_gc(L, LUA_GCCOLLECT, 0);
  lua_gc(L, LUA_GCCOLLECT, 0);
  return lua_gc(L, LUA_GCCOUNT, 0) * 1024.0 + lua_gc(L, LUA_GCCOUNTB, 0);
}

/* floor.open(path, name) -> seconds to open a module in another Lua state, and the bytes of Lua heap that stay in use.
 * The module's file is loaded already; the state and Lua's own libraries are not counted. */
static int floor_open(lua_State *L) {
  void *file = dlopen(luaL_checkstring(L, 1), RTLD_NOW | RTLD_LOCAL);
  void *function = file ? dlsym(file, luaL_checkstring(L, 2)) : NULL;
  if (!function) return luaL_error(L, "%s", dlerror());
  lua_CFunction open;
  memcpy(&open, &function, sizeof open);
  /* A collection beforehand would change the time. */
  lua_State *other = luaL_newstate();
  luaL_openlibs(other);
  lua_Number before = floor_heap(other);
  lua_close(other);
  other = luaL_newstate();
  luaL_openlibs(other);
  lua_pushcfunction(other, open);
  struct timespec start, end;
  clock_gettime(CLOCK_MONOTONIC, &start);
  int failed = lua_pcall(other, 0, 1, 0);
  clock_gettime(CLOCK_MONOTONIC, &end);
  lua_Number heap = floor_heap(other);
  lua_close(other);
  if (failed) return luaL_error(L, "the module does not open");
  lua_pushnumber(L, (lua_Number)(end.tv_sec - start.tv_sec) + (lua_Number)(end.tv_nsec - start.tv_nsec) * 1e-9);
  lua_pushnumber(L, heap - before);
  return 2;
}

static const luaL_Reg functions[] = {
  {"buf", floor_buf},
  {"new", floor_new},
  {"now", floor_now},
  {"open", floor_open},
  {"socketpair", floor_socketpair},
  {NULL, NULL},
};

int luaopen_floor(lua_State *L) {
  luaL_newmetatable(L, BUFFER_TYPE);
  lua_pop(L, 1);

  luaL_newmetatable(L, SOCKET_TYPE);
  lua_pushcfunction(L, socket_gc);
  lua_setfield(L, -2, "__gc");
  lua_newtable(L);
  lua_pushvalue(L, -2);
  set_functions(L, methods, 1);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);

  lua_newtable(L);
  set_functions(L, functions, 0);
  return 1;
}
