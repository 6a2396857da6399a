import { type Case, limitedBy, ratio } from '../case.js';
import { onRing } from '../rivals/on-ring.js';
import { program } from '../rivals/program.js';
import { script } from '../rivals/script.js';
import { lacksSecondProcessor } from './lacks.js';
import { BUSY_POLL } from './names.js';

const URING_EVENTFD = 'Polyring, eventfd, io_uring';
const EPOLL_EVENTFD = 'Polyring, eventfd, epoll';
const MSG_RING = 'Polyring, MSG_RING';
const URING_EVENTFD_BUSY = `${URING_EVENTFD}, busy poll`;
const EPOLL_EVENTFD_BUSY = `${EPOLL_EVENTFD}, busy poll`;
const MSG_RING_BUSY = `${MSG_RING}, busy poll`;
const C_EVENTFD = 'C, eventfd';
const C_MSG_RING = 'C, MSG_RING';
const MESSAGE_PORT = 'MessagePort';
const BARE_EVENTFD = 'JavaScript, bare eventfd';
const BARE_MSG_RING = 'JavaScript, bare MSG_RING';

/** Two threads that signal each other. */
export const trips: Case = {
  name: 'threads',
  title: 'Round trips between two threads',
  about:
    'Each trip carries a number there and back, and it is compared. In C the threads wait in epoll or on a ring. Each ' +
    'thread has a processor of its own, as where the scheduler puts them would decide most of it: see bench/NOTES.md. ' +
    `Those with a busy poll look for events for ${BUSY_POLL} µs before they sleep, which nobody else here does. The bare one is ` +
    'the limit of JavaScript: a descriptor on the loop, a callback, a read and a write.',
  operation: 'trip',
  measures: ['rate', 'cpu'],
  rivals: [
    script(URING_EVENTFD, { script: 'trips-eventfd', options: { backend: 'uring' } }),
    script(EPOLL_EVENTFD, { script: 'trips-eventfd', options: { backend: 'epoll' } }),
    script(MSG_RING, { script: 'trips-remote' }),
    script(URING_EVENTFD_BUSY, { script: 'trips-eventfd', options: { backend: 'uring', busyPoll: BUSY_POLL } }),
    script(EPOLL_EVENTFD_BUSY, { script: 'trips-eventfd', options: { backend: 'epoll', busyPoll: BUSY_POLL } }),
    script(MSG_RING_BUSY, { script: 'trips-remote', options: { busyPoll: BUSY_POLL } }),
    program(C_EVENTFD, 'threads', ['eventfd']),
    onRing(program(C_MSG_RING, 'threads', ['msg-ring'])),
    script(BARE_EVENTFD, { script: 'trips-bare' }),
    onRing(script(BARE_MSG_RING, { script: 'trips-bare-ring' })),
    script(MESSAGE_PORT, { script: 'trips-message-port' }),
  ],
  targets: [
    limitedBy(BARE_EVENTFD, ratio('rate', '≥', 0.8, C_EVENTFD)),
    limitedBy(BARE_MSG_RING, ratio('rate', '≥', 0.8, C_MSG_RING, MSG_RING)),
    limitedBy(BARE_EVENTFD, ratio('rate', '≥', 0.8, C_EVENTFD, EPOLL_EVENTFD)),
    limitedBy(BARE_EVENTFD, ratio('rate', '≥', 1.2, MESSAGE_PORT)),
    limitedBy(BARE_MSG_RING, ratio('rate', '≥', 1.2, MESSAGE_PORT, MSG_RING)),
    limitedBy(BARE_EVENTFD, ratio('rate', '≥', 1.2, MESSAGE_PORT, EPOLL_EVENTFD)),
    ratio('rate', '≥', 1.2, MESSAGE_PORT, URING_EVENTFD_BUSY),
    ratio('rate', '≥', 1.2, MESSAGE_PORT, MSG_RING_BUSY),
    ratio('rate', '≥', 1.2, MESSAGE_PORT, EPOLL_EVENTFD_BUSY),
  ],
  lacks: lacksSecondProcessor,
};
