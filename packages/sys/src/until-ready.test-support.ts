import { PollEvents, type RawFd } from '@polyring/core';
import { LoopWatch } from './polling/loop-watch.js';

/** Settles once one of the events holds for a descriptor. */
export function untilReady(fd: RawFd, events: PollEvents = PollEvents.IN): Promise<PollEvents> {
  return new Promise((resolve) => {
    const watch = new LoopWatch(
      fd,
      (seen) => {
        watch.close();
        resolve(seen);
      },
      { events },
    );
    watch.hold();
  });
}
