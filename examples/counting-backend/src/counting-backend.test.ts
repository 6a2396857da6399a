import { Errno, InterestSlot, nop, PollEvents, PolledWait } from '@polyring/core';
import { close, eventfd, write } from '@polyring/sys';
import { pollBackend } from 'polyring-backend-poll';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CallLog, countingBackend } from './counting-backend.js';

test('every call of a driver and of its objects is counted by its name, and timed', async () => {
  const log = new CallLog();
  const driver = countingBackend(pollBackend, log).create();
  const fd = eventfd();
  const wait = new PolledWait(driver, fd, 8);
  const waiting = wait.wait();
  write(fd, BigUint64Array.of(5n));
  assert.is(await waiting, 5n);
  wait[Symbol.dispose]();
  using readiness = driver.newDynFdReady(fd);
  readiness.pollFdReady(() => {}, InterestSlot.Read, PollEvents.IN);
  readiness.clearFdReady(InterestSlot.Read);
  close(fd);
  await driver.close();
  const calls = Object.fromEntries([...log.counts].map(([name, count]) => [name, count.calls]));
  assert.equal(
    [calls['backend.create'], calls['driver.newDynWait'], calls['driver.newDynFdReady'], calls['driver.close']],
    [1, 1, 1, 1],
  );
  assert.equal([calls['wait.pollWait'], calls['wait.dispose']], [2, 1]);
  assert.equal([calls['fd.pollFdReady'], calls['fd.clearFdReady']], [1, 1]);
  assert.is(calls['timer.pollTimer'], undefined);
  for (const { milliseconds } of log.counts.values()) assert.ok(milliseconds > 0);
});

test('a call that throws is counted as such, and throws the same', () => {
  const log = new CallLog();
  const driver = countingBackend(pollBackend, log).create();
  const fd = eventfd();
  close(fd);
  assert.throws(
    () => driver.newDynWait(fd, 8),
    (error: NodeJS.ErrnoException) => error.errno === Errno.EBADF,
  );
  assert.is(log.counts.get('driver.newDynWait')?.thrown, 1);
});

test('nothing else differs: values, capabilities, what is returned, promises that reject', async () => {
  const backend = countingBackend(pollBackend, new CallLog());
  const driver = backend.create();
  assert.equal([backend.name, backend.priority, driver.name], ['poll', 50, 'poll']);
  assert.equal(driver.supports, { ioUring: false });
  assert.is(driver.unref(), driver);
  assert.is(driver.hasRef(), false);
  assert.is(driver.ioUringProbe(0), false);
  let code: unknown;
  await driver.ioUringSubmit(nop()).catch((error) => {
    code = error.code;
  });
  assert.is(code, 'ERR_POLYRING_UNSUPPORTED');
  assert.is(driver.closed, false);
  await driver.close();
  assert.is(driver.closed, true);
});

test.run();
