import { type Instant, now, PolledTimer } from '@polyring/core';
import { type TourStep, verify } from '../../step.js';
import { LONGEST, measureLateness, SHORTEST, TIMERS } from './lateness.js';

/** Runs many timers at the same time, and measures how late they are. */
export const timers: TourStep = {
  id: 'timers',
  title: 'Timers',

  async run({ driver, progress }) {
    const polled = new PolledTimer(driver);
    try {
      const first = await measureLateness(
        { by: driver.name, sleep: (milliseconds) => polled.sleep(milliseconds) },
        (over) => progress(`timers of ${driver.name}`, over / TIMERS),
      );
      verify(first.measures.early === 0, `${first.measures.early} timers of ${driver.name} were early.`);
      const second = await measureLateness({ by: 'setTimeout', sleep: sleepBySetTimeout }, (over) =>
        progress('timers of setTimeout', over / TIMERS),
      );
      return {
        verified: `Each of ${TIMERS.toLocaleString('en-US')} timers on each side was over once, none of ${driver.name} early.`,
        unit: 'timers',
        sides: [first, second],
        notes: [
          `Whole numbers of milliseconds from ${SHORTEST} to ${LONGEST}, all running at the same time.`,
          'setTimeout counts whole milliseconds on a clock that is read once a turn of the loop, so it may be early.',
        ],
      };
    } finally {
      polled[Symbol.dispose]();
    }
  },
};

function sleepBySetTimeout(milliseconds: number): Promise<Instant> {
  return new Promise((resolve) => setTimeout(() => resolve(now()), milliseconds));
}
