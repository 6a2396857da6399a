#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "io_uring_abi.h"
#include "mapping.h"
#include "unique_fd.h"

namespace polyring {

/// What TypeScript tells the addon about the completions that it has seen.
///
/// It writes `terminal` and `head`, one after the other, before it publishes the CQ head. So whenever a
/// worker is terminated, `terminal` counts exactly the completions before `head`.
///
/// Those before `handed` that made a descriptor are JavaScript's, though `head` may be behind.
struct Control {
  std::uint32_t terminal;
  std::uint32_t head;
  std::uint32_t handed;
};

/// The descriptor, the mappings and the end of one ring. It belongs to the thread that made it.
///
/// TypeScript writes SQEs and reads CQEs in the mapped memory; this class submits them,
/// counts what the kernel took, and at the end waits until the kernel holds nothing any more.
class Ring {
 public:
  /// Sets a ring up. Null on failure, with a negative errno in `error`.
  static std::shared_ptr<Ring> Create(std::uint32_t entries, std::uint32_t cq_entries, std::uint32_t flags, int* error);

  int fd() const { return fd_.get(); }
  bool open() const { return fd_.get() >= 0; }
  const abi::Params& params() const { return params_; }
  const Mapping& rings() const { return rings_; }
  const Mapping& sqes() const { return sqes_; }
  const Mapping& control() const { return control_; }

  /// io_uring_enter(2). Returns what the kernel took, or a negative errno.
  int Enter(std::uint32_t to_submit, std::uint32_t min_complete, std::uint32_t flags);

  /// io_uring_register(2). Returns its result, or a negative errno.
  int Register(std::uint32_t opcode, void* arg, std::uint32_t count);

  /// Maps memory that lives as long as the kernel may use it. Null on failure, with errno set.
  char* MapMemory(std::size_t size);

  /// Takes a descriptor over: it is closed with the ring, however its environment ends.
  void Adopt(int fd) { adopted_.try_emplace(fd, fd); }

  /// Closes a descriptor that was taken over.
  void CloseAdopted(int fd) { adopted_.erase(fd); }

  /// Gives a descriptor that was taken over away again, open.
  void Disown(int fd) {
    auto found = adopted_.extract(fd);
    if (!found.empty()) found.mapped().Release();
  }

  /// The slot's operation is over, though a notification of it (IORING_CQE_F_NOTIF) may still come: a stray.
  void ExpectStray(std::uint32_t slot, std::uint32_t generation) { strays_[slot] = generation; }

  /// Has a word set to 0 before the descriptor is closed.
  void Share(std::int32_t* word) { shared_.push_back(word); }

  /// Leaves such a word alone.
  void Unshare(std::int32_t* word) { shared_.erase(std::remove(shared_.begin(), shared_.end(), word), shared_.end()); }

  /// Sets the shared words to 0: whoever has a handle of the ring sees that it is no use any more.
  void Revoke();

  /// Cancels everything and waits for a moment. Whether the kernel holds nothing any more.
  bool Settle();

  /// Reaps, and waits for nothing. Whether the kernel holds nothing any more.
  bool Settled();

  /// Cancels everything, waits until the kernel holds nothing, then unmaps and closes.
  /// Says so on stderr if that takes long or cannot be done. Nothing of JavaScript is touched.
  void End();

  /// Unmaps and closes. The caller knows that the kernel holds nothing.
  void Close();

 private:
  std::uint32_t* Word(std::uint32_t offset) const { return reinterpret_cast<std::uint32_t*>(rings_.data() + offset); }
  std::int32_t Outstanding();
  std::int32_t Reap();
  bool Overflowed() const;
  bool IsTerminal(const abi::Cqe& cqe);
  bool CancelAll();
  int Count(long entered);
  void Leave();

  abi::Params params_{};
  UniqueFd fd_;
  Mapping rings_;
  Mapping sqes_;
  Mapping control_;
  std::vector<Mapping> memory_;
  std::map<int, UniqueFd> adopted_;
  std::vector<std::int32_t*> shared_;
  /// By slot, the generation of its last operation that was over without a notification.
  std::map<std::uint32_t, std::uint32_t> strays_;
  std::uint32_t submitted_ = 0;
};

}  // namespace polyring
