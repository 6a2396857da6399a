// What can be done with any descriptor: read, write, close, dup, flags, kind.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "define.h"
#include "owned.h"
#include "result.h"
#include "view.h"

namespace polyring {

namespace {

Napi::Value Read(const Napi::CallbackInfo &info) {
  View view;
  if (!View::From(info[1], Long(info, 2), Long(info, 3), &view)) return Result(info.Env(), -EFAULT);
  const int fd = Int(info, 0);
  return Result(info.Env(), Retry([&] { return read(fd, view.data, view.length); }));
}

Napi::Value Write(const Napi::CallbackInfo &info) {
  View view;
  if (!View::From(info[1], Long(info, 2), Long(info, 3), &view)) return Result(info.Env(), -EFAULT);
  const int fd = Int(info, 0);
  return Result(info.Env(), Retry([&] { return write(fd, view.data, view.length); }));
}

Napi::Value Close(const Napi::CallbackInfo &info) {
  const int fd = Int(info, 0);
  Owned::Of(info.Env()).Remove(fd);
  return Result(info.Env(), CloseOnce(fd));
}

Napi::Value Own(const Napi::CallbackInfo &info) {
  Owned::Of(info.Env()).Add(Int(info, 0));
  return info.Env().Undefined();
}

Napi::Value Disown(const Napi::CallbackInfo &info) {
  Owned::Of(info.Env()).Remove(Int(info, 0));
  return info.Env().Undefined();
}

Napi::Value Dup(const Napi::CallbackInfo &info) {
  return Result(info.Env(), Outcome(fcntl(Int(info, 0), F_DUPFD_CLOEXEC, 0)));
}

// (fd, flags)
Napi::Value Reopen(const Napi::CallbackInfo &info) {
  const std::string link = "/proc/self/fd/" + std::to_string(Int(info, 0));
  const int flags = Int(info, 1) | O_CLOEXEC;
  const int64_t fd = Retry([&] { return open(link.c_str(), flags, 0); });
  return Result(info.Env(), Owned::Of(info.Env()).AddMade(fd, true));
}

// (from, to, length)
Napi::Value Tee(const Napi::CallbackInfo &info) {
  const int from = Int(info, 0);
  const int to = Int(info, 1);
  const size_t length = Uint(info, 2);
  return Result(info.Env(), Retry([&] { return tee(from, to, length, SPLICE_F_NONBLOCK); }));
}

Napi::Value GetFlags(const Napi::CallbackInfo &info) {
  return Result(info.Env(), Outcome(fcntl(Int(info, 0), F_GETFL)));
}

Napi::Value SetFlags(const Napi::CallbackInfo &info) {
  return Result(info.Env(), Outcome(fcntl(Int(info, 0), F_SETFL, Int(info, 1))));
}

// The S_IFMT bits of st_mode; 0 for an anonymous inode.
Napi::Value FileType(const Napi::CallbackInfo &info) {
  struct stat status;
  const int64_t result = Outcome(fstat(Int(info, 0), &status));
  return Result(info.Env(), result < 0 ? result : status.st_mode & S_IFMT);
}

Napi::Value SocketType(const Napi::CallbackInfo &info) {
  int type = 0;
  socklen_t length = sizeof type;
  const int64_t result = Outcome(getsockopt(Int(info, 0), SOL_SOCKET, SO_TYPE, &type, &length));
  return Result(info.Env(), result < 0 ? result : type);
}

}  // namespace

void DefineDescriptor(Napi::Object exports) {
  Define<Read>(exports, "read");
  Define<Write>(exports, "write");
  Define<Close>(exports, "close");
  Define<Own>(exports, "own");
  Define<Disown>(exports, "disown");
  Define<Dup>(exports, "dup");
  Define<Reopen>(exports, "reopen");
  Define<Tee>(exports, "tee");
  Define<GetFlags>(exports, "getFlags");
  Define<SetFlags>(exports, "setFlags");
  Define<FileType>(exports, "fileType");
  Define<SocketType>(exports, "socketType");
}

}  // namespace polyring
