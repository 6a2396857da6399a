#include <poll.h>

#include <memory>
#include <new>

#include "define.h"
#include "result.h"
#include "view.h"

namespace polyring {

namespace {

constexpr size_t kWordsPerEntry = 3;

// (words, seconds, nanoseconds). Each entry is a descriptor, its events, and room for what is reported. Negative
// seconds wait without a limit.
Napi::Value Poll(const Napi::CallbackInfo &info) {
  View view;
  if (!View::From(info[0], &view)) return Result(info.Env(), -EFAULT);
  const size_t count = view.length / (kWordsPerEntry * sizeof(int32_t));
  std::unique_ptr<pollfd[]> entries(new (std::nothrow) pollfd[count]);
  if (entries == nullptr) return Result(info.Env(), -ENOMEM);
  auto *words = reinterpret_cast<int32_t *>(view.data);
  for (size_t i = 0; i < count; i++) {
    const int32_t *entry = words + i * kWordsPerEntry;
    entries[i] = {entry[0], static_cast<short>(entry[1]), 0};
  }

  timespec timeout{static_cast<time_t>(Long(info, 1)), static_cast<long>(Long(info, 2))};
  const int64_t ready = Outcome(ppoll(entries.get(), count, timeout.tv_sec < 0 ? nullptr : &timeout, nullptr));
  if (ready >= 0) {
    for (size_t i = 0; i < count; i++) words[i * kWordsPerEntry + 2] = static_cast<uint16_t>(entries[i].revents);
  }
  return Result(info.Env(), ready);
}

}  // namespace

void DefinePoll(Napi::Object exports) { Define<Poll>(exports, "poll"); }

}  // namespace polyring
