#pragma once

#include <napi.h>

namespace polyring {

void DefineInotify(Napi::Object exports);

}  // namespace polyring
