import { asyncCancel, type Driver, type Entry, nop, PollEvents, pollAdd, write } from '@polyring/core';
import { close, eventfd, tryRead, write as writeNow } from '@polyring/sys';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ERRNO } from './abi.js';
import { createDriverOver } from './driver.js';
import { uringBackend } from './factory.js';
import { interceptedBinding } from './intercepted-binding.test-support.js';
import { runWhereGranted } from './run-where-granted.test-support.js';

const POOL = 65_536;

const test = suite('target');

/** Has a poll end, and starts it again at the same driver. */
async function again(driver: Driver, poll: Entry, first: Promise<number>): Promise<{ second: Promise<unknown> }> {
  writeNow(poll.fd, BigUint64Array.of(1n));
  assert.is(await first, PollEvents.IN);
  tryRead(poll.fd, new Uint8Array(8));
  return { second: driver.ioUringSubmit(poll).catch(({ code }) => code) };
}

test('a cancel that waited for memory finds nobody where its target is in flight again', async () => {
  const driver = uringBackend.create({ poolLimit: POOL, poolExhausted: 'wait' });
  const [event, other] = [eventfd(), eventfd()];
  const target = pollAdd(event, PollEvents.IN);
  const first = driver.ioUringSubmit(target);
  await driver.ioUringSubmit(nop());
  const memory = driver.allocate(POOL);
  const cancelling = driver.submitLinked([asyncCancel(target), write(other, Buffer.alloc(8))]);
  const { second } = await again(driver, target, first);
  memory.release();
  const codes = (await cancelling).map((end) => (end.status === 'rejected' ? end.reason.code : end.value));
  assert.equal(codes, ['ENOENT', 'ECANCELED']);
  writeNow(event, BigUint64Array.of(1n));
  assert.is(await second, PollEvents.IN);
  await driver.close();
  close(event);
  close(other);
});

test('a cancel that waited for room in the queue, and then behind a link, finds nobody there either', async () => {
  let refuses = false;
  const binding = interceptedBinding(({ toSubmit }, enter) => (refuses ? ERRNO.EAGAIN : enter(toSubmit)));
  const driver = createDriverOver(binding, { entries: 2 });
  const [event, other] = [eventfd(), eventfd()];
  const target = pollAdd(event, PollEvents.IN);
  const first = driver.ioUringSubmit(target);
  await driver.ioUringSubmit(nop());
  refuses = true;
  const before = driver.submitMany([nop(), nop()]);
  const cancelling = driver.submitLinked([pollAdd(other, PollEvents.IN), asyncCancel(target)]);
  const { second } = await again(driver, target, first);
  refuses = false;
  await before;
  await driver.ioUringSubmit(nop());
  writeNow(other, BigUint64Array.of(1n));
  const codes = (await cancelling).map((end) => (end.status === 'rejected' ? end.reason.code : end.value));
  assert.equal(codes, [PollEvents.IN, 'ENOENT']);
  writeNow(event, BigUint64Array.of(1n));
  assert.is(await second, PollEvents.IN);
  await driver.close();
  close(event);
  close(other);
});

runWhereGranted(test);
