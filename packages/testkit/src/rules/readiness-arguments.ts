import assert from 'node:assert/strict';
import { InterestSlot, Pending, PollEvents } from '@polyring/core';
import { type Readiness, type Register, readyFor } from '../polling/readiness.js';
import { Wakes } from '../polling/wakes.js';
import type { RuleContext } from '../running/context.js';
import { forBothParts } from './readiness-parts.js';
import { NO_NUMBERS, refuses } from './refusals.js';
import { refusesNoWakers } from './waker-type.js';

const { Read } = InterestSlot;
const { IN } = PollEvents;

/** Numbers that are no slot. */
const NO_SLOTS = [2, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 32];
/** Numbers that are no set of events: POLLRDNORM of poll(2), EPOLLET, and IN with bits above it are among them. */
const NO_EVENTS = [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 0x40, 2 ** 31, 2 ** 32 + IN];

async function argumentsRefused(context: RuleContext, register: Register): Promise<void> {
  const driver = await context.createDriver();
  const [end, peer] = context.fixtures.socketPair();
  using readiness = register(driver, end.fd);
  const wakes = new Wakes();
  assert.equal(readiness.poll(wakes.waker, Read, IN), Pending);
  refusesAll(readiness);
  peer.write(Buffer.from('x'));
  context.waitingFor = () => 'the waiter of the poll before those that were refused';
  await wakes.beyond(0);
  await readyFor(readiness, Read, IN);
  refusesAll(readiness);
  assert.notEqual(readiness.poll(wakes.waker, Read, IN), Pending, 'a call that was refused cleared the slot');
}

function refusesAll(readiness: Readiness): void {
  const { waker } = new Wakes();
  refusesNoWakers((none) => readiness.poll(none, Read, IN));
  for (const [slots, events, code] of [
    [NO_SLOTS, NO_EVENTS, 'ERR_OUT_OF_RANGE'],
    [NO_NUMBERS, NO_NUMBERS, 'ERR_INVALID_ARG_TYPE'],
  ] as const) {
    refuses('a poll of slot', slots, code, (slot: InterestSlot) => readiness.poll(waker, slot, IN));
    refuses('a clear of slot', slots, code, (slot: InterestSlot) => readiness.clear(slot));
    refuses('a poll for events', events, code, (mask: PollEvents) => readiness.poll(waker, Read, mask));
  }
}

/** The rules of what readiness may be asked. */
export const readinessArgumentRules = forBothParts((rule) => [
  rule(
    'arguments',
    'A slot that there is not, what is no set of events and what is no waker are refused, and change nothing',
    argumentsRefused,
  ),
]);
