#include "ring.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>

namespace polyring {

namespace {

constexpr std::int64_t kLoudAfterSeconds = 1;
constexpr std::int64_t kWaitNanoseconds = 10'000'000;
constexpr int kSettleRounds = 5;
// Both are the same as in user-data.ts.
constexpr std::uint64_t kResultIsDescriptor = 1ULL << 63;
constexpr std::uint32_t kGenerationMask = 0x1fffffff;
constexpr std::uint64_t kOwnUserData = UINT64_MAX;
// In the low half: no slot, so others may post completions with it (IORING_OP_MSG_RING). The same in msg-ring.ts.
constexpr std::uint32_t kNobody = 1U << 31;
constexpr timespec kPause{0, 1'000'000};

std::uint32_t LoadAcquire(const std::uint32_t* word) { return __atomic_load_n(word, __ATOMIC_ACQUIRE); }
void StoreRelease(std::uint32_t* word, std::uint32_t value) { __atomic_store_n(word, value, __ATOMIC_RELEASE); }

std::int64_t MonotonicSeconds() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec;
}

bool IsDescriptor(const abi::Cqe& cqe) {
  return (cqe.user_data & kResultIsDescriptor) != 0 && cqe.user_data != kOwnUserData && cqe.res >= 0;
}

}  // namespace

std::shared_ptr<Ring> Ring::Create(std::uint32_t entries, std::uint32_t cq_entries, std::uint32_t flags, int* error) {
  auto ring = std::make_shared<Ring>();
  abi::Params& params = ring->params_;
  params.flags = flags | abi::kSetupCqsize;
  params.cq_entries = cq_entries;
  const long fd = abi::Setup(entries, &params);
  if (fd < 0) {
    *error = -errno;
    return nullptr;
  }
  ring->fd_ = UniqueFd(static_cast<int>(fd));
  if ((params.features & abi::kFeatSingleMmap) == 0 || (params.features & abi::kFeatExtArg) == 0) {
    *error = -EINVAL;
    return nullptr;
  }
  const std::size_t sq_size = params.sq_off.array + params.sq_entries * sizeof(std::uint32_t);
  const std::size_t cq_size = params.cq_off.cqes + params.cq_entries * sizeof(abi::Cqe);
  ring->rings_ = Mapping::OfRing(ring->fd(), std::max(sq_size, cq_size), abi::kOffSqRing);
  ring->sqes_ = Mapping::OfRing(ring->fd(), params.sq_entries * sizeof(abi::Sqe), abi::kOffSqes);
  ring->control_ = Mapping::Private(sizeof(Control));
  if (!ring->rings_ || !ring->sqes_ || !ring->control_) {
    *error = -errno;
    return nullptr;
  }
  // The index array stays the identity: SQEs are used in the order of the ring.
  std::uint32_t* array = ring->Word(params.sq_off.array);
  for (std::uint32_t i = 0; i < params.sq_entries; ++i) array[i] = i;
  return ring;
}

int Ring::Enter(std::uint32_t to_submit, std::uint32_t min_complete, std::uint32_t flags) {
  return Count(abi::Enter(fd(), to_submit, min_complete, flags, nullptr, 0));
}

int Ring::Count(long entered) {
  if (entered < 0) return -errno;
  submitted_ += static_cast<std::uint32_t>(entered);
  return static_cast<int>(entered);
}

int Ring::Register(std::uint32_t opcode, void* arg, std::uint32_t count) {
  const long result = abi::Register(fd(), opcode, arg, count);
  return result < 0 ? -errno : static_cast<int>(result);
}

char* Ring::MapMemory(std::size_t size) {
  Mapping mapping = Mapping::Private(size);
  if (!mapping) return nullptr;
  memory_.push_back(std::move(mapping));
  return memory_.back().data();
}

// Whether an operation is over with the completion. A stray stands before all that the next operation of its slot
// completes with: the kernel posts it before it looks at the next submission.
bool Ring::IsTerminal(const abi::Cqe& cqe) {
  if ((cqe.flags & abi::kCqeFMore) != 0) return false;
  const auto slot = static_cast<std::uint32_t>(cqe.user_data);
  if ((slot & kNobody) != 0) return cqe.user_data == kOwnUserData;
  const std::uint32_t generation = static_cast<std::uint32_t>(cqe.user_data >> 32) & kGenerationMask;
  if ((cqe.flags & abi::kCqeFNotif) == 0) {
    if (cqe.res < 0) ExpectStray(slot, generation);
    return true;
  }
  const auto over = strays_.find(slot);
  return over == strays_.end() || over->second != generation;
}

// Reaps the CQ, and what the kernel had no room for there. Tells how many operations the kernel still holds.
std::int32_t Ring::Outstanding() {
  std::int32_t left = Reap();
  while (left > 0 && Overflowed() && Enter(0, 0, abi::kEnterGetevents) == 0) left = Reap();
  return left;
}

// Reaps the CQ. Tells how many operations are left then.
std::int32_t Ring::Reap() {
  auto* control = reinterpret_cast<Control*>(control_.data());
  const auto* cqes = reinterpret_cast<const abi::Cqe*>(rings_.data() + params_.cq_off.cqes);
  const std::uint32_t mask = *Word(params_.cq_off.ring_mask);
  const std::uint32_t tail = LoadAcquire(Word(params_.cq_off.tail));
  for (; control->head != tail; ++control->head) {
    const abi::Cqe& cqe = cqes[control->head & mask];
    if (IsTerminal(cqe)) ++control->terminal;
    // Nobody is left to receive what was opened.
    if (IsDescriptor(cqe) && static_cast<std::int32_t>(control->handed - control->head) <= 0) UniqueFd(cqe.res);
  }
  StoreRelease(Word(params_.cq_off.head), tail);
  // What the kernel had no memory to report (EBADR) it has counted.
  const std::uint32_t lost = LoadAcquire(Word(params_.cq_off.overflow));
  return static_cast<std::int32_t>(submitted_ - control->terminal - lost);
}

bool Ring::Overflowed() const { return (LoadAcquire(Word(params_.sq_off.flags)) & abi::kSqCqOverflow) != 0; }

// Waits for one completion as well, for a moment. False if the ring cannot be entered any more.
bool Ring::CancelAll() {
  const std::uint32_t tail = LoadAcquire(Word(params_.sq_off.head));
  auto* sqe = reinterpret_cast<abi::Sqe*>(sqes_.data()) + (tail & *Word(params_.sq_off.ring_mask));
  *sqe = abi::Sqe{};
  sqe->opcode = abi::kOpAsyncCancel;
  sqe->fd = -1;
  // No slot has it, so that whoever watches the ring can tell its completion from an operation's.
  sqe->user_data = kOwnUserData;
  sqe->op_flags = abi::kAsyncCancelAny | abi::kAsyncCancelAll;
  // What TypeScript queued and the kernel has not taken is dropped: the tail goes back to the head.
  StoreRelease(Word(params_.sq_off.tail), tail + 1);

  abi::Timespec wait{0, kWaitNanoseconds};
  abi::GeteventsArg arg{0, 0, 0, reinterpret_cast<std::uint64_t>(&wait)};
  const int result = Count(abi::Enter(fd(), 1, 1, abi::kEnterGetevents | abi::kEnterExtArg, &arg, sizeof(arg)));
  switch (result) {
    case -EAGAIN:
      // It had no memory for the cancellation, and did not wait.
      nanosleep(&kPause, nullptr);
      return true;
    case -EINTR:
    case -EBUSY:
    case -ETIME:
    case -EBADR:
      return true;
    default:
      return result >= 0;
  }
}

bool Ring::Settle() {
  for (int round = 0; round < kSettleRounds && Outstanding() > 0; ++round) {
    if (!CancelAll()) return false;
  }
  return Outstanding() <= 0;
}

bool Ring::Settled() {
  // What overflowed has to come into the CQ, or the ring stays readable for ever.
  Enter(0, 0, abi::kEnterGetevents);
  return Outstanding() <= 0;
}

void Ring::End() {
  if (!open()) return;
  const std::int64_t start = MonotonicSeconds();
  bool loud = false;
  // There is no giving up. The kernel makes an ending thread wait for its operations anyway, only later:
  // then V8 would have given their memory to somebody else.
  for (std::int32_t left = Outstanding(); left > 0; left = Outstanding()) {
    if (!loud && MonotonicSeconds() - start > kLoudAfterSeconds) {
      loud = true;
      std::fprintf(stderr, "polyring: the environment ends, and the kernel still holds %d operations; waiting\n", left);
    }
    if (CancelAll()) continue;
    // Only a stranger's close(2) of the ring's descriptor does that.
    std::fprintf(stderr, "polyring: the environment ends, and its ring cannot be entered to cancel %d operations: %s\n",
                 left, std::strerror(errno));
    return Leave();
  }
  Close();
}

void Ring::Revoke() {
  for (std::int32_t* word : shared_) __atomic_store_n(word, 0, __ATOMIC_SEQ_CST);
  shared_.clear();
}

void Ring::Close() {
  Revoke();
  // The kernel's ring stays as long as another thread has a descriptor of it (a remote), and these would with it.
  for (const std::uint32_t opcode : {abi::kUnregisterFiles, abi::kUnregisterBuffers}) Register(opcode, nullptr, 0);
  fd_.Reset();
  adopted_.clear();
  memory_.clear();
  control_.Reset();
  sqes_.Reset();
  rings_.Reset();
}

// Leaves all memory mapped that the kernel may still write to, and the descriptor to whom the number belongs by now.
void Ring::Leave() {
  Revoke();
  fd_.Release();
  for (Mapping& mapping : memory_) mapping.Leak();
  Close();
}

}  // namespace polyring
