// Descriptors that are closed with whoever owns them: an environment, or a watch.
#pragma once

#include <napi.h>
#include <unistd.h>

#include <cstdint>
#include <unordered_set>

namespace polyring {

class Owned {
 public:
  Owned() = default;
  Owned(const Owned &) = delete;
  Owned &operator=(const Owned &) = delete;
  ~Owned() { Close(); }

  // Those of the environment.
  static Owned &Of(Napi::Env env) { return *env.GetInstanceData<Owned>(); }

  void Add(int fd) { fds_.insert(fd); }

  // Adds what a call has made, if that is wanted and there is one, and hands the call's outcome on.
  int64_t AddMade(int64_t outcome, bool wanted) {
    if (wanted && outcome >= 0) Add(static_cast<int>(outcome));
    return outcome;
  }

  void Remove(int fd) { fds_.erase(fd); }

  // Closes each, once.
  void Close() {
    for (const int fd : fds_) close(fd);
    fds_.clear();
  }

 private:
  std::unordered_set<int> fds_;
};

}  // namespace polyring
