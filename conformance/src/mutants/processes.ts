import { readFileSync, readlinkSync } from 'node:fs';
import { PollEvents, type RawFd } from '@polyring/core';
import { inReadiness, type Readiness } from '../seams/parts.js';
import type { Mutant } from './mutant.js';

/** A fault of pidfds. */
function inPidfds(change: (readiness: Readiness, pid: number) => Partial<Readiness>) {
  return inReadiness(() => (readiness, fd) => {
    const pid = pidOf(fd);
    return pid === undefined ? {} : change(readiness, pid);
  });
}

/** The process of a pidfd (proc(5)); undefined for another descriptor. */
function pidOf(fd: RawFd): number | undefined {
  if (!readlinkSync(`/proc/self/fd/${fd}`).includes('pidfd')) return undefined;
  return Number(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8').match(/^Pid:\s+(\d+)$/m)?.[1]);
}

/** Drivers that are wrong about processes. */
export const processMutants: readonly Mutant[] = [
  {
    name: 'process-told-early',
    fault: 'A pidfd is ready at once.',
    base: 'epoll',
    convictedBy: ['process.exit'],
    break: inPidfds(() => ({ poll: (_waker, _slot, events) => events & PollEvents.IN })),
  },
  {
    name: 'process-killed-on-dispose',
    fault: 'Disposing of the registration of a pidfd kills the process.',
    base: 'epoll',
    convictedBy: ['process.disposal'],
    break: inPidfds((readiness, pid) => ({
      [Symbol.dispose]: () => {
        readiness[Symbol.dispose]();
        process.kill(pid, 'SIGKILL');
      },
    })),
  },
];
