// Calls on several buffers: readv, writev, and messages with addresses and descriptors.
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "define.h"
#include "result.h"
#include "vectors.h"
#include "view.h"

// A pidfd of the sender, sent along on request of SO_PASSPIDFD (Linux 6.5).
#ifndef SCM_PIDFD
#define SCM_PIDFD 0x04
#endif

namespace polyring {

namespace {

// The kernel's SCM_MAX_FD.
constexpr size_t kMaximumDescriptors = 253;

// Where RecvMsg says what came beside the bytes; the descriptors follow.
constexpr size_t kAddressLength = 0;
constexpr size_t kFlags = 1;
constexpr size_t kDescriptorCount = 2;
constexpr size_t kDescriptors = 3;

union Control {
  cmsghdr alignment;
  char bytes[CMSG_SPACE(kMaximumDescriptors * sizeof(int))];
};

// (fd, views)
template <ssize_t (*call)(int, const iovec *, int)>
Napi::Value Vectored(const Napi::CallbackInfo &info) {
  Vectors vectors;
  const int filled = vectors.Fill(info[1]);
  if (filled < 0) return Result(info.Env(), filled);
  const int fd = Int(info, 0);
  return Result(info.Env(), Retry([&] { return call(fd, vectors.data(), vectors.count()); }));
}

// (fd, views, address, descriptors, flags)
Napi::Value SendMsg(const Napi::CallbackInfo &info) {
  Vectors vectors;
  View address;
  View descriptors;
  const int filled = vectors.Fill(info[1]);
  if (filled < 0) return Result(info.Env(), filled);
  if (!View::From(info[2], &address) || !View::From(info[3], &descriptors)) return Result(info.Env(), -EFAULT);
  if (descriptors.length > kMaximumDescriptors * sizeof(int)) return Result(info.Env(), -EINVAL);

  msghdr message{};
  message.msg_iov = vectors.data();
  message.msg_iovlen = static_cast<size_t>(vectors.count());
  if (address.length > 0) {
    message.msg_name = address.data;
    message.msg_namelen = static_cast<socklen_t>(address.length);
  }
  Control control{};
  if (descriptors.length > 0) {
    message.msg_control = control.bytes;
    message.msg_controllen = CMSG_SPACE(descriptors.length);
    cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(descriptors.length);
    memcpy(CMSG_DATA(header), descriptors.data, descriptors.length);
  }
  const int fd = Int(info, 0);
  const int flags = Int(info, 4) | MSG_NOSIGNAL;
  return Result(info.Env(), Retry([&] { return sendmsg(fd, &message, flags); }));
}

// Takes the descriptors of a message into `out`, which has room for `capacity`, and closes every other.
size_t TakeDescriptors(msghdr *message, int32_t *out, size_t capacity) {
  size_t taken = 0;
  for (cmsghdr *header = CMSG_FIRSTHDR(message); header != nullptr; header = CMSG_NXTHDR(message, header)) {
    if (header->cmsg_level != SOL_SOCKET) continue;
    const bool wanted = header->cmsg_type == SCM_RIGHTS;
    if (!wanted && header->cmsg_type != SCM_PIDFD) continue;
    const size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; i++) {
      int fd;
      memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof fd);
      if (wanted && taken < capacity) {
        out[taken++] = fd;
      } else if (fd >= 0) {
        close(fd);
      }
    }
  }
  return taken;
}

// (fd, views, address, outcome, flags): the bytes received. `outcome` is an Int32Array; what it holds beyond the
// three words is room for descriptors.
Napi::Value RecvMsg(const Napi::CallbackInfo &info) {
  Vectors vectors;
  View address;
  View outcome;
  const int filled = vectors.Fill(info[1]);
  if (filled < 0) return Result(info.Env(), filled);
  if (!View::From(info[2], &address) || !View::From(info[3], &outcome)) return Result(info.Env(), -EFAULT);
  if (outcome.length < kDescriptors * sizeof(int32_t)) return Result(info.Env(), -EFAULT);
  auto *words = reinterpret_cast<int32_t *>(outcome.data);
  const size_t capacity = std::min(outcome.length / sizeof(int32_t) - kDescriptors, kMaximumDescriptors);

  Control control;
  msghdr message;
  const int fd = Int(info, 0);
  const int flags = Int(info, 4) | MSG_CMSG_CLOEXEC;
  const int64_t received = Retry([&] {
    message = msghdr{};
    message.msg_iov = vectors.data();
    message.msg_iovlen = static_cast<size_t>(vectors.count());
    message.msg_name = address.data;
    message.msg_namelen = static_cast<socklen_t>(address.length);
    if (capacity > 0) {
      message.msg_control = control.bytes;
      // CMSG_SPACE would leave room for one more descriptor where the count is odd.
      message.msg_controllen = CMSG_LEN(capacity * sizeof(int));
    }
    return recvmsg(fd, &message, flags);
  });
  if (received < 0) return Result(info.Env(), received);
  words[kAddressLength] = static_cast<int32_t>(std::min<size_t>(message.msg_namelen, address.length));
  words[kFlags] = message.msg_flags & ~MSG_CMSG_CLOEXEC;
  words[kDescriptorCount] = static_cast<int32_t>(TakeDescriptors(&message, words + kDescriptors, capacity));
  return Result(info.Env(), received);
}

}  // namespace

void DefineMessage(Napi::Object exports) {
  Define<Vectored<readv>>(exports, "readv");
  Define<Vectored<writev>>(exports, "writev");
  Define<SendMsg>(exports, "sendmsg");
  Define<RecvMsg>(exports, "recvmsg");
}

}  // namespace polyring
