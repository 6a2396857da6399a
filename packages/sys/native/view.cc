#include "view.h"

#include "define.h"
#include "result.h"

namespace polyring {

namespace {

// The headers of older releases do not name it, and their Node-API does not write its type.
constexpr auto kFloat16Array = static_cast<napi_typedarray_type>(11);
// The largest value that the type is sure to hold.
constexpr auto kUnknown = static_cast<napi_typedarray_type>(15);

// The bytes of an element; 0 of an array whose type is not told.
size_t ElementSize(napi_typedarray_type type) {
  if (type == kFloat16Array) return 2;
  switch (type) {
    case napi_int8_array:
    case napi_uint8_array:
    case napi_uint8_clamped_array:
      return 1;
    case napi_int16_array:
    case napi_uint16_array:
      return 2;
    case napi_int32_array:
    case napi_uint32_array:
    case napi_float32_array:
      return 4;
    case napi_float64_array:
    case napi_bigint64_array:
    case napi_biguint64_array:
      return 8;
    default:
      return 0;
  }
}

Napi::Value IsDetached(const Napi::CallbackInfo &info) {
  bool detached = false;
  napi_is_detached_arraybuffer(info.Env(), info[0], &detached);
  return Napi::Boolean::New(info.Env(), detached);
}

// The bytes from a multiple of `alignment`, a power of two, to the view.
Napi::Value Misalignment(const Napi::CallbackInfo &info) {
  View view;
  if (!View::From(info[0], &view)) return Result(info.Env(), -EFAULT);
  return Result(info.Env(), reinterpret_cast<uintptr_t>(view.data) & (Uint(info, 1) - 1));
}

}  // namespace

bool View::From(Napi::Value value, View *view) {
  void *data = nullptr;
  size_t count = 0;
  napi_typedarray_type type = kUnknown;
  if (napi_get_typedarray_info(value.Env(), value, &type, &count, &data, nullptr, nullptr) == napi_ok) {
    const size_t size = ElementSize(type);
    *view = {static_cast<uint8_t *>(data), count * size};
    return size > 0;
  }
  if (napi_get_dataview_info(value.Env(), value, &count, &data, nullptr, nullptr) == napi_ok) {
    *view = {static_cast<uint8_t *>(data), count};
    return true;
  }
  return false;
}

bool View::From(Napi::Value value, int64_t offset, int64_t length, View *view) {
  if (!From(value, view) || offset < 0 || length < 0) return false;
  if (static_cast<uint64_t>(offset) > view->length) return false;
  if (static_cast<uint64_t>(length) > view->length - static_cast<uint64_t>(offset)) return false;
  // The memory of an empty view may have no address.
  if (view->data != nullptr) view->data += offset;
  view->length = static_cast<size_t>(length);
  return true;
}

void DefineView(Napi::Object exports) {
  Define<IsDetached>(exports, "isDetached");
  Define<Misalignment>(exports, "misalignment");
}

}  // namespace polyring
