/*
 * raw: the benchmark's system calls in a plain C loop, with no Lua at all.
 *
 *   raw TEST N   ->   RESULT median best     nanoseconds per turn, 7 batches of N turns
 *
 * The tests are those of lua/bench.lua. A test that makes no system call (tmo)
 * has no meaning here and prints RESULT NA.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCHES 7
#define DATAGRAM_SIZE 64

typedef void Loop(long turns);

static char buffer[1 << 20];
static size_t size;                /* bytes sent and received per turn */
static int pair[2];                /* a socketpair */
static int sender, receiver;       /* two UDP sockets */
static int listener;               /* a listening TCP socket */
static struct sockaddr_in address; /* the receiver's or the listener's */

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void check(int ok) {
  if (!ok) {
    perror("raw");
    exit(1);
  }
}

/* ---- sockets ---- */

static void open_pair(void) {
  check(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
}

/* A socket bound to a free port of 127.0.0.1; sets `address`. */
static int open_bound(int type) {
  int fd = socket(AF_INET, type, 0);
  socklen_t address_size = sizeof address;
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  check(fd >= 0);
  check(bind(fd, (struct sockaddr *)&address, sizeof address) == 0);
  check(getsockname(fd, (struct sockaddr *)&address, &address_size) == 0);
  return fd;
}

/* ---- one loop per test ---- */

static void send_recv(long turns) {
  for (long i = 0; i < turns; i++) {
    check(send(pair[0], buffer, size, MSG_NOSIGNAL) == (ssize_t)size);
    check(recv(pair[1], buffer, size, 0) == (ssize_t)size);
  }
}

static void sendto_recvfrom(long turns) {
  for (long i = 0; i < turns; i++) {
    struct sockaddr_storage from;
    socklen_t from_size = sizeof from;
    ssize_t sent =
      sendto(sender, buffer, DATAGRAM_SIZE, MSG_NOSIGNAL, (struct sockaddr *)&address, sizeof address);
    check(sent == DATAGRAM_SIZE);
    check(recvfrom(receiver, buffer, 2048, 0, (struct sockaddr *)&from, &from_size) == DATAGRAM_SIZE);
  }
}

static void get_option(long turns) {
  for (long i = 0; i < turns; i++) {
    int value;
    socklen_t value_size = sizeof value;
    check(getsockopt(pair[0], SOL_SOCKET, SO_RCVBUF, &value, &value_size) == 0);
  }
}

static void connect_accept_close(long turns) {
  for (long i = 0; i < turns; i++) {
    struct linger reset = {1, 0};
    struct sockaddr_storage from;
    socklen_t from_size = sizeof from;
    int client = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    check(connect(client, (struct sockaddr *)&address, sizeof address) == 0);
    int server = accept4(listener, (struct sockaddr *)&from, &from_size, SOCK_CLOEXEC);
    check(server >= 0);
    close(client);
    close(server);
  }
}

/* Opens the sockets of a test and returns its loop. */
static Loop *prepare(const char *test) {
  if (!strcmp(test, "ppt")) test = "pp1";
  if (!strncmp(test, "into", 4) || !strncmp(test, "pp", 2)) {
    size = (size_t)atol(test + strcspn(test, "0123456789"));
    open_pair();
    return size > 0 && size <= sizeof buffer ? send_recv : NULL;
  }
  if (!strcmp(test, "udp") || !strcmp(test, "udpt")) {
    sender = open_bound(SOCK_DGRAM);
    receiver = open_bound(SOCK_DGRAM);
    return sendto_recvfrom;
  }
  if (!strcmp(test, "opt")) {
    open_pair();
    return get_option;
  }
  if (!strcmp(test, "acc")) {
    listener = open_bound(SOCK_STREAM);
    check(listen(listener, 128) == 0);
    return connect_accept_close;
  }
  return NULL;
}

static int ascending(const void *left, const void *right) {
  double a = *(const double *)left;
  double b = *(const double *)right;
  return (a > b) - (a < b);
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: raw TEST N\n");
    return 2;
  }
  Loop *loop = prepare(argv[1]);
  long turns = atol(argv[2]);
  double times[BATCHES];
  if (!loop) {
    puts("RESULT NA");
    return 0;
  }
  loop(turns < 200 ? turns : 200);
  for (int batch = 0; batch < BATCHES; batch++) {
    double start = now();
    loop(turns);
    times[batch] = (now() - start) / (double)turns * 1e9;
  }
  qsort(times, BATCHES, sizeof times[0], ascending);
  printf("RESULT %.2f %.2f\n", times[BATCHES / 2], times[0]);
  return 0;
}
