// The form in which every call answers: its result, or the negative error number.
#pragma once

#include <napi.h>
#include <unistd.h>

#include <cerrno>

namespace polyring {

inline Napi::Value Result(Napi::Env env, int64_t result) { return Napi::Number::New(env, static_cast<double>(result)); }

// Two numbers as an array. Its elements are defined, since to set one would call a setter of a prototype.
inline Napi::Value Pair(Napi::Env env, int64_t first, int64_t second) {
  Napi::Array pair = Napi::Array::New(env);
  pair.DefineProperties({Napi::PropertyDescriptor::Value("0", Result(env, first), napi_default_jsproperty),
                         Napi::PropertyDescriptor::Value("1", Result(env, second), napi_default_jsproperty)});
  return pair;
}

// The outcome of a call that sets errno.
inline int64_t Outcome(int64_t result) { return result < 0 ? -static_cast<int64_t>(errno) : result; }

// Calls again as long as a signal interrupts it.
template <typename Call>
int64_t Retry(Call call) {
  for (;;) {
    const int64_t result = Outcome(call());
    if (result != -EINTR) return result;
  }
}

// Not retried: Linux has released the number even when close(2) says EINTR.
inline int64_t CloseOnce(int fd) {
  const int64_t result = Outcome(close(fd));
  return result == -EINTR ? 0 : result;
}

inline int32_t Int(const Napi::CallbackInfo &info, size_t index) { return info[index].As<Napi::Number>().Int32Value(); }

inline uint32_t Uint(const Napi::CallbackInfo &info, size_t index) {
  return info[index].As<Napi::Number>().Uint32Value();
}

inline int64_t Long(const Napi::CallbackInfo &info, size_t index) {
  return info[index].As<Napi::Number>().Int64Value();
}

inline bool Flag(const Napi::CallbackInfo &info, size_t index) { return info[index].As<Napi::Boolean>().Value(); }

}  // namespace polyring
