import { checkFd, checkInteger, Errno, flag, type RawFd, systemError } from '@polyring/core';
import { native } from '../addon/binding.js';
import { succeeded } from '../addon/outcome.js';
import { type SignalName, signalName, signalNumber } from './signal-name.js';

/** How a process ended: with an exit code, or by a signal. */
export interface ProcessExit {
  /** The exit code; null if a signal ended it. */
  readonly exitCode: number | null;
  /** The signal's name; null if it exited. */
  readonly signal: SignalName | null;
}

/**
 * Makes a descriptor of a process, close-on-exec. It is readable once the process ended
 * (pidfd_open(2), Linux 5.3).
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; ESRCH if there is no such process; ENOENT, on older kernels EINVAL, for
 * the number of a thread; EMFILE, ENFILE; ENOSYS before Linux 5.3
 */
export function pidfdOpen(pid: number): RawFd {
  checkInteger(pid, 'pid', 1, 0x7fffffff);
  return succeeded(native.pidfdOpen(pid), 'pidfd_open');
}

/**
 * Sends a signal to the process of a descriptor, never to another that got its number
 * (pidfd_send_signal(2), Linux 5.1).
 *
 * @param signal a name or a number; 0 only asks whether it could be sent
 * @throws ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE; ESRCH if it has ended and was reaped; EPERM; EBADF
 */
export function pidfdSendSignal(fd: RawFd, signal: SignalName | number): void {
  checkFd(fd);
  succeeded(native.pidfdSendSignal(fd, signalNumber(signal)), 'pidfd_send_signal', { fd });
}

/**
 * How the process of a descriptor ended, without waiting (waitid(2), P_PIDFD, Linux 5.4). By default the
 * process is not reaped: a child of Node.js is Node's own to reap, and its 'exit' event needs that.
 *
 * Once a process was reaped, and for one that is no child, the kernel tells from Linux 6.15 on.
 *
 * @param options `reap`: take the process out of the table as well. Default false
 * @returns undefined while the process runs, or is a stranger's that was not reaped yet
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; ECHILD if it is no child any more, or never was one, and the kernel cannot tell;
 * EBADF, EINVAL
 */
export function waitPidfd(fd: RawFd, options: { readonly reap?: boolean | undefined } = {}): ProcessExit | undefined {
  checkFd(fd);
  const waited = native.pidfdWait(fd, flag(options, 'reap', false));
  if (typeof waited !== 'number') return ended(waited);
  if (waited === 0) return undefined;
  if (waited === Errno.ECHILD) {
    const info = native.pidfdExitInfo(fd);
    if (typeof info !== 'number') return ended(info);
    if (info === 0) return undefined;
  }
  throw systemError(waited, 'waitid', { fd });
}

function ended([exitCode, signal]: [number, number]): ProcessExit {
  return signal === 0 ? { exitCode, signal: null } : { exitCode: null, signal: signalName(signal) };
}
