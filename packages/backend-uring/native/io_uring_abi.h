#pragma once

#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

// The part of the kernel's io_uring interface that the addon itself uses, named as in
// include/uapi/linux/io_uring.h. Declared here so that the build does not depend on the
// age of the machine's kernel headers.

namespace polyring::abi {

constexpr long kSetup = 425;
constexpr long kEnter = 426;
constexpr long kRegister = 427;

constexpr std::uint64_t kOffSqRing = 0;
constexpr std::uint64_t kOffSqes = 0x10000000;

constexpr std::uint32_t kSetupCqsize = 1U << 3;
constexpr std::uint32_t kFeatSingleMmap = 1U << 0;
constexpr std::uint32_t kFeatExtArg = 1U << 8;

constexpr std::uint32_t kEnterGetevents = 1U << 0;
constexpr std::uint32_t kEnterExtArg = 1U << 3;

constexpr std::uint32_t kSqCqOverflow = 1U << 1;

constexpr std::uint32_t kUnregisterBuffers = 1;
constexpr std::uint32_t kUnregisterFiles = 3;

constexpr std::uint8_t kOpAsyncCancel = 14;
constexpr std::uint32_t kAsyncCancelAll = 1U << 0;
constexpr std::uint32_t kAsyncCancelAny = 1U << 2;

constexpr std::uint32_t kCqeFMore = 1U << 1;
constexpr std::uint32_t kCqeFNotif = 1U << 3;

struct SqOffsets {
  std::uint32_t head, tail, ring_mask, ring_entries, flags, dropped, array, resv1;
  std::uint64_t user_addr;
};

struct CqOffsets {
  std::uint32_t head, tail, ring_mask, ring_entries, overflow, cqes, flags, resv1;
  std::uint64_t user_addr;
};

struct Params {
  std::uint32_t sq_entries, cq_entries, flags, sq_thread_cpu, sq_thread_idle, features, wq_fd, resv[3];
  SqOffsets sq_off;
  CqOffsets cq_off;
};
static_assert(sizeof(Params) == 120);

struct Sqe {
  std::uint8_t opcode, flags;
  std::uint16_t ioprio;
  std::int32_t fd;
  std::uint64_t off, addr;
  std::uint32_t len, op_flags;
  std::uint64_t user_data;
  std::uint16_t buf_index, personality;
  std::int32_t splice_fd_in;
  std::uint64_t addr3, pad;
};
static_assert(sizeof(Sqe) == 64);

struct Cqe {
  std::uint64_t user_data;
  std::int32_t res;
  std::uint32_t flags;
};
static_assert(sizeof(Cqe) == 16);

struct Timespec {
  std::int64_t tv_sec, tv_nsec;
};

struct GeteventsArg {
  std::uint64_t sigmask;
  std::uint32_t sigmask_sz, pad;
  std::uint64_t ts;
};

inline long Setup(std::uint32_t entries, Params* params) { return syscall(kSetup, entries, params); }

inline long Enter(int fd, std::uint32_t to_submit, std::uint32_t min_complete, std::uint32_t flags, const void* arg,
                  std::size_t size) {
  return syscall(kEnter, fd, to_submit, min_complete, flags, arg, size);
}

inline long Register(int fd, std::uint32_t opcode, void* arg, std::uint32_t count) {
  return syscall(kRegister, fd, opcode, arg, count);
}

}  // namespace polyring::abi
