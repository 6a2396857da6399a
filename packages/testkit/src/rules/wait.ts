import assert from 'node:assert/strict';
import { constants, openSync } from 'node:fs';
import { after, type Driver, MAXIMUM_WAIT_READ_SIZE, now, Pending, type Poll, type PollWait } from '@polyring/core';
import { eventfd, pipe2, send } from '@polyring/sys';
import { Descriptor } from '../fixtures/descriptor.js';
import type { EventFd } from '../fixtures/event-fd.js';
import { ready } from '../polling/ready.js';
import { turn } from '../polling/turn.js';
import { Wakes } from '../polling/wakes.js';
import type { Rule } from '../rule.js';
import type { RuleContext } from '../running/context.js';
import { desertedSender } from './deserted.js';
import { NO_NUMBERS, refuses } from './refusals.js';
import { ruleOf } from './rule-of.js';
import { isSystemError } from './system-error.js';

/** Waits once, and resolves to what was read. */
async function waited(wait: PollWait): Promise<bigint> {
  const answer = await ready((waker) => wait.pollWait(waker));
  assert.equal(answer, undefined, 'the answer of a wait that is over is not undefined');
  return wait.value;
}

async function scene(context: RuleContext): Promise<{ driver: Driver; event: EventFd; wait: PollWait }> {
  const driver = await context.createDriver();
  const event = context.fixtures.eventfd();
  return { driver, event, wait: context.fixtures.keep(driver.newDynWait(event.fd, 8)) };
}

async function consumes(context: RuleContext): Promise<void> {
  const { driver, event, wait } = await scene(context);
  assert.equal(wait.value, 0n, 'a wait has a value before it was over');
  event.signal(5n);
  assert.equal(await waited(wait), 5n);
  assert.equal(event.take(), undefined, 'the signal is still readable');
  const wakes = new Wakes();
  assert.equal(wait.pollWait(wakes.waker), Pending, 'one signal ended two waits');
  await context.barrier(driver);
  assert.equal(wait.pollWait(wakes.waker), Pending, 'one signal ended two waits');
  assert.equal(wait.value, 5n, 'the value was not kept while the next wait is under way');
  event.signal(7n);
  await wakes.beyond(0);
  assert.equal(await waited(wait), 7n);
  assert.equal(event.take(), undefined, 'the signal is still readable');
}

async function oneWaiterEach(context: RuleContext): Promise<void> {
  const { driver, event, wait } = await scene(context);
  using other = driver.newDynWait(event.fd, 8);
  let over = 0;
  const waits = [wait, other].map(async (each) => {
    assert.equal(await waited(each), 1n);
    over += 1;
  });
  await context.barrier(driver);
  event.signal();
  await Promise.race(waits);
  await context.barrier(driver);
  assert.equal(over, 1, 'two waiters saw one signal');
  event.signal();
  await Promise.all(waits);
}

async function semaphore(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const event = context.fixtures.eventfd({ semaphore: true, initial: 3 });
  using wait = driver.newDynWait(event.fd, 8);
  for (let left = 3; left > 0; left -= 1) assert.equal(await waited(wait), 1n);
  const wakes = new Wakes();
  assert.equal(wait.pollWait(wakes.waker), Pending, 'more waits ended than the semaphore held');
  await context.barrier(driver);
  assert.equal(wait.pollWait(wakes.waker), Pending, 'more waits ended than the semaphore held');
  await semaphoreOfSeveral(context, driver);
}

/** Several waits of one semaphore wait, and one write brings a signal for each of them. */
async function semaphoreOfSeveral(context: RuleContext, driver: Driver): Promise<void> {
  const event = context.fixtures.eventfd({ semaphore: true });
  const waits = Array.from({ length: 3 }, () => waited(context.fixtures.keep(driver.newDynWait(event.fd, 8))));
  await context.barrier(driver);
  context.waitingFor = () => 'waits for which the semaphore held a signal each';
  event.signal(3n);
  assert.deepEqual(await Promise.all(waits), [1n, 1n, 1n]);
}

async function cancelUnsignalled(context: RuleContext): Promise<void> {
  const { driver, event, wait } = await scene(context);
  for (const settle of [async () => {}, () => context.barrier(driver)]) {
    assert.equal(wait.pollWait(new Wakes().waker), Pending);
    await settle();
    assert.equal(await ready((waker) => wait.pollCancelWait(waker)), false, 'cancelled as consumed without a signal');
    event.signal();
    await context.barrier(driver);
    assert.equal(event.take(), 1n, 'a cancelled wait consumed a signal');
  }
  const again = waited(wait);
  event.signal(2n);
  assert.equal(await again, 2n, 'no new wait after a cancel');
  assert.equal(wait.pollWait(new Wakes().waker), Pending);
  assert.equal(await ready((waker) => wait.pollCancelWait(waker)), false);
  assert.equal(wait.value, 2n, 'a cancel took the value of the wait before');
}

async function cancelTells(context: RuleContext): Promise<void> {
  const { driver, event, wait } = await scene(context);
  for (let round = 0; round < 400; round += 1) {
    assert.equal(wait.pollWait(new Wakes().waker), Pending);
    if (round % 8 === 0) await context.barrier(driver);
    if (round % 2 === 0) event.signal();
    if (round % 16 < 4) await turn();
    const cancel = ready((waker) => wait.pollCancelWait(waker));
    if (round % 2 === 1) event.signal();
    const consumed = await cancel;
    if (consumed) assert.equal(wait.value, 1n, 'consumed, and the value is not what was read');
    assert.equal(event.take(), consumed ? undefined : 1n, `the cancel said ${consumed}`);
  }
}

async function cancelAfterSignal(context: RuleContext): Promise<void> {
  const { event, wait } = await scene(context);
  const wakes = new Wakes();
  assert.equal(wait.pollWait(wakes.waker), Pending);
  event.signal(3n);
  await wakes.beyond(0);
  const consumed = await ready((waker) => wait.pollCancelWait(waker));
  if (consumed) assert.equal(wait.value, 3n);
  assert.equal(event.take(), consumed ? undefined : 3n, `the cancel said ${consumed}`);
  await cancelInWaker(context);
}

async function cancelInWaker(context: RuleContext): Promise<void> {
  const { event, wait } = await scene(context);
  const cancelled = new Wakes();
  const first = new Promise<Poll<boolean>>((resolve) => {
    assert.equal(
      wait.pollWait(() => resolve(wait.pollCancelWait(cancelled.waker))),
      Pending,
    );
  });
  event.signal(5n);
  context.waitingFor = () => 'a cancel in the waker of its wait';
  if ((await first) === Pending) await cancelled.beyond(0);
  const answer = await first;
  const consumed = answer === Pending ? await ready((waker) => wait.pollCancelWait(waker)) : answer;
  if (consumed) assert.equal(wait.value, 5n);
  assert.equal(event.take(), consumed ? undefined : 5n, `the cancel said ${consumed}`);
}

async function secondCancel(context: RuleContext): Promise<void> {
  const { driver, event, wait } = await scene(context);
  const { waker } = new Wakes();
  assert.equal(wait.pollCancelWait(waker), false, 'a cancel without a wait');
  assert.equal(wait.pollWait(waker), Pending);
  event.signal();
  await ready((waker) => wait.pollCancelWait(waker));
  assert.equal(wait.pollCancelWait(waker), false, 'a second cancel');
  event.take();
  event.signal();
  await waited(wait);
  assert.equal(wait.pollCancelWait(waker), false, 'a cancel behind a wait that is over');
  using failing = driver.newDynWait(event.fd, 4);
  event.signal();
  await assert.rejects(waited(failing), isSystemError('EINVAL'));
  assert.equal(failing.pollCancelWait(waker), false, 'a cancel behind a wait whose read failed');
}

async function sizes(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const timer = context.fixtures.timerfd();
  const deadline = after(3);
  timer.set(deadline);
  using expiry = driver.newDynWait(timer.fd, 8);
  assert.equal(await waited(expiry), 1n);
  assert.ok(now() >= deadline, 'a timerfd was read before it expired');
  const { reader, writer } = context.fixtures.pipe();
  using byte = driver.newDynWait(reader.fd, 1);
  using word = driver.newDynWait(reader.fd, 4);
  const first = waited(byte);
  await context.barrier(driver);
  writer.write(Uint8Array.of(0xfe));
  assert.equal(await first, 0xfen);
  writer.write(Uint32Array.of(0x89abcdef, 0x01234567));
  assert.equal(await waited(word), 0x89abcdefn);
  assert.equal(await waited(word), 0x01234567n);
  // From the largest down, as memory that is used again still has what the wait before it has read.
  for (let size = MAXIMUM_WAIT_READ_SIZE; size >= 1; size -= 1) {
    using wait = driver.newDynWait(reader.fd, size);
    const bytes = Uint8Array.from({ length: size }, (_, index) => 0x81 + index);
    writer.write(Buffer.concat([bytes, Buffer.from('rest')]));
    assert.equal(await waited(wait), littleEndian(bytes), `a wait of ${size} bytes has another value`);
    assert.equal(reader.read()?.toString(), 'rest', `a wait of ${size} bytes read another number of bytes`);
  }
  const event = context.fixtures.eventfd();
  using counter = driver.newDynWait(event.fd, 8);
  for (const count of [2n ** 53n + 1n, 2n ** 63n + 1n, 2n ** 64n - 2n]) {
    event.signal(count);
    assert.equal(await waited(counter), count, 'a value of 64 bits is not exact');
  }
}

/** The number that bytes are, the lowest first. */
function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

async function sizeRange(context: RuleContext): Promise<void> {
  const { driver, event } = await scene(context);
  const make = (size: number): PollWait => driver.newDynWait(event.fd, size);
  refuses('size', [0, 9, -1, 1.5, Number.NaN], 'ERR_OUT_OF_RANGE', make);
  refuses('size', NO_NUMBERS, 'ERR_INVALID_ARG_TYPE', make);
}

async function blocking(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const { fixtures } = context;
  const event = fixtures.keep(new Descriptor(eventfd(0, { nonblock: false })));
  const [reader, writer] = pipe2({ nonblock: false }).map((fd) => fixtures.keep(new Descriptor(fd)));
  for (const descriptor of [event, reader, writer]) {
    const { fd } = descriptor ?? assert.fail();
    assert.throws(() => driver.newDynWait(fd, 8), { code: 'ERR_POLYRING_BLOCKING_FD' });
  }
}

async function unpollable(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const { path } = context.fixtures.tempFile('content');
  const { fd } = context.fixtures.keep(new Descriptor(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)));
  assert.throws(() => driver.newDynWait(fd, 8), isSystemError('EPERM'));
}

async function readError(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const event = context.fixtures.eventfd({ initial: 1 });
  using wait = driver.newDynWait(event.fd, 4);
  await assert.rejects(waited(wait), isSystemError('EINVAL'));
  assert.equal(event.take(), 1n);
  await passingErrors(context, driver);
}

/** A datagram to nobody comes back as an error of the socket, which one read takes. The wait behind it is a new one. */
async function passingErrors(context: RuleContext, driver: Driver): Promise<void> {
  const sender = desertedSender(context);
  using wait = driver.newDynWait(sender.fd, 1);
  for (const pending of [false, true]) {
    const early = pending ? waited(wait) : undefined;
    early?.catch(() => {});
    if (pending) await context.barrier(driver);
    send(sender.fd, Buffer.from('x'));
    if (!pending) await context.barrier(driver);
    context.waitingFor = () => 'the error of a socket';
    await assert.rejects(early ?? waited(wait), isSystemError('ECONNREFUSED'));
    assert.equal(wait.pollWait(new Wakes().waker), Pending, 'the error of a read ended the next wait as well');
    assert.equal(await ready((waker) => wait.pollCancelWait(waker)), false);
  }
}

async function shortRead(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const { reader, writer } = context.fixtures.pipe();
  using wait = driver.newDynWait(reader.fd, 4);
  writer.write(Uint32Array.of(0xffffffff));
  assert.equal(await waited(wait), 0xffffffffn);
  const short = waited(wait);
  await context.barrier(driver);
  writer.write(Uint8Array.of(0x34, 0x12));
  await assert.rejects(short, { code: 'ERR_POLYRING_SHORT_READ' });
  assert.equal(wait.value, 0x1234n, 'the bytes that were read are not kept');
  const end = waited(wait);
  await context.barrier(driver);
  writer.close();
  await assert.rejects(end, { code: 'ERR_POLYRING_SHORT_READ' });
  assert.equal(wait.value, 0n, 'the end of the stream left the bytes of an earlier read');
}

async function latestWaker(context: RuleContext): Promise<void> {
  const { driver, event, wait } = await scene(context);
  const first = new Wakes();
  const second = new Wakes();
  assert.equal(wait.pollWait(first.waker), Pending);
  await context.barrier(driver);
  assert.equal(wait.pollWait(second.waker), Pending);
  const seen = first.count;
  event.signal();
  await second.beyond(0);
  assert.equal(first.count, seen, 'the waker that was replaced was called');
  await waited(wait);
  await behindAnswer(context, driver);
  await latestOfCancel(context, driver);
}

/** When a poll has been answered nobody waits, whoever polled before it. */
async function behindAnswer(context: RuleContext, driver: Driver): Promise<void> {
  const event = context.fixtures.eventfd();
  using wait = driver.newDynWait(event.fd, 8);
  const earlier = new Wakes();
  assert.equal(wait.pollWait(earlier.waker), Pending);
  await context.barrier(driver);
  event.signal();
  await waited(wait);
  const seen = earlier.count;
  event.signal();
  await context.barrier(driver);
  assert.equal(earlier.count, seen, 'a waiter was woken behind a poll that was answered');
}

/** A cancel is a poll of the same object: nobody but its own latest waker is called. A backend may answer it at once. */
async function latestOfCancel(context: RuleContext, driver: Driver): Promise<void> {
  using wait = driver.newDynWait(context.fixtures.eventfd().fd, 8);
  const [first, second, third] = [new Wakes(), new Wakes(), new Wakes()];
  assert.equal(wait.pollWait(first.waker), Pending);
  await context.barrier(driver);
  const seen = first.count;
  if (wait.pollCancelWait(second.waker) === Pending && wait.pollCancelWait(third.waker) === Pending) {
    context.waitingFor = () => 'the latest waker of a cancel';
    await third.beyond(0);
  }
  await context.barrier(driver);
  assert.deepEqual([first.count, second.count], [seen, 0], 'a waker that a cancel replaced was called');
}

async function workers(context: RuleContext): Promise<void> {
  const { event, wait } = await scene(context);
  const times = 25_000;
  const threads = Array.from({ length: 4 }, () => context.fixtures.worker('signal', { fd: event.fd, times }));
  const total = BigInt(times * threads.length);
  let sum = 0n;
  while (sum < total) sum += await waited(wait);
  assert.equal(sum, total, 'signals were seen that nobody gave');
  for (const thread of threads) assert.equal(await thread.exit(), 0);
}

const rule = ruleOf('wait', 'waits');

/** The rules of waits that consume, as long as they are there. */
export const waitRules: readonly Rule[] = [
  rule('consumes-one', 'A wait that is over has consumed one signal, and kept its value', consumes),
  rule('one-waiter-each', 'Of two waiters for one eventfd, one signal ends one wait', oneWaiterEach),
  rule('semaphore', 'A semaphore eventfd ends as many waits as it holds', semaphore),
  rule(
    'cancel-unsignalled',
    'A cancel without a signal is false, and signals that come later stay readable',
    cancelUnsignalled,
  ),
  rule(
    'cancel-tells',
    'A cancel in a race with a signal is true if the wait consumed it, false if it is readable',
    cancelTells,
  ),
  rule('cancel-after-wake', 'A cancel after the wake tells whether the signal was consumed', cancelAfterSignal),
  rule('second-cancel', 'A cancel where no wait is under way is false at once', secondCancel),
  rule('sizes', 'A wait reads as many bytes as it was made for, from 1 to 8, no more, and its value is exact', sizes),
  rule(
    'size-range',
    'A size that is not an integer from 1 to 8 is refused with ERR_OUT_OF_RANGE or ERR_INVALID_ARG_TYPE',
    sizeRange,
  ),
  rule('blocking-descriptor', 'A descriptor without O_NONBLOCK is refused with ERR_POLYRING_BLOCKING_FD', blocking),
  rule('unpollable', 'What the kernel cannot poll is refused with EPERM', unpollable),
  rule('read-error', "The read's error is thrown by the poll", readError),
  rule('short-read', 'A read of fewer bytes, or the end of the stream, throws ERR_POLYRING_SHORT_READ', shortRead),
  rule(
    'latest-waker',
    'The waker of the latest poll is called, that of a cancel included, and no earlier one',
    latestWaker,
  ),
  rule('four-workers', 'Of 100,000 signals of four workers none is lost, however they coalesce', workers, {
    timeLimit: 30_000,
  }),
];
