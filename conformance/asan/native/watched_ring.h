#pragma once

#include <cstddef>
#include <cstdint>

#include "io_uring_abi.h"
#include "memory_state.h"

namespace polyring::asan {

constexpr std::size_t kMostSegments = 8;
constexpr std::size_t kMostOperations = 4096;
constexpr std::size_t kMostStrays = 64;

/// An operation that the kernel holds, as its SQE described it.
struct Operation {
  std::uint64_t user_data;
  /// Its place in the endless sequence of the ring's SQEs.
  std::uint32_t position;
  int fd;
  std::uint8_t opcode;
  /// Whether the kernel writes the memory, or only reads it.
  bool kernel_writes;
  /// Whether a notification (IORING_CQE_F_NOTIF) comes after its result.
  bool notifies;
  /// Whether its memory was given back while the kernel held it, and nobody has written to its descriptor since.
  bool late;
  std::size_t segment_count;
  Segment segments[kMostSegments];

  bool Meets(std::uintptr_t start, std::size_t length) const;
  bool Meets(const Operation& other) const;
};

/// A ring, seen through a second mapping of it.
///
/// Everything is learned from the queues that the program shares with the kernel: what the program itself
/// believes to be in flight plays no part.
class WatchedRing {
 public:
  /// Follows the ring from its set-up on. False if it cannot be mapped.
  bool Follow(int fd, const abi::Params& params);

  /// Forgets the ring.
  void Release();

  bool followed() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  std::size_t count() const { return count_; }
  Operation& operation(std::size_t index) { return operations_[index]; }
  Operation& newest() { return operations_[count_ - 1]; }

  /// Takes down the next SQE that the coming enter may submit. False if there is none, or no room.
  bool TakeNext(std::uint32_t* position, std::uint32_t end);

  std::uint32_t SqHead() const;
  std::uint32_t SqTail() const;

  /// Strikes what was taken down and not submitted.
  void DropFrom(std::uint32_t position);

  /// Takes the next completion that was not seen yet. False if there is none.
  bool NextCompletion(abi::Cqe* completion);

  /// How many completions were overwritten before they were seen.
  std::uint32_t TakeOverrun();

  /// Finds and strikes the operation that ended. False if it is not known.
  bool Strike(std::uint64_t user_data, Operation* operation);

  /// The operation ended by an error, and the kernel may notify of it all the same.
  void ExpectStray(std::uint64_t user_data) { strays_[stray_count_++ % kMostStrays] = user_data; }

  /// Whether the completion is such a notification, later than the end of its operation.
  bool IsStray(const abi::Cqe& completion) const;

 private:
  std::uint32_t* Word(std::uint32_t offset) const { return reinterpret_cast<std::uint32_t*>(rings_ + offset); }

  int fd_ = -1;
  abi::Params params_;
  char* rings_;
  std::size_t rings_size_;
  char* sqes_;
  std::size_t sqes_size_;
  std::uint32_t seen_;
  std::size_t count_;
  Operation operations_[kMostOperations];
  std::size_t stray_count_;
  std::uint64_t strays_[kMostStrays];
};

}  // namespace polyring::asan
