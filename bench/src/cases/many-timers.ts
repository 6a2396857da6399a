import { type Case, limitedBy, ratio } from '../case.js';
import { script } from '../rivals/script.js';
import { EPOLL, URING } from './names.js';

const SET_TIMEOUT = 'setTimeout';
const BARE_LIST = 'a bare list a millisecond';
const TARGET_COUNT = 200_000;
/** As many as a short run has the time for. */
const QUICK_COUNT = 20_000;

/** Many timers at once, by their number. */
export const manyTimers: readonly Case[] = [2_000, QUICK_COUNT, TARGET_COUNT].map((count) => ({
  name: `timers-${count}`,
  title: `${count.toLocaleString('en-US')} timers over 500 ms: inserted, and fired`,
  about:
    'Every timer must fire once, and none early. The cost is the processor time, since most of the time is spent waiting. The bare ' +
    'list is the limit: one object and one waker a timer, no order within a millisecond, and one setTimeout for all.',
  operation: 'timer',
  measures: ['cpu'],
  rivals: [
    script(URING, { script: 'many-timers', options: { by: 'uring', count } }),
    script(EPOLL, { script: 'many-timers', options: { by: 'epoll', count } }),
    script(BARE_LIST, { script: 'many-timers', options: { by: 'bare', count } }),
    script(SET_TIMEOUT, { script: 'many-timers', options: { by: 'setTimeout', count } }),
  ],
  targets:
    count === TARGET_COUNT
      ? [URING, EPOLL].map((by) => limitedBy(BARE_LIST, ratio('cpu', '≤', 0.8, SET_TIMEOUT, by)))
      : [],
  plot: { chart: 'timers', at: count },
  quick: count === QUICK_COUNT,
}));
