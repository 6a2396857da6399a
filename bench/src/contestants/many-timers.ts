import { after, Pending, type PollTimer } from '@polyring/core';
import { driverFor } from './shared/driver-for.js';
import { Firings } from './shared/firings.js';
import { metered } from './shared/meter.js';
import { answer, told } from './shared/serve.js';

// Inserts many timers and waits until all have fired; the cost is the processor time.

/** Deadlines are spread over so many milliseconds. */
const SPREAD = 500;

const { by, count } = told<{ by: 'uring' | 'epoll' | 'bare' | 'setTimeout'; count: number }>();

/** Calls back once for each timer, after `delay` milliseconds. */
type Insert = (delay: number, fired: () => void) => void;

/** The least that a timer with a waker takes, which looks at the clock as a poll does. */
class BareTimer {
  readonly deadline: number;
  waker: () => void;

  constructor(deadline: number, waker: () => void) {
    this.deadline = deadline;
    this.waker = waker;
  }
}

function bareInserter(): Insert {
  const lists = new Map<number, BareTimer[]>();
  let waiting = 0;
  const fire = (): void => {
    const time = performance.now();
    for (const [millisecond, list] of lists) {
      if (millisecond > time) continue;
      lists.delete(millisecond);
      waiting -= list.length;
      for (const timer of list) timer.waker();
    }
    if (waiting > 0) setTimeout(fire, 1);
  };
  return (delay, fired) => {
    const timer = new BareTimer(performance.now() + delay, () => {
      if (performance.now() >= timer.deadline) fired();
    });
    const millisecond = Math.ceil(timer.deadline);
    const list = lists.get(millisecond);
    if (list === undefined) lists.set(millisecond, [timer]);
    else list.push(timer);
    waiting += 1;
    if (waiting === 1) setTimeout(fire, 1);
  };
}

async function inserter(): Promise<Insert> {
  if (by === 'setTimeout') {
    return (delay, fired) => {
      setTimeout(fired, delay);
    };
  }
  if (by === 'bare') return bareInserter();
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
        const firings = new Firings(count);
        let state = 1;
        for (let i = 0; i < count; i += 1) {
          state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
          const delay = 1 + ((state >>> 8) % SPREAD);
          const due = performance.now() + delay;
          insert(delay, () => {
            firings.fired(i, due);
            if (firings.isComplete) resolve({ operations: count, errors: firings.wrong });
          });
        }
      }),
  ),
);
