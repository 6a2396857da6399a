// Descriptors that are closed with their environment.
#pragma once

#include <napi.h>
#include <unistd.h>

#include <unordered_set>

namespace polyring {

class Owned {
 public:
  Owned() = default;
  Owned(const Owned &) = delete;
  Owned &operator=(const Owned &) = delete;
  ~Owned() {
    for (const int fd : fds_) close(fd);
  }

  // Those of the environment.
  static Owned &Of(Napi::Env env) { return *env.GetInstanceData<Owned>(); }

  void Add(int fd) { fds_.insert(fd); }
  void Remove(int fd) { fds_.erase(fd); }

 private:
  std::unordered_set<int> fds_;
};

}  // namespace polyring
