#pragma once

#include <napi.h>

namespace polyring {

void DefineSignals(Napi::Object exports);

}  // namespace polyring
