#pragma once

#include <napi.h>

namespace polyring {

void DefineSignalfd(Napi::Object exports);

}  // namespace polyring
