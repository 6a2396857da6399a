#include <sys/mman.h>

#include <string>

#include "define.h"
#include "result.h"

namespace polyring {

namespace {

// (name, allow sealing)
Napi::Value Create(const Napi::CallbackInfo &info) {
  const std::string name = info[0].As<Napi::String>();
  const unsigned flags = MFD_CLOEXEC | (Flag(info, 1) ? MFD_ALLOW_SEALING : 0);
  return Result(info.Env(), Outcome(memfd_create(name.c_str(), flags)));
}

}  // namespace

void DefineMemfd(Napi::Object exports) { Define<Create>(exports, "memfdCreate"); }

}  // namespace polyring
