#pragma once

#include <napi.h>

namespace polyring {

void DefineSocket(Napi::Object exports);

}  // namespace polyring
