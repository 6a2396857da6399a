// Timers by descriptor.
#include <sys/timerfd.h>

#include "define.h"
#include "owned.h"
#include "result.h"

namespace polyring {

namespace {

// (nonblock, owned)
Napi::Value Timerfd(const Napi::CallbackInfo &info) {
  const int64_t fd = Outcome(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | (Flag(info, 0) ? TFD_NONBLOCK : 0)));
  return Result(info.Env(), Owned::Of(info.Env()).AddMade(fd, Flag(info, 1)));
}

// (fd, seconds, nanoseconds, interval seconds, interval nanoseconds), absolute
Napi::Value TimerfdSettime(const Napi::CallbackInfo &info) {
  itimerspec spec{};
  spec.it_value = {static_cast<time_t>(Long(info, 1)), static_cast<long>(Long(info, 2))};
  spec.it_interval = {static_cast<time_t>(Long(info, 3)), static_cast<long>(Long(info, 4))};
  return Result(info.Env(), Outcome(timerfd_settime(Int(info, 0), TFD_TIMER_ABSTIME, &spec, nullptr)));
}

}  // namespace

void DefineTimerfd(Napi::Object exports) {
  Define<Timerfd>(exports, "timerfd");
  Define<TimerfdSettime>(exports, "timerfdSettime");
}

}  // namespace polyring
