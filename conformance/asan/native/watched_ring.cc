#include "watched_ring.h"

#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>

namespace polyring::asan {

namespace {

/// Opcodes that the kernel headers of older distributions lack.
constexpr std::uint8_t kOpFutexWait = 51;
constexpr std::uint8_t kOpReadvFixed = 60;
constexpr std::uint8_t kOpWritevFixed = 61;

/// The bytes of `struct statx`.
constexpr std::size_t kStatxSize = 256;

std::uint32_t Load(const std::uint32_t* word) { return __atomic_load_n(word, __ATOMIC_ACQUIRE); }

bool IsBefore(std::uint32_t position, std::uint32_t end) { return static_cast<std::int32_t>(position - end) < 0; }

char* Map(int fd, std::size_t size, std::uint64_t offset) {
  void* data = mmap(nullptr, size, PROT_READ, MAP_SHARED, fd, static_cast<off_t>(offset));
  return data == MAP_FAILED ? nullptr : static_cast<char*>(data);
}

/// Takes memory down, as far as there is room.
void Add(Operation* operation, std::uint64_t address, std::size_t size) {
  if (size == 0 || operation->segment_count == kMostSegments) return;
  operation->segments[operation->segment_count++] = {static_cast<std::uintptr_t>(address), size};
}

/// Reads what an SQE points to. False where nothing is: a fuzzed address is EFAULT to the kernel, and no crash here.
template <typename T>
bool Peek(std::uint64_t address, T* value) {
  const iovec local{value, sizeof(T)};
  const iovec remote{reinterpret_cast<void*>(address), sizeof(T)};
  return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == static_cast<ssize_t>(sizeof(T));
}

void AddVectors(Operation* operation, std::uint64_t address, std::size_t count) {
  iovec vector{};
  for (std::size_t i = 0; i < count && Peek(address + i * sizeof(iovec), &vector); ++i) {
    Add(operation, reinterpret_cast<std::uintptr_t>(vector.iov_base), vector.iov_len);
  }
}

/// The bytes come first: the result counts them.
void AddMessage(Operation* operation, const abi::Sqe& sqe) {
  msghdr message{};
  if (!Peek(sqe.addr, &message)) return;
  AddVectors(operation, reinterpret_cast<std::uintptr_t>(message.msg_iov), message.msg_iovlen);
  Add(operation, sqe.addr, sizeof(message));
  Add(operation, reinterpret_cast<std::uintptr_t>(message.msg_name), message.msg_namelen);
  Add(operation, reinterpret_cast<std::uintptr_t>(message.msg_control), message.msg_controllen);
}

void Describe(const abi::Sqe& sqe, Operation* operation) {
  operation->segment_count = 0;
  operation->kernel_writes = false;
  switch (sqe.opcode) {
    case IORING_OP_READ:
    case IORING_OP_READ_FIXED:
    case IORING_OP_RECV:
      operation->kernel_writes = true;
      [[fallthrough]];
    case IORING_OP_WRITE:
    case IORING_OP_WRITE_FIXED:
    case IORING_OP_SEND:
    case IORING_OP_SEND_ZC:
      return Add(operation, sqe.addr, sqe.len);
    case IORING_OP_READV:
    case kOpReadvFixed:
      operation->kernel_writes = true;
      [[fallthrough]];
    case IORING_OP_WRITEV:
    case kOpWritevFixed:
      return AddVectors(operation, sqe.addr, sqe.len);
    case IORING_OP_RECVMSG:
      operation->kernel_writes = true;
      [[fallthrough]];
    case IORING_OP_SENDMSG:
    case IORING_OP_SENDMSG_ZC:
      return AddMessage(operation, sqe);
    case IORING_OP_ACCEPT: {
      socklen_t length = 0;
      if (sqe.addr == 0 || !Peek(sqe.off, &length)) return;
      operation->kernel_writes = true;
      Add(operation, sqe.addr, length);
      return Add(operation, sqe.off, sizeof(length));
    }
    case IORING_OP_STATX:
      operation->kernel_writes = true;
      return Add(operation, sqe.off, kStatxSize);
    case kOpFutexWait:
      return Add(operation, sqe.addr, sizeof(std::uint32_t));
    default:
      return;
  }
}

}  // namespace

bool Operation::Meets(std::uintptr_t start, std::size_t length) const {
  return std::any_of(segments, segments + segment_count,
                     [=](const Segment& segment) { return segment.Meets(start, length); });
}

bool Operation::Meets(const Operation& other) const {
  return std::any_of(segments, segments + segment_count,
                     [&](const Segment& segment) { return other.Meets(segment.address, segment.size); });
}

bool WatchedRing::Follow(int fd, const abi::Params& params) {
  params_ = params;
  rings_size_ = std::max(params.sq_off.array + params.sq_entries * sizeof(std::uint32_t),
                         params.cq_off.cqes + params.cq_entries * sizeof(abi::Cqe));
  sqes_size_ = params.sq_entries * sizeof(abi::Sqe);
  rings_ = Map(fd, rings_size_, abi::kOffSqRing);
  sqes_ = Map(fd, sqes_size_, abi::kOffSqes);
  if (rings_ == nullptr || sqes_ == nullptr) return false;
  seen_ = 0;
  count_ = 0;
  stray_count_ = 0;
  fd_ = fd;
  return true;
}

void WatchedRing::Release() {
  // Not munmap(), which is the witness's own.
  syscall(SYS_munmap, rings_, rings_size_);
  syscall(SYS_munmap, sqes_, sqes_size_);
  fd_ = -1;
  count_ = 0;
}

bool WatchedRing::TakeNext(std::uint32_t* position, std::uint32_t end) {
  if (!IsBefore(*position, end) || count_ == kMostOperations) return false;
  const std::uint32_t mask = params_.sq_entries - 1;
  const std::uint32_t index = Load(Word(params_.sq_off.array) + (*position & mask));
  const abi::Sqe& sqe = reinterpret_cast<const abi::Sqe*>(sqes_)[index & mask];
  Operation& operation = operations_[count_];
  operation.user_data = sqe.user_data;
  operation.position = *position;
  operation.fd = sqe.fd;
  operation.opcode = sqe.opcode;
  operation.notifies = sqe.opcode == IORING_OP_SEND_ZC || sqe.opcode == IORING_OP_SENDMSG_ZC;
  operation.late = false;
  Describe(sqe, &operation);
  ++count_;
  ++*position;
  return true;
}

std::uint32_t WatchedRing::SqHead() const { return Load(Word(params_.sq_off.head)); }
std::uint32_t WatchedRing::SqTail() const { return Load(Word(params_.sq_off.tail)); }

void WatchedRing::DropFrom(std::uint32_t position) {
  while (count_ > 0 && !IsBefore(newest().position, position)) --count_;
}

bool WatchedRing::NextCompletion(abi::Cqe* completion) {
  if (seen_ == Load(Word(params_.cq_off.tail))) return false;
  const auto* cqes = reinterpret_cast<const abi::Cqe*>(rings_ + params_.cq_off.cqes);
  *completion = cqes[seen_ & (params_.cq_entries - 1)];
  ++seen_;
  return true;
}

std::uint32_t WatchedRing::TakeOverrun() {
  const std::uint32_t unseen = Load(Word(params_.cq_off.tail)) - seen_;
  if (unseen <= params_.cq_entries) return 0;
  seen_ += unseen - params_.cq_entries;
  return unseen - params_.cq_entries;
}

bool WatchedRing::IsStray(const abi::Cqe& completion) const {
  const std::uint64_t* const end = strays_ + std::min(stray_count_, kMostStrays);
  return (completion.flags & abi::kCqeFNotif) != 0 && std::find(strays_, end, completion.user_data) != end;
}

bool WatchedRing::Strike(std::uint64_t user_data, Operation* operation) {
  Operation* const end = operations_ + count_;
  Operation* const found =
      std::find_if(operations_, end, [=](const Operation& each) { return each.user_data == user_data; });
  if (found == end) return false;
  *operation = *found;
  std::copy(found + 1, end, found);
  --count_;
  return true;
}

}  // namespace polyring::asan
