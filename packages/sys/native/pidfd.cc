// Processes by descriptor.
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

#include "define.h"
#include "result.h"

namespace polyring {

namespace {

// glibc before 2.36 has no name for it.
constexpr auto kByPidfd = static_cast<idtype_t>(3);

// struct pidfd_info of <linux/pidfd.h>, as of Linux 6.15, which brought the exit code.
struct PidfdInfo {
  uint64_t mask;
  uint64_t cgroupid;
  uint32_t pid, tgid, ppid;
  uint32_t ruid, rgid, euid, egid, suid, sgid, fsuid, fsgid;
  int32_t exit_code;
};
constexpr uint64_t kInfoExit = 1u << 3;
constexpr unsigned long kGetInfo = _IOWR(0xFF, 11, PidfdInfo);

// (pid)
Napi::Value Open(const Napi::CallbackInfo &info) {
  return Result(info.Env(), Outcome(syscall(SYS_pidfd_open, Int(info, 0), 0)));
}

// (fd, signal)
Napi::Value SendSignal(const Napi::CallbackInfo &info) {
  return Result(info.Env(), Outcome(syscall(SYS_pidfd_send_signal, Int(info, 0), Int(info, 1), nullptr, 0)));
}

// (fd, reap): [exit code, signal] of a child that ended, 0 while it runs, or the negative error number
Napi::Value Wait(const Napi::CallbackInfo &info) {
  const int fd = Int(info, 0);
  const int options = WEXITED | WNOHANG | (Flag(info, 1) ? 0 : WNOWAIT);
  siginfo_t status{};
  const int64_t result = Retry([&] {
    status = siginfo_t{};
    return waitid(kByPidfd, static_cast<id_t>(fd), &status, options);
  });
  if (result < 0 || status.si_pid == 0) return Result(info.Env(), result);
  const bool exited = status.si_code == CLD_EXITED;
  return Pair(info.Env(), exited ? status.si_status : 0, exited ? 0 : status.si_status);
}

// (fd): as Wait, for any process, also one that was reaped. -ENOTTY or -EINVAL where the kernel cannot tell.
Napi::Value ExitInfo(const Napi::CallbackInfo &info) {
  PidfdInfo status{};
  status.mask = kInfoExit;
  const int64_t result = Outcome(ioctl(Int(info, 0), kGetInfo, &status));
  if (result < 0) return Result(info.Env(), result);
  if ((status.mask & kInfoExit) == 0) return Result(info.Env(), 0);
  const int code = status.exit_code;
  return WIFEXITED(code) ? Pair(info.Env(), WEXITSTATUS(code), 0) : Pair(info.Env(), 0, WTERMSIG(code));
}

}  // namespace

void DefinePidfd(Napi::Object exports) {
  Define<Open>(exports, "pidfdOpen");
  Define<SendSignal>(exports, "pidfdSendSignal");
  Define<Wait>(exports, "pidfdWait");
  Define<ExitInfo>(exports, "pidfdExitInfo");
}

}  // namespace polyring
