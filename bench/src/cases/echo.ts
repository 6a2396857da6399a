import { type Case, limitedBy, ratio, type Target } from '../case.js';
import { BUN, DENO, OTHER_NODES } from '../processes/runtimes.js';
import { echoServer, nativeEchoServer } from '../rivals/echo-server.js';
import { onRing } from '../rivals/on-ring.js';
import type { Rival } from '../rivals/rival.js';
import { lacksSecondProcessor } from './lacks.js';
import { BUSY_POLL, EPOLL, NET, URING } from './names.js';

const C_EPOLL = 'C, epoll';
const C_URING = 'C, io_uring';
/** What a server needs that leaves it to the kernel where it receives. */
const RECEIVES_AHEAD = ['bufferRing', 'recvMultishot'] as const;
const BARE_PROMISES = 'JavaScript, bare, a promise each';
const BARE_RING_AWAITED = 'JavaScript, bare io_uring, sends awaited';

/** How much faster than node:net the ring must be, by the number of connections. */
const FLOORS: ReadonlyMap<number, number | undefined> = new Map([
  [1, undefined],
  [10, undefined],
  [50, 1.35],
  [200, undefined],
  [500, 1.5],
]);

/** Connections with which a server has nothing to do at times, so that a busy poll makes a difference. */
const MOST_THAT_LEAVE_IT_IDLE = 10;

function busyPolling(connections: number): Rival[] {
  return [
    echoServer(`${URING}, busy poll`, connections, {
      script: 'echo-polled',
      options: { backend: 'uring', busyPoll: BUSY_POLL },
    }),
    echoServer(`${EPOLL}, busy poll`, connections, {
      script: 'echo-polled',
      options: { backend: 'epoll', busyPoll: BUSY_POLL },
    }),
  ];
}

function targets(floor: number): Target[] {
  return [
    ...[
      ratio('rate', '≥', floor, NET),
      ratio('rate', '≥', 1.05, BUN.name),
      ratio('rate', '≥', 0.85, C_EPOLL),
      ratio('cpu', '≤', 0.7, NET),
      ratio('p99', '≤', 1, NET),
    ].map((target) => limitedBy(BARE_RING_AWAITED, target)),
    limitedBy(BARE_PROMISES, ratio('rate', '≥', 1.2, NET, EPOLL)),
  ];
}

/** Echo servers on one processor, driven from another. */
export const echoes: readonly Case[] = [...FLOORS].map(([connections, floor]) => ({
  name: `echo-${connections}`,
  title: `TCP echo of 64 bytes, ${connections} connection${connections === 1 ? '' : 's'}, the server on one processor`,
  about:
    'A load generator in C on io_uring, or on epoll where there is no ring, keeps one message in flight on each connection, ' +
    'from another processor, and compares every byte that comes back. The processor time is that of the server. The bare ones are the limits of JavaScript: ' +
    'recv and send and nothing else, the same with one promise a message, that on io_uring, which sends once a tick, and ' +
    'that with a second promise, which waits for the end of the send, as a write does that can fail.',
  operation: 'message',
  measures: ['rate', 'cpu', 'p50', 'p99'],
  rivals: [
    echoServer(URING, connections, { script: 'echo-polled', options: { backend: 'uring' } }),
    echoServer(EPOLL, connections, { script: 'echo-polled', options: { backend: 'epoll' } }),
    ...(connections <= MOST_THAT_LEAVE_IT_IDLE ? busyPolling(connections) : []),
    echoServer(NET, connections, { script: 'echo-net' }),
    ...OTHER_NODES.map((runtime) =>
      echoServer(`node:net, ${runtime.name}`, connections, { script: 'echo-net', runtime }),
    ),
    echoServer(BUN.name, connections, { script: 'echo-bun', runtime: BUN }),
    echoServer(DENO.name, connections, { script: 'echo-deno', runtime: DENO }),
    echoServer('JavaScript, bare system calls', connections, { script: 'echo-bare', options: { promises: false } }),
    echoServer(BARE_PROMISES, connections, { script: 'echo-bare', options: { promises: true } }),
    onRing(
      echoServer('JavaScript, bare io_uring, a promise each', connections, {
        script: 'echo-bare-ring',
        options: { sendsTold: false },
      }),
      RECEIVES_AHEAD,
    ),
    onRing(
      echoServer(BARE_RING_AWAITED, connections, {
        script: 'echo-bare-ring',
        options: { sendsTold: true },
      }),
      RECEIVES_AHEAD,
    ),
    nativeEchoServer(C_EPOLL, connections, 'echo-epoll'),
    onRing(nativeEchoServer(C_URING, connections, 'echo-uring'), RECEIVES_AHEAD),
  ],
  targets: floor === undefined ? [] : targets(floor),
  plot: { chart: 'echo', at: connections },
  quick: connections === 50,
  lacks: lacksSecondProcessor,
}));
