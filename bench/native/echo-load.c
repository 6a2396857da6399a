// Echoes 64 bytes over many connections, one message in flight on each, and checks every byte that comes back.
//
// It is on io_uring, so that it costs less than any server that it drives, or on epoll where it may have no ring.
// Usage: echo-load <port> <connections> <ms>
// It prints one line of JSON when it is connected, and one for each line that it reads: what was done between the end of
// the warming and the end of the time, and in all. Its connections stay, so that no measurement has the cost of making them.
#define _GNU_SOURCE
#include <sys/epoll.h>
#include <time.h>

#include "listen.h"
#include "ring.h"

enum { kMessage = 64, kWarmMs = 100, kPatienceMs = 2000, kBuckets = 64 * 32, kGroup = 1, kBuffers = 4096, kEvents = 512 };
enum { kReceive, kSend };

static const uint64_t kTick = UINT64_MAX;
static const long kPeriodMs = 50;

struct connection {
  int fd;
  uint32_t received;
  uint64_t count, sent_at;
  uint64_t message[kMessage / 8];
};

static int by_ring, set;
static struct ring ring;
static struct buffers buffers;
static struct connection *connections;
static uint64_t histogram[kBuckets];
static uint64_t all, measured, timed, errors, warm_at, end_at, longest;

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

// 32 buckets for each power of two: exact to about 3 %.
static uint32_t bucket_of(uint64_t value) {
  if (value < 32) return (uint32_t)value;
  const uint32_t shift = 63 - (uint32_t)__builtin_clzll(value) - 5;
  return (shift + 1) * 32 + (uint32_t)((value >> shift) & 31);
}

static uint64_t bound_of(uint32_t bucket) {
  if (bucket < 32) return bucket;
  const uint32_t shift = bucket / 32 - 1;
  return (uint64_t)(32 + bucket % 32 + 1) << shift;
}

static double quantile(double part) {
  const uint64_t rank = (uint64_t)((double)timed * part);
  uint64_t seen = 0;
  for (uint32_t i = 0; i < kBuckets; i += 1) {
    seen += histogram[i];
    if (seen > rank) return (double)bound_of(i) / 1e3;
  }
  return (double)longest / 1e3;
}

static void send_next(uint32_t index, uint64_t time) {
  struct connection *connection = &connections[index];
  connection->count += 1;
  connection->sent_at = time;
  connection->received = 0;
  for (uint32_t i = 0; i < kMessage / 8; i += 1) {
    connection->message[i] = (connection->count + i) * 0x9e3779b97f4a7c15u + index;
  }
  if (!by_ring) {
    // 64 bytes a connection always fit into the socket's buffer.
    if (send(connection->fd, connection->message, kMessage, MSG_NOSIGNAL) != kMessage) errors += 1;
    return;
  }
  struct io_uring_sqe *sqe = ring_sqe(&ring);
  sqe->opcode = IORING_OP_SEND;
  sqe->fd = connection->fd;
  sqe->addr = (uint64_t)(uintptr_t)connection->message;
  sqe->len = kMessage;
  sqe->msg_flags = MSG_WAITALL | MSG_NOSIGNAL;
  sqe->flags = IOSQE_CQE_SKIP_SUCCESS;
  sqe->user_data = (uint64_t)kSend << 32 | index;
}

static void receive(uint32_t index) {
  if (!by_ring) {
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = index};
    if (epoll_ctl(set, EPOLL_CTL_ADD, connections[index].fd, &event) < 0) die("epoll_ctl");
    return;
  }
  struct io_uring_sqe *sqe = ring_sqe(&ring);
  sqe->opcode = IORING_OP_RECV;
  sqe->fd = connections[index].fd;
  sqe->ioprio = IORING_RECV_MULTISHOT;
  sqe->flags = IOSQE_BUFFER_SELECT;
  sqe->buf_group = kGroup;
  sqe->user_data = (uint64_t)kReceive << 32 | index;
}

static void received(uint32_t index, const char *bytes, uint32_t length, uint64_t time) {
  struct connection *connection = &connections[index];
  if (connection->received + length > kMessage ||
      memcmp((char *)connection->message + connection->received, bytes, length) != 0) {
    errors += 1;
    return;
  }
  connection->received += length;
  if (connection->received < kMessage) return;
  all += 1;
  if (time >= warm_at && time < end_at) measured += 1;
  // The latencies are of what was sent in that time. One that is answered later is a long one, and none to leave out.
  if (connection->sent_at >= warm_at) {
    const uint64_t took = time - connection->sent_at;
    timed += 1;
    histogram[bucket_of(took)] += 1;
    if (took > longest) longest = took;
  }
  if (time < end_at) send_next(index, time);
}

// Wakes the loop, so that a server that does not answer ends the measurement and does not hang it.
static void tick(void) {
  static const struct __kernel_timespec kPeriod = {.tv_nsec = kPeriodMs * 1000000};
  struct io_uring_sqe *sqe = ring_sqe(&ring);
  sqe->opcode = IORING_OP_TIMEOUT;
  sqe->addr = (uint64_t)(uintptr_t)&kPeriod;
  sqe->len = 1;
  sqe->user_data = kTick;
}

static uint64_t turn_on_epoll(void) {
  struct epoll_event events[kEvents];
  const int count = epoll_wait(set, events, kEvents, kPeriodMs);
  const uint64_t time = now();
  for (int i = 0; i < count; i += 1) {
    char bytes[kMessage];
    const uint32_t index = events[i].data.u32;
    const ssize_t length = recv(connections[index].fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (length > 0) {
      received(index, bytes, (uint32_t)length, time);
    } else {
      errors += 1;
    }
  }
  return time;
}

// Takes what has come, and waits for it.
static uint64_t turn(void) {
  if (!by_ring) return turn_on_epoll();
  ring_enter(&ring, 1);
  const uint64_t time = now();
  for (struct io_uring_cqe *cqe; (cqe = ring_cqe(&ring)) != NULL; ring_seen(&ring)) {
    if (cqe->user_data == kTick) {
      tick();
      continue;
    }
    const uint32_t index = (uint32_t)cqe->user_data;
    if (cqe->user_data >> 32 == kSend || (cqe->res <= 0 && cqe->res != -ENOBUFS)) {
      errors += 1;
      continue;
    }
    if (cqe->res > 0) {
      const uint16_t id = (uint16_t)(cqe->flags >> IORING_CQE_BUFFER_SHIFT);
      received(index, buffer_at(&buffers, id), (uint32_t)cqe->res, time);
      buffer_give(&buffers, id);
    }
    if (!(cqe->flags & IORING_CQE_F_MORE)) receive(index);
  }
  return time;
}

// One measurement. It ends when everything that was sent is answered.
static void measure(uint32_t size, uint64_t duration) {
  const uint64_t start = now();
  all = measured = timed = longest = 0;
  memset(histogram, 0, sizeof histogram);
  warm_at = start + kWarmMs * 1000000u;
  end_at = warm_at + duration;
  const uint64_t give_up_at = end_at + kPatienceMs * 1000000u;
  for (uint32_t i = 0; i < size; i += 1) send_next(i, start);
  for (uint64_t time = start, waiting = size; waiting > 0 && time < give_up_at && errors == 0;) {
    time = turn();
    if (time < end_at) continue;
    waiting = 0;
    for (uint32_t i = 0; i < size; i += 1) waiting += connections[i].received < kMessage;
  }
  for (uint32_t i = 0; i < size; i += 1) errors += connections[i].received != kMessage;
  printf("{\"messages\":%lu,\"all\":%lu,\"seconds\":%.6f,\"errors\":%lu,\"quantiles\":[", measured, all,
         (double)(end_at - warm_at) / 1e9, errors);
  const double parts[] = {0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999};
  for (uint32_t i = 0; i < sizeof parts / sizeof *parts; i += 1) printf("%.1f,", quantile(parts[i]));
  printf("%.1f]}\n", (double)longest / 1e3);
  fflush(stdout);
}

int main(int count, char **arguments) {
  if (count != 4) return 2;
  const uint32_t size = (uint32_t)atoi(arguments[2]);
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)atoi(arguments[1])),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  connections = calloc(size, sizeof *connections);
  by_ring = ring_granted();
  if (by_ring) {
    ring_open(&ring, 4096, IORING_SETUP_COOP_TASKRUN | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN);
    buffers_open(&buffers, &ring, kGroup, kBuffers, kMessage);
    tick();
  } else if ((set = epoll_create1(0)) < 0) {
    die("epoll_create1");
  }
  for (uint32_t i = 0; i < size; i += 1) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0) die("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    connections[i].fd = fd;
    receive(i);
  }
  puts("{}");
  fflush(stdout);
  char line[64];
  while (errors == 0 && fgets(line, sizeof line, stdin) != NULL) measure(size, (uint64_t)atoi(arguments[3]) * 1000000u);
  return 0;
}
