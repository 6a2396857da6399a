import assert from 'node:assert/strict';
import { constants, existsSync, openSync, stat } from 'node:fs';
import { type Driver, InterestSlot, Pending, PollEvents, type RawFd } from '@polyring/core';
import { Descriptor } from '../fixtures/descriptor.js';
import { type Readiness, type Register, readyFor, registerFd } from '../polling/readiness.js';
import { receive, send } from '../polling/transfer.js';
import { Wakes } from '../polling/wakes.js';
import type { Rule } from '../rule.js';
import type { RuleContext } from '../running/context.js';
import { forBothParts } from './readiness-parts.js';
import { NO_NUMBERS, refuses } from './refusals.js';
import { ruleOf } from './rule-of.js';
import { isSystemError } from './system-error.js';

const { Read } = InterestSlot;
const { IN } = PollEvents;
const BYTE = Buffer.from('x');

/** Regular files, by their type, that the kernel can poll. Not every machine has all of them. */
const POLLABLE_FILES = ['/proc/pressure/cpu', '/sys/class/net/lo/operstate', '/proc/self/mounts'];

function open(context: RuleContext, path: string): Descriptor {
  return context.fixtures.keep(new Descriptor(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)));
}

async function unpollable(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const paths = [context.fixtures.tempFile('content').path, context.fixtures.tempDir().path, '/dev/null'];
  for (const path of paths) {
    const { fd } = open(context, path);
    assert.throws(() => driver.newDynFdReady(fd), isSystemError('EPERM'), `${path} was not refused with EPERM`);
  }
}

async function pollable(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  for (const path of POLLABLE_FILES.filter(existsSync)) {
    using readiness = registerFd(driver, open(context, path).fd);
    readiness.poll(new Wakes().waker, Read, PollEvents.PRI);
    await context.barrier(driver);
  }
}

/** What takes a descriptor. */
const MAKERS: readonly ((driver: Driver, fd: RawFd) => Disposable)[] = [
  (driver, fd) => driver.newDynFdReady(fd),
  (driver, fd) => driver.newDynSocketReady(fd),
  (driver, fd) => driver.newDynWait(fd, 8),
];

async function badDescriptor(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const event = context.fixtures.eventfd();
  event.close();
  for (const make of MAKERS) assert.throws(() => make(driver, event.fd), isSystemError('EBADF'));
}

async function noDescriptor(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const [{ fd }] = context.fixtures.socketPair();
  for (const make of MAKERS) {
    const outOfRange = [-1, fd + 0.5, 2 ** 32 + fd, Number.NaN, Number.POSITIVE_INFINITY];
    refuses('descriptor', outOfRange, 'ERR_OUT_OF_RANGE', (none: RawFd) => make(driver, none));
    refuses('descriptor', [...NO_NUMBERS, String(fd)], 'ERR_INVALID_ARG_TYPE', (none: RawFd) => make(driver, none));
    for (const some of [0, 2 ** 31 - 1]) {
      assert.notEqual(
        refusalOf(() => make(driver, some as RawFd)),
        'ERR_OUT_OF_RANGE',
        `${some} can be a descriptor`,
      );
    }
  }
}

/** The code of the error that is thrown where a descriptor is not taken, which depends on what is open. */
function refusalOf(make: () => Disposable): string | undefined {
  try {
    make()[Symbol.dispose]();
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

async function whileAsleep(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  using idle = registerFd(driver, context.fixtures.eventfd().fd);
  assert.equal(idle.poll(new Wakes().waker, Read, IN), Pending);
  await context.barrier(driver);
  for (let round = 0; round < 20; round += 1) {
    await new Promise<void>((resolve, reject) => {
      stat('/', () => {
        const readiness = context.fixtures.keep(registerFd(driver, context.fixtures.eventfd({ initial: 1 }).fd));
        readyFor(readiness, Read, IN).then(() => resolve(), reject);
      });
    });
  }
}

async function thousand(context: RuleContext, register: Register): Promise<void> {
  const driver = await context.createDriver();
  const pairs = Array.from({ length: 500 }, () => context.fixtures.socketPair());
  const sides = pairs
    .flatMap(([one, other]) => [[one, other] as const, [other, one] as const])
    .map(([end, peer]) => {
      const readiness = context.fixtures.keep(register(driver, end.fd));
      const side = { end, peer, readiness, wakes: new Wakes(), seen: 0 };
      wait(side);
      return side;
    });
  await context.barrier(driver);
  for (let round = 0; round < 200; round += 1) {
    const side = sides[context.random.integer(sides.length)] ?? assert.fail();
    const { end, peer, readiness, wakes } = side;
    // A wake for nothing may have taken its waker.
    if (wakes.count > side.seen) wait(side);
    peer.write(BYTE);
    await wakes.beyond(side.seen);
    assert.ok((await readyFor(readiness, Read, IN)) & IN);
    assert.equal(end.drain(), 1);
    readiness.clear(Read);
    wait(side);
  }
  for (const side of sides) wait(side);
}

/** Who waits for a descriptor, and how often it was woken when it polled last. */
interface Waiting {
  readonly readiness: Readiness;
  readonly wakes: Wakes;
  seen: number;
}

function wait(waiting: Waiting): void {
  waiting.seen = waiting.wakes.count;
  assert.equal(waiting.readiness.poll(waiting.wakes.waker, Read, IN), Pending);
}

async function bothDirections(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const { reader, writer } = context.fixtures.pipe();
  using reading = registerFd(driver, reader.fd);
  using writing = registerFd(driver, writer.fd);
  const content = context.random.bytes(1_000_000);
  const sending = send(writer, writing, content).then(() => {
    writing[Symbol.dispose]();
    writer.close();
  });
  const received = await receive(reader, reading);
  await sending;
  assert.ok(received.equals(content), 'the bytes that came are not those that were sent');
}

const rule = ruleOf('readiness', 'readiness');

/** The rules of which descriptors can be watched, and of many of them. */
export const readinessDescriptorRules: readonly Rule[] = [
  ...forBothParts((partRule) => [
    partRule('thousand', 'Among 1,000 registered descriptors, the one that is active is found', thousand),
  ]),
  rule('unpollable', 'What the kernel cannot poll is refused with EPERM when it is registered', unpollable),
  rule('pollable', 'What the kernel can poll is accepted, though it looks like a regular file', pollable),
  rule('bad-descriptor', 'A descriptor that is not open is refused with EBADF', badDescriptor),
  rule(
    'no-descriptor',
    'What can be no descriptor is refused with ERR_OUT_OF_RANGE or ERR_INVALID_ARG_TYPE, and nothing else is',
    noDescriptor,
  ),
  rule(
    'register-while-asleep',
    'A descriptor registered while the driver waits for another is watched without any further event',
    whileAsleep,
  ),
  rule(
    'pipe-transfer',
    'A pipe carries a million bytes between a writer and a reader that wait for each other',
    bothDirections,
  ),
];
