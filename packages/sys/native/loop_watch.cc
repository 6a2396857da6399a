#include "loop_watch.h"

#include <poll.h>
#include <sched.h>

#include <algorithm>

#include "define.h"
#include "result.h"

namespace polyring {

namespace {

// The words of the state that JavaScript and the watch share.
constexpr size_t kHolds = 0;       // JavaScript's count of reasons to keep the loop alive
constexpr size_t kReferenced = 1;  // whether the poll handle is referenced
constexpr size_t kStateWords = 2;

int ToLibuv(int events) {
  return (events & POLLIN ? UV_READABLE : 0) | (events & POLLOUT ? UV_WRITABLE : 0) |
         (events & POLLPRI ? UV_PRIORITIZED : 0) | (events & POLLRDHUP ? UV_DISCONNECT : 0);
}

int FromLibuv(int events) {
  return (events & UV_READABLE ? POLLIN : 0) | (events & UV_WRITABLE ? POLLOUT : 0) |
         (events & UV_PRIORITIZED ? POLLPRI : 0) | (events & UV_DISCONNECT ? POLLRDHUP : 0);
}

template <typename Handle>
uv_handle_t *AsHandle(Handle *handle) {
  return reinterpret_cast<uv_handle_t *>(handle);
}

}  // namespace

int LoopWatch::Start(Napi::Env env, int fd, int events, Napi::Function callback, Napi::Int32Array state,
                     const std::vector<int> &owned, int busy, LoopWatch **watch) {
  uv_loop_t *loop = nullptr;
  if (state.ElementLength() < kStateWords || napi_get_uv_event_loop(env, &loop) != napi_ok) return -EINVAL;

  auto *made = new LoopWatch(env, callback, state);
  int result = uv_poll_init(loop, &made->poll_, fd);
  if (result == 0) {
    made->open_ = 1;
    result = uv_poll_start(&made->poll_, ToLibuv(events), OnPoll);
  }
  if (result != 0) {
    made->Close();
    return result;
  }
  uv_unref(AsHandle(&made->poll_));
  uv_prepare_init(loop, &made->prepare_);
  made->open_ = 2;
  uv_prepare_start(&made->prepare_, OnPrepare);
  uv_unref(AsHandle(&made->prepare_));
  for (const int each : owned) {
    Owned::Of(env).Remove(each);
    made->owned_.Add(each);
  }
  made->busy_ = static_cast<uint64_t>(busy) * 1000;
  *watch = made;
  return 0;
}

LoopWatch::LoopWatch(Napi::Env env, Napi::Function callback, Napi::Int32Array state)
    : env_(env),
      callback_(Napi::Persistent(callback)),
      keeper_(Napi::Reference<Napi::Int32Array>::New(state, 1)),
      state_(state.Data()) {
  poll_.data = this;
  prepare_.data = this;
  napi_async_init(env, Napi::Object::New(env), Napi::String::New(env, "polyring.LoopWatch"), &context_);
  napi_add_async_cleanup_hook(env, OnEnvironmentEnd, this, &hook_);
}

void LoopWatch::Reference() {
  uv_ref(AsHandle(&poll_));
  state_[kReferenced] = 1;
}

void LoopWatch::Settle() {
  const int32_t wanted = state_[kHolds] > 0 ? 1 : 0;
  if (wanted == state_[kReferenced]) return;
  if (wanted) {
    uv_ref(AsHandle(&poll_));
  } else {
    uv_unref(AsHandle(&poll_));
  }
  state_[kReferenced] = wanted;
}

// Looks for events of the loop, anybody's, for a while before it sleeps, since to sleep and to be woken takes longer
// than many an event takes to come. Whoever else is to run on this processor is let run: it may be the thread that is
// waited for. The timeout is 0 where the loop has not told the kernel of all its descriptors yet.
void LoopWatch::BusyPoll(uv_loop_t *loop) const {
  if (busy_ == 0 || state_[kHolds] <= 0) return;
  const int timeout = uv_backend_timeout(loop);
  if (timeout == 0) return;
  const uint64_t limit = timeout < 0 ? busy_ : std::min(busy_, static_cast<uint64_t>(timeout) * 1000000);
  pollfd events = {uv_backend_fd(loop), POLLIN, 0};
  const uint64_t start = uv_hrtime();
  while (poll(&events, 1, 0) == 0 && uv_hrtime() - start < limit) sched_yield();
  // The loop computes how long it may sleep from its own time.
  uv_update_time(loop);
}

void LoopWatch::Close() {
  if (closing_) return;
  closing_ = true;
  const int open = open_;
  if (open == 0) {
    delete this;
    return;
  }
  uv_close(AsHandle(&poll_), OnClosed);
  if (open > 1) uv_close(AsHandle(&prepare_), OnClosed);
  // The loop has forgotten the watched descriptor by now, and no JavaScript runs at the environment's end to close it.
  owned_.Close();
}

// The function is called inside a scope of its own, and what it throws is reported inside that scope too: closing the
// scope then runs process.nextTick and promises in either case.
void LoopWatch::Deliver(int events) {
  Napi::HandleScope handles(env_);
  napi_callback_scope scope = nullptr;
  if (napi_open_callback_scope(env_, Napi::Object::New(env_), context_, &scope) != napi_ok) return;

  napi_value argument = Napi::Number::New(env_, events);
  napi_call_function(env_, env_.Undefined(), callback_.Value(), 1, &argument, nullptr);

  bool thrown = false;
  napi_value error = nullptr;
  if (napi_is_exception_pending(env_, &thrown) == napi_ok && thrown &&
      napi_get_and_clear_last_exception(env_, &error) == napi_ok) {
    napi_fatal_exception(env_, error);
  }
  napi_close_callback_scope(env_, scope);
}

// libuv has stopped the handle when it reports an error.
void LoopWatch::OnPoll(uv_poll_t *handle, int status, int events) {
  static_cast<LoopWatch *>(handle->data)->Deliver(status < 0 ? POLLERR : FromLibuv(events));
}

void LoopWatch::OnPrepare(uv_prepare_t *handle) {
  auto *watch = static_cast<LoopWatch *>(handle->data);
  watch->Settle();
  watch->BusyPoll(handle->loop);
}

void LoopWatch::OnClosed(uv_handle_t *handle) {
  auto *watch = static_cast<LoopWatch *>(handle->data);
  if (--watch->open_ == 0) delete watch;
}

void LoopWatch::OnEnvironmentEnd(napi_async_cleanup_hook_handle, void *data) {
  static_cast<LoopWatch *>(data)->Close();
}

// Removing the hook comes last: it keeps the environment until then.
LoopWatch::~LoopWatch() {
  Napi::HandleScope handles(env_);
  callback_.Reset();
  keeper_.Reset();
  napi_async_destroy(env_, context_);
  napi_remove_async_cleanup_hook(hook_);
}

namespace {

// (fd, events, callback, state, owned, busy): the watch, or the negative error number
Napi::Value Start(const Napi::CallbackInfo &info) {
  const auto descriptors = info[4].As<Napi::Int32Array>();
  const std::vector<int> owned(descriptors.Data(), descriptors.Data() + descriptors.ElementLength());
  LoopWatch *watch = nullptr;
  const int result = LoopWatch::Start(info.Env(), Int(info, 0), Int(info, 1), info[2].As<Napi::Function>(),
                                      info[3].As<Napi::Int32Array>(), owned, Int(info, 5), &watch);
  if (result != 0) return Result(info.Env(), result);
  return Napi::External<LoopWatch>::New(info.Env(), watch);
}

Napi::Value Reference(const Napi::CallbackInfo &info) {
  info[0].As<Napi::External<LoopWatch>>().Data()->Reference();
  return info.Env().Undefined();
}

Napi::Value Close(const Napi::CallbackInfo &info) {
  info[0].As<Napi::External<LoopWatch>>().Data()->Close();
  return info.Env().Undefined();
}

}  // namespace

void DefineLoopWatch(Napi::Object exports) {
  Define<Start>(exports, "loopWatchStart");
  Define<Reference>(exports, "loopWatchReference");
  Define<Close>(exports, "loopWatchClose");
}

}  // namespace polyring
