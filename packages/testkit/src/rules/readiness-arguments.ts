import assert from 'node:assert/strict';
import { InterestSlot, Pending, PollEvents } from '@polyring/core';
import type { RuleContext } from '../context.js';
import { type Readiness, type Register, readyFor } from '../polling/readiness.js';
import { Wakes } from '../polling/wakes.js';
import { forBothParts, type PartRule } from './readiness-parts.js';
import { refusesNoWakers } from './waker-type.js';

const { Read } = InterestSlot;
const { IN } = PollEvents;

/** Numbers that are no slot. */
const NO_SLOTS = [2, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 32];
/** Numbers that are no set of events: POLLRDNORM of poll(2), EPOLLET, and IN with bits above it are among them. */
const NO_EVENTS = [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 0x40, 2 ** 31, 2 ** 32 + IN];
const NO_NUMBERS = ['1', null, undefined, 1n, {}];

async function argumentsRefused(context: RuleContext, register: Register): Promise<void> {
  const driver = await context.createDriver();
  const [end, peer] = context.fixtures.socketPair();
  using readiness = register(driver, end.fd);
  const wakes = new Wakes();
  assert.equal(readiness.poll(wakes.waker, Read, IN), Pending);
  refuses(readiness);
  peer.write(Buffer.from('x'));
  context.waitingFor = () => 'the waiter of the poll before those that were refused';
  await wakes.beyond(0);
  await readyFor(readiness, Read, IN);
  refuses(readiness);
  assert.notEqual(readiness.poll(wakes.waker, Read, IN), Pending, 'a call that was refused cleared the slot');
}

function refuses(readiness: Readiness): void {
  const { waker } = new Wakes();
  const refused = (what: string, values: readonly unknown[], code: string, call: (value: unknown) => unknown): void => {
    for (const value of values) assert.throws(() => call(value), { code }, `${what} ${String(value)} was not refused`);
  };
  refusesNoWakers('a poll', (none) => readiness.poll(none, Read, IN));
  for (const [slots, events, code] of [
    [NO_SLOTS, NO_EVENTS, 'ERR_OUT_OF_RANGE'],
    [NO_NUMBERS, NO_NUMBERS, 'ERR_INVALID_ARG_TYPE'],
  ] as const) {
    refused('a poll of slot', slots, code, (slot) => readiness.poll(waker, slot as InterestSlot, IN));
    refused('a clear of slot', slots, code, (slot) => readiness.clear(slot as InterestSlot));
    refused('a poll for events', events, code, (mask) => readiness.poll(waker, Read, mask as PollEvents));
  }
}

const partRules: readonly PartRule[] = [
  {
    name: 'arguments',
    expectation:
      'A slot that there is not, what is no set of events and what is no waker are refused, and change nothing',
    check: argumentsRefused,
  },
];

/** The rules of what readiness may be asked. */
export const readinessArgumentRules = forBothParts(partRules);
