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

/// mark(): takes down how many operations the kernel holds
void Mark(const Napi::CallbackInfo&) { OfWitness<void (*)()>("polyring_witness_mark")(); }

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
