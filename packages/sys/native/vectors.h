// The iovec array of a call that takes several views.
#pragma once

#include <napi.h>
#include <sys/uio.h>

#include <climits>
#include <memory>
#include <vector>

#include "view.h"

namespace polyring {

class Vectors {
 public:
  // Reads an array of views. Returns 0 or a negative error number.
  int Fill(Napi::Value value) {
    // Of a proxy there would be an error, and none of the views.
    if (!value.IsArray()) return -EFAULT;
    Napi::Array views = value.As<Napi::Array>();
    const uint32_t count = views.Length();
    if (count > IOV_MAX) return -EINVAL;
    if (count > kInline) overflow_ = std::make_unique<iovec[]>(count);
    // An element may be a getter, whose JavaScript may detach another: all are there before the memory of the first is
    // asked.
    std::vector<Napi::Value> elements(count);
    for (uint32_t i = 0; i < count; i++) elements[i] = views.Get(i);
    for (uint32_t i = 0; i < count; i++) {
      View view;
      if (!View::From(elements[i], &view)) return -EFAULT;
      data()[i] = {view.data, view.length};
    }
    count_ = static_cast<int>(count);
    return 0;
  }

  iovec *data() { return overflow_ ? overflow_.get() : inline_; }
  int count() const { return count_; }

 private:
  static constexpr uint32_t kInline = 16;

  iovec inline_[kInline];
  std::unique_ptr<iovec[]> overflow_;
  int count_ = 0;
};

}  // namespace polyring
