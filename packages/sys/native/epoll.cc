#include <sys/epoll.h>

#include <algorithm>

#include "define.h"
#include "owned.h"
#include "result.h"
#include "view.h"

namespace polyring {

namespace {

constexpr size_t kWordsPerEvent = 4;
constexpr size_t kEventsPerCall = 512;

// (owned)
Napi::Value EpollCreate(const Napi::CallbackInfo &info) {
  const int64_t fd = Outcome(epoll_create1(EPOLL_CLOEXEC));
  return Result(info.Env(), Owned::Of(info.Env()).AddMade(fd, Flag(info, 0)));
}

// (epfd, op, fd, events, low word of the data, high word of the data)
Napi::Value EpollCtl(const Napi::CallbackInfo &info) {
  epoll_event event{};
  event.events = Uint(info, 3);
  event.data.u64 = static_cast<uint64_t>(Uint(info, 5)) << 32 | Uint(info, 4);
  return Result(info.Env(), Outcome(epoll_ctl(Int(info, 0), Int(info, 1), Int(info, 2), &event)));
}

// (epfd, words, maximum, timeout). The kernel's struct is packed on some machines only, so it is unpacked here.
Napi::Value EpollWait(const Napi::CallbackInfo &info) {
  View view;
  if (!View::From(info[1], &view)) return Result(info.Env(), -EFAULT);
  const int maximum = static_cast<int>(std::min({static_cast<size_t>(std::max(Int(info, 2), 0)), kEventsPerCall,
                                                 view.length / (kWordsPerEvent * sizeof(uint32_t))}));
  epoll_event events[kEventsPerCall];
  const int64_t count = Outcome(epoll_wait(Int(info, 0), events, maximum, Int(info, 3)));
  auto *word = reinterpret_cast<uint32_t *>(view.data);
  for (int64_t i = 0; i < count; i++) {
    *word++ = events[i].events;
    *word++ = static_cast<uint32_t>(events[i].data.u64);
    *word++ = static_cast<uint32_t>(events[i].data.u64 >> 32);
    *word++ = 0;
  }
  return Result(info.Env(), count);
}

}  // namespace

void DefineEpoll(Napi::Object exports) {
  Define<EpollCreate>(exports, "epollCreate");
  Define<EpollCtl>(exports, "epollCtl");
  Define<EpollWait>(exports, "epollWait");
}

}  // namespace polyring
