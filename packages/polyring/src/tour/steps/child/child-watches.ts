import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { type Driver, InterestSlot, Pending, PollEvents, type RawFd } from '@polyring/core';
import { close, pidfdOpen, waitPidfd } from '@polyring/sys';
import { verify } from '../../step.js';
import type { ChildWatch } from './children.js';

/** Learns of a child's end by a pidfd, whose readiness comes from a driver. */
export function pidfdWatch(driver: Driver): ChildWatch {
  return {
    by: `${driver.name}, pidfd`,
    async end(child) {
      const pidfd = pidfdOpen(child.pid as number);
      try {
        await untilReadable(driver, pidfd);
        return exitCode(pidfd, child);
      } finally {
        close(pidfd);
      }
    },
  };
}

/** Learns of a child's end by the event of node:child_process. */
export const exitEvent: ChildWatch = {
  by: "event 'exit'",
  async end(child) {
    const [code] = (await once(child, 'exit')) as [number | null];
    return code;
  },
};

/** Waits until the process ended; it must not have at the call. */
async function untilReadable(driver: Driver, pidfd: RawFd): Promise<void> {
  const ready = driver.newDynFdReady(pidfd);
  try {
    await new Promise<void>((resolve, reject) => {
      const poll = (): boolean => {
        try {
          if (ready.pollFdReady(poll, InterestSlot.Read, PollEvents.IN) === Pending) return false;
          resolve();
        } catch (error) {
          reject(error);
        }
        return true;
      };
      verify(!poll(), 'The pidfd of a child that runs was said to be readable.');
    });
  } finally {
    ready[Symbol.dispose]();
  }
}

/** Node may have reaped the child already, and then only kernels from 6.15 on tell its exit code by the pidfd. */
function exitCode(pidfd: RawFd, child: ChildProcess): number | null {
  try {
    const exit = waitPidfd(pidfd);
    verify(exit !== undefined, 'The pidfd of a child that runs was said to be readable.');
    return exit.exitCode;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ECHILD') throw error;
    return child.exitCode;
  }
}
