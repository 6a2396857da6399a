// Signals by descriptor.
#include <sched.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>

#include "define.h"
#include "result.h"

namespace polyring {

namespace {

// What the handler may look at. It is the process's, as signals are: the main thread alone makes descriptors of them.
std::atomic<uint64_t> held{0};
std::atomic<int> passing{0};

// What each signal did before it was held, such as the "ignore" that Node.js gives SIGPIPE. The main thread's alone.
std::array<struct sigaction, NSIG> earlier;

uint64_t Bit(int signal) { return uint64_t{1} << (signal - 1); }

// Node's own threads do not block signals, so the kernel may hand a process's signal to one of them. It passes the
// signal on to the main thread, whose number is the process's, and where it is blocked and waits for the descriptor.
// The kernel lets nobody else say that a signal came from kill(2); SI_QUEUE keeps sender and value.
// What was given back meanwhile is discarded, as are those that wait: passed on, it would end the process.
void PassToMainThread(int signal, siginfo_t *info, void *) {
  passing.fetch_add(1);
  if ((held.load() & Bit(signal)) == 0) {
    passing.fetch_sub(1);
    return;
  }
  const int saved = errno;
  const pid_t process = getpid();
  siginfo_t passed = *info;
  passed.si_code = SI_QUEUE;
  if (syscall(SYS_rt_tgsigqueueinfo, process, process, signal, &passed) != 0) {
    syscall(SYS_tgkill, process, process, signal);
  }
  errno = saved;
  passing.fetch_sub(1);
}

sigset_t ToSet(Napi::Value value) {
  Napi::Array signals = value.As<Napi::Array>();
  sigset_t set;
  sigemptyset(&set);
  for (uint32_t i = 0; i < signals.Length(); i++) {
    sigaddset(&set, Napi::Value(signals.Get(i)).As<Napi::Number>().Int32Value());
  }
  return set;
}

template <typename Each>
int64_t ForEach(const sigset_t &set, Each each) {
  for (int signal = 1; signal <= SIGRTMAX; signal++) {
    if (sigismember(&set, signal) != 1) continue;
    const int64_t result = each(signal);
    if (result < 0) return result;
  }
  return 0;
}

bool PassesToMainThread(const struct sigaction &action) { return action.sa_sigaction == PassToMainThread; }

// A signal that is held already is taken again from whoever has taken it meanwhile, as process.on() does.
int64_t Hold(int signal) {
  held.fetch_or(Bit(signal));
  struct sigaction action {};
  struct sigaction before {};
  action.sa_sigaction = PassToMainThread;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  const int64_t result = Outcome(sigaction(signal, &action, &before));
  if (result == 0 && !PassesToMainThread(before)) earlier[signal] = before;
  return result;
}

// To ignore a signal discards those that wait. SIGCHLD is ignored by default as well, and ignored expressly it would
// have the kernel reap the children that end in this moment. Whoever has taken the signal meanwhile keeps it.
int64_t GiveBack(int signal) {
  struct sigaction discarding {};
  struct sigaction now {};
  discarding.sa_handler = signal == SIGCHLD ? SIG_DFL : SIG_IGN;
  const int64_t result = Outcome(sigaction(signal, &discarding, &now));
  if (result < 0) return result;
  return Outcome(sigaction(signal, PassesToMainThread(now) ? &earlier[signal] : &now, nullptr));
}

// (signals, nonblock)
Napi::Value Open(const Napi::CallbackInfo &info) {
  const sigset_t set = ToSet(info[0]);
  const int flags = SFD_CLOEXEC | (Flag(info, 1) ? SFD_NONBLOCK : 0);
  const int64_t fd = Outcome(signalfd(-1, &set, flags));
  if (fd < 0) return Result(info.Env(), fd);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  const int64_t result = ForEach(set, Hold);
  if (result == 0) return Result(info.Env(), fd);
  close(static_cast<int>(fd));
  return Result(info.Env(), result);
}

// (signals)
Napi::Value Restore(const Napi::CallbackInfo &info) {
  const sigset_t set = ToSet(info[0]);
  ForEach(set, [](int signal) {
    held.fetch_and(~Bit(signal));
    return int64_t{0};
  });
  while (passing.load() > 0) sched_yield();
  const int64_t result = ForEach(set, GiveBack);
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  return Result(info.Env(), result);
}

}  // namespace

void DefineSignalfd(Napi::Object exports) {
  Define<Open>(exports, "signalfd");
  Define<Restore>(exports, "restoreSignals");
}

}  // namespace polyring
