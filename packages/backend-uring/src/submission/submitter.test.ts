import { type Driver, type Entry, nop, pollMultishot, type SubmitOptions } from '@polyring/core';
import { rejects } from '@polyring/test-support';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { uringBackend } from '../factory.js';
import { testWith } from '../kernel-needs.test-support.js';
import { runWhereGranted } from '../run-where-granted.test-support.js';

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

testWith(
  test,
  ['bufferRing', 'sender', 'remoteHandle'],
  'a driver that what it is given closes, as it is looked at, says so and begins nothing',
  async () => {
    const nothing = (): void => {};
    const calls: ((driver: Driver, closing: <T extends object>(value: T, key: keyof T) => T) => unknown)[] = [
      ({ ioUring }, closing) =>
        ioUring.multishotInto(pollMultishot(0, 1), closing({ completed: nothing, ended: nothing }, 'completed')),
      ({ ioUring }, closing) => ioUring.sender(0, closing({ sent: nothing, failed: nothing }, 'sent')),
      ({ ioUring }, closing) => ioUring.bufferRing(closing({ entries: 8 }, 'entries')),
      ({ ioUring }, closing) => ioUring.fileTable(closing({ slots: 8 }, 'slots')),
      ({ ioUring }, closing) => ioUring.workerLimits(closing({ bounded: 8 }, 'bounded')),
      ({ ioUring }, closing) => ioUring.workerAffinity(closing([0], 0)),
      (driver, closing) => driver.ioUring.remote(closing({ ...driver.remoteHandle(nothing) }, 'fd')),
      (driver, closing) => driver.allocate(8, closing({ align: 8 }, 'align')),
    ];
    for (const call of calls) {
      const driver = uringBackend.create();
      const closing = <T extends object>(value: T, key: keyof T): T => {
        const kept = value[key];
        return Object.defineProperty(value, key, {
          get() {
            driver.close();
            return kept;
          },
        });
      };
      let code: unknown;
      try {
        call(driver, closing);
      } catch (error) {
        ({ code } = error as NodeJS.ErrnoException);
      }
      assert.is(code, 'ERR_POLYRING_CLOSED', `${call}`);
      await driver.close();
    }
  },
);

testWith(test, ['remoteHandle'], 'the files and remotes of a driver that was closed say so first', async () => {
  const driver = uringBackend.create();
  const table = driver.ioUring.fileTable({ slots: 1 });
  const inbox = driver.remoteHandle(() => {});
  const other = uringBackend.create();
  const remote = other.ioUring.remote(inbox);
  await other.close();
  assert.is(await remote.wake(0.5).catch(({ code }) => code), 'ERR_POLYRING_CLOSED');
  await driver.close();
  for (const call of [() => table.add(-1), () => table.remove(-1)]) {
    assert.throws(call, ({ code }: NodeJS.ErrnoException) => code === 'ERR_POLYRING_CLOSED');
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
      const { message } = await rejects(submission, code);
      assert.match(message, /"options\.timeout"/);
    }
  }
  await driver.close();
});

runWhereGranted(test);
