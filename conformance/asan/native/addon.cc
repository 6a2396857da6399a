#include <dlfcn.h>
#include <napi.h>

#include <cstdint>

#include "storm.h"
#include "unsafe_ring.h"

namespace polyring::asan {

namespace {

/// A function of the preloaded witness.
template <typename Function>
Function OfWitness(const char* name) {
  auto* const function = reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, name));
  if (function == nullptr) Napi::Error::Fatal(name, "the witness is not preloaded");
  return function;
}

/// mark(count): takes down how many operations the kernel holds, if there are at least as many. Whether there were
Napi::Value Mark(const Napi::CallbackInfo& info) {
  const std::uint32_t count = info[0].As<Napi::Number>();
  return Napi::Boolean::New(info.Env(), OfWitness<bool (*)(std::uint32_t)>("polyring_witness_mark")(count));
}

/// inFlight(): how many operations the kernel holds
Napi::Value InFlight(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), OfWitness<std::uint32_t (*)()>("polyring_witness_in_flight")());
}

/// detach(buffer): whether Node-API detached it
Napi::Value Detach(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), napi_detach_arraybuffer(info.Env(), info[0]) == napi_ok);
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("mark", Napi::Function::New<Mark>(env, "mark"));
  exports.Set("inFlight", Napi::Function::New<InFlight>(env, "inFlight"));
  exports.Set("detach", Napi::Function::New<Detach>(env, "detach"));
  DefineStorm(env, exports);
  DefineUnsafeRing(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(polyring_asan_instruments, Init)

}  // namespace polyring::asan
