// Preloaded into a process, it watches from below what io_uring operations and memory do together: it stands between
// the process and the calls that submit operations, free heap blocks, remove mappings and close rings.
//
// It knows which operations the kernel holds from the rings themselves. Whoever gives memory back too early is
// convicted at that moment, and once more at the terminal completion if the kernel did write there.

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>

#include "io_uring_abi.h"
#include "memory_state.h"
#include "report.h"
#include "watched_ring.h"

#define POLYRING_VISIBLE extern "C" __attribute__((visibility("default")))

namespace polyring::asan {

namespace {

constexpr std::size_t kMostRings = 64;

using Syscall = long (*)(long, ...);

long Pass(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) {
  static std::atomic<Syscall> real{nullptr};
  if (real.load() == nullptr) real = reinterpret_cast<Syscall>(dlsym(RTLD_NEXT, "syscall"));
  return real.load()(number, a, b, c, d, e, f);
}

/// All of it is static: nothing is allocated, since it is asked from within free().
class Witness {
 public:
  void Start(const char* file) {
    const int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || ftruncate(fd, sizeof(Report)) != 0) std::abort();
    void* data = mmap(nullptr, sizeof(Report), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (data == MAP_FAILED) std::abort();
    Pass(SYS_close, fd);
    report_ = static_cast<Report*>(data);
    if (!OnFree([](const void* block) { Instance().BeforeFree(block); })) ++report_->missed;
  }

  static Witness& Instance() {
    static Witness witness;
    return witness;
  }

  void AfterSetup(int fd, const abi::Params& params) {
    // Every ring of this project asks for a CQ size, and none of libuv's does.
    if (report_ == nullptr || (params.flags & abi::kSetupCqsize) == 0) return;
    const std::lock_guard lock(mutex_);
    WatchedRing* const end = rings_ + kMostRings;
    WatchedRing* const ring = std::find_if(rings_, end, [](const WatchedRing& each) { return !each.followed(); });
    if (ring == end || !ring->Follow(fd, params)) {
      ++report_->missed;
      return;
    }
    ++report_->rings;
  }

  void BeforeEnter(int fd, std::uint32_t to_submit) {
    const std::lock_guard lock(mutex_);
    WatchedRing* ring = Find(fd);
    if (ring == nullptr) return;
    ReadCompletions();
    std::uint32_t position = ring->SqHead();
    const std::uint32_t end = position + std::min(to_submit, ring->SqTail() - position);
    while (ring->TakeNext(&position, end)) Consider(ring->newest());
    if (position != end) ++report_->missed;
    CountHeld();
  }

  void AfterEnter(int fd) {
    const std::lock_guard lock(mutex_);
    WatchedRing* ring = Find(fd);
    if (ring == nullptr) return;
    ring->DropFrom(ring->SqHead());
    ReadCompletions();
    CountHeld();
  }

  void BeforeFree(const void* block) {
    if (held_.load(std::memory_order_relaxed) == 0) return;
    WriteLate();
    const auto start = reinterpret_cast<std::uintptr_t>(block);
    if (start > highest_.load(std::memory_order_relaxed)) return;
    const std::size_t size = AllocatedSize(block);
    if (start + size > lowest_.load(std::memory_order_relaxed)) GiveBack(start, size, kFreedInFlight);
  }

  void BeforeUnmap(std::uintptr_t start, std::size_t size) {
    if (held_.load(std::memory_order_relaxed) == 0) return;
    WriteLate();
    GiveBack(start, size, kUnmappedInFlight);
  }

  void BeforeClose(int fd) {
    if (report_ == nullptr) return;
    const std::lock_guard lock(mutex_);
    WatchedRing* ring = Find(fd);
    if (ring == nullptr) return;
    ReadCompletions();
    if (ring->count() > 0) Convict(kClosedInFlight, ring->operation(0));
    ring->Release();
    CountHeld();
  }

  std::size_t InFlight() {
    const std::lock_guard lock(mutex_);
    ReadCompletions();
    CountHeld();
    return held_;
  }

  bool Mark(std::size_t least) {
    const std::size_t held = InFlight();
    if (held < least) return false;
    if (report_ != nullptr) report_->marked = held;
    return true;
  }

 private:
  WatchedRing* Find(int fd) {
    WatchedRing* const end = rings_ + kMostRings;
    WatchedRing* const ring =
        std::find_if(rings_, end, [=](const WatchedRing& each) { return each.followed() && each.fd() == fd; });
    return ring == end ? nullptr : ring;
  }

  template <typename Visit>
  void EachOperation(Visit visit) {
    for (WatchedRing& ring : rings_) {
      if (!ring.followed()) continue;
      for (std::size_t i = 0; i < ring.count(); ++i) visit(ring.operation(i));
    }
  }

  void Consider(const Operation& added) {
    ++report_->submitted;
    for (std::size_t i = 0; i < added.segment_count; ++i) {
      const Segment& segment = added.segments[i];
      lowest_ = std::min<std::uintptr_t>(lowest_, segment.address);
      highest_ = std::max<std::uintptr_t>(highest_, segment.address + segment.size);
    }
    EachOperation([&](const Operation& other) {
      if (&other != &added && (other.kernel_writes || added.kernel_writes) && added.Meets(other)) {
        Convict(kShared, added);
      }
    });
  }

  void ReadCompletions() {
    for (WatchedRing& ring : rings_) {
      if (!ring.followed()) continue;
      report_->missed += ring.TakeOverrun();
      abi::Cqe completion;
      while (ring.NextCompletion(&completion)) {
        if ((completion.flags & abi::kCqeFMore) == 0) Judge(ring, completion);
      }
    }
  }

  void Judge(WatchedRing& ring, const abi::Cqe& completion) {
    if (ring.IsStray(completion)) return;
    Operation operation;
    if (!ring.Strike(completion.user_data, &operation)) {
      ++report_->missed;
      return;
    }
    ++report_->completed;
    if (operation.notifies && completion.res < 0) ring.ExpectStray(completion.user_data);
    if (completion.res == -EFAULT) Convict(kFault, operation);
    if (!operation.kernel_writes || completion.res <= 0) return;
    std::size_t written = static_cast<std::size_t>(completion.res);
    for (std::size_t i = 0; i < operation.segment_count && written > 0; ++i) {
      const Segment filled{operation.segments[i].address, std::min(operation.segments[i].size, written)};
      written -= filled.size;
      if (IsPoisoned(filled)) Convict(kPoisonedAtCompletion, operation);
      if (!IsMapped(filled)) Convict(kUnmappedAtCompletion, operation);
    }
  }

  void GiveBack(std::uintptr_t start, std::size_t size, Crime crime) {
    const std::lock_guard lock(mutex_);
    // What the kernel has completed may be given back, whether or not the program has looked at the completion.
    ReadCompletions();
    EachOperation([&](Operation& operation) {
      if (!operation.Meets(start, size)) return;
      Convict(crime, operation);
      operation.late = true;
      late_thread_ = pthread_self();
      any_late_ = true;
    });
    CountHeld();
  }

  /// Writes into the pipes that the kernel reads into memory that is gone by now: the thread that gave it back has
  /// come to its next call.
  void WriteLate() {
    if (!any_late_.load(std::memory_order_relaxed) || !pthread_equal(pthread_self(), late_thread_)) return;
    const std::lock_guard lock(mutex_);
    any_late_ = false;
    EachOperation([](Operation& operation) {
      if (!operation.late) return;
      operation.late = false;
      char path[32];
      std::snprintf(path, sizeof(path), "/proc/self/fd/%d", operation.fd);
      const int fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
      if (fd < 0) return;
      static const char late[] = "written by the kernel into memory that is gone";
      if (write(fd, late, sizeof(late)) < 0) return;
      Pass(SYS_close, fd);
    });
    ReadCompletions();
  }

  void CountHeld() {
    std::size_t held = 0;
    for (WatchedRing& ring : rings_) held += ring.followed() ? ring.count() : 0;
    held_ = held;
    if (report_ != nullptr) report_->peak = std::max<std::uint64_t>(report_->peak, held);
  }

  void Convict(Crime crime, const Operation& operation) {
    static const char* const kWords[kCrimes] = {
        "freed while the kernel held an operation on it",
        "unmapped while the kernel held an operation on it",
        "written by the kernel and not allocated",
        "written by the kernel and not mapped",
        "not there for the kernel (EFAULT)",
        "in an operation that the kernel held when the ring was closed",
        "in two operations that the kernel holds",
    };
    if (report_->convictions[crime]++ != 0 || report_->text[0] != '\0') return;
    const Segment none{0, 0};
    const Segment& segment = operation.segment_count > 0 ? operation.segments[0] : none;
    std::snprintf(report_->text, sizeof(report_->text), "memory %#zx+%zu of opcode %u on descriptor %d: %s",
                  static_cast<std::size_t>(segment.address), segment.size, operation.opcode, operation.fd,
                  kWords[crime]);
  }

  std::mutex mutex_;
  Report* report_ = nullptr;
  WatchedRing rings_[kMostRings];
  std::atomic<std::size_t> held_{0};
  std::atomic<std::uintptr_t> lowest_{UINTPTR_MAX};
  std::atomic<std::uintptr_t> highest_{0};
  std::atomic<bool> any_late_{false};
  pthread_t late_thread_{};
};

__attribute__((constructor)) void StartWitness() {
  const char* file = std::getenv("POLYRING_WITNESS_REPORT");
  if (file != nullptr) Witness::Instance().Start(file);
}

}  // namespace

}  // namespace polyring::asan

using polyring::asan::Pass;
using polyring::asan::Witness;

POLYRING_VISIBLE long syscall(long number, ...) {
  va_list list;
  va_start(list, number);
  long arguments[6];
  for (long& argument : arguments) argument = va_arg(list, long);
  va_end(list);
  const auto [a, b, c, d, e, f] = arguments;
  if (number == polyring::abi::kEnter) {
    Witness::Instance().BeforeEnter(static_cast<int>(a), static_cast<std::uint32_t>(b));
  }
  const long result = Pass(number, a, b, c, d, e, f);
  const int error = errno;
  if (number == polyring::abi::kEnter) Witness::Instance().AfterEnter(static_cast<int>(a));
  if (number == polyring::abi::kSetup && result >= 0) {
    Witness::Instance().AfterSetup(static_cast<int>(result), *reinterpret_cast<polyring::abi::Params*>(b));
  }
  errno = error;
  return result;
}

POLYRING_VISIBLE int close(int fd) {
  Witness::Instance().BeforeClose(fd);
  return static_cast<int>(Pass(SYS_close, fd));
}

POLYRING_VISIBLE int munmap(void* start, std::size_t size) noexcept {
  Witness::Instance().BeforeUnmap(reinterpret_cast<std::uintptr_t>(start), size);
  return static_cast<int>(Pass(SYS_munmap, reinterpret_cast<long>(start), static_cast<long>(size)));
}

/// Takes down how many operations the kernel holds now, if there are at least so many.
POLYRING_VISIBLE bool polyring_witness_mark(std::uint32_t least) { return Witness::Instance().Mark(least); }

/// How many operations the kernel holds now.
POLYRING_VISIBLE std::uint32_t polyring_witness_in_flight() {
  return static_cast<std::uint32_t>(Witness::Instance().InFlight());
}
