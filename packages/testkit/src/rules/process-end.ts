import assert from 'node:assert/strict';
import type { Child } from '../fixtures/child.js';
import type { Rule } from '../rule.js';
import type { RuleContext } from '../running/context.js';
import { patientWaitables, slotWaitables, socketSlotWaitables, waitables } from '../waitables/object-waitables.js';
import { ringWaitables } from '../waitables/ring-waitables.js';
import type { InFlightData } from '../workers/in-flight.js';
import { ruleOf } from './rule-of.js';

const OBJECTS = ['timer', 'descriptor', 'socket', 'wait', 'both slots'] as const;

/** Holds a child to end by itself, saying these lines. Who is woken again may say so again. */
async function ends(context: RuleContext, child: Child, expected: readonly string[]): Promise<void> {
  context.waitingFor = () => `the end of a process that said last "${child.said.trim().split('\n').at(-1)}"`;
  const end = await child.end();
  assert.deepEqual([end.code, end.signal, end.stderr], [0, null, ''], JSON.stringify(end));
  assert.deepEqual([...new Set(end.stdout.trim().split('\n'))], expected);
}

function kindsOf(all: readonly { readonly kind: string }[]): string[] {
  return all.map(({ kind }) => kind);
}

/** What a driver of the context can have in flight beside its objects. */
async function ringKinds(context: RuleContext): Promise<string[]> {
  return kindsOf(ringWaitables(context.fixtures, await context.createDriver()));
}

async function keptAlive(context: RuleContext): Promise<void> {
  const { fixtures } = context;
  const driver = await context.createDriver();
  const objects = [...waitables(fixtures, driver), ...patientWaitables(fixtures, driver)];
  const slots = [...slotWaitables(fixtures, driver), ...socketSlotWaitables(fixtures, driver)];
  const oneByOne = kindsOf([...objects, ...ringWaitables(fixtures, driver)]);
  const together = kindsOf([...objects, ...slots]);
  for (const [mode, kinds] of [
    ['once', oneByOne],
    ['again', oneByOne],
    ['together', together],
  ] as const) {
    const lines = kinds.map((kind) => `woken ${kind}`);
    await ends(context, fixtures.child('keep-alive', mode), [...lines, 'ended']);
  }
}

/** Each of these things left in each of these ways. */
function steps(ways: readonly string[], kinds: readonly string[]): string[] {
  return ways.flatMap((way) => kinds.map((kind) => `${way} ${kind}`));
}

/** Takes the steps of a process that leaves something by each, and holds it to end each time. */
async function letsEnd(context: RuleContext, taken: readonly string[]): Promise<void> {
  const lines = taken.flatMap((step) =>
    step.startsWith('closed ') ? [step, step.replace('closed', 'woken')] : [step],
  );
  await ends(context, context.fixtures.child('let-end', ...taken), [...lines, 'ended']);
}

async function unreferenced(context: RuleContext): Promise<void> {
  const ofObject = ['unreferenced', 'unreferenced-before', 'unreferenced-later', 'unreferenced-again'];
  const ofDriver = ['unreferenced-driver', 'unreferenced-driver-before'];
  await letsEnd(context, [...steps([...ofObject, ...ofDriver], OBJECTS), ...steps(ofDriver, await ringKinds(context))]);
}

async function idle(context: RuleContext): Promise<void> {
  const inFlight = await ringKinds(context);
  await letsEnd(context, [
    ...steps(['idle', 'answered', 'answered-later', 'disposed', 'disposed-later', 'disposed-unreferenced'], OBJECTS),
    ...steps(['cancelled', 'cancelled-later', 'short-read', 'read-error'], ['wait']),
    ...steps(['closed-early'], ['descriptor']),
    ...steps(['idle', 'answered-later', 'in-time', 'aborted', 'aborted-later', 'aborted-unreferenced'], inFlight),
    ...steps(
      ['timed-out'],
      inFlight.filter((kind) => kind !== 'iteration'),
    ),
  ]);
}

async function closedLetsEnd(context: RuleContext): Promise<void> {
  await letsEnd(context, steps(['closed'], [...OBJECTS, ...(await ringKinds(context))]));
}

async function exitInWaker(context: RuleContext): Promise<void> {
  const end = await context.fixtures.child('exit-in-waker').end();
  assert.deepEqual([end.code, end.signal, end.stderr], [7, null, ''], JSON.stringify(end));
}

async function uncaught(context: RuleContext): Promise<void> {
  const end = await context.fixtures.child('throw-in-waker').end();
  assert.deepEqual([end.code, end.signal], [1, null], JSON.stringify(end));
  assert.match(end.stderr, /Error: thrown by a waker/);
}

async function worker(context: RuleContext, ending: InFlightData['ending'], exitCode: number): Promise<void> {
  const { fixtures } = context;
  for (let round = 0; round < 3; round += 1) {
    const pipes = Array.from({ length: 100 }, () => fixtures.pipe({ nonblock: false }));
    const [waits, watches, trigger] = [fixtures.eventfds(20), fixtures.eventfds(20), fixtures.eventfd()];
    const thread = fixtures.worker('in-flight', {
      pipes: pipes.map(({ reader }) => reader.fd),
      waits: waits.map(({ fd }) => fd),
      watches: watches.map(({ fd }) => fd),
      trigger: trigger.fd,
      ending,
    });
    assert.equal(await thread.message(), 'in flight');
    if (ending === 'terminate') await thread.terminate();
    else trigger.signal();
    assert.equal(await thread.exit(), exitCode, String(thread.error));
    if (ending === 'throw') assert.match(String(thread.error), /thrown by a waker/);
    else assert.equal(thread.error, undefined);
    for (const event of [...waits, ...watches]) {
      event.signal();
      assert.equal(event.take(), 1n, 'a driver whose thread has ended consumed a signal');
    }
    for (const { writer } of pipes) writer.write(Buffer.from('x'));
    for (const { reader } of pipes) assert.equal(reader.read(1)?.toString(), 'x', 'a byte was read by an ended thread');
  }
}

const rule = ruleOf('lifecycle', 'lifecycle', { timeLimit: 20_000 });

/** The rules of processes and threads that a driver keeps alive, lets end, or is ended with. */
export const processEndRules: readonly Rule[] = [
  rule('ref-keeps-alive', 'A pending object or operation keeps the process alive until its event', keptAlive),
  rule(
    'unref-lets-end',
    'An unreferenced driver or object lets the process end, whatever ref() of the other one says',
    unreferenced,
  ),
  rule(
    'idle-lets-end',
    'A driver without work in flight lets the process end, also after a read that failed and a poll that threw',
    idle,
  ),
  rule('close-lets-end', 'A driver that was closed lets the process end', closedLetsEnd),
  rule('exit-in-waker', 'process.exit() inside a waker ends the process with its code', exitInWaker),
  rule('uncaught-in-waker', 'A waker that throws ends a process that does not listen to uncaughtException', uncaught),
  rule('worker-terminated', 'A worker terminated with I/O in flight leaves nothing behind', (context) =>
    worker(context, 'terminate', 1),
  ),
  rule('worker-throws', 'A worker whose waker throws with I/O in flight leaves nothing behind', (context) =>
    worker(context, 'throw', 1),
  ),
  rule('worker-exits', 'A worker that calls process.exit() in a waker leaves nothing behind', (context) =>
    worker(context, 'exit', 3),
  ),
  rule(
    'worker-unreferenced',
    'A worker ends by itself when its driver is unreferenced, and leaves nothing behind',
    (context) => worker(context, 'unref', 0),
  ),
  rule('worker-closes', 'A worker ends by itself when its driver closed with I/O in flight', (context) =>
    worker(context, 'close', 0),
  ),
];
