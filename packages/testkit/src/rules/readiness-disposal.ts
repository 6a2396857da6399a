import assert from 'node:assert/strict';
import { type Driver, InterestSlot, Pending, PollEvents } from '@polyring/core';
import type { EventFd } from '../fixtures/event-fd.js';
import { reopen, reopenSocket } from '../fixtures/reopen.js';
import { assertQuiet } from '../polling/quiet.js';
import { type Readiness, type Register, readyFor, registerFd, registerSocket } from '../polling/readiness.js';
import { Wakes } from '../polling/wakes.js';
import type { Rule } from '../rule.js';
import type { RuleContext } from '../running/context.js';
import { forBothParts } from './readiness-parts.js';
import { ruleOf } from './rule-of.js';

const { Read, Write } = InterestSlot;
const { IN, OUT } = PollEvents;
const BYTE = Buffer.from('x');

async function disposePending(context: RuleContext, register: Register): Promise<void> {
  const driver = await context.createDriver();
  for (const settle of [async () => {}, () => context.barrier(driver)]) {
    for (const eventFirst of [false, true]) {
      const [end, peer] = context.fixtures.socketPair();
      const readiness = register(driver, end.fd);
      const wakes = new Wakes();
      assert.equal(readiness.poll(wakes.waker, Read, IN), Pending);
      await settle();
      if (eventFirst) peer.write(BYTE);
      const seen = wakes.count;
      readiness[Symbol.dispose]();
      if (!eventFirst) peer.write(BYTE);
      await context.barrier(driver);
      assert.equal(wakes.count, seen, 'a disposed registration called its waker');
    }
  }
}

async function disposeInWaker(context: RuleContext, register: Register): Promise<void> {
  const driver = await context.createDriver();
  for (let round = 0; round < 10; round += 1) {
    const sides = [context.fixtures.socketPair(), context.fixtures.socketPair()].map(([end, peer]) => {
      return { peer, readiness: context.fixtures.keep(register(driver, end.fd)), disposed: false };
    });
    const [one, other] = sides as [(typeof sides)[number], (typeof sides)[number]];
    const woken = new Wakes();
    let late = 0;
    for (const [side, victim] of [
      [one, other],
      [other, one],
    ] as const) {
      const answer = side.readiness.poll(
        () => {
          if (side.disposed) late += 1;
          victim.disposed = true;
          victim.readiness[Symbol.dispose]();
          woken.waker();
        },
        Read,
        IN,
      );
      assert.equal(answer, Pending);
    }
    await context.barrier(driver);
    one.peer.write(BYTE);
    other.peer.write(BYTE);
    context.waitingFor = () => 'the wake of one of two events';
    await woken.beyond(0);
    await context.barrier(driver);
    assert.equal(late, 0, 'a waker disposed of the other registration, whose waker ran all the same');
  }
}

/** The other one of the two parts, which may watch the same socket. */
function otherPart(register: Register): Register {
  return register === registerFd ? registerSocket : registerFd;
}

async function twoRegistrations(context: RuleContext, register: Register): Promise<void> {
  const drivers = [await context.createDriver(), await context.createDriver()] as const;
  for (const [firstDriver, secondDriver] of [
    [drivers[0], drivers[0]],
    [drivers[0], drivers[1]],
  ] as const) {
    const [end, peer] = context.fixtures.socketPair();
    end.fill();
    const reader = register(firstDriver, end.fd);
    const writer = register(secondDriver, end.fd);
    const third = context.fixtures.keep(otherPart(register)(firstDriver, end.fd));
    const reading = readyFor(reader, Read, IN);
    const writing = readyFor(writer, Write, OUT);
    const alsoReading = readyFor(third, Read, IN);
    await context.barrier(firstDriver);
    await context.barrier(secondDriver);
    peer.write(BYTE);
    assert.ok((await reading) & IN);
    assert.ok((await alsoReading) & IN);
    end.drain();
    reader.clear(Read);
    assert.notEqual(third.poll(new Wakes().waker, Read, IN), Pending, 'clearing one registration cleared another');
    reader[Symbol.dispose]();
    peer.drain();
    assert.ok((await writing) & OUT, 'disposing of one registration ended the other');
    writer[Symbol.dispose]();
    third.clear(Read);
    const again = readyFor(third, Read, IN);
    await context.barrier(firstDriver);
    peer.write(BYTE);
    assert.ok((await again) & IN, 'disposing of two registrations ended the third');
  }
}

async function peerSeesEnd(context: RuleContext, register: Register): Promise<void> {
  const driver = await context.createDriver();
  for (let round = 0; round < 10; round += 1) {
    const [end, peer] = context.fixtures.socketPair();
    const readiness = register(driver, end.fd);
    assert.equal(readiness.poll(new Wakes().waker, Read, IN), Pending);
    await context.barrier(driver);
    readiness[Symbol.dispose]();
    end.close();
    assert.equal(peer.read()?.length, 0, 'the peer sees no end: the kernel still holds the socket');
    await endsInWaker(context, driver, register);
  }
}

/** So it is inside a waker, for the object whose waker it is and for one that still waits. */
async function endsInWaker(context: RuleContext, driver: Driver, register: Register): Promise<void> {
  const [end, peer] = context.fixtures.socketPair();
  const [idleEnd, idlePeer] = context.fixtures.socketPair();
  const own = register(driver, end.fd);
  const idle = register(driver, idleEnd.fd);
  const done = new Wakes();
  let left: (number | undefined)[] | undefined;
  const waker = (): void => {
    if (left !== undefined) return;
    end.drain();
    own[Symbol.dispose]();
    idle[Symbol.dispose]();
    end.close();
    idleEnd.close();
    left = [peer, idlePeer].map((each) => each.read()?.length);
    done.waker();
  };
  assert.equal(own.poll(waker, Read, IN), Pending);
  assert.equal(
    idle.poll(() => {}, Read, IN),
    Pending,
  );
  await context.barrier(driver);
  if (left === undefined) peer.write(BYTE);
  await done.beyond(0);
  assert.deepEqual(left, [0, 0], 'the peer sees no end after a disposal inside a waker');
}

async function reusedNumber(context: RuleContext, register: Register): Promise<void> {
  const driver = await context.createDriver();
  await reusedOnceTold(context, driver, register);
  if (register === registerFd) await reusedInWaker(context, driver);
}

/** What was told of the predecessor, and never cleared, is not kept for the successor. */
async function reusedOnceTold(context: RuleContext, driver: Driver, register: Register): Promise<void> {
  const [first, firstPeer] = context.fixtures.socketPair();
  const told = register(driver, first.fd);
  const telling = readyFor(told, Read, IN);
  firstPeer.write(BYTE);
  await telling;
  told[Symbol.dispose]();
  first.close();
  const [end, peer] = reopenSocket(context.fixtures, first);
  using readiness = register(driver, end.fd);
  const { waker } = new Wakes();
  assert.equal(readiness.poll(waker, Read, IN), Pending, 'what was told of a closed descriptor is kept');
  await context.barrier(driver);
  assert.equal(readiness.poll(waker, Read, IN), Pending, 'an event of a closed descriptor was told of its successor');
  const waiting = readyFor(readiness, Read, IN);
  peer.write(BYTE);
  assert.ok((await waiting) & IN);
}

/** The number is used again inside a waker, when the event of the predecessor is in the same batch. */
async function reusedInWaker(context: RuleContext, driver: Driver): Promise<void> {
  const { fixtures } = context;
  const wakes = new Wakes();
  for (let round = 0; round < 10; round += 1) {
    const sides = fixtures.eventfds(2).map((event) => {
      return { event, readiness: fixtures.keep(registerFd(driver, event.fd)) };
    });
    let renewed: { event: EventFd; readiness: Readiness } | undefined;
    let signalled = false;
    const done = new Wakes();
    sides.forEach(({ readiness }, index) => {
      const replace = (): void => {
        const victim = sides[1 - index];
        if (!signalled) {
          wait();
          return;
        }
        if (renewed !== undefined || victim === undefined) return;
        victim.readiness[Symbol.dispose]();
        victim.event.close();
        const event = reopen(victim.event, () => fixtures.eventfd());
        renewed = { event, readiness: fixtures.keep(registerFd(driver, event.fd)) };
        assert.equal(renewed.readiness.poll(wakes.waker, Read, IN), Pending);
        done.waker();
      };
      const wait = (): void => assert.equal(readiness.poll(replace, Read, IN), Pending);
      wait();
    });
    await context.barrier(driver);
    signalled = true;
    for (const { event } of sides) event.signal();
    await done.beyond(0);
    await context.barrier(driver);
    const { event, readiness } = renewed ?? assert.fail('no waker ran');
    const answer = readiness.poll(wakes.waker, Read, IN);
    assert.equal(answer, Pending, 'an event of a closed descriptor was told of its successor');
    const waiting = readyFor(readiness, Read, IN);
    event.signal();
    await waiting;
  }
}

async function duplicates(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const { fixtures } = context;
  const event = fixtures.eventfd();
  const duplicate = fixtures.dup(event);
  const original = registerFd(driver, event.fd);
  using copy = registerFd(driver, duplicate.fd);
  const waiting = [readyFor(original, Read, IN), readyFor(copy, Read, IN)];
  await context.barrier(driver);
  event.signal();
  await Promise.all(waiting);
  event.take();
  original.clear(Read);
  copy.clear(Read);
  const wakes = new Wakes();
  assert.equal(original.poll(wakes.waker, Read, IN), Pending);
  const again = readyFor(copy, Read, IN);
  await context.barrier(driver);
  const seen = wakes.count;
  original[Symbol.dispose]();
  event.signal();
  event.close();
  await again;
  await context.barrier(driver);
  assert.equal(wakes.count, seen, 'a disposed registration was woken through a duplicate of its descriptor');
}

async function quietAfterDisposal(context: RuleContext, register: Register): Promise<void> {
  const driver = await context.createDriver();
  const { fixtures } = context;
  for (const isClosed of [false, true]) {
    const [end, peer] = fixtures.socketPair();
    const watched = fixtures.dup(end);
    const readiness = register(driver, watched.fd);
    assert.equal(readiness.poll(new Wakes().waker, Read, IN), Pending);
    await context.barrier(driver);
    readiness[Symbol.dispose]();
    // What the kernel holds now it holds as long as the file is open.
    if (isClosed) watched.close();
    await assertQuiet(fixtures, peer.fd, () => end.drain());
  }
}

const rule = ruleOf('readiness', 'readiness');

/** The rules of disposal, and of descriptors that are duplicated and reused. */
export const readinessDisposalRules: readonly Rule[] = [
  ...forBothParts((partRule) => [
    partRule(
      'dispose-pending',
      'A registration disposed of while pending never calls its waker, though its event has come',
      disposePending,
    ),
    partRule(
      'dispose-in-waker',
      "Disposing of one registration inside another's waker suppresses its event",
      disposeInWaker,
    ),
    partRule(
      'two-registrations',
      'Registrations of one descriptor are independent, in one driver and in two',
      twoRegistrations,
    ),
    partRule(
      'peer-sees-end',
      'Once a registration is disposed of and its descriptor closed, the peer sees the end at once',
      peerSeesEnd,
    ),
    partRule('reused-number', 'A reused descriptor number gets no event of its predecessor', reusedNumber),
    partRule(
      'disposed-is-quiet',
      'What happens to a descriptor whose registration was disposed of does not wake the loop',
      quietAfterDisposal,
    ),
  ]),
  rule(
    'duplicate',
    'A duplicated descriptor is a registration of its own, and outlives that of the original',
    duplicates,
  ),
];
