// Counters by descriptor.
#include <sys/eventfd.h>

#include "define.h"
#include "result.h"

namespace polyring {

namespace {

// (initial, semaphore, nonblock)
Napi::Value Eventfd(const Napi::CallbackInfo &info) {
  const int flags = EFD_CLOEXEC | (Flag(info, 1) ? EFD_SEMAPHORE : 0) | (Flag(info, 2) ? EFD_NONBLOCK : 0);
  return Result(info.Env(), Outcome(eventfd(Uint(info, 0), flags)));
}

}  // namespace

void DefineEventfd(Napi::Object exports) { Define<Eventfd>(exports, "eventfd"); }

}  // namespace polyring
