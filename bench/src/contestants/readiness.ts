import { InterestSlot, Pending, PollEvents } from '@polyring/core';
import { eventfd, tryRead, tryWrite } from '@polyring/sys';
import { driverFor } from './shared/driver-for.js';
import { Countdown, metered } from './shared/meter.js';
import { answer, told } from './shared/serve.js';

// Readiness of one busy descriptor beside many idle ones that are registered and waited for.

const { backend, idle, milliseconds } = told<{ backend: 'uring' | 'epoll'; idle: number }>();
const driver = await driverFor(backend);
let disturbed = 0;
for (let i = 0; i < idle; i += 1) {
  driver.newDynFdReady(eventfd()).pollFdReady(
    () => {
      disturbed += 1;
    },
    InterestSlot.Read,
    PollEvents.IN,
  );
}

const fd = eventfd();
const ready = driver.newDynFdReady(fd);
const [written, found] = [new BigUint64Array(1), new BigUint64Array(1)];

function events(): Promise<{ operations: number; wrong: number }> {
  const countdown = new Countdown(milliseconds);
  let operations = 0;
  let wrong = 0;
  return new Promise((resolve) => {
    const waker = (): void => {
      if (ready.pollFdReady(waker, InterestSlot.Read, PollEvents.IN) === Pending) return;
      if (tryRead(fd, found) !== 8 || found[0] !== written[0]) wrong += 1;
      ready.clearFdReady(InterestSlot.Read);
      operations += 1;
      if (countdown.over) resolve({ operations, wrong });
      else next();
    };
    const next = (): void => {
      if (ready.pollFdReady(waker, InterestSlot.Read, PollEvents.IN) !== Pending) wrong += 1;
      written[0] = BigInt(operations + 1);
      tryWrite(fd, written);
    };
    next();
  });
}

await answer(() =>
  metered(async () => {
    const { operations, wrong } = await events();
    return { operations, errors: wrong + disturbed };
  }),
);
