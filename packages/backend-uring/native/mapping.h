#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <utility>

namespace polyring {

/// Owns one memory mapping and unmaps it.
class Mapping {
 public:
  Mapping() = default;
  Mapping(Mapping&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Mapping& operator=(Mapping&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() { Reset(); }

  /// Maps a part of a ring. Empty on failure, with errno set.
  static Mapping OfRing(int fd, std::size_t size, off_t offset) {
    return Make(mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, offset), size);
  }

  /// Maps private zeroed memory. Empty on failure, with errno set.
  static Mapping Private(std::size_t size) {
    return Make(mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), size);
  }

  explicit operator bool() const { return data_ != nullptr; }
  char* data() const { return static_cast<char*>(data_); }
  std::size_t size() const { return size_; }

  void Reset() {
    if (data_ != nullptr) munmap(std::exchange(data_, nullptr), std::exchange(size_, 0));
  }

  /// Gives the memory up without unmapping it.
  void Leak() { data_ = nullptr; }

 private:
  static Mapping Make(void* data, std::size_t size) {
    Mapping mapping;
    if (data != MAP_FAILED) {
      mapping.data_ = data;
      mapping.size_ = size;
    }
    return mapping;
  }

  void* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace polyring
