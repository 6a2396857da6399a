#include <napi.h>

#include "descriptor.h"
#include "epoll.h"
#include "loop_watch.h"
#include "signals.h"
#include "view.h"

static Napi::Object Init(Napi::Env, Napi::Object exports) {
  polyring::DefineView(exports);
  polyring::DefineDescriptor(exports);
  polyring::DefineSignals(exports);
  polyring::DefineEpoll(exports);
  polyring::DefineLoopWatch(exports);
  return exports;
}

NODE_API_MODULE(polyring_sys, Init)
