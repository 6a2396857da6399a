#pragma once

#include <napi.h>

namespace polyring {

void DefinePoll(Napi::Object exports);

}  // namespace polyring
