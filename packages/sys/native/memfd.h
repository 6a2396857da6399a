#pragma once

#include <napi.h>

namespace polyring {

void DefineMemfd(Napi::Object exports);

}  // namespace polyring
