// The calls that make descriptors to signal with: eventfd, timerfd, pipe, socket pair.
#include "signals.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "result.h"

namespace polyring {

namespace {

// Two descriptors as an array, or the negative error number.
Napi::Value Ends(Napi::Env env, int64_t result, const int (&fds)[2]) {
  return result < 0 ? Result(env, result) : Pair(env, fds[0], fds[1]);
}

// (initial, semaphore, nonblock)
Napi::Value Eventfd(const Napi::CallbackInfo &info) {
  const int flags = EFD_CLOEXEC | (Flag(info, 1) ? EFD_SEMAPHORE : 0) | (Flag(info, 2) ? EFD_NONBLOCK : 0);
  return Result(info.Env(), Outcome(eventfd(Uint(info, 0), flags)));
}

// (nonblock)
Napi::Value Timerfd(const Napi::CallbackInfo &info) {
  return Result(info.Env(), Outcome(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | (Flag(info, 0) ? TFD_NONBLOCK : 0))));
}

// (fd, seconds, nanoseconds, interval seconds, interval nanoseconds), absolute
Napi::Value TimerfdSettime(const Napi::CallbackInfo &info) {
  itimerspec spec{};
  spec.it_value = {static_cast<time_t>(Long(info, 1)), static_cast<long>(Long(info, 2))};
  spec.it_interval = {static_cast<time_t>(Long(info, 3)), static_cast<long>(Long(info, 4))};
  return Result(info.Env(), Outcome(timerfd_settime(Int(info, 0), TFD_TIMER_ABSTIME, &spec, nullptr)));
}

// (nonblock, direct)
Napi::Value Pipe2(const Napi::CallbackInfo &info) {
  int fds[2];
  const int flags = O_CLOEXEC | (Flag(info, 0) ? O_NONBLOCK : 0) | (Flag(info, 1) ? O_DIRECT : 0);
  return Ends(info.Env(), Outcome(pipe2(fds, flags)), fds);
}

// (type, nonblock)
Napi::Value Socketpair(const Napi::CallbackInfo &info) {
  int fds[2];
  const int type = Int(info, 0) | SOCK_CLOEXEC | (Flag(info, 1) ? SOCK_NONBLOCK : 0);
  return Ends(info.Env(), Outcome(socketpair(AF_UNIX, type, 0, fds)), fds);
}

}  // namespace

void DefineSignals(Napi::Object exports) {
  Define<Eventfd>(exports, "eventfd");
  Define<Timerfd>(exports, "timerfd");
  Define<TimerfdSettime>(exports, "timerfdSettime");
  Define<Pipe2>(exports, "pipe2");
  Define<Socketpair>(exports, "socketpair");
}

}  // namespace polyring
