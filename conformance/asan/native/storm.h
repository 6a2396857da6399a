#pragma once

#include <napi.h>

namespace polyring::asan {

/// Defines `Storm(descriptors: Int32Array)`: a thread of its own that writes to all of them without pause, from
/// before the ending of an environment until after it. `stop()` ends it; without that it ends with the process.
void DefineStorm(Napi::Env env, Napi::Object exports);

}  // namespace polyring::asan
