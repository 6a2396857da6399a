#pragma once

#include <napi.h>

namespace polyring {

void DefinePidfd(Napi::Object exports);

}  // namespace polyring
