import assert from 'node:assert/strict';
import { ALWAYS_REPORTED, formatPollEvents, InterestSlot, Pending, PollEvents, type RawFd } from '@polyring/core';
import { send, shutdown } from '@polyring/sys';
import { type Register, readyFor, registerFd } from '../polling/readiness.js';
import { assertSleeps } from '../polling/sleep.js';
import { Wakes } from '../polling/wakes.js';
import type { Rule } from '../rule.js';
import type { RuleContext } from '../running/context.js';
import { desertedSender } from './deserted.js';
import { forBothParts } from './readiness-parts.js';
import { ruleOf } from './rule-of.js';

const { Read, Write } = InterestSlot;
const { IN, OUT, PRI, ERR, HUP, RDHUP, EMPTY } = PollEvents;
const BYTE = Buffer.from('x');
const MASKS = [IN, OUT, PRI, EMPTY, ALWAYS_REPORTED];

/** A descriptor on which nothing holds, and what brings the event. */
interface Scene {
  readonly fd: RawFd;
  happen(): void;
}

/** A socket that is told of ERR when what it has sent comes back. */
function sendsToNobody(context: RuleContext): Scene {
  const { fd } = desertedSender(context);
  return { fd, happen: () => send(fd, BYTE) };
}

/** Holds every mask and slot, pending or not when it happens, to report the event. */
async function completes(
  context: RuleContext,
  register: Register,
  event: PollEvents,
  scene: () => Scene,
): Promise<void> {
  const driver = await context.createDriver();
  for (const mask of MASKS) {
    for (const slot of [Read, Write] as const) {
      for (const pending of [false, true]) {
        const { fd, happen } = scene();
        using readiness = register(driver, fd);
        const wakes = new Wakes();
        if (pending) {
          assert.equal(readiness.poll(wakes.waker, slot, mask), Pending);
          await context.barrier(driver);
          assert.equal(readiness.poll(wakes.waker, slot, mask), Pending);
        }
        happen();
        if (pending) await wakes.beyond(0);
        const answer = await readyFor(readiness, slot, mask);
        const told = `asked for ${formatPollEvents(mask)}, told of ${formatPollEvents(answer)}`;
        assert.ok((answer & event) !== 0, `${told}, not of ${formatPollEvents(event)}`);
      }
    }
  }
}

/** What the two slots ask for: neither names what happens, or one of them names what may come with it. */
const INTERESTS = [
  [PRI, PRI],
  [IN, PRI],
  [PRI, IN],
] as const;

/** Brings the event to an object of which both slots wait, or begin to when it has happened. */
async function tellsBoth(
  context: RuleContext,
  register: Register,
  event: PollEvents,
  scene: () => Scene,
): Promise<void> {
  const driver = await context.createDriver();
  for (const [reading, writing] of INTERESTS) {
    for (const pending of [false, true]) {
      const { fd, happen } = scene();
      using readiness = register(driver, fd);
      const wait = () => Promise.all([readyFor(readiness, Read, reading), readyFor(readiness, Write, writing)]);
      const early = pending ? wait() : undefined;
      await context.barrier(driver);
      happen();
      context.waitingFor = () => `${formatPollEvents(event)} for both slots`;
      for (const answer of await (early ?? wait())) {
        assert.ok(answer & event, `told of ${formatPollEvents(answer)}, not of ${formatPollEvents(event)}`);
      }
    }
  }
}

async function peerShut(context: RuleContext, register: Register): Promise<void> {
  await completes(context, register, RDHUP, () => {
    const [end, peer] = context.fixtures.socketPair();
    end.fill();
    return { fd: end.fd, happen: () => shutdown(peer.fd, 'write') };
  });
}

async function endsForBoth(context: RuleContext, register: Register): Promise<void> {
  const { fixtures } = context;
  await tellsBoth(context, register, RDHUP, () => {
    const [end, peer] = fixtures.socketPair();
    return { fd: end.fd, happen: () => shutdown(peer.fd, 'write') };
  });
  await tellsBoth(context, register, HUP, () => {
    const [end, peer] = fixtures.socketPair();
    return { fd: end.fd, happen: () => peer.close() };
  });
  await tellsBoth(context, register, ERR, () => sendsToNobody(context));
  if (register !== registerFd) return;
  await tellsBoth(context, register, ERR, () => {
    const { reader, writer } = fixtures.pipe();
    return { fd: writer.fd, happen: () => reader.close() };
  });
}

async function peerClosed(context: RuleContext, register: Register): Promise<void> {
  await completes(context, register, HUP, () => {
    const [end, peer] = context.fixtures.socketPair();
    end.fill();
    return { fd: end.fd, happen: () => peer.close() };
  });
  await tellsAllEnds(context, register);
}

/** The peer of a socket has closed, and has not read what was sent to it: HUP, ERR and RDHUP hold, and are told together. */
async function tellsAllEnds(context: RuleContext, register: Register): Promise<void> {
  const driver = await context.createDriver();
  for (const mask of MASKS) {
    for (const slot of [Read, Write] as const) {
      const [end, peer] = context.fixtures.socketPair();
      end.write(BYTE);
      peer.close();
      using readiness = register(driver, end.fd);
      const answer = await readyFor(readiness, slot, mask);
      const told = `asked for ${formatPollEvents(mask)}, told of ${formatPollEvents(answer)}`;
      assert.equal(answer & ALWAYS_REPORTED, ALWAYS_REPORTED, `${told}, though HUP, ERR and RDHUP held`);
    }
  }
}

/** Times that a writer may be told of its peer's half-close before it can write again. */
const TOLD = 3;

async function halfClosedWriter(context: RuleContext, register: Register): Promise<void> {
  const driver = await context.createDriver();
  for (const event of [OUT, HUP]) {
    const [end, peer] = context.fixtures.socketPair();
    end.fill();
    using readiness = register(driver, end.fd);
    shutdown(peer.fd, 'write');
    let told = 0;
    const writable = async (): Promise<PollEvents> => {
      for (;;) {
        const answer = await readyFor(readiness, Write, OUT);
        if (answer & (OUT | HUP)) return answer;
        told += 1;
        assert.ok(told <= TOLD, 'a writer that waits for room is told again and again that its peer does not write');
        readiness.clear(Write);
      }
    };
    const waiting = writable();
    waiting.catch(() => {});
    context.waitingFor = undefined;
    for (let round = 0; round < 2 * TOLD; round += 1) await context.barrier(driver);
    await assertSleeps(driver, 200, 'a writer waited for room');
    if (event === OUT) peer.drain();
    else peer.close();
    context.waitingFor = () => `${formatPollEvents(event)} for a writer that was told of RDHUP`;
    assert.ok((await waiting) & event, `a writer that was told of RDHUP is not told of ${formatPollEvents(event)}`);
    assert.ok(told >= 1, 'a half-close was not told');
  }
}

/** What was done with registrations whose ends come. */
const IDLE_AFTER = ['no poll', 'an answer', 'an answer and a clear'] as const;

/** Sockets that are told of HUP, of RDHUP without it, and of ERR. */
function endings(context: RuleContext): Scene[] {
  const [hungUp, closing] = context.fixtures.socketPair();
  const [halfClosed, shutting] = context.fixtures.socketPair();
  return [
    { fd: hungUp.fd, happen: () => closing.close() },
    { fd: halfClosed.fd, happen: () => shutdown(shutting.fd, 'write') },
    sendsToNobody(context),
  ];
}

async function idleIsQuiet(context: RuleContext, register: Register): Promise<void> {
  const driver = await context.createDriver();
  for (const before of IDLE_AFTER) {
    const all = endings(context);
    const registered = all.map(({ fd }) => context.fixtures.keep(register(driver, fd)));
    const polled = before === 'no poll' ? [] : registered;
    const waiting = polled.flatMap((each) => [readyFor(each, Read, IN), readyFor(each, Write, PRI)]);
    await context.barrier(driver);
    for (const { happen } of all) happen();
    await Promise.all(waiting);
    if (before === 'an answer and a clear') {
      for (const each of registered) for (const slot of [Read, Write] as const) each.clear(slot);
    }
    await context.barrier(driver);
    await assertSleeps(driver, 200, `registrations whose ends had come were idle after ${before}`);
  }
}

async function writerClosed(context: RuleContext): Promise<void> {
  await completes(context, registerFd, HUP, () => {
    const { reader, writer } = context.fixtures.pipe();
    return { fd: reader.fd, happen: () => writer.close() };
  });
}

async function readerClosed(context: RuleContext): Promise<void> {
  await completes(context, registerFd, ERR, () => {
    const { reader, writer } = context.fixtures.pipe();
    writer.fill();
    return { fd: writer.fd, happen: () => reader.close() };
  });
}

async function pipesToldExactly(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  for (const pending of [false, true]) {
    const hungUp = context.fixtures.pipe();
    const broken = context.fixtures.pipe();
    broken.writer.fill();
    using reading = registerFd(driver, hungUp.reader.fd);
    using writing = registerFd(driver, broken.writer.fd);
    const waiting = [() => readyFor(reading, Read, IN), () => readyFor(writing, Write, OUT)] as const;
    const early = pending ? waiting.map((wait) => wait()) : [];
    await context.barrier(driver);
    hungUp.writer.close();
    broken.reader.close();
    await Promise.all(early);
    const [hup, err] = await Promise.all(waiting.map((wait) => wait()));
    assert.equal(formatPollEvents(hup ?? EMPTY), 'HUP', 'at the reading end of a pipe without writers');
    assert.equal(formatPollEvents((err ?? EMPTY) & ~OUT), 'ERR', 'at the writing end of a pipe without readers');
  }
}

const rule = ruleOf('readiness', 'readiness');

/** The rules of HUP, ERR and RDHUP. */
export const readinessHangupRules: readonly Rule[] = [
  ...forBothParts((partRule) => [
    partRule(
      'rdhup-any-mask',
      'When the peer shuts its writing direction, RDHUP completes a poll of any mask',
      peerShut,
    ),
    partRule(
      'half-closed-writer',
      'A writer is told that its peer shut the other direction, then waits for room without being woken for it and without spinning, and is told when that peer closes',
      halfClosedWriter,
    ),
    partRule(
      'idle-is-quiet',
      'A registration that nobody polls does not let the loop spin when its end has come',
      idleIsQuiet,
    ),
    partRule('end-of-both', 'HUP, ERR and RDHUP are told to both slots if both wait', endsForBoth),
    partRule(
      'hup-any-mask',
      'When the peer closes, HUP completes a poll of any mask, and is told with RDHUP and ERR where they hold',
      peerClosed,
    ),
  ]),
  rule('pipe-hup-any-mask', 'When the last writer of a pipe closes, HUP completes a poll of any mask', writerClosed),
  rule(
    'err-any-mask',
    'When the last reader of a pipe closes, ERR completes a poll of any mask on the writing end',
    readerClosed,
  ),
  rule(
    'pipe-end-exact',
    'The end of a pipe is told as it holds: HUP and no ERR to its reader, ERR and no HUP to its writer',
    pipesToldExactly,
  ),
];
