import { once } from 'node:events';
import type { Driver } from '@polyring/core';
import { PolledChild } from '@polyring/polled';
import type { ChildWatch } from './children.js';

/** Learns of a child's end by a pidfd, whose readiness comes from a driver. */
export function pidfdWatch(driver: Driver): ChildWatch {
  return {
    by: `${driver.name}, pidfd`,
    async end(child) {
      const polled = new PolledChild(driver, child);
      try {
        return (await polled.wait()).exitCode;
      } finally {
        polled[Symbol.dispose]();
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
