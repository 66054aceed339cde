// The floor: an echo server on epoll, level-triggered, or edge-triggered with one registration for both directions.
//
//   raw level|edge
//
// Prints its port. The environment variable BUFFER says how many bytes it receives at most at once.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST_DESCRIPTORS 65536
#define BATCH 1024

// What a connection could not send yet.
struct rest {
  size_t sent, size;
  char data[];
};

static struct rest *rests[MOST_DESCRIPTORS];
static char buffer[1 << 20];
static size_t room;
static int queue, edge;

static void watch(int fd, int operation, uint32_t events) {
  struct epoll_event event = {.events = events, .data.fd = fd};
  epoll_ctl(queue, operation, fd, &event);
}

static void end(int fd) {
  free(rests[fd]);
  rests[fd] = NULL;
  close(fd);
}

// True when all has been sent.
static int send_rest(int fd) {
  struct rest *rest = rests[fd];
  ssize_t sent = send(fd, rest->data + rest->sent, rest->size - rest->sent, MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN) return end(fd), 0;
  if (sent > 0) rest->sent += (size_t)sent;
  if (rest->sent < rest->size) return 0;
  free(rest);
  rests[fd] = NULL;
  if (!edge) watch(fd, EPOLL_CTL_MOD, EPOLLIN);
  return 1;
}

static void keep_rest(int fd, size_t sent, size_t size) {
  struct rest *rest = malloc(sizeof *rest + size - sent);
  if (!rest) return end(fd);
  rest->sent = 0;
  rest->size = size - sent;
  memcpy(rest->data, buffer + sent, rest->size);
  rests[fd] = rest;
  if (!edge) watch(fd, EPOLL_CTL_MOD, EPOLLOUT);
}

static void serve(int fd, uint32_t events) {
  if (rests[fd] && !send_rest(fd)) return;
  else if (!edge && !(events & ~(uint32_t)EPOLLOUT)) return;
  for (;;) {
    ssize_t got = recv(fd, buffer, room, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return end(fd);
    ssize_t sent = send(fd, buffer, (size_t)got, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) return end(fd);
    if (sent < got) return keep_rest(fd, sent < 0 ? 0 : (size_t)sent, (size_t)got);
    // An event comes when there is more: always when level-triggered, and after a short read.
    if (!edge || (size_t)got < room) return;
  }
}

int main(int count, char **arguments) {
  edge = count > 1 && !strcmp(arguments[1], "edge");
  const char *size = getenv("BUFFER");
  room = size ? (size_t)atol(size) : 4096;
  if (room == 0 || room > sizeof buffer) return 2;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 4096)) return 1;
  getsockname(listener, (struct sockaddr *)&address, &length);
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  queue = epoll_create1(0);
  watch(listener, EPOLL_CTL_ADD, EPOLLIN);
  for (;;) {
    struct epoll_event events[BATCH];
    int ready = epoll_wait(queue, events, BATCH, -1);
    for (int n = 0; n < ready; n++) {
      int fd = events[n].data.fd;
      if (fd != listener) {
        serve(fd, events[n].events);
        continue;
      }
      while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        if (fd >= MOST_DESCRIPTORS) close(fd);
        else watch(fd, EPOLL_CTL_ADD, edge ? EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET : EPOLLIN);
      }
    }
  }
}
