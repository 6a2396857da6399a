import { type Case, ratio } from '../case.js';
import { isInstalled } from '../rivals/installed.js';
import { MissingRival, type Rival } from '../rivals/rival.js';
import { script } from '../rivals/script.js';
import { EPOLL, URING } from './names.js';

const NPM_EPOLL = 'npm epoll';

const npmEpoll: Rival = {
  ...script(NPM_EPOLL, { script: 'wakeups-epoll' }),
  installed: true,
  async start(workshop) {
    if (!isInstalled('epoll')) throw new MissingRival('epoll is not installed: npm run bench:install');
    return script(NPM_EPOLL, { script: 'wakeups-epoll' }).start(workshop);
  },
};

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
    npmEpoll,
  ],
  targets: [ratio('rate', '≥', 8, NPM_EPOLL), ratio('rate', '≥', 8, NPM_EPOLL, EPOLL)],
  quick: true,
};
