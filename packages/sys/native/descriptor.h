#pragma once

#include <napi.h>

namespace polyring {

void DefineDescriptor(Napi::Object exports);

}  // namespace polyring
