// Round trips between two threads, the limit for workers of Node.js.
//
// Usage: threads <eventfd|msg-ring> <ms>. Each thread has a processor of its own, where there are two. eventfd: each
// waits in epoll, reads, writes to the other, as a loop does. msg-ring: each waits for a message on its ring. Prints
// one line of JSON.
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <time.h>

#include "ring.h"

// How one end waits for the next signal, and signals the other end.
struct end {
  int event, set;
  struct ring ring;
  struct end *other;
};

static int by_ring;

static void end_open(struct end *end) {
  if (by_ring) {
    ring_open(&end->ring, 8, 0);
    return;
  }
  end->event = eventfd(0, EFD_NONBLOCK);
  end->set = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN};
  if (end->event < 0 || end->set < 0 || epoll_ctl(end->set, EPOLL_CTL_ADD, end->event, &event) < 0) die("eventfd");
}

static uint64_t end_wait(struct end *end) {
  uint64_t value = 0;
  if (by_ring) {
    for (;;) {
      struct io_uring_cqe *cqe = ring_cqe(&end->ring);
      if (cqe == NULL) {
        ring_enter(&end->ring, 1);
        continue;
      }
      value = (uint64_t)cqe->res;
      if (cqe->res < 0) die("MSG_RING");
      ring_seen(&end->ring);
      return value;
    }
  }
  struct epoll_event event;
  while (epoll_wait(end->set, &event, 1, -1) != 1) {
  }
  if (read(end->event, &value, sizeof value) != sizeof value) die("read");
  return value;
}

static void end_signal(struct end *end, uint64_t value) {
  if (!by_ring) {
    if (write(end->other->event, &value, sizeof value) != sizeof value) die("write");
    return;
  }
  struct io_uring_sqe *sqe = ring_sqe(&end->ring);
  sqe->opcode = IORING_OP_MSG_RING;
  sqe->fd = end->other->ring.fd;
  sqe->len = (uint32_t)value;
  sqe->flags = IOSQE_CQE_SKIP_SUCCESS;
  ring_enter(&end->ring, 0);
}

// Has the calling thread run on one of the processors that it may run on: the first or the second, or the only one.
static void take_processor(int which) {
  cpu_set_t allowed, own;
  if (sched_getaffinity(0, sizeof allowed, &allowed) < 0) die("sched_getaffinity");
  int chosen = -1;
  for (int processor = 0; processor < CPU_SETSIZE && which >= 0; processor += 1) {
    if (!CPU_ISSET(processor, &allowed)) continue;
    chosen = processor;
    which -= 1;
  }
  CPU_ZERO(&own);
  CPU_SET(chosen, &own);
  if (sched_setaffinity(0, sizeof own, &own) < 0) die("sched_setaffinity");
}

static void *answer(void *argument) {
  take_processor(1);
  struct end *end = argument;
  for (uint64_t value; (value = end_wait(end)) != 0xffff;) end_signal(end, value);
  return NULL;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double cpu(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

int main(int count, char **arguments) {
  if (count != 3) return 2;
  by_ring = strcmp(arguments[1], "msg-ring") == 0;
  struct end ends[2] = {{.other = &ends[1]}, {.other = &ends[0]}};
  end_open(&ends[0]);
  end_open(&ends[1]);
  pthread_t thread;
  if (pthread_create(&thread, NULL, answer, &ends[1]) != 0) die("pthread_create");
  take_processor(0);
  const double start = now(), used = cpu(), end = start + atof(arguments[2]) / 1e3;
  uint64_t trips = 0, errors = 0;
  while (now() < end) {
    const uint64_t value = trips % 1000 + 1;
    end_signal(&ends[0], value);
    errors += end_wait(&ends[0]) != value;
    trips += 1;
  }
  const double seconds = now() - start, spent = cpu() - used;
  end_signal(&ends[0], 0xffff);
  pthread_join(thread, NULL);
  printf("{\"operations\":%lu,\"seconds\":%.6f,\"cpuSeconds\":%.6f,\"errors\":%lu}\n", trips, seconds, spent, errors);
  return 0;
}
