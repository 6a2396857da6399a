#include <sys/inotify.h>

#include <string>

#include "define.h"
#include "result.h"

namespace polyring {

namespace {

// (nonblock)
Napi::Value Init(const Napi::CallbackInfo &info) {
  return Result(info.Env(), Outcome(inotify_init1(IN_CLOEXEC | (Flag(info, 0) ? IN_NONBLOCK : 0))));
}

// (fd, path, mask)
Napi::Value AddWatch(const Napi::CallbackInfo &info) {
  const std::string path = info[1].As<Napi::String>();
  return Result(info.Env(), Outcome(inotify_add_watch(Int(info, 0), path.c_str(), Uint(info, 2))));
}

// (fd, watch)
Napi::Value RmWatch(const Napi::CallbackInfo &info) {
  return Result(info.Env(), Outcome(inotify_rm_watch(Int(info, 0), Int(info, 1))));
}

}  // namespace

void DefineInotify(Napi::Object exports) {
  Define<Init>(exports, "inotifyInit");
  Define<AddWatch>(exports, "inotifyAddWatch");
  Define<RmWatch>(exports, "inotifyRmWatch");
}

}  // namespace polyring
