import { type Case, ratio } from '../case.js';
import { program } from '../rivals/program.js';
import { script } from '../rivals/script.js';

const URING_EVENTFD = 'Polyring, eventfd, io_uring';
const EPOLL_EVENTFD = 'Polyring, eventfd, epoll';
const MSG_RING = 'Polyring, MSG_RING';
const C_EVENTFD = 'C, eventfd';
const C_MSG_RING = 'C, MSG_RING';
const MESSAGE_PORT = 'MessagePort';

/** Two threads that signal each other. */
export const trips: Case = {
  name: 'threads',
  title: 'Round trips between two threads',
  about:
    'Each trip carries a number there and back, and it is compared. In C the threads wait in epoll or on a ring. Which ' +
    'processors the scheduler gives the threads decides most of it: see bench/NOTES.md.',
  operation: 'trip',
  measures: ['rate', 'cpu'],
  rivals: [
    script(URING_EVENTFD, { script: 'trips-eventfd', options: { backend: 'uring' } }),
    script(EPOLL_EVENTFD, { script: 'trips-eventfd', options: { backend: 'epoll' } }),
    script(MSG_RING, { script: 'trips-remote' }),
    program(C_EVENTFD, 'threads', ['eventfd']),
    program(C_MSG_RING, 'threads', ['msg-ring']),
    script(MESSAGE_PORT, { script: 'trips-message-port' }),
  ],
  targets: [
    ratio('rate', '≥', 0.8, C_EVENTFD),
    ratio('rate', '≥', 1.2, MESSAGE_PORT),
    ratio('rate', '≥', 0.8, C_MSG_RING, MSG_RING),
    ratio('rate', '≥', 1.2, MESSAGE_PORT, MSG_RING),
    ratio('rate', '≥', 0.8, C_EVENTFD, EPOLL_EVENTFD),
    ratio('rate', '≥', 1.2, MESSAGE_PORT, EPOLL_EVENTFD),
  ],
};
