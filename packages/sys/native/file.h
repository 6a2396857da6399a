#pragma once

#include <napi.h>

namespace polyring {

void DefineFile(Napi::Object exports);

}  // namespace polyring
