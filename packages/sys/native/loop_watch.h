// A descriptor watched on the environment's own loop.
#pragma once

#include <napi.h>
#include <uv.h>

#include <vector>

#include "owned.h"

namespace polyring {

// The handles of one watch. They belong to the loop: the last close callback deletes the object,
// whether JavaScript closed it or the environment ended.
class LoopWatch {
 public:
  // Starts a watch that takes `owned` over, closes it when it ends, and polls busily for `busy` microseconds. If the
  // loop refuses the descriptor: returns the negative error number and no watch, and leaves `owned` to whose it was.
  static int Start(Napi::Env env, int fd, int events, Napi::Function callback, Napi::Int32Array state,
                   const std::vector<int> &owned, int busy, LoopWatch **watch);

  LoopWatch(const LoopWatch &) = delete;
  LoopWatch &operator=(const LoopWatch &) = delete;

  // Lets the watch keep the loop alive from now on.
  void Reference();

  // Ends the watch and closes what it owns. No callback comes after it, and the descriptor may be closed.
  void Close();

 private:
  LoopWatch(Napi::Env env, Napi::Function callback, Napi::Int32Array state);
  ~LoopWatch();

  void Settle();
  void BusyPoll(uv_loop_t *loop) const;
  void Deliver(int events);

  static void OnPoll(uv_poll_t *handle, int status, int events);
  static void OnPrepare(uv_prepare_t *handle);
  static void OnClosed(uv_handle_t *handle);
  static void OnEnvironmentEnd(napi_async_cleanup_hook_handle handle, void *data);

  Napi::Env env_;
  Napi::FunctionReference callback_;
  Napi::Reference<Napi::Int32Array> keeper_;
  int32_t *state_;
  napi_async_context context_ = nullptr;
  napi_async_cleanup_hook_handle hook_ = nullptr;
  uv_poll_t poll_;
  uv_prepare_t prepare_;
  Owned owned_;
  uint64_t busy_ = 0;  // nanoseconds
  int open_ = 0;
  bool closing_ = false;
};

}  // namespace polyring
