import assert from 'node:assert/strict';
import {
  after,
  type Driver,
  type Instant,
  InterestSlot,
  Pending,
  type Poll,
  PollEvents,
  type PollFdReady,
  type Referenced,
  type Waker,
} from '@polyring/core';
import type { Fixtures } from '../fixtures/fixtures.js';
import type { StreamEnd } from '../fixtures/stream-end.js';

/** An object of a driver that can be made pending, and the event that it then waits for. */
export interface Waitable {
  readonly kind: 'timer' | 'descriptor' | 'socket' | 'wait' | 'both slots' | `${string} for nothing` | `${string} slot`;
  readonly object: Disposable & Referenced;
  /** Polls for an event that has not come, and returns the answer. */
  poll(waker: Waker): Poll<unknown>;
  /** Polls as {@link poll}, and throws unless the answer is `Pending`. */
  arm(waker: Waker): void;
  /** Brings the event. */
  raise(): void;
}

const HOUR = 3_600_000;

/** One object of each kind. The timer waits for an hour, until its event moves the deadline to the past. */
export function waitables(fixtures: Fixtures, driver: Driver): Waitable[] {
  return MAKERS.map((make) => make(fixtures, driver));
}

/**
 * {@link waitables} of a driver that is still being written: those whose objects it can make.
 *
 * @throws the errors of all of them where there are none
 */
export function writtenWaitables(fixtures: Fixtures, driver: Driver): Waitable[] {
  const made: Waitable[] = [];
  const errors: unknown[] = [];
  for (const make of MAKERS) {
    try {
      made.push(make(fixtures, driver));
    } catch (error) {
      errors.push(error);
    }
  }
  if (made.length === 0) throw new AggregateError(errors, 'The driver makes no object of any kind');
  return made;
}

const MAKERS: readonly ((fixtures: Fixtures, driver: Driver) => Waitable)[] = [
  (fixtures, driver) => {
    const timer = fixtures.keep(driver.newDynTimer());
    timer.setDeadline(after(HOUR));
    return waitable(
      'timer',
      timer,
      (waker) => timer.pollTimer(waker),
      () => timer.setDeadline(after(-1)),
    );
  },
  (fixtures, driver) => {
    const watched = fixtures.eventfd();
    const descriptor = fixtures.keep(driver.newDynFdReady(watched.fd));
    return waitable(
      'descriptor',
      descriptor,
      (waker) => descriptor.pollFdReady(waker, InterestSlot.Read, PollEvents.IN),
      () => watched.signal(),
    );
  },
  (fixtures, driver) => {
    const [end, peer] = fixtures.socketPair();
    const socket = fixtures.keep(driver.newDynSocketReady(end.fd));
    return waitable(
      'socket',
      socket,
      (waker) => socket.pollSocketReady(waker, InterestSlot.Read, PollEvents.IN),
      () => peer.write(Buffer.from('x')),
    );
  },
  (fixtures, driver) => {
    const counted = fixtures.eventfd();
    const wait = fixtures.keep(driver.newDynWait(counted.fd, 8));
    return waitable(
      'wait',
      wait,
      (waker) => wait.pollWait(waker),
      () => counted.signal(),
    );
  },
];

/**
 * Objects that wait for nothing that they name: a timer at `Infinity`, and registrations that ask for no event. The
 * deadline is moved to the past, and the peer hangs up.
 */
export function patientWaitables(fixtures: Fixtures, driver: Driver): Waitable[] {
  const { reader, writer } = fixtures.pipe();
  const [end, peer] = fixtures.socketPair();
  const timer = fixtures.keep(driver.newDynTimer());
  const descriptor = fixtures.keep(driver.newDynFdReady(reader.fd));
  const socket = fixtures.keep(driver.newDynSocketReady(end.fd));
  let deadline: Instant | undefined = Number.POSITIVE_INFINITY as Instant;
  return [
    waitable(
      'timer for nothing',
      timer,
      (waker) => timer.pollTimer(waker, deadline),
      () => {
        deadline = undefined;
        timer.setDeadline(after(-1));
      },
    ),
    waitable(
      'descriptor for nothing',
      descriptor,
      (waker) => descriptor.pollFdReady(waker, InterestSlot.Read, PollEvents.EMPTY),
      () => writer.close(),
    ),
    waitable(
      'socket for nothing',
      socket,
      (waker) => socket.pollSocketReady(waker, InterestSlot.Read, PollEvents.EMPTY),
      () => peer.close(),
    ),
  ];
}

/** The two slots of one registration, each with an event of its own: a reader and a writer of one socket. */
export function slotWaitables(fixtures: Fixtures, driver: Driver): [reader: Waitable, writer: Waitable] {
  const [end, peer] = fixtures.socketPair();
  end.fill();
  const readiness = fixtures.keep(driver.newDynFdReady(end.fd));
  return slots('slot', readiness, peer, (...polled) => readiness.pollFdReady(...polled));
}

/** As {@link slotWaitables}, of a registration of the socket as one. */
export function socketSlotWaitables(fixtures: Fixtures, driver: Driver): [reader: Waitable, writer: Waitable] {
  const [end, peer] = fixtures.socketPair();
  end.fill();
  const readiness = fixtures.keep(driver.newDynSocketReady(end.fd));
  return slots('socket slot', readiness, peer, (...polled) => readiness.pollSocketReady(...polled));
}

function slots(
  name: 'slot' | 'socket slot',
  object: Waitable['object'],
  peer: StreamEnd,
  poll: PollFdReady['pollFdReady'],
): [reader: Waitable, writer: Waitable] {
  return [
    waitable(
      `reading ${name}`,
      object,
      (waker) => poll(waker, InterestSlot.Read, PollEvents.IN),
      () => peer.write(Buffer.from('x')),
    ),
    waitable(
      `writing ${name}`,
      object,
      (waker) => poll(waker, InterestSlot.Write, PollEvents.OUT),
      () => peer.drain(),
    ),
  ];
}

/** {@link waitables}, {@link patientWaitables}, and both slots of a descriptor and of a socket. */
export function allWaitables(fixtures: Fixtures, driver: Driver): Waitable[] {
  const slots = [...slotWaitables(fixtures, driver), ...socketSlotWaitables(fixtures, driver)];
  return [...waitables(fixtures, driver), ...patientWaitables(fixtures, driver), ...slots];
}

/** A registration whose two slots wait for the same event. It is ready when both of them are. */
export function bothSlots(fixtures: Fixtures, driver: Driver): Waitable {
  const event = fixtures.eventfd();
  const readiness = fixtures.keep(driver.newDynFdReady(event.fd));
  return waitable(
    'both slots',
    readiness,
    (waker) => {
      const read = readiness.pollFdReady(waker, InterestSlot.Read, PollEvents.IN);
      const write = readiness.pollFdReady(waker, InterestSlot.Write, PollEvents.IN);
      return read === Pending ? Pending : write;
    },
    () => event.signal(),
  );
}

function waitable(
  kind: Waitable['kind'],
  object: Waitable['object'],
  poll: Waitable['poll'],
  raise: () => unknown,
): Waitable {
  return {
    kind,
    object,
    poll,
    arm: (waker) => assert.equal(poll(waker), Pending, `a ${kind} is ready before its event`),
    raise: () => void raise(),
  };
}
