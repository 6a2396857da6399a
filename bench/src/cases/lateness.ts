import { type Case, ratio } from '../case.js';
import { script } from '../rivals/script.js';
import { EPOLL, URING } from './names.js';

const SET_TIMEOUT = 'setTimeout';
const REQUESTED = 0.2;

/** How late a short sleep is. */
export const lateness: Case = {
  name: 'lateness',
  title: 'How late a sleep of 0.2 ms is',
  about: 'One sleep after the other, and nothing else to do. A sleep that ends early is an error.',
  operation: 'sleep',
  measures: ['p50', 'p99', 'cpu'],
  rivals: [
    script(URING, { script: 'lateness', options: { by: 'uring', requested: REQUESTED } }),
    script(EPOLL, { script: 'lateness', options: { by: 'epoll', requested: REQUESTED } }),
    script(SET_TIMEOUT, { script: 'lateness', options: { by: 'setTimeout', requested: REQUESTED } }),
  ],
  targets: [
    ratio('p50', '≤', 0.1, SET_TIMEOUT),
    ratio('p99', '≤', 0.3, SET_TIMEOUT),
    ratio('p50', '≤', 0.1, SET_TIMEOUT, EPOLL),
    ratio('p99', '≤', 0.3, SET_TIMEOUT, EPOLL),
  ],
  quick: true,
};
