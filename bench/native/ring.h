// A ring without a library: what the native rivals need of io_uring, over the raw system calls.
#pragma once

#include <errno.h>
#include <linux/io_uring.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

struct ring {
  int fd;
  _Atomic uint32_t *sq_head, *sq_tail, *cq_head, *cq_tail;
  uint32_t sq_mask, cq_mask, sq_entries, tail;
  struct io_uring_sqe *sqes;
  struct io_uring_cqe *cqes;
};

static inline void die(const char *what) {
  perror(what);
  exit(1);
}

// Whether this process may have one.
static inline int ring_granted(void) {
  struct io_uring_params params = {0};
  const int fd = (int)syscall(SYS_io_uring_setup, 1, &params);
  if (fd >= 0) close(fd);
  return fd >= 0;
}

static inline void ring_open(struct ring *ring, uint32_t entries, uint32_t flags) {
  struct io_uring_params params = {.flags = flags | IORING_SETUP_CQSIZE, .cq_entries = 4 * entries};
  ring->fd = (int)syscall(SYS_io_uring_setup, entries, &params);
  if (ring->fd < 0) die("io_uring_setup");
  const size_t sq_size = params.sq_off.array + params.sq_entries * sizeof(uint32_t);
  const size_t cq_size = params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe);
  const size_t size = sq_size > cq_size ? sq_size : cq_size;
  char *rings = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring->fd, IORING_OFF_SQ_RING);
  ring->sqes = mmap(NULL, params.sq_entries * sizeof(struct io_uring_sqe), PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_POPULATE, ring->fd, IORING_OFF_SQES);
  if (rings == MAP_FAILED || ring->sqes == MAP_FAILED) die("mmap");
  ring->sq_head = (_Atomic uint32_t *)(rings + params.sq_off.head);
  ring->sq_tail = (_Atomic uint32_t *)(rings + params.sq_off.tail);
  ring->cq_head = (_Atomic uint32_t *)(rings + params.cq_off.head);
  ring->cq_tail = (_Atomic uint32_t *)(rings + params.cq_off.tail);
  ring->sq_mask = params.sq_entries - 1;
  ring->cq_mask = params.cq_entries - 1;
  ring->sq_entries = params.sq_entries;
  ring->cqes = (struct io_uring_cqe *)(rings + params.cq_off.cqes);
  ring->tail = 0;
  uint32_t *array = (uint32_t *)(rings + params.sq_off.array);
  for (uint32_t i = 0; i < params.sq_entries; i += 1) array[i] = i;
}

// Submits what is queued, and waits for `wanted` completions.
static inline void ring_enter(struct ring *ring, uint32_t wanted) {
  atomic_store_explicit(ring->sq_tail, ring->tail, memory_order_release);
  for (;;) {
    const uint32_t queued = ring->tail - atomic_load_explicit(ring->sq_head, memory_order_acquire);
    if (queued == 0 && wanted == 0) return;
    const long taken = syscall(SYS_io_uring_enter, ring->fd, queued, wanted, IORING_ENTER_GETEVENTS, NULL, 0);
    if (taken < 0 && errno != EINTR && errno != EAGAIN && errno != EBUSY) die("io_uring_enter");
    if (taken >= 0 && (uint32_t)taken == queued) return;
  }
}

// An empty SQE; a full queue is submitted first.
static inline struct io_uring_sqe *ring_sqe(struct ring *ring) {
  if (ring->tail - atomic_load_explicit(ring->sq_head, memory_order_acquire) == ring->sq_entries) ring_enter(ring, 0);
  struct io_uring_sqe *sqe = &ring->sqes[ring->tail & ring->sq_mask];
  memset(sqe, 0, sizeof *sqe);
  ring->tail += 1;
  return sqe;
}

// The next completion, or NULL. It is freed by ring_seen.
static inline struct io_uring_cqe *ring_cqe(struct ring *ring) {
  const uint32_t head = atomic_load_explicit(ring->cq_head, memory_order_relaxed);
  if (head == atomic_load_explicit(ring->cq_tail, memory_order_acquire)) return NULL;
  return &ring->cqes[head & ring->cq_mask];
}

static inline void ring_seen(struct ring *ring) {
  atomic_store_explicit(ring->cq_head, atomic_load_explicit(ring->cq_head, memory_order_relaxed) + 1,
                        memory_order_release);
}

// A ring of buffers of one size, from which the kernel takes one for each receive.
struct buffers {
  struct io_uring_buf_ring *ring;
  char *memory;
  uint32_t count, size;
  uint16_t tail, group;
};

static inline char *buffer_at(struct buffers *buffers, uint32_t id) { return buffers->memory + id * buffers->size; }

static inline void buffer_give(struct buffers *buffers, uint16_t id) {
  struct io_uring_buf *entry = &buffers->ring->bufs[buffers->tail & (buffers->count - 1)];
  entry->addr = (uint64_t)(uintptr_t)buffer_at(buffers, id);
  entry->len = buffers->size;
  entry->bid = id;
  buffers->tail += 1;
  atomic_store_explicit((_Atomic uint16_t *)&buffers->ring->tail, buffers->tail, memory_order_release);
}

// count: a power of two
static inline void buffers_open(struct buffers *buffers, struct ring *ring, uint16_t group, uint32_t count,
                                uint32_t size) {
  *buffers = (struct buffers){.count = count, .size = size, .group = group};
  if (posix_memalign((void **)&buffers->ring, 4096, count * sizeof(struct io_uring_buf)) != 0) die("posix_memalign");
  memset(buffers->ring, 0, count * sizeof(struct io_uring_buf));
  buffers->memory = calloc(count, size);
  struct io_uring_buf_reg reg = {
      .ring_addr = (uint64_t)(uintptr_t)buffers->ring, .ring_entries = count, .bgid = group};
  if (syscall(SYS_io_uring_register, ring->fd, IORING_REGISTER_PBUF_RING, &reg, 1) < 0) die("IORING_REGISTER_PBUF_RING");
  for (uint32_t id = 0; id < count; id += 1) buffer_give(buffers, (uint16_t)id);
}
