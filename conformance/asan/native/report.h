#pragma once

#include <cstddef>
#include <cstdint>

namespace polyring::asan {

/// Why memory custody was broken. The order is that of `convictions` in witness-report.mjs.
enum Crime : std::size_t {
  /// A heap block was freed while an operation in the kernel pointed into it.
  kFreedInFlight,
  /// A mapping was removed while an operation in the kernel pointed into it.
  kUnmappedInFlight,
  /// A terminal completion: AddressSanitizer says that the memory the kernel wrote is not allocated.
  kPoisonedAtCompletion,
  /// A terminal completion: the memory the kernel wrote is not mapped any more.
  kUnmappedAtCompletion,
  /// The kernel met no memory at an operation's address (EFAULT).
  kFault,
  /// A ring was closed while the kernel held operations of it.
  kClosedInFlight,
  /// Two operations in the kernel point to the same bytes, and it writes them.
  kShared,
  kCrimes,
};

/// What the witness saw, in a file that the judge reads when the process has ended, however it ended.
struct Report {
  std::uint64_t rings;
  std::uint64_t submitted;
  std::uint64_t completed;
  /// The most operations that the kernel held at a time.
  std::uint64_t peak;
  /// The operations that the kernel held at the last mark: those in flight when the attack or the ending began.
  std::uint64_t marked;
  /// Completions, operations or rings that escaped the witness. A run with one of them proves nothing.
  std::uint64_t missed;
  std::uint64_t convictions[kCrimes];
  /// The first conviction in words.
  char text[256];
};

}  // namespace polyring::asan
