// The limit for an echo server on io_uring: multishot accept and receive into a buffer ring, sends batched by enter.
#define _GNU_SOURCE
#include "listen.h"
#include "ring.h"

enum { kEntries = 4096, kBuffers = 4096, kBytes = 256, kGroup = 1 };
enum { kAccept, kReceive, kSend, kInput };

static struct ring ring;
static struct buffers buffers;

static uint64_t data_of(int what, int fd, int buffer) {
  return (uint64_t)what << 56 | (uint64_t)(uint32_t)buffer << 32 | (uint32_t)fd;
}

static void accept_next(int listener) {
  struct io_uring_sqe *sqe = ring_sqe(&ring);
  sqe->opcode = IORING_OP_ACCEPT;
  sqe->fd = listener;
  sqe->ioprio = IORING_ACCEPT_MULTISHOT;
  sqe->user_data = data_of(kAccept, listener, 0);
}

static void receive(int fd) {
  struct io_uring_sqe *sqe = ring_sqe(&ring);
  sqe->opcode = IORING_OP_RECV;
  sqe->fd = fd;
  sqe->ioprio = IORING_RECV_MULTISHOT;
  sqe->flags = IOSQE_BUFFER_SELECT;
  sqe->buf_group = kGroup;
  sqe->user_data = data_of(kReceive, fd, 0);
}

static void send_back(int fd, int id, int length) {
  struct io_uring_sqe *sqe = ring_sqe(&ring);
  sqe->opcode = IORING_OP_SEND;
  sqe->fd = fd;
  sqe->addr = (uint64_t)(uintptr_t)buffer_at(&buffers, (uint32_t)id);
  sqe->len = (uint32_t)length;
  sqe->msg_flags = MSG_WAITALL | MSG_NOSIGNAL;
  sqe->user_data = data_of(kSend, fd, id);
}

static void await_end_of_input(void) {
  struct io_uring_sqe *sqe = ring_sqe(&ring);
  sqe->opcode = IORING_OP_POLL_ADD;
  sqe->fd = STDIN_FILENO;
  sqe->poll32_events = 1;
  sqe->user_data = data_of(kInput, STDIN_FILENO, 0);
}

int main(void) {
  const int listener = listen_on_loopback(0);
  if (listener < 0) return 1;
  ring_open(&ring, kEntries, IORING_SETUP_COOP_TASKRUN | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN);
  buffers_open(&buffers, &ring, kGroup, kBuffers, kBytes);
  accept_next(listener);
  await_end_of_input();
  for (;;) {
    ring_enter(&ring, 1);
    for (struct io_uring_cqe *cqe; (cqe = ring_cqe(&ring)) != NULL; ring_seen(&ring)) {
      const int what = (int)(cqe->user_data >> 56);
      const int fd = (int)(uint32_t)cqe->user_data;
      const int more = cqe->flags & IORING_CQE_F_MORE;
      if (what == kInput) return 0;
      if (what == kSend) {
        buffer_give(&buffers, (uint16_t)(cqe->user_data >> 32));
      } else if (what == kAccept) {
        if (cqe->res >= 0) {
          setsockopt(cqe->res, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
          receive(cqe->res);
        }
        if (!more) accept_next(listener);
      } else if (cqe->res > 0) {
        send_back(fd, (int)(cqe->flags >> IORING_CQE_BUFFER_SHIFT), cqe->res);
        if (!more) receive(fd);
      } else if (cqe->res == -ENOBUFS) {
        receive(fd);
      } else if (!more) {
        close(fd);
      }
    }
  }
}
