// What may wait for a device, in a thread of the pool. The callback gets the result.
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "define.h"
#include "owned.h"
#include "result.h"
#include "view.h"

namespace polyring {

namespace {

template <typename Call>
class PoolCall : public Napi::AsyncWorker {
 public:
  PoolCall(Napi::Function callback, Call call) : Napi::AsyncWorker(callback), call_(std::move(call)) {}

 protected:
  void Execute() override { result_ = call_(); }
  void OnOK() override { Callback().Call({Result(Env(), result_)}); }

  int64_t result() const { return result_; }

 private:
  Call call_;
  int64_t result_ = 0;
};

// A call that gives a descriptor, which is owned before any JavaScript runs: that of a worker may never run again.
template <typename Call>
class PoolOpen : public PoolCall<Call> {
 public:
  using PoolCall<Call>::PoolCall;

 protected:
  void OnOK() override {
    Owned::Of(this->Env()).AddMade(this->result(), true);
    PoolCall<Call>::OnOK();
  }
};

template <template <typename> typename Worker = PoolCall, typename Call>
void InPool(Napi::Value callback, Call call) {
  (new Worker<Call>(callback.As<Napi::Function>(), std::move(call)))->Queue();
}

// (path, flags, mode, callback)
Napi::Value Open(const Napi::CallbackInfo &info) {
  const auto bytes = info[0].As<Napi::Uint8Array>();
  std::string path(reinterpret_cast<const char *>(bytes.Data()), bytes.ByteLength());
  const int flags = Int(info, 1) | O_CLOEXEC;
  const mode_t mode = Uint(info, 2);
  InPool<PoolOpen>(info[3],
                   [=, path = std::move(path)] { return Retry([&] { return open(path.c_str(), flags, mode); }); });
  return info.Env().Undefined();
}

// (fd, callback)
Napi::Value Close(const Napi::CallbackInfo &info) {
  const int fd = Int(info, 0);
  Owned::Of(info.Env()).Remove(fd);
  InPool(info[1], [=] { return CloseOnce(fd); });
  return info.Env().Undefined();
}

// (fd, view, offset, length, callback)
//
// By the number of the system call, as musl has no function for it before 1.2.5 (Alpine 3.20).
Napi::Value Append(const Napi::CallbackInfo &info) {
  View view;
  const bool is_view = View::From(info[1], Long(info, 2), Long(info, 3), &view);
  const int fd = Int(info, 0);
  InPool(info[4], [=, keeper = Napi::Persistent(info[1].As<Napi::Object>())]() -> int64_t {
    if (!is_view) return -EFAULT;
    const iovec part = {view.data, view.length};
    return Retry([&] { return syscall(SYS_pwritev2, fd, &part, 1, 0L, 0L, RWF_APPEND); });
  });
  return info.Env().Undefined();
}

// (fd, mode, offset, length, callback)
Napi::Value Fallocate(const Napi::CallbackInfo &info) {
  const int fd = Int(info, 0);
  const int mode = Int(info, 1);
  const off_t offset = Long(info, 2);
  const off_t length = Long(info, 3);
  InPool(info[4], [=] { return Retry([=] { return fallocate(fd, mode, offset, length); }); });
  return info.Env().Undefined();
}

// (fd, dataOnly, callback)
Napi::Value Fsync(const Napi::CallbackInfo &info) {
  const int fd = Int(info, 0);
  const bool data_only = Flag(info, 1);
  InPool(info[2], [=] { return Retry([=] { return data_only ? fdatasync(fd) : fsync(fd); }); });
  return info.Env().Undefined();
}

}  // namespace

void DefineFile(Napi::Object exports) {
  Define<Open>(exports, "openInPool");
  Define<Close>(exports, "closeInPool");
  Define<Append>(exports, "append");
  Define<Fallocate>(exports, "fallocate");
  Define<Fsync>(exports, "fsync");
}

}  // namespace polyring
