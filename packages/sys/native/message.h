#pragma once

#include <napi.h>

namespace polyring {

void DefineMessage(Napi::Object exports);

}  // namespace polyring
