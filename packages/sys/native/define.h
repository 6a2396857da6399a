// What adds the calls to the addon's object: one function for each file of them.
#pragma once

#include <napi.h>

namespace polyring {

template <Napi::Value (*call)(const Napi::CallbackInfo &)>
void Define(Napi::Object exports, const char *name) {
  exports.Set(name, Napi::Function::New<call>(exports.Env(), name));
}

void DefineDescriptor(Napi::Object exports);
void DefineEpoll(Napi::Object exports);
void DefineEventfd(Napi::Object exports);
void DefineFile(Napi::Object exports);
void DefineInotify(Napi::Object exports);
void DefineLoopWatch(Napi::Object exports);
void DefineMemfd(Napi::Object exports);
void DefineMessage(Napi::Object exports);
void DefinePair(Napi::Object exports);
void DefinePidfd(Napi::Object exports);
void DefinePoll(Napi::Object exports);
void DefineSignalfd(Napi::Object exports);
void DefineSocket(Napi::Object exports);
void DefineTimerfd(Napi::Object exports);
void DefineView(Napi::Object exports);

}  // namespace polyring
