#pragma once

#include <napi.h>

namespace polyring::asan {

/// Defines `UnsafeRing`, what a binding without custody of memory looks like. It is the negative control:
/// a witness that does not convict it sees nothing.
void DefineUnsafeRing(Napi::Env env, Napi::Object exports);

}  // namespace polyring::asan
