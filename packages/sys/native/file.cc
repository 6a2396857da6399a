#include "file.h"

#include <fcntl.h>

#include "result.h"

namespace polyring {

namespace {

// A call that may wait for a device, in a thread of the pool. The callback gets its result.
template <typename Call>
class PoolCall : public Napi::AsyncWorker {
 public:
  PoolCall(Napi::Function callback, Call call) : Napi::AsyncWorker(callback), call_(call) {}

 protected:
  void Execute() override { result_ = Retry(call_); }
  void OnOK() override { Callback().Call({Result(Env(), result_)}); }

 private:
  Call call_;
  int64_t result_ = 0;
};

template <typename Call>
void InPool(Napi::Function callback, Call call) {
  (new PoolCall<Call>(callback, call))->Queue();
}

// (fd, mode, offset, length, callback)
Napi::Value Fallocate(const Napi::CallbackInfo &info) {
  const int fd = Int(info, 0);
  const int mode = Int(info, 1);
  const off_t offset = Long(info, 2);
  const off_t length = Long(info, 3);
  InPool(info[4].As<Napi::Function>(), [=] { return fallocate(fd, mode, offset, length); });
  return info.Env().Undefined();
}

}  // namespace

void DefineFile(Napi::Object exports) { Define<Fallocate>(exports, "fallocate"); }

}  // namespace polyring
