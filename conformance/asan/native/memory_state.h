#pragma once

#include <cstddef>
#include <cstdint>

namespace polyring::asan {

/// A stretch of memory that an operation points to.
struct Segment {
  std::uintptr_t address;
  std::size_t size;

  bool Meets(std::uintptr_t start, std::size_t length) const {
    return address < start + length && start < address + size;
  }
};

/// Whether AddressSanitizer holds a part of it for not allocated.
bool IsPoisoned(const Segment& segment);

/// Whether every page of it is mapped.
bool IsMapped(const Segment& segment);

/// The size of the heap block at `block`; 0 without AddressSanitizer.
std::size_t AllocatedSize(const void* block);

/// Has `hook` called with every heap block before it is freed. False without AddressSanitizer.
bool OnFree(void (*hook)(const void* block));

}  // namespace polyring::asan
