#include "memory_state.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

// AddressSanitizer's interface. The witness is preloaded behind its runtime, and is not instrumented itself.
extern "C" {
__attribute__((weak)) void* __asan_region_is_poisoned(void* start, std::size_t size);
__attribute__((weak)) std::size_t __sanitizer_get_allocated_size(const volatile void* block);
__attribute__((weak)) int __sanitizer_install_malloc_and_free_hooks(void (*allocated)(const volatile void*,
                                                                                      std::size_t),
                                                                    void (*freed)(const volatile void*));
}

namespace polyring::asan {

namespace {

void (*free_hook)(const void* block);

}  // namespace

bool IsPoisoned(const Segment& segment) {
  if (__asan_region_is_poisoned == nullptr || segment.size == 0) return false;
  return __asan_region_is_poisoned(reinterpret_cast<void*>(segment.address), segment.size) != nullptr;
}

bool IsMapped(const Segment& segment) {
  const std::size_t page = static_cast<std::size_t>(getpagesize());
  unsigned char residency[64];
  std::uintptr_t at = segment.address / page * page;
  const std::uintptr_t end = segment.address + segment.size;
  while (at < end) {
    const std::size_t length = std::min<std::size_t>(end - at, sizeof(residency) * page);
    if (mincore(reinterpret_cast<void*>(at), length, residency) != 0) return false;
    at += sizeof(residency) * page;
  }
  return true;
}

std::size_t AllocatedSize(const void* block) {
  return __sanitizer_get_allocated_size == nullptr ? 0 : __sanitizer_get_allocated_size(block);
}

bool OnFree(void (*hook)(const void* block)) {
  if (__sanitizer_install_malloc_and_free_hooks == nullptr) return false;
  free_hook = hook;
  return __sanitizer_install_malloc_and_free_hooks(
             [](const volatile void*, std::size_t) {},
             [](const volatile void* block) { free_hook(const_cast<const void*>(block)); }) != 0;
}

}  // namespace polyring::asan
