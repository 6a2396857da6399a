// The limit for an echo server on epoll: one thread, one read and one write a message, nothing else.
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "listen.h"

enum { kEvents = 512, kBytes = 4096 };

static void echo(int fd) {
  char bytes[kBytes];
  const ssize_t length = read(fd, bytes, sizeof bytes);
  if (length < 0 && (errno == EAGAIN || errno == EINTR)) return;
  // 64 bytes a connection always fit into the socket's buffer.
  if (length <= 0 || write(fd, bytes, (size_t)length) != length) close(fd);
}

int main(void) {
  const int listener = listen_on_loopback(SOCK_NONBLOCK);
  const int set = epoll_create1(EPOLL_CLOEXEC);
  if (listener < 0 || set < 0) return 1;
  struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
  epoll_ctl(set, EPOLL_CTL_ADD, listener, &event);
  event = (struct epoll_event){.events = EPOLLIN | EPOLLHUP, .data.fd = STDIN_FILENO};
  epoll_ctl(set, EPOLL_CTL_ADD, STDIN_FILENO, &event);
  struct epoll_event events[kEvents];
  for (;;) {
    const int count = epoll_wait(set, events, kEvents, -1);
    for (int i = 0; i < count; i += 1) {
      const int fd = events[i].data.fd;
      if (fd == STDIN_FILENO) return 0;
      if (fd != listener) {
        echo(fd);
        continue;
      }
      for (int peer; (peer = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
        setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        event = (struct epoll_event){.events = EPOLLIN, .data.fd = peer};
        epoll_ctl(set, EPOLL_CTL_ADD, peer, &event);
      }
    }
  }
}
