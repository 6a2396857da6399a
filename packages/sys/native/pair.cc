// Two ends that are connected: pipe, socket pair.
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "define.h"
#include "result.h"

namespace polyring {

namespace {

// Two descriptors as an array, or the negative error number.
Napi::Value Ends(Napi::Env env, int64_t result, const int (&fds)[2]) {
  return result < 0 ? Result(env, result) : Pair(env, fds[0], fds[1]);
}

// (nonblock, direct)
Napi::Value Pipe2(const Napi::CallbackInfo &info) {
  int fds[2];
  const int flags = O_CLOEXEC | (Flag(info, 0) ? O_NONBLOCK : 0) | (Flag(info, 1) ? O_DIRECT : 0);
  return Ends(info.Env(), Outcome(pipe2(fds, flags)), fds);
}

// (type, nonblock)
Napi::Value Socketpair(const Napi::CallbackInfo &info) {
  int fds[2];
  const int type = Int(info, 0) | SOCK_CLOEXEC | (Flag(info, 1) ? SOCK_NONBLOCK : 0);
  return Ends(info.Env(), Outcome(socketpair(AF_UNIX, type, 0, fds)), fds);
}

}  // namespace

void DefinePair(Napi::Object exports) {
  Define<Pipe2>(exports, "pipe2");
  Define<Socketpair>(exports, "socketpair");
}

}  // namespace polyring
