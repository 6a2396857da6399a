// The memory of an ArrayBufferView for the length of one synchronous call.
#pragma once

#include <napi.h>

#include <cstddef>
#include <cstdint>

namespace polyring {

struct View {
  uint8_t *data = nullptr;
  size_t length = 0;

  // Whether the value was a view; `view` then holds its memory.
  static bool From(Napi::Value value, View *view);

  // As From, narrowed to a range of bytes; false also if the range leaves the view.
  static bool From(Napi::Value value, int64_t offset, int64_t length, View *view);
};

}  // namespace polyring
