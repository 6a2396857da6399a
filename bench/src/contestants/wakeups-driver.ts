import { Pending } from '@polyring/core';
import { eventfd, tryWrite } from '@polyring/sys';
import { driverFor } from './shared/driver-for.js';
import { Countdown, metered } from './shared/meter.js';
import { answer, told } from './shared/serve.js';

// Writes to an eventfd, is woken, consumes what was written, writes again.

const { backend, milliseconds } = told<{ backend: 'uring' | 'epoll' }>();
const driver = await driverFor(backend);
const fd = eventfd();
const wait = driver.newDynWait(fd, 8);
const counter = new BigUint64Array(1);

function wakeUps(): Promise<{ operations: number; wrong: number }> {
  const countdown = new Countdown(milliseconds);
  let operations = 0;
  let wrong = 0;
  return new Promise((resolve, reject) => {
    const next = (): void => {
      counter[0] = BigInt(operations + 1);
      if (wait.pollWait(waker) !== Pending) wrong += 1;
      if (tryWrite(fd, counter) !== 8) wrong += 1;
    };
    const waker = (): void => {
      try {
        if (wait.pollWait(waker) === Pending) return;
        if (wait.value !== counter[0]) wrong += 1;
        operations += 1;
        if (countdown.over) resolve({ operations, wrong });
        else next();
      } catch (error) {
        reject(error);
      }
    };
    next();
  });
}

await answer(() =>
  metered(async () => {
    const { operations, wrong } = await wakeUps();
    return { operations, errors: wrong };
  }),
);
