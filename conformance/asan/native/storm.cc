#include "storm.h"

#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

namespace polyring::asan {

namespace {

/// Eight bytes suit an eventfd as well, and add one to it.
constexpr std::uint64_t kOne = 1;
constexpr useconds_t kPauseMicroseconds = 50;

class Storm : public Napi::ObjectWrap<Storm> {
 public:
  static void Define(Napi::Env env, Napi::Object exports) {
    exports.Set("Storm", DefineClass(env, "Storm", {InstanceMethod<&Storm::Stop>("stop")}));
  }

  explicit Storm(const Napi::CallbackInfo& info)
      : Napi::ObjectWrap<Storm>(info), over_(std::make_shared<std::atomic<bool>>(false)) {
    const auto list = info[0].As<Napi::Int32Array>();
    std::vector<int> descriptors(list.Data(), list.Data() + list.ElementLength());
    // The thread shares nothing with the environment, which may end before it.
    thread_ = std::thread([over = over_, descriptors] {
      while (!*over) {
        for (const int fd : descriptors) {
          if (write(fd, &kOne, sizeof(kOne)) < 0) continue;
        }
        usleep(kPauseMicroseconds);
      }
    });
  }

  ~Storm() override {
    if (thread_.joinable()) thread_.detach();
  }

 private:
  void Stop(const Napi::CallbackInfo&) {
    *over_ = true;
    if (thread_.joinable()) thread_.join();
  }

  std::shared_ptr<std::atomic<bool>> over_;
  std::thread thread_;
};

}  // namespace

void DefineStorm(Napi::Env env, Napi::Object exports) { Storm::Define(env, exports); }

}  // namespace polyring::asan
