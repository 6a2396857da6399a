import assert from 'node:assert/strict';
import type { RuleContext } from '../context.js';
import type { Child } from '../fixtures/child.js';
import type { Rule } from '../rule.js';
import type { InFlightData } from '../workers/in-flight.js';

const KINDS = ['timer', 'descriptor', 'socket', 'wait'] as const;
const SLOTS = ['reading slot', 'writing slot'] as const;

/** Holds a child to end by itself, saying these lines. Who is woken again may say so again. */
async function ends(context: RuleContext, child: Child, expected: readonly string[]): Promise<void> {
  context.waitingFor = () => `the end of a process that said last "${child.said.trim().split('\n').at(-1)}"`;
  const end = await child.end();
  assert.deepEqual([end.code, end.signal, end.stderr], [0, null, ''], JSON.stringify(end));
  assert.deepEqual([...new Set(end.stdout.trim().split('\n'))], expected);
}

async function keptAlive(context: RuleContext): Promise<void> {
  const driver = await context.createDriver();
  const patient = ['timer for nothing', 'descriptor for nothing', 'socket for nothing'];
  const kinds = [...KINDS, ...patient, ...(driver.supports.ioUring ? ['submission'] : [])];
  for (const mode of ['once', 'again']) {
    const child = context.fixtures.child('keep-alive', mode);
    await ends(context, child, [...kinds.map((kind) => `woken ${kind}`), 'ended']);
  }
  const together = [...KINDS, ...patient, ...SLOTS].map((kind) => `woken ${kind}`);
  await ends(context, context.fixtures.child('keep-alive', 'together'), [...together, 'ended']);
}

/** Leaves objects in some ways, and holds the process to end each time. */
async function letsEnd(context: RuleContext, ways: readonly string[], submitted: readonly string[]): Promise<void> {
  const { ioUring } = (await context.createDriver()).supports;
  const lines = ways.flatMap((way) => {
    const kinds = way.startsWith('cancelled') ? ['wait'] : [...KINDS, 'both slots'];
    const all = ioUring && submitted.includes(way) ? [...kinds, 'submission'] : kinds;
    return all.flatMap((kind) => [`${way} ${kind}`, ...(way === 'closed' ? [`woken ${kind}`] : [])]);
  });
  await ends(context, context.fixtures.child('let-end', ...ways), [...lines, 'ended']);
}

async function unreferenced(context: RuleContext): Promise<void> {
  const objects = ['unreferenced', 'unreferenced-before', 'unreferenced-later'];
  const ways = [...objects, 'unreferenced-driver', 'unreferenced-driver-before'];
  await letsEnd(context, ways, ['unreferenced-driver']);
}

async function idle(context: RuleContext): Promise<void> {
  const over = ['answered', 'answered-later', 'cancelled', 'cancelled-later'];
  await letsEnd(context, ['idle', ...over, 'disposed', 'disposed-later'], ['idle']);
}

async function closedLetsEnd(context: RuleContext): Promise<void> {
  await letsEnd(context, ['closed'], ['closed']);
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

const rule = (name: string, expectation: string, check: Rule['check']): Rule => ({
  id: `lifecycle.${name}`,
  class: 'required',
  section: 'lifecycle',
  expectation,
  timeLimit: 20_000,
  check,
});

/** The rules of processes and threads that a driver keeps alive, lets end, or is ended with. */
export const processEndRules: readonly Rule[] = [
  rule('ref-keeps-alive', 'A pending object keeps the process alive until its event', keptAlive),
  rule('unref-lets-end', 'An unreferenced driver or object lets the process end', unreferenced),
  rule('idle-lets-end', 'A driver without work in flight lets the process end', idle),
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
