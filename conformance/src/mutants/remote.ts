import type { Remote, RemoteInbox, RemoteListener } from '@polyring/core';
import { Inbox } from '../../../packages/backend-uring/dist/remote/inbox.js';
import { RemoteRing } from '../../../packages/backend-uring/dist/remote/remote-ring.js';
import type { Change } from '../seams/change.js';
import { inResources } from '../seams/completions.js';
import { everyNth } from '../seams/counter.js';
import { inside, replaceMethod } from '../seams/internals.js';
import { overlay } from '../seams/overlay.js';
import { inDrivers } from '../seams/parts.js';
import type { Mutant } from './mutant.js';

/** A fault of how a listener is called: gets each listener, and returns the one in its place. */
function inListeners(change: (listener: RemoteListener) => RemoteListener): Change {
  return inDrivers((driver) => ({ remoteHandle: (listener) => driver.remoteHandle(change(listener)) }));
}

/** A fault of ways to inboxes. */
function inRemotes(change: (remote: Remote) => Partial<Remote>): Change {
  return inResources((resources) => ({
    remote: (handle) => {
      const remote = resources.remote(handle);
      return overlay(remote, change(remote));
    },
  }));
}

const losesHundredth = inListeners((listener) => {
  const isLost = everyNth(100);
  return (value) => {
    if (!isLost()) listener(value);
  };
});

const collectsWakes = inListeners((listener) => (value) => queueMicrotask(() => listener(value)));

const onlyPositive = inListeners((listener) => (value) => listener(Math.abs(value)));

const swallowsThrows = inListeners((listener) => (value) => {
  try {
    listener(value);
  } catch {}
});

const goneUnnoticed = inRemotes((remote) => ({
  wake: (value) =>
    remote.wake(value).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ERR_POLYRING_REMOTE_GONE') throw error;
    }),
}));

const truncatesValues = inRemotes((remote) => ({ wake: (value = 0) => remote.wake(value | 0) }));

/** An inbox of a driver that has none. */
const noInbox = (): RemoteInbox => {
  const inbox: RemoteInbox = {
    fd: -1,
    userData: 0,
    generation: 1,
    state: new Int32Array(new SharedArrayBuffer(4)),
    ref: () => inbox,
    unref: () => inbox,
    hasRef: () => false,
    [Symbol.dispose]: () => {},
  };
  return inbox;
};

/** Drivers that wake each other in a wrong way. */
export const remoteMutants: readonly Mutant[] = [
  {
    name: 'remote-loses-hundredth',
    fault: 'Every hundredth wake of another thread is lost.',
    base: 'uring',
    convictedBy: ['remote.arrive'],
    break: losesHundredth,
  },
  {
    name: 'remote-without-sign',
    fault: 'The values of wakes lose their sign.',
    base: 'uring',
    convictedBy: ['remote.keep-alive'],
    break: onlyPositive,
  },
  {
    name: 'remote-collects-wakes',
    fault: 'The wakes of a batch are collected, and told though a listener has disposed of its inbox meanwhile.',
    base: 'uring',
    convictedBy: ['remote.gone'],
    break: collectsWakes,
  },
  {
    name: 'remote-holds-thread',
    fault: 'An inbox that was disposed of keeps its thread alive.',
    base: 'uring',
    convictedBy: ['remote.keep-alive'],
    break: inDrivers((driver) => ({
      remoteHandle: (listener) => {
        setInterval(() => {}, 3_600_000);
        return driver.remoteHandle(listener);
      },
    })),
  },
  {
    name: 'remote-gone-unnoticed',
    fault: 'A wake of an inbox that has gone is told as having arrived.',
    base: 'uring',
    convictedBy: ['remote.gone', 'remote.keep-alive'],
    break: goneUnnoticed,
  },
  {
    name: 'remote-inbox-stays',
    fault: 'Closing a driver leaves the state of its inboxes as it was.',
    base: 'uring',
    convictedBy: ['remote.gone'],
    break: inside(() => replaceMethod(Inbox.prototype, 'close', () => () => {})),
  },
  {
    name: 'remote-leaves-descriptor',
    fault: 'A remote that is disposed of leaves its descriptor open.',
    base: 'uring',
    convictedBy: ['remote.leave-nothing'],
    break: inside(() => {
      replaceMethod(RemoteRing.prototype, Symbol.dispose, () => () => {});
    }),
  },
  {
    name: 'remote-swallows-throws',
    fault: 'What a listener throws is swallowed.',
    base: 'uring',
    convictedBy: ['remote.throwing-listener'],
    break: swallowsThrows,
  },
  {
    name: 'remote-coerces-values',
    fault: 'A value that is no number is turned into one.',
    base: 'uring',
    convictedBy: ['remote.arguments'],
    break: inRemotes((remote) => ({ wake: (value = 0) => remote.wake(Number(value)) })),
  },
  {
    name: 'remote-truncates-values',
    fault: 'A value out of range is brought into it.',
    base: 'uring',
    convictedBy: ['remote.arguments'],
    break: truncatesValues,
  },
  {
    name: 'remote-without-ring',
    fault: 'A driver without a ring opens an inbox in which nothing arrives.',
    base: 'epoll',
    convictedBy: ['remote.unsupported'],
    break: inDrivers(() => ({ remoteHandle: noInbox })),
  },
];
