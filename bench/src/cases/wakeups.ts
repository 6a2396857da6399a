import { type Case, ratio } from '../case.js';
import { script } from '../rivals/script.js';
import { EPOLL, URING } from './names.js';

const NPM_EPOLL = 'npm epoll';

/** Waking up for a descriptor. */
export const wakeUps: Case = {
  name: 'wakeups',
  title: 'Wake-ups on an eventfd: write, be woken, read, write again',
  about: 'What is read is compared with what was written.',
  operation: 'wake-up',
  measures: ['rate', 'cpu'],
  rivals: [
    script(URING, { script: 'wakeups-driver', options: { backend: 'uring' } }),
    script(EPOLL, { script: 'wakeups-driver', options: { backend: 'epoll' } }),
    script(NPM_EPOLL, { script: 'wakeups-epoll', needs: 'epoll' }),
  ],
  targets: [ratio('rate', '≥', 8, NPM_EPOLL), ratio('rate', '≥', 8, NPM_EPOLL, EPOLL)],
  quick: true,
};
