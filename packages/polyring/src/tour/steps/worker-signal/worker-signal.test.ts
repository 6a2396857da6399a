import type { PollWait } from '@polyring/core';
import { openDescriptors, rejects } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { alteredDriver } from '../../altered-driver.test-support.js';
import { openDriver } from '../../open-driver.js';
import type { StepContext } from '../../step.js';
import { countRounds, SIGNALS } from './rounds.js';
import { workerSignal } from './worker-signal.js';

const { driver } = await openDriver(undefined);

test.after(() => driver.close());

const context: StepContext = { driver, folder: '/nowhere', copySize: 1, progress: () => {} };

test('every signal arrives on both sides, and no descriptor stays open', async () => {
  const open = openDescriptors();
  const { sides } = await workerSignal.run(context);
  assert.equal(
    sides.map(({ by, measures }) => [by, measures.operations]),
    [
      [`${driver.name}, eventfd`, SIGNALS],
      ['MessagePort', SIGNALS],
    ],
  );
  assert.is(openDescriptors(), open);
});

test('a driver that gives another value than was signalled fails the step', async () => {
  let signals = 0;
  const lying = alteredDriver(driver, {
    newDynWait(fd, readSize) {
      const wait = driver.newDynWait(fd, readSize);
      return new Proxy(wait, {
        get(target, key) {
          const value: unknown = Reflect.get(target, key, target);
          if (key !== 'value') return typeof value === 'function' ? value.bind(target) : value;
          signals += 1;
          return (value as bigint) + (signals === 10 ? 1n : 0n);
        },
      }) satisfies PollWait;
    },
  });
  await rejects(
    workerSignal.run({ ...context, driver: lying }),
    'VerificationError',
    /eventfd, signal 10 arrived as 11\./,
  );
});

test('a worker that fails ends the rounds with its error', async () => {
  const rounds = countRounds({ by: 'nobody', eventfd: 0x7ffffff, next: () => new Promise(() => {}) }, () => {});
  await rejects(rounds, 'EBADF');
});

test.run();
