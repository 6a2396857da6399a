// Sockets. Addresses pass as the bytes of a sockaddr: TypeScript lays them out and reads them.
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "define.h"
#include "result.h"
#include "view.h"

namespace polyring {

namespace {

sockaddr *AsAddress(View &view) { return reinterpret_cast<sockaddr *>(view.data); }

// (family, type, protocol, nonblock)
Napi::Value Socket(const Napi::CallbackInfo &info) {
  const int type = Int(info, 1) | SOCK_CLOEXEC | (Flag(info, 3) ? SOCK_NONBLOCK : 0);
  return Result(info.Env(), Outcome(socket(Int(info, 0), type, Int(info, 2))));
}

// (fd, address)
Napi::Value Bind(const Napi::CallbackInfo &info) {
  View address;
  if (!View::From(info[1], &address)) return Result(info.Env(), -EFAULT);
  return Result(info.Env(), Outcome(bind(Int(info, 0), AsAddress(address), static_cast<socklen_t>(address.length))));
}

// (fd, backlog)
Napi::Value Listen(const Napi::CallbackInfo &info) {
  return Result(info.Env(), Outcome(listen(Int(info, 0), Int(info, 1))));
}

// (fd, nonblock)
Napi::Value Accept4(const Napi::CallbackInfo &info) {
  const int fd = Int(info, 0);
  const int flags = SOCK_CLOEXEC | (Flag(info, 1) ? SOCK_NONBLOCK : 0);
  return Result(info.Env(), Retry([&] { return accept4(fd, nullptr, nullptr, flags); }));
}

// (fd, nonblock, address): [the connection, the length of its address], or the negative error number
Napi::Value AcceptWithAddress(const Napi::CallbackInfo &info) {
  View address;
  if (!View::From(info[2], &address)) return Result(info.Env(), -EFAULT);
  const int fd = Int(info, 0);
  const int flags = SOCK_CLOEXEC | (Flag(info, 1) ? SOCK_NONBLOCK : 0);
  socklen_t length = 0;
  const int64_t connection = Retry([&] {
    length = static_cast<socklen_t>(address.length);
    return accept4(fd, AsAddress(address), &length, flags);
  });
  if (connection < 0) return Result(info.Env(), connection);
  return Pair(info.Env(), connection, std::min<int64_t>(length, address.length));
}

// (fd, address). An interrupted attempt goes on by itself, as one that would block does.
Napi::Value Connect(const Napi::CallbackInfo &info) {
  View address;
  if (!View::From(info[1], &address)) return Result(info.Env(), -EFAULT);
  const int64_t result = Outcome(connect(Int(info, 0), AsAddress(address), static_cast<socklen_t>(address.length)));
  return Result(info.Env(), result == -EINTR ? -EINPROGRESS : result);
}

// (fd, address): the length of the address
template <int (*call)(int, sockaddr *, socklen_t *)>
Napi::Value Name(const Napi::CallbackInfo &info) {
  View address;
  if (!View::From(info[1], &address)) return Result(info.Env(), -EFAULT);
  socklen_t length = static_cast<socklen_t>(address.length);
  const int64_t result = Outcome(call(Int(info, 0), AsAddress(address), &length));
  return Result(info.Env(), result < 0 ? result : std::min<int64_t>(length, address.length));
}

int GetSockName(int fd, sockaddr *address, socklen_t *length) { return getsockname(fd, address, length); }
int GetPeerName(int fd, sockaddr *address, socklen_t *length) { return getpeername(fd, address, length); }

// (fd, level, name, value): the length of the value
Napi::Value GetOption(const Napi::CallbackInfo &info) {
  View value;
  if (!View::From(info[3], &value)) return Result(info.Env(), -EFAULT);
  socklen_t length = static_cast<socklen_t>(value.length);
  const int64_t result = Outcome(getsockopt(Int(info, 0), Int(info, 1), Int(info, 2), value.data, &length));
  return Result(info.Env(), result < 0 ? result : length);
}

// (fd, level, name, value)
Napi::Value SetOption(const Napi::CallbackInfo &info) {
  View value;
  if (!View::From(info[3], &value)) return Result(info.Env(), -EFAULT);
  const auto length = static_cast<socklen_t>(value.length);
  return Result(info.Env(), Outcome(setsockopt(Int(info, 0), Int(info, 1), Int(info, 2), value.data, length)));
}

// (fd, how)
Napi::Value Shutdown(const Napi::CallbackInfo &info) {
  return Result(info.Env(), Outcome(shutdown(Int(info, 0), Int(info, 1))));
}

// (fd, view, offset, length, flags)
Napi::Value Recv(const Napi::CallbackInfo &info) {
  View view;
  if (!View::From(info[1], Long(info, 2), Long(info, 3), &view)) return Result(info.Env(), -EFAULT);
  const int fd = Int(info, 0);
  const int flags = Int(info, 4);
  return Result(info.Env(), Retry([&] { return recv(fd, view.data, view.length, flags); }));
}

// (fd, view, offset, length, flags)
Napi::Value Send(const Napi::CallbackInfo &info) {
  View view;
  if (!View::From(info[1], Long(info, 2), Long(info, 3), &view)) return Result(info.Env(), -EFAULT);
  const int fd = Int(info, 0);
  const int flags = Int(info, 4) | MSG_NOSIGNAL;
  return Result(info.Env(), Retry([&] { return send(fd, view.data, view.length, flags); }));
}

}  // namespace

void DefineSocket(Napi::Object exports) {
  Define<Socket>(exports, "socket");
  Define<Bind>(exports, "bind");
  Define<Listen>(exports, "listen");
  Define<Accept4>(exports, "accept4");
  Define<AcceptWithAddress>(exports, "acceptWithAddress");
  Define<Connect>(exports, "connect");
  Define<Name<GetSockName>>(exports, "getsockname");
  Define<Name<GetPeerName>>(exports, "getpeername");
  Define<GetOption>(exports, "getsockopt");
  Define<SetOption>(exports, "setsockopt");
  Define<Shutdown>(exports, "shutdown");
  Define<Recv>(exports, "recv");
  Define<Send>(exports, "send");
}

}  // namespace polyring
