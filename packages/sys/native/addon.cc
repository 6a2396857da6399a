#include <napi.h>

#include "descriptor.h"
#include "epoll.h"
#include "file.h"
#include "inotify.h"
#include "loop_watch.h"
#include "memfd.h"
#include "message.h"
#include "owned.h"
#include "pidfd.h"
#include "poll.h"
#include "signalfd.h"
#include "signals.h"
#include "socket.h"
#include "view.h"

static Napi::Object Init(Napi::Env env, Napi::Object exports) {
  env.SetInstanceData(new polyring::Owned());
  polyring::DefineView(exports);
  polyring::DefineDescriptor(exports);
  polyring::DefineSignals(exports);
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
