import assert from 'node:assert/strict';
import { after, type Driver, InterestSlot, Pending, PollEvents, type Waker } from '@polyring/core';
import { registerFd, registerSocket } from '../polling/readiness.js';
import { ready } from '../polling/ready.js';
import { Wakes } from '../polling/wakes.js';
import type { Rule } from '../rule.js';
import type { RuleContext } from '../running/context.js';
import { slotWaitables, socketSlotWaitables, type Waitable, waitables } from '../waitables/object-waitables.js';
import { ruleOf } from './rule-of.js';

/** What a waker does to another object whose event came with its own. */
type Deed = (victim: Waitable) => Promise<unknown>;

const KINDS = [0, 1, 2, 3] as const;

/** Objects of any two kinds, and the two slots of one object. */
function pairs({ fixtures }: RuleContext, driver: Driver): (readonly [Waitable, Waitable])[] {
  const all = KINDS.flatMap((first) => KINDS.map((second) => [first, second] as const));
  const objects = all.map(([first, second]) => {
    const one = waitables(fixtures, driver)[first] ?? assert.fail();
    const other = waitables(fixtures, driver)[second] ?? assert.fail();
    return [one, other] as const;
  });
  return [...objects, slotWaitables(fixtures, driver), socketSlotWaitables(fixtures, driver)];
}

/** Raises the events of two objects together, of any kinds, and holds the waker that the deed took from one to silence. */
async function inOneBatch(context: RuleContext, deed: Deed, what: string): Promise<void> {
  const driver = await context.createDriver();
  for (const [one, other] of pairs(context, driver)) {
    let raised = false;
    let late = 0;
    let done: Promise<unknown> | undefined;
    const acted = new Wakes();
    for (const [self, victim] of [
      [one, other],
      [other, one],
    ] as const) {
      let mine = false;
      const waker = (): void => {
        if (!raised) self.arm(waker);
        else if (done === undefined) {
          mine = true;
          done = deed(victim);
          acted.waker();
        } else if (!mine) late += 1;
      };
      self.arm(waker);
    }
    await context.barrier(driver);
    raised = true;
    for (const { raise } of [one, other]) raise();
    await acted.beyond(0);
    await done;
    await context.barrier(driver);
    assert.equal(late, 0, `a ${one.kind} and a ${other.kind}: ${what}`);
    for (const { object } of [one, other]) object[Symbol.dispose]();
  }
}

async function disposeInWaker(context: RuleContext): Promise<void> {
  const dispose: Deed = async ({ object }) => object[Symbol.dispose]();
  await inOneBatch(context, dispose, 'a waker disposed of the other object, whose waker ran all the same');
  await disposeAtClose(context);
}

/** A close wakes nobody whose object a waker has disposed of that the same close called. */
async function disposeAtClose(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const disposed = new Set<Waitable>();
  const late: string[] = [];
  for (const [one, other] of pairs(context, driver)) {
    for (const [self, victim] of [
      [one, other],
      [other, one],
    ] as const) {
      self.arm(() => {
        if (disposed.has(self)) late.push(`a ${self.kind} by a ${victim.kind}`);
        disposed.add(victim);
        victim.object[Symbol.dispose]();
      });
    }
  }
  await context.barrier(driver);
  await driver.close();
  assert.deepEqual(late, [], 'a close woke what a waker of it had disposed of');
}

async function pollInWaker(context: RuleContext): Promise<void> {
  const poll: Deed = ({ poll }) => ready(poll);
  await inOneBatch(context, poll, 'a waker polled the other object, whose earlier waker ran all the same');
}

/** An object that waits for one event after the other. */
interface Repeated {
  readonly kind: Waitable['kind'];
  /** Takes what there is, and waits for the next event. */
  await(waker: Waker): void;
  raise(): void;
}

function repeated({ fixtures }: RuleContext, driver: Driver): Repeated[] {
  const counted = fixtures.eventfd();
  const [end, peer] = fixtures.socketPair();
  const timer = fixtures.keep(driver.newDynTimer());
  const wait = fixtures.keep(driver.newDynWait(counted.fd, 8));
  const readiness = ([registerFd, registerSocket] as const).map((register) => fixtures.keep(register(driver, end.fd)));
  return [
    {
      kind: 'timer',
      await(waker) {
        while (timer.pollTimer(waker, after(1)) !== Pending);
      },
      raise() {},
    },
    {
      kind: 'wait',
      await(waker) {
        while (wait.pollWait(waker) !== Pending);
      },
      raise: () => counted.signal(),
    },
    ...readiness.map((each, index) => ({
      kind: index === 0 ? ('descriptor' as const) : ('socket' as const),
      await(waker: Waker) {
        while (each.poll(waker, InterestSlot.Read, PollEvents.IN) !== Pending) {
          end.drain();
          each.clear(InterestSlot.Read);
        }
      },
      raise: () => void peer.write(Buffer.from('x')),
    })),
  ];
}

async function pollInOwnWaker(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  for (const { kind, await: awaitNext, raise } of repeated(context, driver)) {
    const wakes = new Wakes();
    let isOver = false;
    const waker = (): void => {
      if (!isOver) awaitNext(waker);
      wakes.waker();
    };
    context.waitingFor = () => `a ${kind} that was polled in its own waker`;
    awaitNext(waker);
    for (let round = 0; round < 5; round += 1) {
      await context.barrier(driver);
      const seen = wakes.count;
      raise();
      await wakes.beyond(seen);
    }
    isOver = true;
  }
}

const rule = ruleOf('scope', 'scope');

/** The rules of what a waker does to others of its batch. */
export const scopeBatchRules: readonly Rule[] = [
  rule(
    'dispose-in-waker',
    'What a waker disposes of is not woken any more, though its event came in the same batch',
    disposeInWaker,
  ),
  rule(
    'poll-in-own-waker',
    'A poll of an object inside its own waker waits for the next event of that object',
    pollInOwnWaker,
  ),
  ruleOf('scope', 'the-latest-waker')(
    'poll-in-waker',
    'What a waker polls does not call its earlier waker any more, though its event came in the same batch',
    pollInWaker,
  ),
];
