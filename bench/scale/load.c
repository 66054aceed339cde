// Clients of an echo server.
//
//   load PORT CONNECTIONS ACTIVE BYTES WARM_UP SECONDS echo|churn
//
// Opens CONNECTIONS to 127.0.0.1:PORT, prints "connected" and reads a line, so that the caller can look at the idle
// server. Then ACTIVE of them send BYTES bytes, wait until as many have come back, and begin again; with "churn" each
// closes its connection then and makes another. After WARM_UP seconds it prints "warm" and counts for SECONDS seconds.
// Prints a line of JSON, and ends when its standard input does.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MOST_BYTES (1 << 20)
#define BATCH 1024

struct connection {
  int fd, waits_for_space;
  size_t unsent, missing;
  uint64_t begun;
};

static char message[MOST_BYTES], answer[MOST_BYTES];
static struct sockaddr_in server;
static int queue, churns;
static size_t bytes;

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static void die(const char *call) {
  perror(call);
  exit(1);
}

// Latencies are counted in cells, 64 for each power of two: exact within 1.6 %.
#define CELLS 64
static uint64_t histogram[60 * CELLS];

static unsigned cell_of(uint64_t time) {
  if (time < CELLS) return (unsigned)time;
  unsigned power = 63 - (unsigned)__builtin_clzll(time);
  return (power - 5) * CELLS + (unsigned)(time >> (power - 6)) - CELLS;
}

static double time_of(unsigned cell) {
  if (cell < CELLS) return cell;
  return (double)((uint64_t)(cell % CELLS + CELLS) << (cell / CELLS - 1));
}

// The latency in microseconds that this part of the requests did not exceed.
static double quantile(uint64_t total, double part) {
  uint64_t seen = 0;
  for (unsigned cell = 0; cell < sizeof histogram / sizeof *histogram; cell++)
    if ((seen += histogram[cell]) >= (double)total * part) return time_of(cell) / 1e3;
  return 0;
}

static void watch(struct connection *one, int operation, int waits_for_space) {
  struct epoll_event event = {.events = waits_for_space ? EPOLLIN | EPOLLOUT : EPOLLIN, .data.ptr = one};
  if (epoll_ctl(queue, operation, one->fd, &event)) die("epoll_ctl");
  one->waits_for_space = waits_for_space;
}

static void open_connection(struct connection *one) {
  static unsigned count;
  int yes = 1;
  one->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (one->fd < 0) die("socket");
  setsockopt(one->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (churns) {
    // Closed connections keep their ports for a while: many addresses have enough of them.
    struct sockaddr_in from = {.sin_family = AF_INET};
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + count++ % 200);
    setsockopt(one->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
    if (bind(one->fd, (struct sockaddr *)&from, sizeof from)) die("bind");
  }
  if (connect(one->fd, (struct sockaddr *)&server, sizeof server)) die("connect");
  if (fcntl(one->fd, F_SETFL, O_NONBLOCK)) die("fcntl");
  watch(one, EPOLL_CTL_ADD, 0);
}

static void send_rest(struct connection *one) {
  ssize_t sent = send(one->fd, message, one->unsent, MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN) die("send");
  if (sent > 0) one->unsent -= (size_t)sent;
  if (one->waits_for_space != (one->unsent > 0)) watch(one, EPOLL_CTL_MOD, one->unsent > 0);
}

static void begin_request(struct connection *one) {
  one->begun = now();
  if (churns && one->fd < 0) open_connection(one);
  one->unsent = one->missing = bytes;
  send_rest(one);
}

// True when the whole answer has come.
static int receive(struct connection *one) {
  ssize_t got = recv(one->fd, answer, sizeof answer, 0);
  if (got < 0 && errno == EAGAIN) return 0;
  if (got <= 0) die("recv");
  return (one->missing -= (size_t)got) == 0;
}

static void await_line(void) {
  char line[16];
  fflush(stdout);
  if (!fgets(line, sizeof line, stdin)) exit(1);
}

int main(int count, char **arguments) {
  if (count != 8) {
    fprintf(stderr, "load PORT CONNECTIONS ACTIVE BYTES WARM_UP SECONDS echo|churn\n");
    return 2;
  }
  int connections = atoi(arguments[2]), active = atoi(arguments[3]);
  double warm_up = atof(arguments[5]), seconds = atof(arguments[6]);
  bytes = (size_t)atol(arguments[4]);
  churns = !strcmp(arguments[7], "churn");
  if (active > connections || bytes == 0 || bytes > MOST_BYTES) return 2;
  server.sin_family = AF_INET;
  server.sin_port = htons((uint16_t)atoi(arguments[1]));
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  memset(message, 'x', sizeof message);
  queue = epoll_create1(0);

  struct connection *all = calloc((size_t)connections, sizeof *all);
  if (!all) die("calloc");
  for (int n = 0; n < connections; n++) open_connection(&all[n]);
  printf("connected\n");
  await_line();

  uint64_t last = now(), from = last + (uint64_t)(warm_up * 1e9), until = from + (uint64_t)(seconds * 1e9);
  uint64_t requests = 0;
  int warm = 0;
  for (int n = 0; n < active; n++) begin_request(&all[n]);
  while (last < until) {
    struct epoll_event events[BATCH];
    int ready = epoll_wait(queue, events, BATCH, 1000);
    if (ready < 0 && errno != EINTR) die("epoll_wait");
    last = now();
    if (!warm && last >= from) {
      warm = 1;
      from = last;
      printf("warm\n");
      fflush(stdout);
    }
    for (int n = 0; n < ready; n++) {
      struct connection *one = events[n].data.ptr;
      if (one->unsent && events[n].events & EPOLLOUT) send_rest(one);
      if (!(events[n].events & ~(uint32_t)EPOLLOUT) || !receive(one)) continue;
      if (warm) {
        histogram[cell_of(now() - one->begun)]++;
        requests++;
      }
      if (churns) {
        close(one->fd);
        one->fd = -1;
      }
      begin_request(one);
    }
  }
  printf("{\"requests\": %lu, \"seconds\": %.4f, \"p50\": %.1f, \"p99\": %.1f}\n", requests, (double)(last - from) / 1e9,
         quantile(requests, 0.5), quantile(requests, 0.99));
  await_line();
}
