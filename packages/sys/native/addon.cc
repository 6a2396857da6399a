#include <napi.h>

#include "define.h"
#include "owned.h"

// TypeScript takes structures of the kernel apart, and makes them, by that order.
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "Polyring runs on little-endian machines only."
#endif

static Napi::Object Init(Napi::Env env, Napi::Object exports) {
  env.SetInstanceData(new polyring::Owned());
  polyring::DefineView(exports);
  polyring::DefineDescriptor(exports);
  polyring::DefineEventfd(exports);
  polyring::DefineTimerfd(exports);
  polyring::DefinePair(exports);
  polyring::DefineEpoll(exports);
  polyring::DefinePoll(exports);
  polyring::DefineSocket(exports);
  polyring::DefineMessage(exports);
  polyring::DefinePidfd(exports);
  polyring::DefineFile(exports);
  polyring::DefineInotify(exports);
  polyring::DefineSignalfd(exports);
  polyring::DefineMemfd(exports);
  polyring::DefineLoopWatch(exports);
  return exports;
}

NODE_API_MODULE(polyring_sys, Init)
