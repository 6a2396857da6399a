import { type Driver, nop, PolledTimer, read, timeout } from '@polyring/core';
import { close, pipe2, tryRead, write } from '@polyring/sys';
import { rejectionOf, rejects } from '@polyring/test-support';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createDriverOver } from '../driver.js';
import { runWhereGranted } from '../run-where-granted.test-support.js';
import { type Faults, faultyBinding, NO_FAULTS } from '../storm/faulty-ring.test-support.js';

/** A kernel that finishes nothing, cancels nothing, and says nothing. */
function silentDriver(closeTimeout: number): { driver: Driver; silence: () => void } {
  let silent = false;
  const faults: Faults = { ...NO_FAULTS, show: () => (silent ? undefined : 0) };
  return {
    driver: createDriverOver(faultyBinding(faults), { closeTimeout }),
    silence: () => {
      silent = true;
    },
  };
}

test('a driver whose operations cannot be cancelled ends in time, and says what it left behind', async () => {
  const { driver, silence } = silentDriver(50);
  const [reader, writer] = pipe2();
  const memory = driver.allocate(4096);
  const reads = [memory.bytes, Buffer.alloc(8), Buffer.alloc(8)].map((bytes) =>
    rejectionOf(driver.ioUringSubmit(read(reader, bytes))),
  );
  const sleep = rejects(PolledTimer.sleep(driver, 1_000_000), 'ERR_POLYRING_CLOSED');
  const waiting = rejectionOf(driver.ioUringSubmit(timeout(1_000_000)));
  await driver.ioUringSubmit(nop());
  silence();
  const closing = driver.close();
  const error = await rejects(closing, 'ERR_POLYRING_CLOSE_TIMEOUT');
  assert.match(error.message, new RegExp(`IORING_OP_READ on descriptor ${reader}.* and \\d more within 50 ms`));
  assert.match(error.message, /raise the option "closeTimeout"/);
  for (const each of [...(await Promise.all(reads)), await waiting]) assert.is(each, error);
  await sleep;
  assert.is(driver.close(), closing);
  // The kernel of this test does cancel, and only does not say so.
  write(writer, Buffer.from('late'));
  assert.is(tryRead(reader, Buffer.alloc(8)), 4, 'nobody else reads any more');
  memory.release();
  close(reader);
  close(writer);
});

test('a driver that is idle, or whose operations are cancelled, does not wait for its limit', async () => {
  for (const closeTimeout of [60_000, Number.POSITIVE_INFINITY]) {
    const { driver } = silentDriver(closeTimeout);
    const waiting = rejects(driver.ioUringSubmit(timeout(1_000_000)), 'ERR_POLYRING_CLOSED');
    await driver.ioUringSubmit(nop());
    await driver.close();
    await waiting;
  }
});

test('a limit that is none is refused', () => {
  for (const closeTimeout of [-1, 1.5, 2 ** 31, Number.NaN]) {
    assert.throws(() => silentDriver(closeTimeout), /options\.closeTimeout/);
  }
});

runWhereGranted(test);
