import assert from 'node:assert/strict';
import { type Driver, InterestSlot, Pending, PollEvents } from '@polyring/core';
import { dup } from '@polyring/sys';
import { reopen, reopenSocket } from '../fixtures/reopen.js';
import { spareNumbers } from '../fixtures/spare-numbers.js';
import { StreamEnd } from '../fixtures/stream-end.js';
import { type Readiness, type Register, readyFor } from '../polling/readiness.js';
import { ready } from '../polling/ready.js';
import { assertSleeps } from '../polling/sleep.js';
import { Wakes } from '../polling/wakes.js';
import type { RuleContext } from '../running/context.js';
import { forBothParts } from './readiness-parts.js';

const { Read, Write } = InterestSlot;
const { IN, OUT, PRI } = PollEvents;
const BYTE = Buffer.from('x');
/** Events of a closed file: more than a driver may take for one that somebody waits for, or for the first of many. */
const EVENTS = 4;

/** A registration whose descriptor was closed, and the other end of the file, which is open behind a duplicate. */
interface Stale {
  readonly readiness: Readiness;
  readonly peer: StreamEnd;
}

/** Does something, or finds that the kernel refuses it: with which error depends on what the number means. */
function unlessRefused(deed: () => unknown): void {
  try {
    deed();
  } catch (error) {
    const { errno, syscall } = error as NodeJS.ErrnoException;
    assert.ok(errno !== undefined && errno < 0 && syscall !== undefined, `not a system error: ${String(error)}`);
  }
}

/** Clears and polls both slots. The number may be another file's, of which it may be woken. */
function pollStale({ readiness }: Stale): void {
  for (const [slot, events] of [
    [Read, IN],
    [Write, OUT],
  ] as const) {
    unlessRefused(() => readiness.clear(slot));
    unlessRefused(() => readiness.poll(() => {}, slot, events));
  }
}

async function closedFirst(context: RuleContext, register: Register): Promise<void> {
  const driver = await context.createDriver();
  await closedAndReused(context, driver, register, async () => {});
  await closedAndReused(context, driver, register, pollStale);
  await closedAndReused(context, driver, register, async ({ peer }) => {
    for (let time = 0; time < EVENTS; time += 1) {
      peer.write(BYTE);
      await context.barrier(driver);
    }
  });
  for (const polled of [false, true]) await closedAndBack(context, driver, register, polled);
}

/** @param meanwhile what happens to the stale registration when its number has another, and before it is disposed of */
async function closedAndReused(
  context: RuleContext,
  driver: Driver,
  register: Register,
  meanwhile: (stale: Stale) => void | Promise<void>,
): Promise<void> {
  const { fixtures } = context;
  const [closed, closedPeer] = fixtures.socketPair();
  // Keeps the file open behind the number that is closed.
  fixtures.dup(closed);
  const stale = register(driver, closed.fd);
  const staleWakes = new Wakes();
  assert.equal(stale.poll(staleWakes.waker, Read, IN), Pending);
  await context.barrier(driver);
  closed.close();
  await context.barrier(driver);
  const [end, peer] = reopenSocket(fixtures, closed);
  using readiness = register(driver, end.fd);
  const waiting = readyFor(readiness, Read, IN);
  await context.barrier(driver);
  await meanwhile({ readiness: stale, peer: closedPeer });
  stale[Symbol.dispose]();
  await context.barrier(driver);
  peer.write(BYTE);
  context.waitingFor = () => 'an event of the number that a stale registration had';
  assert.ok((await waiting) & IN, 'disposing of a stale registration ended that of the reused number');
  end.drain();
  readiness.clear(Read);
  const wakes = new Wakes();
  assert.equal(readiness.poll(wakes.waker, Read, IN), Pending);
  const seen = staleWakes.count;
  closedPeer.write(BYTE);
  await context.barrier(driver);
  assert.equal(staleWakes.count, seen, 'a disposed registration called its waker');
  const answer = readiness.poll(wakes.waker, Read, IN);
  assert.equal(answer, Pending, 'an event of the closed descriptor was told of its successor');
}

/** The file itself comes back under the number, while its stale registration is there, and goes on when that is gone. */
async function closedAndBack(context: RuleContext, driver: Driver, register: Register, polled: boolean): Promise<void> {
  const { fixtures } = context;
  const [closed, peer] = fixtures.socketPair();
  const duplicate = fixtures.dup(closed);
  const stale = fixtures.keep(register(driver, closed.fd));
  closed.close();
  if (polled) pollStale({ readiness: stale, peer });
  const end = reopen(closed, () => fixtures.keep(new StreamEnd(dup(duplicate.fd))));
  using readiness = register(driver, end.fd);
  context.waitingFor = () => 'an event of a file that came back under its number';
  const waiting = readyFor(readiness, Read, IN);
  await context.barrier(driver);
  peer.write(BYTE);
  assert.ok((await waiting) & IN);
  stale[Symbol.dispose]();
  end.drain();
  peer.write(BYTE);
  readiness.clear(Read);
  assert.ok((await readyFor(readiness, Read, IN)) & IN, 'disposing of a stale registration ended that of its file');
}

/** What polls ask for that find their descriptors closed. */
const POLLS = [
  [Read, IN],
  [Read, IN | PRI],
  [Write, OUT],
] as const;

async function pollClosed(context: RuleContext, register: Register): Promise<void> {
  const driver = await context.createDriver();
  const { fixtures } = context;
  for (const [slot, events] of POLLS) {
    for (const told of [false, true]) {
      const freeSpare = spareNumbers(fixtures);
      const [end, peer] = fixtures.socketPair();
      const readiness = fixtures.keep(register(driver, end.fd));
      if (told) {
        peer.write(BYTE);
        await readyFor(readiness, slot, events);
        end.drain();
        end.fill();
        readiness.clear(slot);
      }
      freeSpare();
      end.close();
      await saysClosed(context, readiness, slot, events);
      await saysClosed(context, readiness, slot, events);
    }
  }
  await assertSleeps(driver, 200, 'the descriptors of its registrations were closed');
}

async function saysClosed(
  context: RuleContext,
  readiness: Readiness,
  slot: InterestSlot,
  events: PollEvents,
): Promise<void> {
  context.waitingFor = () => 'the wake of a poll whose descriptor was closed';
  await assert.rejects(
    ready((waker) => readiness.poll(waker, slot, events)),
    { code: 'EBADF' },
  );
}

/** The rules of descriptors that are closed before their registrations are disposed of. */
export const readinessClosedRules = forBothParts((rule) => [
  rule(
    'closed-before-disposed',
    'A descriptor closed before its registration is disposed of does no harm to the next one of its number',
    closedFirst,
  ),
  rule(
    'poll-closed',
    'Each poll whose descriptor was closed throws EBADF, or wakes and throws it then, and does not spin',
    pollClosed,
  ),
]);
