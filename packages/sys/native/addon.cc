#include <napi.h>

#include "descriptor.h"
#include "epoll.h"
#include "loop_watch.h"
#include "message.h"
#include "signals.h"
#include "socket.h"
#include "view.h"

static Napi::Object Init(Napi::Env, Napi::Object exports) {
  polyring::DefineView(exports);
  polyring::DefineDescriptor(exports);
  polyring::DefineSignals(exports);
  polyring::DefineEpoll(exports);
  polyring::DefineSocket(exports);
  polyring::DefineMessage(exports);
  polyring::DefineLoopWatch(exports);
  return exports;
}

NODE_API_MODULE(polyring_sys, Init)
