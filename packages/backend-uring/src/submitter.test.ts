import { type Driver, type Entry, nop, type SubmitOptions } from '@polyring/core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { uringBackend } from './factory.js';
import { rejectionOf } from './rejection.test-support.js';
import { runWhereGranted } from './run-where-granted.test-support.js';

const test = suite('submitter');

test('a driver that was closed says so, whatever else is wrong with what it is given', async () => {
  const bad: readonly SubmitOptions[] = [
    { timeout: -1 },
    { signal: AbortSignal.abort() },
    { poolExhausted: 'no' as never },
    null as never,
  ];
  const calls: ((driver: Driver) => Promise<unknown>)[] = [
    (driver) => driver.ioUringSubmit(5 as never),
    (driver) => driver.submitMany(5 as never),
    (driver) => driver.submitLinked(5 as never),
    (driver) => driver.submitLinked([]),
    async (driver) => driver.allocate(-1),
    (driver) => driver.allocateAsync(1, { signal: 5 as never }),
    async (driver) => driver.remoteHandle(5 as never),
    async (driver) => driver.multishot(5 as never, 5 as never),
    async ({ ioUring }) => ioUring.multishotInto(5 as never, 5 as never),
    async ({ ioUring }) => ioUring.sender(-1, 5 as never),
    async ({ ioUring }) => ioUring.bufferRing(5 as never),
    async ({ ioUring }) => ioUring.fileTable(5 as never),
    async ({ ioUring }) => ioUring.remote(5 as never),
    async ({ ioUring }) => ioUring.workerLimits(5 as never),
    async ({ ioUring }) => ioUring.workerAffinity([-1]),
  ];
  for (const options of bad) {
    calls.push(
      (driver) => driver.ioUringSubmit(nop(), options),
      (driver) => driver.submitMany([nop()], options),
      (driver) => driver.submitLinked([nop()], options),
    );
  }
  const driver = uringBackend.create();
  const closing = driver.close();
  for (const call of calls) assert.is(await call(driver).catch(({ code }) => code), 'ERR_POLYRING_CLOSED', `${call}`);
  await closing;
});

test('a driver that the options close, as they are read, says so whatever the entries are', async () => {
  for (const method of ['submitMany', 'submitLinked'] as const) {
    for (const entries of [[5 as unknown as Entry], []]) {
      const driver = uringBackend.create();
      const options = {
        get signal() {
          driver.close();
          return undefined;
        },
      };
      const submitting = driver[method](entries, options);
      assert.is(await submitting.catch(({ code }) => code), 'ERR_POLYRING_CLOSED');
      await driver.close();
    }
  }
});

test('a time limit is a number of milliseconds of at least 0', async () => {
  const driver = uringBackend.create();
  const refusals = [
    [-1, 'ERR_OUT_OF_RANGE'],
    [Number.NaN, 'ERR_OUT_OF_RANGE'],
    ['1' as never, 'ERR_INVALID_ARG_TYPE'],
  ] as const;
  for (const [timeout, code] of refusals) {
    const submissions = [
      driver.ioUringSubmit(nop(), { timeout }),
      driver.submitMany([nop()], { timeout }),
      driver.submitLinked([nop()], { timeout }),
    ];
    for (const submission of submissions) {
      const { message } = await rejectionOf(submission, code);
      assert.match(message, /"options\.timeout"/);
    }
  }
  await driver.close();
});

runWhereGranted(test);
