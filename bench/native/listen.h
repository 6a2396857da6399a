// How the native servers begin and end: they print their port as the others do, and end with their standard input.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>

// A listening socket on a free port of the loopback interface. Prints {"port":N}.
static inline int listen_on_loopback(int type) {
  const int fd = socket(AF_INET, SOCK_STREAM | type, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) < 0 || listen(fd, 4096) < 0 ||
      getsockname(fd, (struct sockaddr *)&address, &length) < 0) {
    perror("listen");
    return -1;
  }
  printf("{\"port\":%d}\n", ntohs(address.sin_port));
  fflush(stdout);
  return fd;
}
