import { after, Pending, type PollTimer } from '@polyring/core';
import { driverFor } from './driver-for.js';
import { metered } from './meter.js';
import { answer, told } from './serve.js';

// Inserts many timers and waits until all have fired; the cost is the processor time.

/** Deadlines are spread over so many milliseconds. */
const SPREAD = 500;

const { by, count } = told<{ by: 'uring' | 'epoll' | 'setTimeout'; count: number }>();

/** Calls back once for each timer, after `delay` milliseconds. */
type Insert = (delay: number, fired: () => void) => void;

async function inserter(): Promise<Insert> {
  if (by === 'setTimeout') {
    return (delay, fired) => {
      setTimeout(fired, delay);
    };
  }
  const driver = await driverFor(by);
  return (delay, fired) => {
    const timer: PollTimer = driver.newDynTimer();
    const waker = (): void => {
      if (timer.pollTimer(waker) !== Pending) fired();
    };
    timer.setDeadline(after(delay));
    // It may be due already.
    waker();
  };
}

const insert = await inserter();

await answer(() =>
  metered(
    () =>
      new Promise((resolve) => {
        let left = count;
        let early = 0;
        let state = 1;
        for (let i = 0; i < count; i += 1) {
          state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
          const delay = 1 + ((state >>> 8) % SPREAD);
          const due = performance.now() + delay;
          insert(delay, () => {
            // setTimeout may fire within the millisecond before.
            if (performance.now() < due - 1) early += 1;
            left -= 1;
            if (left === 0) resolve({ operations: count, errors: early, verified: count });
          });
        }
      }),
  ),
);
