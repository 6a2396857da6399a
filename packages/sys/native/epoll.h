#pragma once

#include <napi.h>

namespace polyring {

void DefineEpoll(Napi::Object exports);

}  // namespace polyring
