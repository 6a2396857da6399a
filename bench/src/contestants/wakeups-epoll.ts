import { readSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { eventfd } from '@polyring/sys';
import { INSTALLED } from '../places.js';
import { Countdown, metered } from './shared/meter.js';
import { answer, told } from './shared/serve.js';

// Writes to an eventfd, is woken by the package `epoll`, reads what was written, writes again.

/** As much of the package as is used. */
interface Epoll {
  add(fd: number, events: number): Epoll;
  remove(fd: number): Epoll;
}
interface EpollPackage {
  readonly Epoll: (new (
    callback: (error: Error | null, fd: number, events: number) => void,
  ) => Epoll) & {
    readonly EPOLLIN: number;
  };
}

const { Epoll } = createRequire(join(INSTALLED, 'package.json'))('epoll') as EpollPackage;
const { milliseconds } = told();
const fd = eventfd();
const [written, found] = [new BigUint64Array(1), new BigUint64Array(1)];

function wakeUps(): Promise<{ operations: number; wrong: number }> {
  const countdown = new Countdown(milliseconds);
  let operations = 0;
  let wrong = 0;
  return new Promise((resolve, reject) => {
    const next = (): void => {
      written[0] = BigInt(operations + 1);
      if (writeSync(fd, written) !== 8) wrong += 1;
    };
    const poller = new Epoll((error) => {
      if (error !== null) {
        reject(error);
        return;
      }
      if (readSync(fd, found) !== 8 || found[0] !== written[0]) wrong += 1;
      operations += 1;
      if (!countdown.over) {
        next();
        return;
      }
      poller.remove(fd);
      resolve({ operations, wrong });
    });
    poller.add(fd, Epoll.EPOLLIN);
    next();
  });
}

await answer(() =>
  metered(async () => {
    const { operations, wrong } = await wakeUps();
    return { operations, errors: wrong };
  }),
);
